"""The other ids by which a messenger names people: a chat is found by each of them."""

from alembic import op

from migrations.tables import drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        op,
        "bot_chat_alias",
        columns={
            "bot_id": to("bot_instance"),
            "platform": "VARCHAR NOT NULL",
            "alias": "VARCHAR NOT NULL",
            "chat_id": "VARCHAR NOT NULL",
        },
        archivable=False,
        constraints=("UNIQUE (account_id, bot_id, platform, alias)",),
    )
    op.execute(f"CREATE INDEX ix_bot_chat_alias_chat_id ON {S}.bot_chat_alias (account_id, chat_id)")


def downgrade() -> None:
    drop_tenant_table(op, "bot_chat_alias")
