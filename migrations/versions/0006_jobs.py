"""The job queue's own tables, in a schema of their own.

The statements come with the pinned release of procrastinate; raising that pin takes a migration with
the changes that its newer releases ship.
"""

from alembic import op
from procrastinate.schema import SchemaManager

from portal.db.base import JOBS_SCHEMA

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    former = driver.execute("SELECT current_setting('search_path')").fetchone()[0]
    driver.execute(f"CREATE SCHEMA IF NOT EXISTS {JOBS_SCHEMA}")
    driver.execute(f"SET LOCAL search_path TO {JOBS_SCHEMA}")
    driver.execute(SchemaManager.get_schema())
    driver.execute(f"SET LOCAL search_path TO {former}")


def downgrade() -> None:
    op.execute(f"DROP SCHEMA {JOBS_SCHEMA} CASCADE")
