"""The currency of an account, and what stands in a store."""

from alembic import op

from migrations.tables import drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UNITS = "'piece', 'set', 'pair', 'pack', 'kg', 'g', 'l', 'ml', 'm', 'm2'"
CURRENCY = "~ '^[A-Z]{3}$'"


def upgrade() -> None:
    # The default is for whoever writes accounts without knowing of currencies.
    op.execute(
        f"ALTER TABLE {S}.account ADD currency CHAR(3) NOT NULL DEFAULT 'RUB'"
        f" CONSTRAINT account_currency_check CHECK (currency {CURRENCY})"
    )
    tenant_table(
        op,
        "store_equipment",
        columns={
            "store_id": to("store", on_delete="CASCADE"),
            "position": "INTEGER NOT NULL",
            "name": "VARCHAR NOT NULL",
            "quantity": "NUMERIC(14, 4) NOT NULL",
            "unit": "VARCHAR NOT NULL",
            "price": "NUMERIC(14, 2)",
            "currency": "CHAR(3) NOT NULL",
            "comment": "TEXT",
        },
        archivable=False,
        constraints=(
            "CONSTRAINT store_equipment_quantity_check CHECK (quantity > 0)",
            f"CONSTRAINT store_equipment_unit_check CHECK (unit IN ({UNITS}))",
            "CONSTRAINT store_equipment_price_check CHECK (price >= 0)",
            f"CONSTRAINT store_equipment_currency_check CHECK (currency {CURRENCY})",
        ),
    )


def downgrade() -> None:
    drop_tenant_table(op, "store_equipment")
    op.execute(f"ALTER TABLE {S}.account DROP currency")
