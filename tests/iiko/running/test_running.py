"""One run after the other: over a server that answers, and over one that does not."""

import pytest

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.iiko.client.addresses import server_key
from portal.iiko.models import IikoConnection, IikoRun, Purpose
from portal.iiko.seats.lock import server_lock
from portal.iiko.seats.sweep import possible_seat_until
from portal.iiko.sync.running import schedule_next, start_run
from portal.integrations.models import AccountIntegrationCredentials


def states(office, run):
    return {key: kind.state for key, kind in office.kinds(run.id).items()}


def test_a_preview_reads_gives_its_seat_back_and_writes_nothing(office, iiko):
    before = office.restaurants()
    run = office.sync()
    assert (run.state, run.failure) == ("planned", None)
    assert run.seat_returned_at >= run.seat_opened_at
    assert (iiko.seats.held, iiko.seats.log_ins, iiko.overlaps, iiko.leaks) == ([], 1, 0, 0)
    kinds = office.kinds(run.id)
    assert {kind.state for kind in kinds.values()} == {"planned"}
    assert kinds["departments"].creates == 3
    assert office.restaurants() == before
    assert office.sessions() == []
    assert office.integration.connection_status == "connected"


def test_what_was_previewed_is_applied_and_the_next_run_finds_nothing_to_do(office, iiko):
    applied = office.apply(office.sync().id)
    assert (applied.state, applied.applied_by_id) == ("done", office.chain.owner.id)
    assert set(states(office, applied).values()) == {"done"}
    names = {row.name for row in office.restaurants()}
    assert {node.name for node in iiko.chain.departments} <= names
    again = office.kinds(office.sync().id)
    assert [(kind.creates, kind.updates) for kind in again.values()] == [(0, 0)] * len(again)


def test_a_plan_is_applied_once_and_not_after_a_newer_one(office):
    old, new = office.sync(), office.sync()
    with pytest.raises(MoveRefused):
        office.apply(old.id)
    office.apply(new.id)
    with pytest.raises(MoveRefused):
        office.apply(new.id)


def test_a_schedule_applies_by_itself_what_needs_no_person(office, iiko):
    run = office.sync(Purpose.SCHEDULE)
    assert (run.state, run.user_id, run.applied_by_id) == ("done", None, None)
    assert "Кафе № 1" in {row.name for row in office.restaurants()}
    iiko.chain.rename(iiko.chain.find("Кафе № 1"), "Лес")
    office.sync(Purpose.SCHEDULE)
    assert "Лес" in {row.name for row in office.restaurants()}


def test_a_server_that_is_taken_is_asked_again_in_seconds_and_the_run_says_that_it_waits(office, iiko):
    with office.scope(), server_lock(server_key(iiko.base_url)):
        run = office.sync()
    assert (run.state, iiko.calls) == ("waiting", [])
    assert len(office.waiting_jobs()) == 1
    assert office.work(run.id).state == "planned"


def test_two_accounts_on_one_server_share_its_lock_and_nothing_else(app, world, superuser_sql, office, iiko):
    other = type(office)(app, superuser_sql, world.vareniki).connect(iiko)
    seen = []

    def meanwhile(call):
        if call.name == "departments" and not seen:
            seen.append(other.sync().state)

    iiko.on_call = meanwhile
    assert (office.sync().state, seen) == ("planned", ["waiting"])
    iiko.on_call = lambda call: None
    before = office.restaurants()
    applied = other.apply(other.sync().id)
    assert (applied.state, iiko.overlaps) == ("done", 0)
    assert office.restaurants() == before
    links = superuser_sql(
        "SELECT DISTINCT account_id FROM getinn_ops.iiko_link WHERE connection_id = %s", [other.connection_id]
    )
    assert [row.account_id for row in links] == [other.account_id]


@pytest.mark.parametrize(
    ("fault", "on", "word"),
    [
        ("no_seat", "auth", "no_seat"),
        ("restart", "auth", "wrong_address"),
        ("unauthorized", "auth", "refused"),
        ("blocked_module", "auth", "blocked_module"),
        ("moved", "auth", "moved"),
        ("cut", "auth", "broke_off"),
        ("bad_gateway", "departments", "unavailable"),
    ],
)
def test_a_failure_of_the_server_fails_the_run_with_its_own_word_and_changes_no_row(office, iiko, fault, on, word):
    before = office.restaurants()
    iiko.faults.plan(fault, on=on, times=None)
    run = office.sync()
    iiko.faults.clear()
    assert (run.state, run.failure) == ("failed", word)
    assert office.integration.connection_status == word
    assert office.restaurants() == before
    assert iiko.seats.held == []


