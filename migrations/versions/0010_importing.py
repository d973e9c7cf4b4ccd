"""Imports from spreadsheets: what was read and judged, and what came of each row."""

from alembic import op

from migrations.tables import drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        op,
        "import_batch",
        columns={
            "entity": "VARCHAR NOT NULL",
            "file_name": "VARCHAR NOT NULL",
            "author_id": "UUID",
            "author_name": "VARCHAR",
            "restaurant_ids": "UUID[]",
            "read_as": "JSONB NOT NULL",
            "grid": "JSONB NOT NULL",
            "heading_row": "INTEGER NOT NULL",
            "columns": "JSONB NOT NULL",
            "counts": "JSONB NOT NULL",
            "state": "VARCHAR NOT NULL DEFAULT 'preview'",
            "applied_at": "TIMESTAMP WITHOUT TIME ZONE",
            "undone_at": "TIMESTAMP WITHOUT TIME ZONE",
        },
        archivable=False,
        constraints=("CONSTRAINT import_batch_state_check CHECK (state IN ('preview', 'applied', 'undone'))",),
    )
    op.execute(f"CREATE INDEX ix_import_batch_account_id ON {S}.import_batch(account_id, entity, created_at, id)")
    op.execute(f"CREATE INDEX ix_import_batch_created_at ON {S}.import_batch(created_at)")
    tenant_table(
        op,
        "import_row",
        columns={
            "batch_id": to("import_batch", on_delete="CASCADE"),
            "number": "INTEGER NOT NULL",
            "place": "INTEGER NOT NULL",
            "label": "VARCHAR NOT NULL",
            "verdict": "VARCHAR NOT NULL",
            "entity_id": "UUID",
            "values": "JSONB NOT NULL",
            "changes": "JSONB NOT NULL",
            "problems": "JSONB NOT NULL",
            "outcome": "VARCHAR",
            "stored": "JSONB",
        },
        archivable=False,
    )


def downgrade() -> None:
    drop_tenant_table(op, "import_row")
    drop_tenant_table(op, "import_batch")
