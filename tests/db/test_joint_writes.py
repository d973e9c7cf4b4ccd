"""Rows of plain kinds that one flush writes are one statement, and stand in the database as the session writes them."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from portal.audit.models import Action, AuditEvent
from portal.channels.events import BotPlatformEvent
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.db import joint_writes
from portal.db.base import db
from portal.tenancy.scope import CrossAccountWrite, enter_account


@pytest.fixture
def credential(app, world):
    """A platform of the chain that is in scope, with its connection."""
    with app.app_context():
        enter_account(world.pelmenya.account_id)
        found = db.session.get(BotPlatformCredential, world.pelmenya.telegram_id)
        BotConnection.of(found)
        db.session.flush()
        # Read now: what is read later would flush what has changed until then.
        assert found.display_name
        assert found.updated_at
        assert found.connection.generation is not None
        yield found
        db.session.rollback()


def change(credential):
    """Four rows of four kinds."""
    credential.webhook_auto_refresh = not credential.webhook_auto_refresh
    credential.connection.begin("connecting")
    BotPlatformEvent.note(credential, occasion="check", result="kept", detail="50 % 'of' it")
    credential.record(Action.CHECKED, {"a": 1}, {"a": [None, "ё"]})


def told(entity, key):
    """The newest row of a class, without what differs from one writing to the next."""
    row = db.session.scalars(select(entity).where(key).order_by(entity.created_at.desc()).limit(1)).one()
    untold = {"id", "at", "created_at", "updated_at", "generation", "due_at", "since"}
    return {each.key: getattr(row, each.key) for each in entity.__mapper__.column_attrs if each.key not in untold}


def written(credential):
    """What a change leaves in the database."""
    change(credential)
    db.session.flush()
    row_id = credential.id
    db.session.expire_all()
    return [
        told(BotConnection, BotConnection.credential_id == row_id),
        told(BotPlatformEvent, BotPlatformEvent.credential_id == row_id),
        told(AuditEvent, AuditEvent.entity_id == row_id),
    ]


def test_four_kinds_of_rows_are_one_statement(credential, statements):
    change(credential)
    kinds = {BotPlatformCredential, BotConnection, BotPlatformEvent, AuditEvent}
    assert {type(row) for row in (*db.session.new, *db.session.dirty)} == kinds
    with statements() as counted:
        db.session.flush()
    assert counted.total == 1, counted.statements
    assert not db.session.dirty
    assert not db.session.new


def test_they_stand_in_the_database_as_the_session_writes_them(credential, monkeypatch):
    jointly = written(credential)
    monkeypatch.setattr(joint_writes, "MAX_ROWS", 0)
    assert written(credential) == jointly


def test_what_the_database_makes_anew_is_read_anew(credential):
    before = credential.updated_at
    change(credential)
    db.session.flush()
    assert credential.updated_at > before
    assert credential.connection.since is not None


def test_rows_that_were_set_to_what_they_had_are_left_alone(credential):
    before = credential.updated_at
    credential.webhook_auto_refresh = credential.webhook_auto_refresh
    credential.connection.failures = credential.connection.failures
    db.session.flush()
    assert credential.updated_at == before


def test_a_row_that_is_gone_is_missed(credential):
    change(credential)
    set_committed_value(credential.connection, "id", uuid4())
    with pytest.raises(StaleDataError):
        db.session.flush()


def test_what_the_database_works_out_is_left_to_the_session(credential):
    change(credential)
    credential.connection.generation = BotConnection.generation + 5
    generation = db.session.scalars(
        select(BotConnection.generation).where(BotConnection.credential_id == credential.id)
    ).one()
    assert credential.connection.generation == generation


def test_a_row_of_another_chain_is_refused_among_them(credential, world):
    change(credential)
    [line] = [row for row in db.session.new if isinstance(row, AuditEvent)]
    line.account_id = world.vareniki.account_id
    with pytest.raises(CrossAccountWrite):
        db.session.flush()


def test_rows_go_back_together(credential):
    lines = select(func.count()).select_from(AuditEvent)
    before = db.session.scalar(lines)
    change(credential)
    db.session.flush()
    assert db.session.scalar(lines) == before + 1
    account_id = credential.account_id
    db.session.rollback()
    enter_account(account_id)
    assert db.session.scalar(lines) == before
