"""What tests of notices share: the notices as they are stored, and putting some there."""

import json
from uuid import uuid4

import pytest

from tests.jobs.conftest import run_job, waiting_jobs  # noqa: F401

NOTICES = "SELECT * FROM getinn_ops.notice WHERE account_id = %s ORDER BY opened_at, kind"


@pytest.fixture
def notices(world, superuser_sql):
    """Reads Pelmenya's notices, the oldest first; there are none to begin with."""
    superuser_sql("DELETE FROM getinn_ops.notice")
    return lambda chain=world.pelmenya: superuser_sql(NOTICES, [chain.account_id])


@pytest.fixture
def kinds(notices):
    """Reads the kinds of Pelmenya's notices, each with whether it is resolved."""
    return lambda: [(row.kind, row.resolved_at is not None) for row in notices()]


@pytest.fixture
def put_notice(world, superuser_sql):
    """Puts a notice of Pelmenya's into the table, past the rooms that raise them; gives its id."""

    def put(kind="connection_failed", permission="integrations.see", chain=world.pelmenya, **values):
        row = {"id": uuid4(), "account_id": chain.account_id, "kind": kind, "permission": permission}
        row |= {"entity": "restaurant", "entity_id": uuid4(), "entity_label": "zq notice"} | values
        row["parameters"] = json.dumps(row.get("parameters", {"reason": "zq reason"}))
        places = ", ".join(["%s"] * len(row))
        superuser_sql(f"INSERT INTO getinn_ops.notice ({', '.join(row)}) VALUES ({places})", list(row.values()))
        return row["id"]

    return put
