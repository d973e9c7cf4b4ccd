"""Reading asks for each answer once, keeps it sealed, and tells what fails one kind from what fails the run."""

import base64
import zlib
from contextlib import contextmanager

import pytest
from flask import current_app
from sqlalchemy import select

from portal.db.base import db
from portal.db.sealing import place_of
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.kinds import DEPARTMENTS, KINDS, LEGAL_ENTITIES, STORES
from portal.iiko.models import IikoRun, IikoRunKind, KindState, Purpose
from portal.iiko.sync.models import IikoAnswer
from portal.iiko.sync.progress import Progress
from portal.iiko.sync.reading import RunReading
from tests.iiko.trees import answer, guid, item

TREE = [LEGAL_ENTITIES, DEPARTMENTS, STORES]


class Seat:
    """Answers from a list, and counts what it was asked."""

    def __init__(self, **answers):
        self.answers, self.asked, self.closed = answers, [], 0

    @contextmanager
    def read(self, request):
        self.asked.append(request.name)
        found = self.answers[request.name]
        if isinstance(found, Outcome):
            raise IikoFailure(found)
        yield found
        self.closed += 1


def tree():
    return answer(item(guid(1), "DEPARTMENT", "Лес"))


@pytest.fixture
def run(engine):
    run = IikoRun(connection_id=engine.connection_id, purpose=Purpose.PREVIEW, kinds=list(KINDS))
    db.session.add(run)
    db.session.flush()
    return run


def test_an_answer_that_three_kinds_need_is_asked_for_once(run):
    seat = Seat(departments=tree(), stores=answer())
    with RunReading(run, TREE) as reading:
        reading.read(seat)
        assert seat.asked == ["departments", "stores"]
        assert [row.name for row in reading.rows(DEPARTMENTS)] == ["Лес"]
        # Whoever reads it next begins at its beginning.
        assert list(reading.rows(LEGAL_ENTITIES)) == []
        assert [row.name for row in reading.rows(DEPARTMENTS)] == ["Лес"]
    assert seat.closed == 2


def test_what_one_may_not_read_fails_the_kinds_that_need_it_alone(run):
    with RunReading(run, TREE) as reading:
        reading.read(Seat(departments=tree(), stores=Outcome.NO_RIGHT))
        assert len(list(reading.rows(DEPARTMENTS))) == 1
        with pytest.raises(IikoFailure) as raised:
            reading.rows(STORES)
    assert raised.value.outcome is Outcome.NO_RIGHT


@pytest.mark.parametrize("outcome", [Outcome.NO_SEAT, Outcome.TIMED_OUT, Outcome.UNAVAILABLE, Outcome.CANCELLED])
def test_what_is_wrong_with_the_server_ends_the_run_and_nothing_more_is_asked(run, outcome):
    seat = Seat(departments=outcome, stores=answer())
    with RunReading(run, TREE) as reading, pytest.raises(IikoFailure):
        reading.read(seat)
    assert seat.asked == ["departments"]


def test_answers_are_kept_sealed_and_whole(run):
    told = tree()
    with RunReading(run, [DEPARTMENTS]) as reading:
        reading.read(Seat(departments=told))
        reading.keep()
        told.file.seek(0)
        body = told.file.read()
    rows = db.session.scalars(select(IikoAnswer).where(IikoAnswer.run_id == run.id)).all()
    assert "Лес" not in str([row.body for row in rows])
    opened = [current_app.config["KEYRING"].open(row.body, place_of(row, "body"))["piece"] for row in rows]
    assert b"".join(zlib.decompress(base64.b64decode(piece)) for piece in opened) == body


def test_progress_is_written_at_most_once_a_second_and_past_the_transaction(world, app, scoped, superuser_sql):
    now = [100.0]
    run_id = world.pelmenya.id_of("iiko_run")
    with scoped(world.pelmenya.account_id):
        progress = Progress(db.session.get_one(IikoRun, run_id), clock=lambda: now[0])
        db.session.rollback()
        progress.enter("stores", KindState.READS, total=9)

        def stored():
            return superuser_sql(
                "SELECT state, bytes, rows, total FROM getinn_ops.iiko_run_kind WHERE run_id = %s AND kind = 'stores'",
                [run_id],
            )[0]

        assert (stored().state, stored().total) == ("reads", 9)
        progress.add_bytes(100)
        progress.add_rows(3)
        assert stored().bytes == 0
        now[0] += 1.5
        progress.add_bytes(50)
        assert (stored().bytes, stored().rows) == (150, 3)
        progress.add_bytes(1)
        progress.flush()
        assert stored().bytes == 151


def test_progress_of_another_chains_run_writes_nothing(world, scoped, superuser_sql):
    with scoped(world.vareniki.account_id):
        run = IikoRun(id=world.pelmenya.id_of("iiko_run"), account_id=world.vareniki.account_id, bytes=0)
        Progress(run).enter("stores", KindState.FAILED)
    states = superuser_sql("SELECT state FROM getinn_ops.iiko_run_kind WHERE kind = 'stores'")
    assert {row.state for row in states} == {"planned"}
    assert IikoRunKind.__tablename__ == "iiko_run_kind"
