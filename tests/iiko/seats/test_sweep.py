"""Seats that nobody gave back come back by the minute's round, or lapse with the hour; nobody waits for a server."""

from datetime import UTC, timedelta

import pytest

from portal.iiko.seats.log_ins import TRIES, LogIns
from portal.iiko.seats.sweep import possible_seat_until, return_seat, return_seats
from portal.tenancy.scope import enter_account
from tests.iiko.seats.test_seat import enter, failure_of


@pytest.fixture
def left(desk, iiko):
    """A seat that its run could not give back."""
    with desk.seat():
        iiko.faults.plan("server_error", "logout", times=None)
    iiko.faults.clear()
    return desk


@pytest.fixture
def sweep(run_job, waiting_jobs, superuser_sql):
    """One round, with all that it asks for."""

    def run():
        run_job(return_seats)
        due = [job for job in waiting_jobs() if job.task_name == "return_seat"]
        for job in due:
            run_job(return_seat, **job.args)
        # Their trigger looks at the queue's own schema.
        superuser_sql("SET search_path TO getinn_ops_jobs")
        superuser_sql("DELETE FROM procrastinate_jobs")
        superuser_sql("RESET search_path")
        return len(due)

    return run


def test_a_seat_that_was_left_is_given_back_a_minute_later_with_nobodys_help(left, iiko, sweep):
    assert sweep() == 0
    left.age(minutes=1)
    assert sweep() == 1
    assert (iiko.seats.held, left.open_rows) == ([], [])
    assert [row.outcome for row in left.rows] == ["returned"]
    assert sweep() == 0


@pytest.mark.parametrize("fault", ["server_error", "no_right", "restart", "page", "cut"])
def test_a_log_out_that_fails_is_tried_again_later_and_later_until_the_hour_is_over(left, iiko, sweep, fault):
    iiko.faults.plan(fault, "logout", times=None)
    waits = []
    for minutes in TRIES:
        left.age(minutes=minutes)
        assert sweep() == 1
        waits += [(row.next_try_at - row.updated_at).total_seconds() / 60 for row in left.open_rows]
    assert [round(each) for each in waits] == [2, 5, 10, 30, 12]
    left.age(minutes=12)
    sweep()
    assert (left.open_rows, [row.outcome for row in left.rows]) == ([], ["lapsed"])


def test_a_token_that_iiko_no_longer_knows_holds_no_seat(left, iiko, sweep):
    iiko.restart(answers=0)
    left.age(minutes=1)
    sweep()
    assert [row.outcome for row in left.rows] == ["returned"]


def test_where_a_run_is_at_work_its_seat_is_left_alone(desk, iiko, sweep):
    with desk.seat():
        desk.age(minutes=2)
        assert sweep() == 1
        assert len(iiko.seats.held) == 1
        assert [row.tries for row in desk.open_rows] == [0]
    assert desk.open_rows == []


def test_a_worker_that_was_killed_with_a_token_in_hand_leaves_a_seat_that_comes_back(desk, iiko, sweep, app):
    with desk.scope(), desk.lock() as lock:
        log_ins = LogIns(desk.chain.account_id, lock)
        row_id = log_ins.begin(desk.connection_id, desk.run_id)
        client = desk.client()
        log_ins.keep_token(row_id, client.log_in(), client.server, needs_browser_agent=False)
    assert len(iiko.seats.held) == 1
    desk.age(minutes=1)
    sweep()
    assert (iiko.seats.held, desk.open_rows) == ([], [])


def test_a_worker_that_was_killed_before_it_knew_the_token_leaves_a_row_for_an_hour(desk, iiko, sweep):
    with desk.scope(), desk.lock() as lock:
        LogIns(desk.chain.account_id, lock).begin(desk.connection_id, desk.run_id)
        desk.client().log_in()
    desk.age(minutes=1)
    assert sweep() == 1
    (row,) = desk.open_rows
    assert (row.outcome, row.token) == ("unknown", None)
    assert sweep() == 0
    desk.age(minutes=60)
    assert sweep() == 1
    assert [row.outcome for row in desk.rows] == ["lapsed"]
    assert [call.name for call in iiko.calls] == ["auth"]


def test_a_token_goes_back_to_the_server_that_gave_it_wherever_the_connection_leads_by_then(
    left, iiko, sweep, superuser_sql
):
    superuser_sql(
        "UPDATE getinn_ops.account_integration_credentials SET base_url = 'http://127.0.0.1:1' WHERE account_id = %s",
        [left.chain.account_id],
    )
    left.age(minutes=1)
    sweep()
    assert iiko.seats.held == []


def test_a_token_that_no_key_opens_lapses(left, iiko, sweep, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.iiko_session SET token = jsonb_set(token, '{kid}', '\"lost\"') WHERE closed_at IS NULL"
    )
    left.age(minutes=1)
    sweep()
    assert [row.outcome for row in left.open_rows] == ["unknown"]
    left.age(minutes=60)
    sweep()
    assert left.open_rows == []


def test_each_account_has_its_seats_returned_in_jobs_of_its_own(left, other_desk, iiko, run_job, waiting_jobs):
    iiko.seats.total = 2
    with other_desk.seat():
        iiko.faults.plan("server_error", "logout", times=None)
    left.age(minutes=1)
    run_job(return_seats)
    run_job(return_seats)
    jobs = [job for job in waiting_jobs() if job.task_name == "return_seat"]
    assert {(job.queue_name, job.args["account_id"]) for job in jobs} == {
        ("iiko", str(each.chain.account_id)) for each in (left, other_desk)
    }
    assert len(jobs) == 2
    assert {key for job in jobs for key in job.args} == {"session_id", "account_id"}


def test_a_session_of_another_account_is_not_found(left, other_desk, iiko, run_job):
    (row,) = left.open_rows
    run_job(return_seat, session_id=str(row.id), account_id=str(other_desk.chain.account_id))
    assert len(iiko.seats.held) == 1
    assert len(left.open_rows) == 1


def possible(desk, connection_id=None):
    with desk.scope():
        enter_account(desk.chain.account_id)
        return possible_seat_until(connection_id or desk.connection_id)


def test_until_when_a_seat_may_be_taken_is_known_and_nobody_elses_business(left, other_desk):
    (row,) = left.open_rows
    assert possible(left) == row.token_at.replace(tzinfo=UTC) + timedelta(hours=1)
    assert possible(other_desk) is None
    assert possible(other_desk, left.connection_id) is None
    left.age(minutes=61)
    assert possible(left) is None


def test_a_seat_that_a_run_is_using_or_that_came_back_is_not_possibly_taken(desk, iiko, superuser_sql):
    superuser_sql("UPDATE getinn_ops.iiko_run SET state = 'reading' WHERE id = %s", [desk.run_id])
    with desk.seat():
        assert possible(desk) is None
    superuser_sql("UPDATE getinn_ops.iiko_run SET state = 'done' WHERE id = %s", [desk.run_id])
    assert possible(desk) is None


def test_a_lost_answer_to_a_log_in_may_have_taken_a_seat(desk, iiko):
    iiko.faults.plan("cut_accepted", "auth")
    failure_of(lambda: enter(desk))
    (row,) = desk.open_rows
    assert possible(desk) == row.opened_at.replace(tzinfo=UTC) + timedelta(hours=1)
