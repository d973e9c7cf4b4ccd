"""What people decide about a plan: links, pins, mapped nodes; each is remembered, and can be taken back."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEvent
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.iiko.models import RunState
from portal.iiko.sync import links, nodes, pins
from portal.iiko.sync.models import ActionState, IikoPin, Word
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.sides import Side
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from tests.iiko.rows import department, lone_store, store


@pytest.fixture
def here(engine):
    """A restaurant of ours that iiko's “d1” looks like."""
    restaurant = Restaurant(name="Кафе Лес", phone="+7 495 123-45-67")
    restaurant.open()
    db.session.flush()
    return restaurant


def proposed(engine, *more):
    run = engine.run(departments=[department("d1", "«Кафе Лес»", "001"), *more])
    return run, engine.action(run, "d1")


def test_a_proposal_that_is_accepted_is_an_update_of_that_row(engine, here):
    run, action = proposed(engine)
    links.accept(action)
    assert (action.word, action.entity_id, action.changes["name"]) == (Word.UPDATE, here.id, ["Кафе Лес", "«Кафе Лес»"])
    line = engine.kind(run, "departments")
    assert (line.conflicts, line.updates) == (0, 1)
    assert (here.iiko_id, here.iiko_sync_status) == ("d1", "pending")
    engine.apply(run)
    db.session.refresh(here)
    assert (here.name, here.code, here.phone) == ("«Кафе Лес»", "001", "+7 495 123-45-67")
    assert here.iiko_sync_status == "synced"
    assert engine.actions(engine.run(departments=[department("d1", "«Кафе Лес»", "001")])) == {}


def test_a_link_pins_nothing_by_itself(engine, here):
    run, action = proposed(engine)
    links.accept(action)
    engine.apply(run)
    assert db.session.scalars(select(IikoPin)).all() == []


def test_stores_that_waited_for_a_restaurant_are_planned_once_it_is_linked(engine, here):
    run = engine.run(departments=[department("d1", "Кафе Лес", "001")], stores=[store("s1", "d1", "Бар")])
    assert engine.action(run, "s1").reason == Reason.NOT_THERE
    links.accept(engine.action(run, "d1"))
    assert engine.action(run, "s1").word == Word.CREATE
    line = engine.kind(run, "stores")
    assert (line.skips, line.creates) == (0, 1)
    engine.apply(run)
    assert db.session.scalars(select(Store).where(Store.iiko_id == "s1")).one().restaurant_id == here.id


def test_all_that_look_like_one_of_ours_are_linked_at_once_and_what_follows_is_shown_first(engine, here):
    Store(name="Бар", restaurant_id=here.id).open()
    db.session.flush()
    run = engine.run(
        departments=[department("d1", "Кафе Лес", "001"), department("d2", "Другое", "002")],
        stores=[store("s1", "d1", "Бар")],
    )
    assert links.accept_alike(run) == 1
    assert engine.action(run, "d1").entity_id == here.id
    assert engine.action(run, "d2").word == Word.CREATE
    assert engine.action(run, "s1").reason == Reason.ALIKE
    assert links.accept_alike(run) == 1
    assert links.accept_alike(run) == 0
    engine.apply(run)
    assert {engine.link("d1").entity_id, engine.kind(run, "stores").updates} == {here.id, 1}


def test_a_refused_proposal_is_left_out_now_and_later(engine, here):
    run, action = proposed(engine)
    links.refuse(action)
    assert (action.word, action.reason) == (Word.SKIP, Reason.REFUSED)
    engine.apply(run)
    assert engine.link("d1") is None
    _, again = proposed(engine)
    assert (again.word, again.reason) == (Word.SKIP, Reason.REFUSED)


def test_what_was_refused_can_still_be_linked_or_made(engine, here):
    _, action = proposed(engine)
    links.refuse(action)
    links.accept(action, here.id)
    assert (action.word, action.entity_id) == (Word.UPDATE, here.id)


def test_a_new_one_is_made_where_somebody_wants_it(engine, here):
    run, action = proposed(engine)
    links.make_new(action)
    assert (action.word, engine.kind(run, "departments").creates) == (Word.CREATE, 1)
    engine.apply(run)
    assert engine.link("d1").entity_id != here.id
    assert here.iiko_id is None


