"""Jobs are rows of the transaction that asks for them."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest

from portal.db.base import db
from portal.iiko.sync.jobs import run_sync
from portal.jobs.queue import _in_context, connector, jobs
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import NoAccountInScope, enter_account


@pytest.fixture
def ids(world):
    return {"run_id": str(uuid4()), "account_id": str(world.pelmenya.account_id)}


def test_a_job_exists_when_its_transaction_commits_and_not_before(scoped, world, ids, waiting_jobs):
    with scoped(world.pelmenya.account_id):
        run_sync.queue(**ids)
        assert waiting_jobs() == []
        db.session.commit()
    (job,) = waiting_jobs()
    assert (job.task_name, job.args, job.status) == ("run_sync", ids, "todo")


def test_a_job_is_gone_with_the_transaction_that_rolls_back(scoped, world, ids, waiting_jobs):
    with scoped(world.pelmenya.account_id):
        run_sync.queue(**ids)
        db.session.rollback()
        db.session.commit()
    assert waiting_jobs() == []


def test_a_job_is_asked_for_while_the_worker_holds_the_queue_open(app, scoped, world, ids, waiting_jobs):
    def ask():
        with scoped(world.pelmenya.account_id):
            run_sync.queue(**ids)
            db.session.commit()

    async def within_the_worker():
        with jobs.replace_connector(connector(app.config["PORTAL"].libpq_url)) as working:
            async with working.open_async():
                await asyncio.to_thread(ask)

    asyncio.run(within_the_worker())
    assert [job.task_name for job in waiting_jobs()] == ["run_sync"]


def test_queueing_leaves_the_account_in_scope_for_what_follows(scoped, world, ids, superuser_sql):
    with scoped(world.pelmenya.account_id):
        run_sync.queue(**ids)
        db.session.get(Restaurant, world.pelmenya.restaurant_id).name = "After the queueing"
        db.session.commit()
    assert superuser_sql("SELECT 1 FROM getinn_ops.restaurant WHERE name = 'After the queueing'")


def run(app, function):
    _in_context(function, function)(SimpleNamespace(additional_context={"flask": app}, job=SimpleNamespace(id=1)))


def test_what_a_job_changes_is_committed_when_it_returns(app, world, superuser_sql):
    def rename():
        enter_account(world.pelmenya.account_id)
        db.session.get(Restaurant, world.pelmenya.restaurant_id).name = "Renamed by a job"

    run(app, rename)
    assert superuser_sql("SELECT 1 FROM getinn_ops.restaurant WHERE name = 'Renamed by a job'")


def test_what_a_job_changes_is_gone_when_it_fails(app, world, superuser_sql):
    def rename_and_fail():
        enter_account(world.pelmenya.account_id)
        db.session.get(Restaurant, world.pelmenya.restaurant_id).name = "Renamed by a job"
        db.session.flush()
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        run(app, rename_and_fail)
    assert not superuser_sql("SELECT 1 FROM getinn_ops.restaurant WHERE name = 'Renamed by a job'")


def test_a_job_that_enters_no_account_sees_no_accounts_rows(app, world):
    with pytest.raises(NoAccountInScope):
        run(app, lambda: db.session.query(Restaurant).all())


def test_one_job_does_not_inherit_the_account_of_another(app, world):
    run(app, lambda: enter_account(world.pelmenya.account_id))
    with pytest.raises(NoAccountInScope):
        run(app, lambda: db.session.query(Restaurant).all())


def test_a_job_shares_neither_account_nor_session_with_the_context_that_started_it(app, world):
    seen = []
    with app.app_context():
        enter_account(world.pelmenya.account_id)
        with pytest.raises(NoAccountInScope):
            run(app, lambda: db.session.query(Restaurant).all())
        run(app, lambda: seen.append(db.session()))
        assert db.session() not in seen
