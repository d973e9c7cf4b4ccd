"""What is done by itself: due runs, lost ones, and what was kept long enough."""

from datetime import timedelta
from uuid import UUID

import pytest

from portal.db.base import db
from portal.iiko.kinds import KINDS
from portal.iiko.models import IikoConnection, Purpose
from portal.iiko.sync.jobs import run_sync
from portal.iiko.sync.rounds import forget_old_runs, start_due_runs, take_up_lost_runs
from portal.iiko.sync.schedule import next_runs
from portal.jobs.queue import QUEUES

RUN = "SELECT * FROM getinn_ops.iiko_run WHERE connection_id = %s ORDER BY created_at"


@pytest.fixture
def make_due(office):
    """Lets the server be due so long ago."""

    def make(**ago):
        seconds = timedelta(**ago).total_seconds()
        office.sql(
            "UPDATE getinn_ops.iiko_connection SET next_run_at = timezone('utc', now()) - make_interval(secs => %s)"
            " WHERE id = %s",
            [seconds, office.connection_id],
        )

    return make


def runs(office):
    return office.sql(RUN, [office.connection_id])


def test_nothing_is_due_before_a_person_has_applied_a_preview(office):
    office.sync()
    assert office.connection.next_run_at is None
    with office.scope():
        assert next_runs(db.session.get_one(IikoConnection, office.connection_id)) == []
    office.apply(office.sync().id)
    due = office.connection.next_run_at
    with office.scope():
        slots = next_runs(db.session.get_one(IikoConnection, office.connection_id))
    assert [slots[0].at.replace(tzinfo=None), len(slots)] == [due, 3]


def test_what_an_outage_missed_is_one_run_and_its_next_time_is_noted(office, make_due, run_job):
    office.apply(office.sync().id)
    make_due(days=5)
    run_job(start_due_runs)
    run_job(start_due_runs)
    begun = [run for run in runs(office) if run.purpose == "schedule"]
    assert [(run.state, run.user_id) for run in begun] == [("queued", None)]
    assert office.connection.next_run_at > begun[0].created_at
    assert office.work(begun[0].id).state == "done"


def test_a_server_that_is_due_while_it_is_read_is_read_a_little_later(office, make_due, run_job):
    office.apply(office.sync().id)
    office.begin()
    make_due(minutes=1)
    run_job(start_due_runs)
    assert [run.purpose for run in runs(office)].count("schedule") == 0
    assert office.connection.next_run_at is not None


def test_a_server_that_was_switched_off_is_not_read(office, make_due, run_job):
    office.sql(
        "UPDATE getinn_ops.account_integration_credentials SET is_active = false WHERE id = %s",
        [office.chain.integration_id],
    )
    make_due(minutes=1)
    run_job(start_due_runs)
    assert (runs(office), office.connection.next_run_at) == ([], None)


def test_a_run_whose_worker_died_is_taken_up_once(office, run_job):
    run_id = office.begin()
    office.sql("TRUNCATE getinn_ops_jobs.procrastinate_jobs CASCADE")
    run_job(take_up_lost_runs)
    assert office.waiting_jobs() == []
    office.sql(
        "UPDATE getinn_ops.iiko_run SET state = 'reading', beat_at = timezone('utc', now()) - interval '3 minutes'"
        " WHERE id = %s",
        [run_id],
    )
    run_job(take_up_lost_runs)
    run_job(take_up_lost_runs)
    assert [job.args["run_id"] for job in office.waiting_jobs()] == [str(run_id)]
    assert office.work(run_id).state == "planned"


def test_answers_go_after_a_week_and_plans_after_ninety_days_while_counts_stay(office, run_job):
    run = office.sync()
    answers = "SELECT count(*) AS rows FROM getinn_ops.iiko_answer WHERE run_id = %s"
    actions = "SELECT count(*) AS rows FROM getinn_ops.iiko_action WHERE run_id = %s"

    def left():
        return [bool(office.sql(query, [run.id])[0].rows) for query in (answers, actions)] + [len(office.kinds(run.id))]

    assert left() == [True, True, len(KINDS)]
    for days, expected in ((6, [True, True]), (8, [False, True]), (91, [False, False])):
        for table in ("iiko_answer", "iiko_action"):
            office.sql(
                f"UPDATE getinn_ops.{table} SET created_at = timezone('utc', now()) - make_interval(days => %s)", [days]
            )
        run_job(forget_old_runs)
        assert left() == [*expected, len(KINDS)]
    assert office.kinds(run.id)["departments"].creates == 3