def test_a_row_that_would_be_new_is_linked_with_the_one_that_somebody_chooses(engine, here):
    run = engine.run(departments=[department("d1", "Not alike at all")])
    action = engine.action(run, "d1")
    with pytest.raises(MoveRefused):
        links.accept(action)
    links.accept(action, here.id)
    assert (action.word, engine.kind(run, "departments").creates) == (Word.UPDATE, 0)


def test_of_several_somebody_has_to_choose(engine, here):
    other = Restaurant(name="КАФЕ ЛЕС")
    other.open()
    db.session.flush()
    _, action = proposed(engine)
    with pytest.raises(MoveRefused):
        links.accept(action)
    links.accept(action, other.id)
    assert action.entity_id == other.id


def test_a_row_of_another_chain_cannot_be_linked(engine, here, world):
    _, action = proposed(engine)
    with pytest.raises(MoveRefused):
        links.accept(action, world.vareniki.restaurant_id)
    assert engine.link("d1") is None


def test_one_of_ours_is_linked_once(engine, here):
    run, action = proposed(engine, department("d2", "Кафе Лес"))
    links.accept(action)
    with pytest.raises(MoveRefused):
        links.accept(engine.action(run, "d2"), here.id)


def test_what_is_over_is_not_decided_about(engine, here):
    run, action = proposed(engine)
    run.state = RunState.DONE
    for decide in (links.accept, links.refuse, links.make_new):
        with pytest.raises(MoveRefused):
            decide(action)


def test_what_is_new_is_not_refused(engine):
    run = engine.run(departments=[department("d1")])
    with pytest.raises(MoveRefused):
        links.refuse(engine.action(run, "d1"))


def test_a_link_that_is_taken_back_leaves_the_row_as_it_is(engine):
    engine.sync(departments=[department("d1", "Лес", "001")])
    row = engine.restaurant("d1")
    links.unlink(engine.link("d1"))
    assert (row.name, row.code, row.is_active) == ("Лес", "001", True)
    assert (row.iiko_id, row.iiko_sync_status, row.iiko_last_synced_at) == (None, None, None)
    actions = {line.action for line in db.session.scalars(select(AuditEvent).where(AuditEvent.entity_id == row.id))}
    assert actions == {"created", "iiko_unlinked"}
    # It is proposed again, and never linked by itself.
    assert engine.action(engine.run(departments=[department("d1", "Лес", "001")]), "d1").reason == Reason.ALIKE


def test_what_a_person_edits_is_theirs_from_then_on(engine, world):
    engine.sync(departments=[department("d1", "Лес", "001")])
    row = engine.restaurant("d1")
    row.edit(name="Лес на Лесной", phone="+7 495 000-00-00")
    db.session.flush()
    assert [pin.field for pin in db.session.scalars(select(IikoPin))] == ["name"]
    run = engine.sync(departments=[department("d1", "Лес 2", "002")])
    db.session.refresh(row)
    assert (row.name, row.code) == ("Лес на Лесной", "002")
    side = Side.of(row)
    told = {each.key: (each.ours, each.iikos, each.is_pinned) for each in side.fields}
    assert told["name"] == ("Лес на Лесной", "Лес 2", True)
    assert told["code"] == ("002", "002", False)
    assert (side.iiko_id, side.read_at, side.missing_since) == ("d1", run.read_at, None)


def test_what_iiko_writes_pins_nothing(engine):
    engine.sync(departments=[department("d1", "Лес")])
    engine.sync(departments=[department("d1", "Лес 2")])
    assert db.session.scalars(select(IikoPin)).all() == []


def test_a_row_that_is_not_linked_pins_nothing(engine, here):
    here.edit(name="Another")
    here.iiko_id = "of an older writer"
    here.edit(name="Another still")
    db.session.flush()
    assert db.session.scalars(select(IikoPin)).all() == []
    assert Side.of(here) is None


