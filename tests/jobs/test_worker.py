"""``flask worker`` as a process of its own."""

import signal

import pytest

from portal.auth.mailing import deliver_password_reset
from portal.db.base import db
from portal.housekeeping import STALLED_AFTER_SECONDS, retry_stalled_jobs
from portal.iiko.models import IikoConnection, Purpose
from portal.iiko.sync.running import start_run
from portal.integrations.models import AccountIntegrationCredentials
from portal.jobs.queue import QUEUES, jobs
from portal.tenancy.scope import enter_account
from tests.fakes.iiko import FakeIiko
from tests.jobs.conftest import eventually

SECONDS_TO_END = 15


@pytest.fixture
def iiko():
    with FakeIiko() as server:
        yield server


@pytest.fixture
def ask_for_check(app, world, iiko):
    """Points Pelmenya's connection at the stand-in and queues its check."""

    def ask():
        with app.test_request_context():
            enter_account(world.pelmenya.account_id)
            integration = db.session.get_one(AccountIntegrationCredentials, world.pelmenya.integration_id)
            integration.set_credentials(iiko.base_url, {"login": iiko.login, "password": iiko.password})
            start_run(IikoConnection.of(integration), Purpose.CHECK, None)
            db.session.commit()

    return ask


@pytest.fixture
def status(world, superuser_sql):
    query = (
        "SELECT state FROM getinn_ops.iiko_run WHERE account_id = %s AND purpose = 'check' AND user_id IS NULL"
        " ORDER BY created_at DESC LIMIT 1"
    )
    return lambda: superuser_sql(query, [world.pelmenya.account_id])[0].state


def test_a_worker_runs_what_was_queued_forgets_it_and_ends_when_told(
    start_worker, ask_for_check, status, waiting_jobs, iiko
):
    ask_for_check()
    worker = start_worker()
    eventually(lambda: status() == "done")
    eventually(lambda: not [job for job in waiting_jobs() if job.task_name == "run_sync"])
    assert iiko.seats.held == []
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(SECONDS_TO_END) == 0


def test_a_worker_that_is_told_to_end_gives_its_seat_back_and_leaves_the_run(start_worker, ask_for_check, status, iiko):
    iiko.faults.plan("hang", on="departments")
    ask_for_check()
    worker = start_worker()
    iiko.wait_for_call("departments", timeout=30)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(SECONDS_TO_END) == 0
    assert (status(), iiko.seats.held) == ("queued", [])


def test_the_job_of_a_killed_worker_is_done_by_another(
    start_worker, ask_for_check, status, waiting_jobs, superuser_sql, iiko
):
    iiko.faults.plan("hang", on="departments")
    ask_for_check()
    killed = start_worker()
    iiko.wait_for_call("departments", timeout=30)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    iiko.faults.clear()
    assert [job.status for job in waiting_jobs() if job.task_name == "run_sync"] == ["doing"]
    superuser_sql(
        "UPDATE getinn_ops_jobs.procrastinate_workers SET last_heartbeat = now() - %s * interval '1 second'",
        [STALLED_AFTER_SECONDS + 1],
    )
    start_worker()
    superuser_sql(
        "BEGIN; SET LOCAL search_path TO getinn_ops_jobs; INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        f" VALUES ('default', '{retry_stalled_jobs.name}', '{{\"timestamp\": 0}}'); COMMIT"
    )
    eventually(lambda: status() == "done")
    eventually(lambda: not [job for job in waiting_jobs() if job.task_name == "run_sync"])


def test_a_mail_of_one_chain_is_sent_while_forty_checks_of_another_hang(
    start_worker, ask_for_check, superuser_sql, waiting_jobs, world, scoped, iiko, post_office
):
    iiko.faults.plan("hang", on="info", times=None)
    ask_for_check()
    superuser_sql("SET search_path TO getinn_ops_jobs, public")
    superuser_sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT queue_name, task_name, args"
        " FROM procrastinate_jobs CROSS JOIN generate_series(1, 39)"
    )
    other = world.vareniki.account_id
    with scoped(other):
        deliver_password_reset.queue(reset_id=str(world.vareniki.reset_id), account_id=str(other))
        db.session.commit()
    start_worker(SMTP_URL=f"smtp+plain://127.0.0.1:{post_office.server_address[1]}", MAIL_FROM="portal@getinn.example")
    eventually(lambda: post_office.mails)
    running = [job for job in waiting_jobs() if job.task_name == "run_sync" and job.status == "doing"]
    assert 1 <= len(running) <= QUEUES["iiko"] // 2


def test_the_worker_looks_for_stalled_jobs_at_least_every_quarter_of_a_minute():
    schedule = {task.task.name: task.cron for task in jobs.periodic_registry.periodic_tasks.values()}
    assert schedule[retry_stalled_jobs.name] == "* * * * * */15"
    assert {"tidy_up", "seal_secrets"} <= schedule.keys()


def test_no_job_combines_a_lock_with_retries():
    assert [
        task.name for task in jobs.tasks.values() if task.retry_strategy and (task.queueing_lock or task.lock)
    ] == []