def test_the_sealed_answer_holds_nothing_in_clear(office):
    run = office.sync()
    bodies = office.sql("SELECT body::text AS body FROM getinn_ops.iiko_answer WHERE run_id = %s", [run.id])
    assert bodies
    assert not any("corporateItem" in row.body or "Ромашка" in row.body for row in bodies)


def test_runs_have_a_queue_of_their_own():
    assert run_sync.task.queue == "iiko"
    assert QUEUES["iiko"] == 2


def failing(office, iiko, fault, times):
    """So many scheduled runs that fail alike; the connection after each."""
    found = []
    for _ in range(times):
        iiko.faults.plan(fault, on="auth")
        office.sync(Purpose.SCHEDULE)
        found.append(office.connection)
    return found


def notices(office):
    query = (
        "SELECT kind, resolved_at FROM getinn_ops.notice WHERE entity_id = %s AND kind LIKE 'connection_%%'"
        " AND created_at > timezone('utc', now()) - interval '1 hour' ORDER BY created_at"
    )
    return [row.kind for row in office.sql(query, [office.chain.integration_id]) if row.resolved_at is None]


@pytest.fixture
def quiet(office):
    """No notice of the cast's is in the way."""
    office.sql("DELETE FROM getinn_ops.notice WHERE entity_id = %s", [office.chain.integration_id])
    return office


def test_owners_are_told_at_the_third_failure_and_when_it_ends(quiet, iiko):
    quiet.apply(quiet.sync().id)
    first, second, third, fourth = failing(quiet, iiko, "no_seat", 4)
    assert [each.failures for each in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert first.next_run_at < second.next_run_at
    assert notices(quiet) == ["connection_failed"]
    assert quiet.sync(Purpose.SCHEDULE).state == "done"
    assert notices(quiet) == ["connection_recovered"]
    assert quiet.connection.failures == 0


def test_a_password_that_worked_before_is_refused_after_the_third_try_and_waits_for_a_person(quiet, iiko):
    quiet.apply(quiet.sync().id)
    first, second, third = failing(quiet, iiko, "unauthorized", 3)
    assert (first.waits_for, second.waits_for, third.waits_for) == (None, None, "password")
    assert (third.next_run_at, quiet.integration.connection_status) == (None, "refused")
    assert notices(quiet) == ["connection_failed"]
    assert quiet.sync().state == "planned"
    assert (quiet.connection.waits_for, quiet.integration.connection_status) == (None, "connected")
    assert quiet.connection.next_run_at is not None


def test_a_missing_licence_is_not_tried_again_by_itself(quiet, iiko):
    quiet.apply(quiet.sync().id)
    (failed,) = failing(quiet, iiko, "blocked_module", 1)
    assert (failed.waits_for, failed.next_run_at) == ("licence", None)


def test_jobs_and_rows_of_runs_hold_no_secret(office, iiko, superuser_sql):
    run_id = office.begin()
    assert all(set(job.args) == {"run_id", "account_id"} for job in office.waiting_jobs())
    assert {type(UUID(value)) for job in office.waiting_jobs() for value in job.args.values()} == {UUID}
    tokens = []
    iiko.on_call = lambda call: tokens.append(call.token) if call.token else None
    iiko.faults.plan("server_error", on="stores", times=None)
    office.work(run_id)
    stored = superuser_sql(
        "SELECT r::text AS text FROM getinn_ops.iiko_run r UNION ALL SELECT k::text FROM getinn_ops.iiko_run_kind k"
        " UNION ALL SELECT s::text FROM getinn_ops.iiko_session s UNION ALL SELECT j::text FROM"
        " getinn_ops_jobs.procrastinate_jobs j"
    )
    assert tokens
    assert not [row for row in stored for secret in (*tokens, iiko.password) if secret in row.text]
