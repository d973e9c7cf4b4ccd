"""What the portal tidies up by itself."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from portal.accounts.models import VISIT_IDLE_LIMIT
from portal.auth.throttle import DAY
from portal.db.secrets import Place, is_sealed
from portal.housekeeping import FAILED_JOBS_KEPT_HOURS, forget_failed_jobs, seal_secrets, tidy_up
from portal.jobs.queue import connector, jobs
from portal.users.sessions import SESSION_LIMITS


def count(superuser_sql, table):
    return superuser_sql(f"SELECT count(*) AS n FROM getinn_ops.{table}")[0].n


def test_dead_sessions_go_and_living_ones_stay(world, run_job, superuser_sql):
    before = count(superuser_sql, "user_session")
    for expires, seen in (("-1 second", "0"), ("1 day", f"{-SESSION_LIMITS.idle.days} days -1 second"), ("1 day", "0")):
        superuser_sql(
            "INSERT INTO getinn_ops.user_session (account_id, user_id, token_hash, expires_at, last_seen_at)"
            " VALUES (%s, %s, decode(md5(random()::text), 'hex'), timezone('utc', now()) + %s::interval,"
            " timezone('utc', now()) + %s::interval)",
            [world.pelmenya.account_id, world.pelmenya.owner.id, expires, seen],
        )
    run_job(tidy_up)
    assert count(superuser_sql, "user_session") == before + 1
    assert SESSION_LIMITS.idle < SESSION_LIMITS.absolute


def test_guesses_that_no_longer_count_go(world, run_job, superuser_sql):
    for age in (DAY * 2, DAY / 2):
        superuser_sql(
            "INSERT INTO getinn_ops.sign_in_attempt (subject, at) VALUES ('x', timezone('utc', now()) - %s)", [age]
        )
    run_job(tidy_up)
    assert count(superuser_sql, "sign_in_attempt") == 1


def test_visits_that_nobody_uses_end_and_others_go_on(world, run_job, superuser_sql):
    for chain, age in ((world.pelmenya, VISIT_IDLE_LIMIT * 2), (world.vareniki, VISIT_IDLE_LIMIT / 2)):
        superuser_sql(
            "INSERT INTO getinn_ops.superuser_visit (account_id, user_id, session_id, started_at, last_seen_at)"
            " VALUES (%s, %s, %s, timezone('utc', now()) - interval '1 day', timezone('utc', now()) - %s)",
            [chain.account_id, world.superuser.id, chain.session_id, age],
        )
    run_job(tidy_up)
    (open_one,) = superuser_sql("SELECT * FROM getinn_ops.superuser_visit WHERE ended_at IS NULL")
    assert open_one.account_id == world.vareniki.account_id


def test_a_visit_that_ended_by_itself_is_a_line_in_the_owners_log(world, run_job, superuser_sql):
    (visit,) = superuser_sql(
        "INSERT INTO getinn_ops.superuser_visit (account_id, user_id, started_at, last_seen_at)"
        " VALUES (%s, %s, timezone('utc', now()) - interval '1 day', timezone('utc', now()) - %s) RETURNING id",
        [world.pelmenya.account_id, world.superuser.id, VISIT_IDLE_LIMIT * 2],
    )
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event (account_id, at, action, entity, entity_id, entity_label, as_superuser)"
        " VALUES (%s, timezone('utc', now()), 'visit_started', 'superuser_visit', %s, 'Root Zq', true)",
        [world.pelmenya.account_id, visit.id],
    )
    run_job(tidy_up)
    run_job(tidy_up)
    lines = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'visit_ended'")
    (told,) = [(line.account_id, line.visit_id, line.entity_label, line.actor_id) for line in lines]
    assert told == (world.pelmenya.account_id, visit.id, "Root Zq", None)


def test_spent_links_go_and_open_ones_stay(world, run_job, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.password_reset SET expires_at = expires_at - interval '1 year' WHERE id = %s",
        [world.pelmenya.reset_id],
    )
    run_job(tidy_up)
    (left,) = superuser_sql("SELECT id FROM getinn_ops.password_reset")
    assert left.id == world.vareniki.reset_id


@pytest.fixture
def put_in_clear(superuser_sql):
    def put(table, row_id, value):
        superuser_sql(
            f"UPDATE getinn_ops.{table} SET credentials = %s::jsonb WHERE id = %s", [json.dumps(value), row_id]
        )

    return put


def test_what_an_older_writer_leaves_in_clear_is_sealed_and_opens_as_it_was(
    app, world, run_job, superuser_sql, put_in_clear
):
    clear = {"token": "left-in-clear", "nested": {"a": [1, "two"]}}
    put_in_clear("bot_platform_credential", world.pelmenya.telegram_id, clear)
    put_in_clear("account_integration_credentials", world.vareniki.integration_id, clear)
    run_job(seal_secrets)
    for chain, table, row_id in (
        (world.pelmenya, "bot_platform_credential", world.pelmenya.telegram_id),
        (world.vareniki, "account_integration_credentials", world.vareniki.integration_id),
    ):
        (row,) = superuser_sql(f"SELECT credentials FROM getinn_ops.{table} WHERE id = %s", [row_id])
        assert is_sealed(row.credentials)
        assert "left-in-clear" not in json.dumps(row.credentials)
        assert (
            app.config["KEYRING"].open(row.credentials, Place(table, "credentials", row_id, chain.account_id)) == clear
        )


@pytest.mark.parametrize("odd", [[], "text", 7, None, {"v": 1, "kid": "lost", "nonce": "x", "ct": "x"}])
def test_one_secret_that_no_key_opens_keeps_no_other_from_being_sealed(
    world, run_job, superuser_sql, put_in_clear, odd, caplog
):
    put_in_clear("bot_platform_credential", world.pelmenya.telegram_id, odd)
    put_in_clear("bot_platform_credential", world.pelmenya.viber_id, {"auth_token": "clear"})
    put_in_clear("account_integration_credentials", world.vareniki.integration_id, {"login": "clear"})
    run_job(seal_secrets)
    rows = superuser_sql(
        "SELECT id, credentials FROM getinn_ops.bot_platform_credential"
        " UNION ALL SELECT id, credentials FROM getinn_ops.account_integration_credentials"
    )
    by_id = {row.id: row.credentials for row in rows}
    assert by_id[world.pelmenya.telegram_id] == odd
    assert is_sealed(by_id[world.pelmenya.viber_id])
    assert is_sealed(by_id[world.vareniki.integration_id])
    assert str(world.pelmenya.telegram_id) in caplog.text


def test_jobs_that_failed_long_ago_go_and_others_stay(app, world, superuser_sql):
    for name, status, hours in (
        ("old", "failed", FAILED_JOBS_KEPT_HOURS + 1),
        ("recent", "failed", 1),
        ("waiting", "todo", FAILED_JOBS_KEPT_HOURS + 1),
    ):
        superuser_sql(
            "BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL search_path TO getinn_ops_jobs;"
            " WITH job AS (INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            f" VALUES ('default', '{name}', '{status}') RETURNING id)"
            " INSERT INTO procrastinate_events (job_id, type, at)"
            f" SELECT id, 'failed', now() - interval '{hours} hours' FROM job; COMMIT"
        )

    async def forget():
        with jobs.replace_connector(connector(app.config["PORTAL"].libpq_url)) as working:
            async with working.open_async():
                await forget_failed_jobs.func(SimpleNamespace(app=working), 0)

    asyncio.run(forget())
    left = superuser_sql("SELECT task_name FROM getinn_ops_jobs.procrastinate_jobs ORDER BY id")
    assert [job.task_name for job in left] == ["recent", "waiting"]


def test_a_visit_whose_session_is_gone_ends_with_a_line_in_the_log(world, browse, run_job, superuser_sql):
    browse(world.superuser).post("/accounts/pelmenya/visit", {"reason": "Help"})
    superuser_sql("DELETE FROM getinn_ops.user_session WHERE user_id = %s", [world.superuser.id])
    run_job(tidy_up)
    assert superuser_sql("SELECT 1 FROM getinn_ops.superuser_visit WHERE ended_at IS NULL") == []
    ended = "SELECT entity_label FROM getinn_ops.audit_event WHERE action = 'visit_ended' AND account_id = %s"
    assert [row.entity_label for row in superuser_sql(ended, [world.pelmenya.account_id])] == [
        world.superuser.full_name
    ]
