"""The three webhook columns of a bot's platform."""

import sqlalchemy as sa
from alembic import op

from portal.db.base import SCHEMA

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLE = "bot_platform_credential"


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(TABLE, schema=SCHEMA)}
    adopted = [column.name for column in webhook_columns() if column.name in present]
    for column in webhook_columns():
        if column.name not in adopted:
            op.add_column(TABLE, column, schema=SCHEMA)
    if adopted:
        op.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{' '.join([schema_comment(), *adopted])}'")


def downgrade() -> None:
    for column in reversed(webhook_columns()):
        if column.name not in schema_comment().split():
            op.drop_column(TABLE, column.name, schema=SCHEMA)


def schema_comment() -> str:
    """What 0001 noted as older than the portal."""
    found = sa.text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')")
    return op.get_bind().scalar(found, {"schema": SCHEMA}) or ""


def webhook_columns() -> list[sa.Column]:
    return [
        sa.Column("webhook_url", sa.String(), nullable=True),
        sa.Column("webhook_last_checked", sa.DateTime(), nullable=True),
        sa.Column("webhook_auto_refresh", sa.Boolean(), nullable=False, server_default="true"),
    ]
