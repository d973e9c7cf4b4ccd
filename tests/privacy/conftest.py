"""What tests of privacy share: running a job, a bucket to keep files in, and a look into every column."""

import pytest

from portal.db.base import JOBS_SCHEMA, SCHEMA
from tests.jobs.conftest import waiting_jobs as waiting_jobs
from tests.media.conftest import bucket as bucket
from tests.media.conftest import run_job as run_job
from tests.messaging.conftest import messenger as messenger
from tests.messaging.conftest import traffic as traffic
from tests.onboarding.intake.conftest import demo as demo
from tests.onboarding.intake.conftest import hiring as hiring

TEXTS = ("text", "character varying", "json", "jsonb", "bytea", "ARRAY", "date")


@pytest.fixture
def places(superuser_sql):
    """Every column of the database that holds a word."""

    def find(word):
        columns = superuser_sql(
            "SELECT table_schema AS schema, table_name AS table, column_name AS column, data_type AS type"
            " FROM information_schema.columns WHERE table_schema = ANY(%s) AND data_type = ANY(%s)",
            [[SCHEMA, JOBS_SCHEMA], list(TEXTS)],
        )
        found = set()
        for each in columns:
            column = f'"{each.column}"'
            looked_for = "convert_to(%s, 'UTF8')" if each.type == "bytea" else "%s"
            within = column if each.type == "bytea" else f"{column}::text"
            rows = superuser_sql(
                f'SELECT 1 FROM {each.schema}."{each.table}" WHERE position({looked_for} IN {within}) > 0', [word]
            )
            found |= {f"{each.table}.{each.column}"} if rows else set()
        return found

    return find