def test_a_kind_that_fails_leaves_out_what_depends_on_it_and_the_others_go_on(office, iiko):
    iiko.faults.plan("no_right", on="stores")
    assert states(office, office.sync()) == {
        "legal_entities": "planned", "departments": "planned", "stores": "failed", "units": "planned",
        "suppliers": "planned", "products": "planned", "incoming_invoices": "failed",
    }  # fmt: skip
    iiko.faults.plan("cut_short", on="departments")
    run = office.sync()
    failed = {key for key, state in states(office, run).items() if state == "failed"}
    assert (run.state, failed) == ("planned", {"legal_entities", "departments", "stores"})
    assert office.kinds(run.id)["departments"].failure == "broke_off"


def test_a_run_is_cancelled_between_two_pieces_and_logs_out(office, iiko):
    run_id = office.begin()
    iiko.on_call = lambda call: office.cancel(run_id) if call.name == "departments" else None
    iiko.faults.plan("drip", on="departments", seconds=2.0)
    assert office.work(run_id).state == "cancelled"
    assert iiko.seats.held == []
    assert set(states(office, office.run(run_id)).values()) == {"left_out"}


def test_a_run_that_waits_is_cancelled_at_once(office, iiko):
    run_id = office.begin()
    office.cancel(run_id)
    assert office.run(run_id).state == "cancelled"
    assert (office.work(run_id).state, iiko.calls) == ("cancelled", [])


def test_switched_off_a_run_ends_after_its_request_and_nothing_is_due(office, iiko, superuser_sql):
    office.apply(office.sync().id)
    assert office.connection.next_run_at is not None

    def switch_off(call):
        if call.name == "departments":
            with office.scope():
                integration = db.session.get_one(AccountIntegrationCredentials, office.chain.integration_id)
                integration.deactivate()
                schedule_next(IikoConnection.of(integration))

    iiko.on_call = switch_off
    iiko.faults.plan("drip", on="departments", seconds=2.0)
    assert office.sync().state == "cancelled"
    assert (office.connection.next_run_at, iiko.seats.held) == (None, [])


def test_a_worker_that_ends_gives_the_seat_back_and_leaves_the_run_to_another(office, iiko, monkeypatch):
    ending = []
    monkeypatch.setattr("portal.iiko.sync.stopping.is_ending", lambda: bool(ending))
    iiko.on_call = lambda call: ending.append(1) if call.name == "departments" else None
    run = office.sync()
    assert (run.state, run.beat_at, iiko.seats.held) == ("queued", None, [])
    assert len(office.waiting_jobs()) == 1
    ending.clear()
    iiko.on_call = lambda call: None
    assert office.work(run.id).state == "planned"


def test_whoever_types_another_password_meanwhile_is_not_told_of_the_former_one(office, iiko):
    iiko.on_call = lambda call: office.connect(iiko, "another") if call.name == "stores" else None
    run = office.sync()
    assert (run.state, office.integration.connection_status) == ("cancelled", None)


def test_one_run_at_a_time_reads_a_server_and_a_check_queues_behind_it(office):
    with office.scope():
        connection = db.session.get_one(IikoConnection, office.connection_id)
        first = start_run(connection, Purpose.PREVIEW, office.chain.owner.id)
        assert start_run(connection, Purpose.SCHEDULE, None).id == first.id
        check = start_run(connection, Purpose.CHECK, office.chain.owner.id)
        assert check.id != first.id
        assert start_run(connection, Purpose.CHECK, office.chain.owner.id).id == check.id


def test_a_run_that_kills_its_workers_is_not_begun_without_end(office, superuser_sql):
    run_id = office.begin()
    died = (
        "UPDATE getinn_ops.iiko_run SET state = 'reading', beat_at = now(), details = '{\"restarts\": 3}' WHERE id = %s"
    )
    superuser_sql(died, [run_id])
    run = office.work(run_id)
    assert (run.state, run.failure) == ("failed", "interrupted")


def test_a_mistake_of_ours_fails_the_run_and_returns_the_seat(office, iiko, monkeypatch):
    run_id = office.begin()
    monkeypatch.setattr("portal.iiko.sync.work.plan_or_fail", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        office.work(run_id)
    assert (office.run(run_id).failure, iiko.seats.held) == ("faulty", [])


def test_a_lost_answer_to_the_log_in_is_named_until_an_hour_has_passed(office, iiko):
    iiko.faults.plan("cut_accepted", on="auth")
    run = office.sync()
    assert run.state == "failed"
    with office.scope():
        assert possible_seat_until(office.connection_id) is not None
        assert db.session.get_one(IikoRun, run.id).failure == "broke_off"
    assert len(iiko.seats.held) == 1
