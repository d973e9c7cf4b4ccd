"""A server of Pelmenya's, and runs over it as the worker leaves them: rows by hand, for pages alone."""

import json
from uuid import uuid4

import pytest

S = "getinn_ops"


def insert(sql, table, **values):
    """One row; its id."""
    values = {"id": str(uuid4()), **values}
    plain = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in values.items()}
    marks = ", ".join(["%s"] * len(plain))
    sql(f"INSERT INTO {S}.{table} ({', '.join(plain)}) VALUES ({marks})", list(plain.values()))
    return values["id"]


@pytest.fixture
def put(world, superuser_sql):
    """``put(table, **values)``: a row of Pelmenya's."""

    def store(table, **values):
        return insert(superuser_sql, table, account_id=str(world.pelmenya.account_id), **values)

    return store


@pytest.fixture
def connection_id(world, superuser_sql, put):
    """Pelmenya's server, of which nothing is known but what this test says."""
    for table in ("iiko_link", "iiko_pin", "iiko_refusal", "iiko_node", "iiko_session", "iiko_run", "iiko_connection"):
        superuser_sql(f"DELETE FROM {S}.{table} WHERE account_id = %s", [world.pelmenya.account_id])
    return put("iiko_connection", integration_id=str(world.pelmenya.integration_id))


@pytest.fixture
def put_run(put, connection_id):
    """``put_run(state, kinds={…}, actions=[…], **columns)``: a run; its id."""

    def store(state="planned", kinds=None, actions=(), **values):
        at = "2026-11-30 01:00:00"
        times = {"started_at": at} if state == "queued" else {"started_at": at, "read_at": at}
        if state in ("planned", "done"):
            times["planned_at"] = values.pop("planned_at", "2100-01-01 00:00:00")
        values.setdefault("purpose", "preview")
        run_id = put("iiko_run", connection_id=connection_id, state=state, **{**times, **values})
        for position, (kind, columns) in enumerate((kinds or {}).items()):
            put("iiko_run_kind", run_id=run_id, kind=kind, position=position, **columns)
        for action in actions:
            put("iiko_action", run_id=run_id, **action)
        return run_id

    return store
