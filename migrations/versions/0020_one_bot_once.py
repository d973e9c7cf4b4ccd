"""Which bot of a messenger a connection holds: one connection of the whole portal each."""

from alembic import op

from migrations.steps import stepwise
from portal.db.base import SCHEMA as S

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with stepwise(op) as steps:
        steps.add_columns("bot_connection", ("identity_digest BYTEA",))
        # Across accounts on purpose: row security hides rows and not that two of them are the same bot.
        steps.add_unique("bot_connection", "identity_digest")


def downgrade() -> None:
    op.execute(f"ALTER TABLE {S}.bot_connection DROP COLUMN identity_digest")
