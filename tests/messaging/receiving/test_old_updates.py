"""What was worked off long ago goes; dead letters and what waits stay."""

import pytest

from portal.messaging.receiving import jobs as inbox_jobs
from portal.messaging.receiving.jobs import DAYS_KEPT, forget_old_updates
from tests.jobs.conftest import run_job

__all__ = ["run_job"]


@pytest.fixture
def update(world, superuser_sql):
    def insert(chain, key, state, age):
        superuser_sql(
            "INSERT INTO getinn_ops.bot_inbound_update (account_id, bot_id, credential_id, dedupe_key, kind, payload,"
            " state, created_at) VALUES (%s, %s, %s, %s, 'message', '{}', %s, timezone('utc', now()) - %s::interval)",
            [chain.account_id, chain.bot_id, chain.telegram_id, key, state, age],
        )

    return insert


def test_only_what_is_old_and_worked_off_is_removed(world, update, run_job, superuser_sql):
    old, young = f"{DAYS_KEPT} days 1 minute", f"{DAYS_KEPT} days -1 minute"
    for chain in world.chains:
        for state in ("done", "ignored", "dead", "pending"):
            update(chain, f"old {state}", state, old)
            update(chain, f"young {state}", state, young)
    run_job(forget_old_updates)
    rows = superuser_sql(
        "SELECT dedupe_key AS key, count(*) AS n FROM getinn_ops.bot_inbound_update"
        " WHERE dedupe_key LIKE 'old %%' OR dedupe_key LIKE 'young %%' GROUP BY 1"
    )
    assert {row.key: row.n for row in rows} == dict.fromkeys(
        ["old dead", "old pending", "young done", "young ignored", "young dead", "young pending"], 2
    )


def test_it_is_done_in_batches_to_the_end(world, update, run_job, superuser_sql, monkeypatch):
    monkeypatch.setattr(inbox_jobs, "BATCH", 3)
    for number in range(10):
        update(world.pelmenya, f"old {number}", "done", f"{DAYS_KEPT + number + 1} days")
    run_job(forget_old_updates)
    assert superuser_sql("SELECT 1 FROM getinn_ops.bot_inbound_update WHERE dedupe_key LIKE 'old %%'") == []