def test_a_released_field_is_iikos_again_at_once_and_later(engine):
    engine.sync(departments=[department("d1", "Лес")])
    row = engine.restaurant("d1")
    pins.pin(row, "name")
    row.edit(name="Typed")
    db.session.flush()
    pins.release(row, "name")
    assert row.name == "Лес"
    engine.sync(departments=[department("d1", "Лес 2")])
    db.session.refresh(row)
    assert row.name == "Лес 2"
    lines = db.session.scalars(select(AuditEvent).where(AuditEvent.entity_id == row.id).order_by(AuditEvent.at)).all()
    assert [line.action.value for line in lines][:5] == ["created", "iiko_pinned", "edited", "iiko_released", "edited"]


def test_only_what_iiko_fills_can_be_pinned(engine):
    engine.sync(departments=[department("d1")])
    with pytest.raises(KeyError):
        pins.pin(engine.restaurant("d1"), "phone")


def places(engine):
    """Two restaurants, and a store in the first whose place is pinned."""
    engine.sync(departments=[department("d1"), department("d2")], stores=[store("s1", "d1")])
    row = db.session.scalars(select(Store).where(Store.iiko_id == "s1")).one()
    pins.pin(row, "restaurant_id")
    run = engine.run(departments=[department("d1"), department("d2")], stores=[store("s1", "d2")])
    return row, run, engine.action(run, "s1")


def test_a_pinned_place_that_iiko_changed_is_taken_where_somebody_says_so(engine):
    row, run, action = places(engine)
    assert action.reason == Reason.PINNED
    links.accept(action)
    assert (action.word, list(action.changes)) == (Word.UPDATE, ["restaurant_id"])
    engine.apply(run)
    db.session.refresh(row)
    assert row.restaurant_id == engine.restaurant("d2").id


def test_a_pinned_place_that_is_kept_is_not_asked_about_again(engine):
    row, run, action = places(engine)
    links.refuse(action)
    assert action.word is Word.UPDATE
    engine.apply(run)
    db.session.refresh(row)
    assert row.restaurant_id == engine.restaurant("d1").id
    again = engine.run(departments=[department("d1"), department("d2")], stores=[store("s1", "d2")])
    assert engine.actions(again) == {}


def test_a_mapped_node_brings_its_stores_into_the_very_plan(engine):
    engine.sync(departments=[department("d1")])
    rows = {"departments": [department("d1")], "stores": [lone_store("s9", "point"), lone_store("s8", "elsewhere")]}
    run = engine.run(**rows)
    row = engine.restaurant("d1")
    assert nodes.map_node(run, "point", "Зал", row.id) == 1
    assert engine.action(run, "s9").word is Word.CREATE
    line = engine.kind(run, "stores")
    assert (line.creates, line.skips) == (1, 1)
    engine.apply(run)
    made = db.session.scalars(select(Store).where(Store.iiko_id == "s9")).one()
    assert made.restaurant_id == row.id
    again = engine.run(**rows)
    assert list(engine.actions(again)) == ["s8"]


def test_a_row_of_another_server_comes_to_this_one_where_somebody_says_so(engine, connection):
    from portal.iiko.models import IikoConnection
    from portal.integrations.models import AccountIntegrationCredentials

    engine.sync(departments=[department("d1", "Лес")])
    second = AccountIntegrationCredentials.connect("iiko:second")
    db.session.add(second)
    db.session.flush()
    other = IikoConnection(integration_id=second.id)
    db.session.add(other)
    db.session.flush()
    engine.connection_id = other.id
    run = engine.run(departments=[department("d1", "Лес 2")])
    action = engine.action(run, "d1")
    assert (action.reason, engine.restaurant("d1").name) == (Reason.OTHER_SERVER, "Лес")
    links.accept(action)
    engine.apply(run)
    assert (engine.link("d1").connection_id, engine.restaurant("d1").name) == (other.id, "Лес 2")
    # At the first one nothing is missing for it.
    engine.connection_id = connection.id
    assert engine.action(engine.run(departments=[department("d1", "Лес")]), "d1").reason == Reason.OTHER_SERVER


def test_an_action_that_was_applied_is_not_decided_about(engine, here):
    _, action = proposed(engine)
    action.state = ActionState.APPLIED
    db.session.flush()
    with pytest.raises(MoveRefused):
        links.accept(action)
