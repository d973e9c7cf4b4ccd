"""A plan is stored, and what it told is written, once, whatever happened meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditEvent
from portal.audit.recording import acting
from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.kinds import DEPARTMENTS, KINDS
from portal.iiko.models import KindState, RunState
from portal.iiko.sync import applying, pins, writing
from portal.iiko.sync.deciding import ActingRun
from portal.iiko.sync.holds import confirm, hold_in_words
from portal.iiko.sync.kinds import KindReading, ReadRow, Ref, RowStream, Unreadable
from portal.iiko.sync.models import ActionState, IikoAction, IikoLink, Word
from portal.iiko.sync.planning import plan_or_fail
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.staleness import note_in_words
from portal.iiko.sync.wording import failure_in_words, reason_in_words
from portal.legal_entities.models import LegalEntity
from portal.restaurants.models import Restaurant
from portal.stores.models import Store, StoreKind
from tests.iiko.rows import TREE, department, id_of, lone_store, store

COMPANY = ReadRow(
    "company", "ООО Ромашка", {"name": "ООО Ромашка", "code": "J1", "tax_id": "7811111111", "registration_code": None}
)


def chain_rows(*numbers, **changes):
    """A small chain as iiko sends it."""
    return {
        "legal_entities": [COMPANY],
        "departments": [department(f"d{at}", code=f"00{at}") for at in numbers or (1, 2, 3, 4, 5)],
        "stores": [store("s1", "d1", "Бар"), store("s2", "d2")],
        **changes,
    }


def counted(entity):
    return db.session.scalar(select(func.count()).select_from(entity))


def test_a_new_chain_comes_whole_with_what_belongs_to_what(engine):
    before = {entity: counted(entity) for entity in (LegalEntity, Restaurant, Store)}
    run = engine.sync(**chain_rows())
    assert {entity: counted(entity) - had for entity, had in before.items()} == {
        LegalEntity: 1,
        Restaurant: 5,
        Store: 2,
    }
    made = engine.restaurant("d1")
    company = db.session.get_one(LegalEntity, made.legal_entity_id)
    assert (made.name, made.code, company.tax_id) == ("Restaurant d1", "001", "7811111111")
    bar = db.session.scalars(select(Store).where(Store.iiko_id == "s1")).one()
    assert (bar.restaurant_id, bar.kind) == (made.id, StoreKind.BAR)
    assert (made.iiko_sync_status, made.iiko_last_synced_at) == ("synced", run.read_at)
    assert set(engine.kind_states(run).values()) == {KindState.DONE}
    assert engine.kind(run, "departments").creates == 5


def test_each_row_that_a_run_writes_has_its_line_with_the_run_as_the_actor(engine, connection):
    run = engine.sync(**chain_rows(1))
    made = engine.restaurant("d1")
    line = db.session.scalars(select(AuditEvent).where(AuditEvent.entity_id == made.id)).one()
    assert (line.action, line.actor_id, line.actor_email) == ("created", run.id, None)
    assert line.actor_name == f"iiko ({connection.server_name})"
    assert line.after["legal_entity_id"] == "ООО Ромашка"


def test_the_second_run_finds_all_unchanged_and_rewrites_no_row(engine, superuser_sql):
    engine.sync(**chain_rows())
    rows = select(Restaurant.id, Restaurant.updated_at, Restaurant.name).order_by(Restaurant.id)
    links = select(IikoLink.id, IikoLink.updated_at).order_by(IikoLink.id)
    before, linked, lines = db.session.execute(rows).all(), db.session.execute(links).all(), counted(AuditEvent)
    db.session.commit()
    run = engine.run(**chain_rows())
    assert engine.actions(run) == {}
    assert [engine.kind(run, key).unchanged for key in run.kinds] == [1, 5, 2]
    engine.apply(run)
    assert db.session.execute(rows).all() == before
    assert db.session.execute(links).all() == linked
    assert counted(AuditEvent) == lines
    # That it was read is known all the same.
    assert engine.restaurant("d1").iiko_last_synced_at == run.read_at


def test_an_unchanged_run_takes_few_statements_however_many_rows_there_are(engine, statements):
    def taken(*numbers):
        engine.sync(**chain_rows(*numbers))
        with statements() as counter:
            engine.sync(**chain_rows(*numbers))
        return counter.total

    few = taken(1, 2, 3, 4, 5)
    assert few <= 60 * 3
    assert taken(*range(1, 60)) == few


def test_a_plan_is_written_once_however_often_it_is_applied(engine):
    run = engine.sync(**chain_rows())
    had, lines = counted(Restaurant), counted(AuditEvent)
    engine.apply(run)
    assert (counted(Restaurant), counted(AuditEvent)) == (had, lines)


def test_what_somebody_changed_meanwhile_is_left_and_told_with_who_and_when(engine):
    engine.sync(**chain_rows())
    renamed = [department(f"d{at}", f"New {at}", code=f"00{at}") for at in range(1, 6)]
    run = engine.run(**chain_rows(departments=renamed))
    with acting(ActingRun(id_of("anna"), "Анна")):
        engine.restaurant("d1").edit(name="Typed here")
        db.session.flush()
    engine.apply(run)
    assert engine.restaurant("d1").name == "Typed here"
    assert engine.restaurant("d2").name == "New 2"
    left = engine.action(run, "d1")
    assert left.state is ActionState.LEFT_OUT
    assert note_in_words(left.note).startswith("Changed by Анна at ")
    assert engine.kind(run, "departments").written == 4


def test_what_somebody_only_pinned_meanwhile_is_left_too(engine):
    engine.sync(**chain_rows())
    run = engine.run(**chain_rows(departments=[department("d1", "New"), *chain_rows(2, 3, 4, 5)["departments"]]))
    pins.pin(engine.restaurant("d1"), "name")
    engine.apply(run)
    assert engine.restaurant("d1").name == "Restaurant d1"
    assert engine.action(run, "d1").state is ActionState.LEFT_OUT


def test_whoever_applies_a_run_keeps_others_from_doing_so(engine, connect):
    run = engine.sync(**chain_rows())
    with connect() as other:
        taken = other.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"iiko run {run.id}"]).fetchone()
    assert taken == (False,)


def test_how_many_restaurants_the_user_sees_is_known_beside_the_last_run(engine, connection):
    run = engine.sync(**chain_rows())
    assert (run.restaurants_seen, connection.restaurants_seen, connection.corporation_id) == (3, 3, "corp")
    fewer = engine.run(facts={"departments": 2, "corporation_id": "corp"}, **chain_rows())
    assert (fewer.restaurants_seen, connection.restaurants_seen) == (2, 3)


def test_nothing_is_added_when_a_plan_is_applied(engine):
    run = engine.run(**chain_rows(1))
    extra = Restaurant(name="Meanwhile")
    extra.open()
    db.session.flush()
    engine.apply(run)
    assert db.session.scalars(select(Restaurant).where(Restaurant.name == "Meanwhile")).one().iiko_id is None


def test_what_iiko_does_not_name_any_more_is_missing_and_stays(engine):
    engine.sync(**chain_rows())
    had = counted(Restaurant)
    run = engine.sync(**chain_rows(1, 2, 3, 4))
    gone = engine.restaurant("d5")
    assert (counted(Restaurant), gone.is_active) == (had, True)
    assert engine.link("d5").missing_since == run.read_at
    assert (gone.iiko_sync_status, engine.action(run, "d5").word) == ("failed", Word.MISSING)
    since = engine.sync(**chain_rows(1, 2, 3, 4)) and engine.link("d5").missing_since
    assert since == run.read_at
    engine.sync(**chain_rows())
    db.session.expire_all()
    back = engine.restaurant("d5")
    assert (engine.link("d5").missing_since, back.iiko_sync_status, back.iiko_sync_error) == (None, "synced", None)


@pytest.mark.parametrize(
    ("rows", "facts"),
    [
        ([], {"departments": 0}),
        ([Unreadable(None, "", Reason.NO_ID)] * 2, {"departments": 0}),
        ([department("d1", code="001")], {"departments": 1, "corporation_id": "corp"}),
        ([department(f"d{at}", "Another") for at in range(1, 6)], {"departments": 5, "corporation_id": "another"}),
    ],
)
def test_an_answer_that_looks_wrong_changes_no_row_until_somebody_confirms(engine, rows, facts):
    engine.sync(**chain_rows())
    before = stored()
    run = engine.run(departments=rows, facts=facts)
    assert engine.kind(run, "departments").state is KindState.HELD
    assert hold_in_words(engine.kind(run, "departments"))
    for only_safe in (True, False):
        engine.apply(run, only_safe=only_safe)
        assert stored() == before
    confirm(engine.kind(run, "departments"))
    engine.apply(run, only_safe=True)
    assert stored() == before
    engine.apply(run)
    assert engine.kind(run, "departments").state is KindState.DONE
    assert {row.id for row in before} == {row.id for row in stored()}


def stored():
    columns = (Restaurant.id, Restaurant.name, Restaurant.is_active, Restaurant.iiko_sync_status, Restaurant.updated_at)
    return db.session.execute(select(*columns).order_by(Restaurant.id)).all()


def test_what_depends_on_a_held_kind_waits_with_it(engine):
    engine.sync(**chain_rows())
    more = {"departments": [department("d1", code="001")], "stores": [store("s1", "d1", "Renamed"), store("s2", "d2")]}
    run = engine.apply(engine.run(**chain_rows(**more)))
    assert engine.kind_states(run) == {
        "legal_entities": KindState.DONE,
        "departments": KindState.HELD,
        "stores": KindState.LEFT_OUT,
    }
    assert failure_in_words(engine.kind(run, "stores")) == "Restaurants wait for a person."


def test_a_failed_answer_fails_its_kind_and_what_depends_on_it_and_changes_no_row(engine):
    engine.sync(**chain_rows())
    before = stored()
    run = engine.run(legal_entities=[COMPANY])
    run.kinds = TREE

    def broken():
        yield department("d1", "Changed")
        raise IikoFailure(Outcome.BROKE_OFF)

    plan_or_fail(run, DEPARTMENTS, RowStream.of(broken(), KindReading()))
    plan_or_fail(run, KINDS["stores"], RowStream.of([store("s1", "d1", "Changed")], KindReading()))
    assert engine.kind_states(run) == {
        "legal_entities": KindState.PLANNED,
        "departments": KindState.FAILED,
        "stores": KindState.LEFT_OUT,
    }
    assert failure_in_words(engine.kind(run, "stores")) == "Restaurants failed."
    engine.apply(run)
    assert stored() == before


def test_a_plan_older_than_a_day_or_overtaken_is_stale(engine):
    run = engine.run(**chain_rows())
    assert applying.stale_reason(run) is None
    run.planned_at = utc_now() - timedelta(hours=25)
    assert applying.stale_reason(run)
    run.planned_at = utc_now() - timedelta(hours=1)
    engine.run(**chain_rows())
    assert applying.stale_reason(run)


def test_a_move_is_shown_first_and_written(engine):
    engine.sync(**chain_rows())
    run = engine.run(stores=[store("s1", "d2", "Бар"), store("s2", "d2", "Кухня 2")])
    first = db.session.scalars(
        select(IikoAction).where(IikoAction.run_id == run.id).order_by(IikoAction.rank, IikoAction.name)
    ).first()
    assert (first.iiko_id, first.changes) == ("s1", {"restaurant_id": ["Restaurant d1", "Restaurant d2"]})
    engine.apply(run)
    moved = db.session.scalars(select(Store).where(Store.iiko_id == "s1")).one()
    assert moved.restaurant_id == engine.restaurant("d2").id


def test_a_store_whose_restaurant_is_not_written_is_left_and_told(engine):
    run = engine.run(**chain_rows(1, 2))
    # Somebody takes the restaurant out of the plan.
    engine.action(run, "d2").state = ActionState.LEFT_OUT
    engine.apply(run)
    left = engine.action(run, "s2")
    assert (left.state, note_in_words(left.note)) == (ActionState.LEFT_OUT, "What it belongs to is not there.")
    assert engine.action(run, "s1").state is ActionState.APPLIED


def test_a_row_that_cannot_be_read_tells_so_on_its_own_page_alone(engine):
    engine.sync(**chain_rows())
    rows = [*chain_rows(1, 2, 3, 4)["departments"], Unreadable("d5", "", Reason.MALFORMED, {})]
    run = engine.sync(departments=rows)
    assert engine.restaurant("d5").iiko_sync_status == "failed"
    assert engine.restaurant("d1").iiko_sync_status == "synced"
    assert reason_in_words(engine.action(run, "d5")) == "A field of it cannot be read."
    engine.sync(**chain_rows())
    db.session.expire_all()
    assert engine.restaurant("d5").iiko_sync_status == "synced"


def test_a_lone_store_is_counted_and_told(engine):
    run = engine.sync(**chain_rows(stores=[store("s1", "d1"), lone_store("s9", "point")]))
    assert engine.kind(run, "stores").skips == 1
    assert "Say which one" in reason_in_words(engine.action(run, "s9"))


def test_a_legal_entity_that_comes_later_is_set_then(engine):
    waiting = [department("d1", code="001", company=Ref("legal_entities", "later", "ООО Потом"))]
    engine.sync(legal_entities=[COMPANY], departments=waiting)
    assert engine.restaurant("d1").legal_entity_id is None
    later = ReadRow("later", "ООО Потом", {"name": "ООО Потом"})
    engine.sync(legal_entities=[COMPANY, later], departments=waiting)
    db.session.expire_all()
    assert engine.restaurant("d1").legal_entity_id is not None


def test_what_was_linked_elsewhere_meanwhile_is_left(engine):
    run = engine.run(departments=[department("d1")])
    taken = {"connection_id": engine.connection_id, "kind": "departments", "iiko_id": "d1"}
    db.session.add(IikoLink(**taken, entity_id=engine.chain.restaurant_id))
    db.session.flush()
    had = counted(Restaurant)
    engine.apply(run)
    assert (counted(Restaurant), engine.action(run, "d1").state) == (had, ActionState.LEFT_OUT)


def test_another_chain_that_names_the_same_rows_keeps_its_own(engine, world, scoped):
    engine.sync(**chain_rows())
    db.session.commit()
    ours = engine.restaurant("d1").id
    with scoped(world.vareniki.account_id):
        other = type(engine)(world.vareniki)
        run = other.sync(**chain_rows())
        theirs = other.restaurant("d1")
        assert theirs.id != ours
        assert other.kind(run, "departments").creates == 5
        assert {each.account_id for each in db.session.scalars(select(IikoLink))} == {world.vareniki.account_id}
        db.session.rollback()


def test_a_run_that_is_being_read_is_no_plan(engine):
    run = engine.run(**chain_rows())
    run.planned_at, run.state = None, RunState.READING
    assert applying.stale_reason(run)


def test_a_kind_that_cannot_be_written_whole_is_not_written_at_all(engine, monkeypatch):
    run = engine.run(**chain_rows())
    had = counted(Restaurant)
    db.session.commit()

    def fails(*_of):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(writing.KindWriter, "_end", fails)
    with pytest.raises(RuntimeError):
        engine.apply(run)
    db.session.rollback()
    monkeypatch.undo()
    assert counted(Restaurant) == had
    assert {each.state for each in engine.actions(run).values()} == {ActionState.PLANNED}
    engine.apply(run)
    assert counted(Restaurant) == had + 5


def test_more_rows_than_one_batch_come_whole_and_stay(engine, monkeypatch):
    monkeypatch.setattr(writing, "BATCH", 2)
    run = engine.sync(**chain_rows(1, 2, 3, 4, 5, 6, 7))
    assert engine.kind(run, "departments").written == 7
    renamed = [department(f"d{at}", f"New {at}", code=f"00{at}") for at in range(1, 8)]
    run = engine.sync(**chain_rows(departments=renamed))
    assert engine.kind(run, "departments").written == 7
    assert engine.actions(engine.run(**chain_rows(departments=renamed))) == {}
