"""Whose job comes next, and how many of one kind wait."""

import asyncio
import threading
from importlib import import_module
from uuid import uuid4

import pytest
from procrastinate.jobs import Status

from portal.auth.mailing import deliver_password_reset
from portal.channels.webhook_health.jobs import check_platform, settle_connection
from portal.db.base import db
from portal.jobs.queue import QUEUES, connector, jobs, turns
from portal.jobs.turns import TakingTurns
from portal.worker import JOB_MODULES

A, B = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def queue_sql(superuser_sql):
    """SQL as procrastinate's own connections send it: its triggers look for its types."""
    superuser_sql("SET search_path TO getinn_ops_jobs, public")
    yield superuser_sql
    superuser_sql("RESET search_path")


@pytest.fixture
def put(queue_sql):
    """``put(account, count)`` queues jobs of an account, as they were committed."""

    def insert(account, count=1, queue="outside"):
        queue_sql(
            "INSERT INTO getinn_ops_jobs.procrastinate_jobs (queue_name, task_name, args)"
            " SELECT %s, 'some_task', jsonb_build_object('account_id', %s::text, 'n', n::text)"
            " FROM generate_series(1, %s) n",
            [queue, account, count],
        )

    return insert


@pytest.fixture
def taken(app, world):
    """``taken(count)`` is whose jobs a worker takes one after the other; it finishes each before it takes the next."""

    def take(count, *, finishing=True, size=4, queue="outside", workers=1):
        return asyncio.run(_take(app, count, finishing, size, queue, workers))

    return take


async def _take(app, count, finishing, size, queue, workers):
    opened = connector(app.config["PORTAL"].libpq_url)
    await opened.open_async()
    try:
        managers = [TakingTurns(opened) for _ in range(workers)]
        ids = [await manager.register_worker() for manager in managers]
        seen = []
        for number in range(count):
            manager, worker_id = managers[number % workers], ids[number % workers]
            manager.sizes = {queue: size}
            job = await manager.fetch_job([queue], worker_id)
            if job is None:
                seen.append(None)
                continue
            seen.append(job.task_kwargs.get("account_id"))
            if finishing:
                await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
        return seen
    finally:
        await opened.close_async()


def test_accounts_take_turns_however_many_jobs_one_has_asked_for(put, taken):
    put(A, 40)
    put(B, 3)
    assert taken(8) == [A, B, A, B, A, B, A, A]


def test_whoever_was_served_longest_ago_is_next_also_when_they_come_later(put, taken):
    third = str(uuid4())
    put(A, 5)
    put(B, 5)
    put(third, 1)
    assert set(taken(3)) == {A, B, third}


def test_one_account_holds_at_most_half_of_the_places(put, taken):
    put(A, 40)
    assert taken(5, finishing=False) == [A, A, None, None, None]


def test_an_account_that_holds_its_share_does_not_stand_in_the_way(put, taken):
    put(A, 40)
    put(B, 1)
    assert taken(4, finishing=False) == [A, B, A, None]


def test_a_job_is_taken_once_by_whichever_worker(put, taken):
    put(A, 2)
    assert taken(4, finishing=False, workers=2) == [A, A, None, None]


def test_jobs_that_are_due_later_are_left_alone(put, taken, queue_sql):
    put(A, 1)
    queue_sql("UPDATE getinn_ops_jobs.procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")
    assert taken(1) == [None]


def test_the_portals_own_jobs_have_their_turn_and_no_share(put, taken, queue_sql):
    put(A, 9)
    queue_sql(
        "INSERT INTO getinn_ops_jobs.procrastinate_jobs (queue_name, task_name)"
        " SELECT 'outside', 'scheduled' FROM generate_series(1, 3)"
    )
    assert taken(5, finishing=False) == [A, None, A, None, None]


def test_the_worker_takes_its_jobs_in_turns():
    assert jobs.job_manager is turns


