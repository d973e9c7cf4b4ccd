"""Indexes for turns by account: waiting jobs, files that are to be fetched, and the room that files take.

Made without holding anybody up.
"""

from alembic import op

from migrations.steps import stepwise
from portal.db.base import JOBS_SCHEMA
from portal.db.base import SCHEMA as S

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = (
    (
        JOBS_SCHEMA,
        "ix_procrastinate_jobs_turns",
        "procrastinate_jobs (queue_name, (coalesce(args ->> 'account_id', '')), id) WHERE status = 'todo'",
    ),
    (S, "ix_bot_message_file_waiting", "bot_message (account_id, due_at) WHERE file_state = 'waiting'"),
    (S, "ix_bot_file_account_id", "bot_file (account_id) INCLUDE (size)"),
)


def upgrade() -> None:
    with stepwise(op) as steps:
        for schema, name, place in INDEXES:
            steps.build_index(name, place, schema=schema)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for schema, name, _ in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema}.{name}")
