"""Notices: what happened in a chain that somebody should know of, and what each person has seen of it."""

from alembic import op

from migrations.functions import load_functions
from migrations.tables import drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NOW = "TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT timezone('utc', clock_timestamp())"
FUNCTIONS = {"count_unread_notices": "9c58a2f432ca"}
MOMENT = "TIMESTAMP WITHOUT TIME ZONE"
INDEXES = {
    "ix_notice_kind": "notice(account_id, kind, at, id)",
    "ix_notice_unresolved": "notice(account_id, permission, opened_at) WHERE resolved_at IS NULL",
    "ix_notice_unmailed": "notice(opened_at) WHERE mailed_at IS NULL AND resolved_at IS NULL",
    "ix_notice_updated_at": "notice(updated_at)",
}


def upgrade() -> None:
    tenant_table(
        op,
        "notice",
        columns={
            "kind": "VARCHAR NOT NULL",
            "permission": "VARCHAR NOT NULL",
            "entity": "VARCHAR NOT NULL",
            "entity_id": "UUID NOT NULL",
            "entity_label": "VARCHAR NOT NULL",
            "restaurant_id": to("restaurant", on_delete="CASCADE", required=False),
            "parameters": "JSONB NOT NULL DEFAULT '{}'",
            "opened_at": NOW,
            "at": NOW,
            "resolved_at": MOMENT,
            "mailed_at": MOMENT,
            "repetitions": "INTEGER NOT NULL DEFAULT 1",
        },
        archivable=False,
        doors=("worker",),
    )
    tenant_table(
        op,
        "notice_reader",
        columns={
            "user_id": to("user", on_delete="CASCADE"),
            "seen_until": MOMENT,
            "mailed_kinds": "VARCHAR[] NOT NULL DEFAULT '{}'",
        },
        archivable=False,
        constraints=("UNIQUE (account_id, user_id)",),
    )
    tenant_table(
        op,
        "notice_mark",
        columns={"user_id": to("user", on_delete="CASCADE"), "notice_id": to("notice", on_delete="CASCADE")},
        archivable=False,
        constraints=("UNIQUE (account_id, user_id, notice_id)",),
    )
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {S}.{place}")
    op.execute(
        f"CREATE UNIQUE INDEX uix_notice_unresolved ON {S}.notice(account_id, kind, entity_id)"
        " WHERE resolved_at IS NULL"
    )
    load_functions(op, *FUNCTIONS)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {S}.count_unread_notices(uuid, uuid, text[], boolean, integer)")
    for table in ("notice_mark", "notice_reader", "notice"):
        drop_tenant_table(op, table)
