"""Notices: what happened in a chain that somebody should know of, and what each person has seen of it."""

from alembic import op

from portal.db.base import SCHEMA as S

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None

CURRENT_ACCOUNT = "(SELECT nullif(current_setting('getinn.account_id', true), '')::uuid)"
CURRENT_DOOR = "(SELECT current_setting('getinn.door', true))"
NOW = "timezone('utc', clock_timestamp())"
# Which doors (portal/tenancy/scope.py) each table admits, in the order of their foreign keys.
TABLE_DOORS = {"notice": ("worker",), "notice_reader": (), "notice_mark": ()}

COMMON = "id UUID PRIMARY KEY DEFAULT {uuid}, account_id UUID NOT NULL REFERENCES {s}.account(id),"
DATES = """,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT timezone('utc', now()),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT timezone('utc', now())
"""
PERSON = 'FOREIGN KEY (account_id, user_id) REFERENCES {s}."user"(account_id, id) ON DELETE CASCADE'

TABLES = {
    "notice": f"""
        kind VARCHAR NOT NULL,
        permission VARCHAR NOT NULL,
        entity VARCHAR NOT NULL,
        entity_id UUID NOT NULL,
        entity_label VARCHAR NOT NULL,
        restaurant_id UUID,
        parameters JSONB NOT NULL DEFAULT '{{{{}}}}',
        opened_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT {NOW},
        at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT {NOW},
        resolved_at TIMESTAMP WITHOUT TIME ZONE,
        mailed_at TIMESTAMP WITHOUT TIME ZONE,
        repetitions INTEGER NOT NULL DEFAULT 1,
        UNIQUE (account_id, id),
        FOREIGN KEY (account_id, restaurant_id) REFERENCES {{s}}.restaurant(account_id, id) ON DELETE CASCADE
    """,
    "notice_reader": f"""
        user_id UUID NOT NULL,
        seen_until TIMESTAMP WITHOUT TIME ZONE,
        mailed_kinds VARCHAR[] NOT NULL DEFAULT '{{{{}}}}',
        UNIQUE (account_id, user_id),
        {PERSON}
    """,
    "notice_mark": f"""
        user_id UUID NOT NULL,
        notice_id UUID NOT NULL,
        UNIQUE (account_id, user_id, notice_id),
        {PERSON},
        FOREIGN KEY (account_id, notice_id) REFERENCES {{s}}.notice(account_id, id) ON DELETE CASCADE
    """,
}
INDEXES = {
    "ix_notice_kind": "notice(account_id, kind, at, id)",
    "ix_notice_unresolved": "notice(account_id, permission, opened_at) WHERE resolved_at IS NULL",
    "ix_notice_unmailed": "notice(opened_at) WHERE mailed_at IS NULL AND resolved_at IS NULL",
    "ix_notice_restaurant_id": "notice(account_id, restaurant_id) WHERE restaurant_id IS NOT NULL",
    "ix_notice_updated_at": "notice(updated_at)",
    "ix_notice_mark_notice_id": "notice_mark(account_id, notice_id)",
}


def upgrade() -> None:
    uuid = default_uuid()
    for table, definition in TABLES.items():
        body = (COMMON + definition + DATES).format(s=S, uuid=uuid)
        op.execute(f"CREATE TABLE {S}.{table} ({body})")
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {S}.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION {S}.touch_updated_at()"
        )
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {S}.{place}")
    op.execute(
        f"CREATE UNIQUE INDEX uix_notice_unresolved ON {S}.notice(account_id, kind, entity_id)"
        " WHERE resolved_at IS NULL"
    )
    for table, doors in TABLE_DOORS.items():
        protect(table, doors)
    op.execute(count_unread_sql())


def default_uuid() -> str:
    """The default of the seed's keys, so that ours use the same function."""
    return (
        op.get_bind()
        .exec_driver_sql(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef d JOIN pg_attribute a"
            " ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
            f" WHERE d.adrelid = '{S}.account'::regclass AND a.attname = 'id'"
        )
        .scalar_one()
    )


def protect(table: str, doors: tuple[str, ...]) -> None:
    """Show and accept only the rows of the account in scope, or of all where an admitted door is open."""
    condition = f"account_id = {CURRENT_ACCOUNT}"
    if doors:
        condition += f" OR {CURRENT_DOOR} = ANY ('{{{','.join(doors)}}}')"
    op.execute(f"ALTER TABLE {S}.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {S}.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY account_rows ON {S}.{table} USING ({condition}) WITH CHECK ({condition})")


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
            IF p_account IS NULL OR p_permissions IS NULL THEN
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
    for table in reversed(TABLE_DOORS):
        op.execute(f"DROP TABLE {S}.{table}")
