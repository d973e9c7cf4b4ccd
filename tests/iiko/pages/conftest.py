"""A server of Pelmenya's, and runs over it as the worker leaves them: rows by hand, for pages alone."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from portal.db.types import utc_now

S = "getinn_ops"
OURS = (
    "iiko_link", "iiko_pin", "iiko_refusal", "iiko_node", "iiko_session", "iiko_run", "iiko_connection",
)  # fmt: skip


def ago(**length):
    """A moment before now, as the database keeps it."""
    return (utc_now() - timedelta(**length)).replace(tzinfo=None)


@pytest.fixture
def put(world, superuser_sql):
    """``put(table, **values)``: a row of Pelmenya's; its id."""

    def store(table, **values):
        values = {"id": uuid4(), "account_id": world.pelmenya.account_id, **values}
        plain = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in values.items()}
        marks = ", ".join(["%s"] * len(plain))
        superuser_sql(f"INSERT INTO {S}.{table} ({', '.join(plain)}) VALUES ({marks})", list(plain.values()))
        return values["id"]

    return store


@pytest.fixture
def connection_id(world, superuser_sql, put):
    """Pelmenya's server, of which nothing is known but what this test says."""
    for table in OURS:
        superuser_sql(f"DELETE FROM {S}.{table} WHERE account_id = %s", [world.pelmenya.account_id])
    return put("iiko_connection", integration_id=world.pelmenya.integration_id, created_at=ago(days=30))


@pytest.fixture
def server_url(world):
    """The address of the server's page."""
    return f"/accounts/pelmenya/integrations/{world.pelmenya.integration_id}"


@pytest.fixture
def put_run(put, connection_id):
    """``put_run(state, kinds={…}, actions=[…], **columns)``: a run; its id."""

    def store(state="planned", kinds=None, actions=(), **values):
        times = {"created_at": ago(minutes=5)}
        if state not in ("queued", "waiting"):
            times["started_at"] = ago(minutes=4)
        if state in ("planned", "applying", "done"):
            times |= {"read_at": ago(minutes=3), "planned_at": ago(minutes=2)}
        if state in ("done", "failed", "cancelled"):
            times["ended_at"] = ago(minutes=1)
        columns = {"purpose": "preview", "connection_id": connection_id, "state": state, **times, **values}
        run_id = put("iiko_run", **columns)
        for position, (kind, told) in enumerate((kinds or {}).items()):
            put("iiko_run_kind", run_id=run_id, kind=kind, position=position, **told)
        for action in actions:
            put("iiko_action", run_id=run_id, **action)
        return run_id

    return store


@pytest.fixture
def run_url():
    """The address of a run's page."""
    return lambda run_id: f"/accounts/pelmenya/integrations/runs/{run_id}"