def test_no_job_has_a_lock_which_turns_would_not_heed():
    assert [task.name for task in jobs.tasks.values() if task.lock or task.queueing_lock] == []


def test_calls_to_the_outside_have_a_queue_apart_from_mail_and_the_rest():
    for module in JOB_MODULES:
        import_module(module)
    queues = {task.name: task.queue for task in jobs.tasks.values() if task.queue in QUEUES}
    by_queue = {queue: {name for name in queues if queues[name] == queue} for queue in QUEUES}
    assert by_queue["mail"] == {name for name in queues if name.startswith("deliver_")}
    assert by_queue["mail"] >= {"deliver_invitation", "deliver_password_reset", "deliver_notice"}
    assert by_queue["files"] == {"fetch_received_file", "work_on_file"}
    assert by_queue["outside"] >= {"settle_connection", "check_platform", "look_after_platforms"}
    assert by_queue["iiko"] == {"run_sync", "return_seat"}


@pytest.fixture
def account(world):
    return world.pelmenya.account_id


def test_forty_clicks_leave_one_check_waiting(scoped, account, waiting_jobs):
    platform = str(uuid4())
    answers = []
    for _ in range(40):
        with scoped(account):
            answers.append(check_platform.queue(credential_id=platform, account_id=str(account)))
            db.session.commit()
    assert answers == [True] + 39 * [False]
    assert len(waiting_jobs()) == 1


def test_forty_clicks_at_once_leave_one_check_waiting(scoped, account, waiting_jobs):
    platform, together = str(uuid4()), threading.Barrier(8)

    def click():
        with scoped(account):
            together.wait(10)
            check_platform.queue(credential_id=platform, account_id=str(account))
            db.session.commit()

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert len(waiting_jobs()) == 1


def test_beside_a_running_check_one_more_may_wait(scoped, account, waiting_jobs, queue_sql):
    platform = str(uuid4())
    for number in range(5):
        with scoped(account):
            check_platform.queue(credential_id=platform, account_id=str(account))
            db.session.commit()
        if number == 0:
            queue_sql("UPDATE procrastinate_jobs SET status = 'doing'")
    assert [job.status for job in waiting_jobs()] == ["doing", "todo"]


def test_checks_of_other_platforms_and_of_other_accounts_are_jobs_of_their_own(scoped, world, account, waiting_jobs):
    platform = str(uuid4())
    with scoped(account):
        assert check_platform.queue(credential_id=platform, account_id=str(account))
        assert check_platform.queue(credential_id=str(uuid4()), account_id=str(account))
        assert check_platform.queue(credential_id=platform, account_id=str(uuid4()))
        db.session.commit()
    assert len(waiting_jobs()) == 3


def test_the_waiting_job_goes_by_what_was_asked_for_last(scoped, account, waiting_jobs):
    platform = str(uuid4())
    for generation in "123":
        with scoped(account):
            settle_connection.queue(credential_id=platform, account_id=str(account), generation=generation)
            db.session.commit()
    assert [job.args["generation"] for job in waiting_jobs()] == ["3"]


def test_a_mail_that_waits_for_its_next_try_is_due_at_once_when_it_is_asked_for_again(scoped, account, waiting_jobs):
    reset = str(uuid4())
    with scoped(account):
        deliver_password_reset.queue(in_seconds=600, reset_id=reset, account_id=str(account))
        db.session.commit()
        deliver_password_reset.queue(reset_id=reset, account_id=str(account))
        db.session.commit()
    assert [job.scheduled_at for job in waiting_jobs()] == [None]


def test_what_is_asked_for_again_and_rolled_back_leaves_the_waiting_job_as_it_was(scoped, account, waiting_jobs):
    platform = str(uuid4())
    with scoped(account):
        settle_connection.queue(credential_id=platform, account_id=str(account), generation="1")
        db.session.commit()
        settle_connection.queue(credential_id=platform, account_id=str(account), generation="2")
        db.session.rollback()
    assert [job.args["generation"] for job in waiting_jobs()] == ["1"]
