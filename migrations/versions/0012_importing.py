"""Imports from spreadsheets: what was read and judged, and what came of each row."""

from alembic import op

from portal.db.base import SCHEMA as S

revision = "0012"
down_revision = "0007"
branch_labels = None
depends_on = None

CURRENT_ACCOUNT = "(SELECT nullif(current_setting('getinn.account_id', true), '')::uuid)"
NOW = "timezone('utc', clock_timestamp())"

COMMON = "id UUID PRIMARY KEY DEFAULT {uuid}, account_id UUID NOT NULL REFERENCES {s}.account(id),"
DATES = f""",
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT {NOW},
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT {NOW}
"""
TABLES = {
    "import_batch": """
        entity VARCHAR NOT NULL,
        file_name VARCHAR NOT NULL,
        author_id UUID,
        author_name VARCHAR,
        restaurant_ids UUID[],
        read_as JSONB NOT NULL,
        grid JSONB NOT NULL,
        heading_row INTEGER NOT NULL,
        columns JSONB NOT NULL,
        counts JSONB NOT NULL,
        state VARCHAR NOT NULL DEFAULT 'preview' CONSTRAINT import_batch_state_check
            CHECK (state IN ('preview', 'applied', 'undone')),
        applied_at TIMESTAMP WITHOUT TIME ZONE,
        undone_at TIMESTAMP WITHOUT TIME ZONE,
        UNIQUE (account_id, id)
    """,
    "import_row": """
        batch_id UUID NOT NULL,
        number INTEGER NOT NULL,
        place INTEGER NOT NULL,
        label VARCHAR NOT NULL,
        verdict VARCHAR NOT NULL,
        entity_id UUID,
        values JSONB NOT NULL,
        changes JSONB NOT NULL,
        problems JSONB NOT NULL,
        outcome VARCHAR,
        stored JSONB,
        FOREIGN KEY (account_id, batch_id) REFERENCES {s}.import_batch(account_id, id) ON DELETE CASCADE
    """,
}
INDEXES = {
    "ix_import_batch_account_id": "import_batch(account_id, entity, created_at, id)",
    "ix_import_batch_created_at": "import_batch(created_at)",
    "ix_import_row_batch_id": "import_row(account_id, batch_id, place, id)",
}


def upgrade() -> None:
    uuid = default_uuid()
    for table, definition in TABLES.items():
        op.execute(f"CREATE TABLE {S}.{table} ({(COMMON + definition + DATES).format(s=S, uuid=uuid)})")
        op.execute(
            f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {S}.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION {S}.touch_updated_at()"
        )
        protect(table)
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {S}.{place}")


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


def protect(table: str) -> None:
    """Show and accept only the rows of the account in scope."""
    condition = f"account_id = {CURRENT_ACCOUNT}"
    op.execute(f"ALTER TABLE {S}.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {S}.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY account_rows ON {S}.{table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {S}.{table}")
