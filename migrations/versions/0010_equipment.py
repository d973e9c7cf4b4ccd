"""The currency of an account, and what stands in a store."""

from alembic import op

from portal.db.base import SCHEMA as S

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

CURRENT_ACCOUNT = "(SELECT nullif(current_setting('getinn.account_id', true), '')::uuid)"
UNITS = "'piece', 'set', 'pair', 'pack', 'kg', 'g', 'l', 'ml', 'm', 'm2'"


def upgrade() -> None:
    # The default is for whoever writes accounts without knowing of currencies.
    op.execute(f"""
        ALTER TABLE {S}.account ADD currency CHAR(3) NOT NULL DEFAULT 'RUB'
            CONSTRAINT account_currency_check CHECK (currency ~ '^[A-Z]{{3}}$');
        CREATE TABLE {S}.store_equipment (
            id UUID PRIMARY KEY DEFAULT {default_uuid()},
            account_id UUID NOT NULL REFERENCES {S}.account(id),
            store_id UUID NOT NULL,
            position INTEGER NOT NULL,
            name VARCHAR NOT NULL,
            quantity NUMERIC(14, 4) NOT NULL CONSTRAINT store_equipment_quantity_check CHECK (quantity > 0),
            unit VARCHAR NOT NULL CONSTRAINT store_equipment_unit_check CHECK (unit IN ({UNITS})),
            price NUMERIC(14, 2) CONSTRAINT store_equipment_price_check CHECK (price >= 0),
            currency CHAR(3) NOT NULL CONSTRAINT store_equipment_currency_check CHECK (currency ~ '^[A-Z]{{3}}$'),
            comment TEXT,
            created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT timezone('utc', now()),
            updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT timezone('utc', now()),
            UNIQUE (account_id, id),
            FOREIGN KEY (account_id, store_id) REFERENCES {S}.store(account_id, id) ON DELETE CASCADE
        );
        CREATE INDEX ix_store_equipment_store_id ON {S}.store_equipment(account_id, store_id, position, id);
        CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {S}.store_equipment
            FOR EACH ROW EXECUTE FUNCTION {S}.touch_updated_at();
        ALTER TABLE {S}.store_equipment ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {S}.store_equipment FORCE ROW LEVEL SECURITY;
        CREATE POLICY account_rows ON {S}.store_equipment
            USING (account_id = {CURRENT_ACCOUNT}) WITH CHECK (account_id = {CURRENT_ACCOUNT});
    """)


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


def downgrade() -> None:
    op.execute(f"DROP TABLE {S}.store_equipment")
    op.execute(f"ALTER TABLE {S}.account DROP currency")
