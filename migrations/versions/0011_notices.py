"""Notices: what happened in a chain that somebody should know of, and what each person has seen of it."""

from alembic import op

from migrations.tables import drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None

NOW = "TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT timezone('utc', clock_timestamp())"
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
    op.execute(count_unread_sql())


def count_unread_sql() -> str:
    """How many notices wait for a person, counted along with the statement that opens a request.

    It is asked once the account has been entered, and looks at the newest thousand of each permission: the count
    of a chain with 100 000 notices costs no more. A superuser has no account of their own here and is told of all.
    """
    return f"""
        CREATE FUNCTION {S}.count_unread_notices(
            p_account uuid, p_user uuid, p_permissions text[], p_is_limited boolean, p_most integer
        ) RETURNS integer LANGUAGE plpgsql STABLE AS $$
        DECLARE
            since timestamp;
            restaurants uuid[];
            total integer;
        BEGIN
            IF p_account IS NULL OR coalesce(cardinality(p_permissions), 0) = 0 THEN
                RETURN 0;
            END IF;
            IF p_is_limited THEN
                SELECT array_agg(r.restaurant_id) INTO restaurants
                FROM {S}.user_restaurant r WHERE r.account_id = p_account AND r.user_id = p_user;
            END IF;
            SELECT coalesce(r.seen_until, u.created_at) INTO since
            FROM {S}."user" u LEFT JOIN {S}.notice_reader r ON r.account_id = u.account_id AND r.user_id = u.id
            WHERE u.account_id = p_account AND u.id = p_user;
            SELECT count(*) INTO total FROM (
                SELECT FROM unnest(p_permissions) AS p(permission)
                CROSS JOIN LATERAL (
                    SELECT n.id, n.restaurant_id, n.entity_id FROM {S}.notice n
                    WHERE n.account_id = p_account AND n.permission = p.permission AND n.resolved_at IS NULL
                        AND n.opened_at > coalesce(since, '-infinity')
                    ORDER BY n.opened_at DESC LIMIT 1000
                ) n
                WHERE (restaurants IS NULL OR n.restaurant_id IS NULL OR n.restaurant_id = ANY(restaurants))
                    AND n.entity_id <> p_user
                    AND NOT EXISTS (
                        SELECT FROM {S}.notice_mark m
                        WHERE m.account_id = p_account AND m.user_id = p_user AND m.notice_id = n.id
                    )
                LIMIT p_most
            ) unread;
            RETURN total;
        END $$;
    """


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {S}.count_unread_notices(uuid, uuid, text[], boolean, integer)")
    for table in ("notice_mark", "notice_reader", "notice"):
        drop_tenant_table(op, table)
