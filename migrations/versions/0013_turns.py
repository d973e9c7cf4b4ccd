"""Queues whose turns are taken by account: indexes that a look steps through, and when a press was acknowledged."""

from alembic import op

from migrations.steps import stepwise
from portal.db.base import SCHEMA as S

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PENDING = "WHERE state = 'pending'"
INDEXES = {
    # By chat: the next chat, and the oldest of it, whatever waits in the one before.
    "ix_bot_inbound_update_waiting": (
        f"bot_inbound_update(credential_id, chat_id, position, seq) {PENDING} AND kind <> 'receipt'"
    ),
    "ix_bot_inbound_update_receipts": f"bot_inbound_update(account_id, due_at) {PENDING} AND kind = 'receipt'",
    "ix_bot_inbound_update_presses": (
        f"bot_inbound_update(account_id, created_at) {PENDING} AND kind = 'press' AND acknowledged_at IS NULL"
    ),
    "ix_bot_message_outgoing": (
        "bot_message(credential_id, dialog_id, seq) WHERE state IN ('queued', 'sending', 'uncertain')"
    ),
}


def upgrade() -> None:
    with stepwise(op) as steps:
        steps.add_columns("bot_inbound_update", ("acknowledged_at TIMESTAMP WITHOUT TIME ZONE",))
        for name, place in INDEXES.items():
            steps.build_index(name, place)


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {S}.{name}")
    op.execute(f"ALTER TABLE {S}.bot_inbound_update DROP acknowledged_at")
