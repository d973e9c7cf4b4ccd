"""Supply: suppliers, units and items, what things cost, papers and invoices, statements."""

from collections.abc import Iterator

from alembic import op

from migrations.functions import load_functions
from migrations.steps import stepwise
from migrations.tables import Reference, drop_tenant_table, tenant_table, to
from migrations.unit_seeds import seed_chains
from portal.db.base import SCHEMA as S

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "check_invoice_total": "c7cae60499cd",
    "check_match_amounts": "a8024425d814",
    "invoice_number_core": "ee3830da44dd",
    "invoice_number_key": "78d0cc07ede7",
    "keep_completed_statement": "7c32c17a809c",
    "touch_unless_read": "1114acbdff9b",
}
# Rows that iiko is read for: when that was is no change of theirs.
READ = ("supplier", "inventory_item", "invoice")
STATEMENTS = ("reconciliation", "reconciliation_item", "reconciliation_match")
MOMENT = "TIMESTAMP WITHOUT TIME ZONE"
JSON = "JSONB NOT NULL DEFAULT '{}'"
MONEY = "NUMERIC(14, 2)"
PRICE = "NUMERIC(16, 4)"
QUANTITY = "NUMERIC(14, 4)"
BASE = "NUMERIC(18, 6)"
RATE = "NUMERIC(5, 2)"
RATIO = {"from_quantity": f"{QUANTITY} NOT NULL", "to_quantity": f"{QUANTITY} NOT NULL"}
IIKO = {
    "iiko_id": "VARCHAR",
    "iiko_sync_status": "VARCHAR",
    "iiko_last_synced_at": MOMENT,
    "iiko_sync_error": "VARCHAR",
}
ONE_OF_IIKO = "UNIQUE (account_id, iiko_id)"
# The store and its restaurant go together, and move together.
PLACE = (
    f"FOREIGN KEY (account_id, restaurant_id, store_id) REFERENCES {S}.store(account_id, restaurant_id, id)"
    " ON UPDATE CASCADE"
)
INVOICE = to("invoice", on_delete="CASCADE")
RECONCILIATION = to("reconciliation", on_delete="CASCADE")


def colleague() -> Reference:
    """A reference to whoever did something."""
    return to("user", required=False)


def upgrade() -> None:
    load_functions(op, *FUNCTIONS)
    with stepwise(op) as steps:
        steps.add_unique("store", "account_id", "restaurant_id", "id")
        # Each table in a transaction of its own: what it refers to is held for moments, and one after the other.
        for make in TABLES.values():
            steps.make(make)
        for table in READ:
            steps.run(touch(table))
        # The day by which a document is asked for.
        steps.add_columns("iiko_link", ("day DATE",))
        place = "iiko_link (account_id, connection_id, kind, day) WHERE day IS NOT NULL"
        steps.build_index("ix_iiko_link_day", place)
        for table in ("invoice", "invoice_item"):
            steps.run(*watch_total(table))
        for table in STATEMENTS:
            steps.run(*keep_completed(table))
        steps.run(*watch_matches())
    seed_chains(op)


def make_supplier() -> None:
    tenant_table(
        op,
        "supplier",
        columns={
            "name": "VARCHAR NOT NULL",
            "contact_info": JSON,
            # ИНН and КПП: text, leading zeros count.
            "tax_id": "VARCHAR",
            "kpp": "VARCHAR",
            "merged_into_id": to("supplier", required=False),
            **IIKO,
        },
        search=("name", "tax_id"),
        listed_by=("name",),
        constraints=(ONE_OF_IIKO,),
    )
    index("supplier_tax_id", "supplier (account_id, tax_id)")


def make_supplier_merge() -> None:
    tenant_table(
        op,
        "supplier_merge",
        columns={
            "supplier_id": to("supplier", on_delete="CASCADE"),
            "into_id": to("supplier", on_delete="CASCADE"),
            # The ids of the rows that went along, by their table.
            "moved": JSON,
            "user_id": colleague(),
            "undone_at": MOMENT,
        },
        archivable=False,
    )


def make_supplier_layout() -> None:
    tenant_table(
        op,
        "supplier_layout",
        columns={
            "supplier_id": to("supplier", on_delete="CASCADE"),
            "purpose": "VARCHAR NOT NULL",
            "headings_key": "VARCHAR NOT NULL",
            "mapping": JSON,
        },
        archivable=False,
        constraints=(
            "UNIQUE (account_id, supplier_id, purpose, headings_key)",
            "CONSTRAINT supplier_layout_purpose_check CHECK (purpose IN ('invoice', 'statement'))",
        ),
    )


def make_supply_settings() -> None:
    tenant_table(
        op,
        "supply_settings",
        columns={
            "vat_recoverable": "BOOLEAN NOT NULL DEFAULT false",
            # Percent.
            "price_alert": f"{RATE} NOT NULL DEFAULT 10",
            "counted_tolerance": f"{RATE} NOT NULL DEFAULT 0",
            "weighed_tolerance": f"{RATE} NOT NULL DEFAULT 2",
            "price_tolerance": f"{RATE} NOT NULL DEFAULT 0.5",
            # Money.
            "statement_tolerance": f"{MONEY} NOT NULL DEFAULT 1.00",
        },
        archivable=False,
        constraints=(
            "UNIQUE (account_id)",
            "CONSTRAINT supply_settings_price_alert_check CHECK (price_alert BETWEEN 0 AND 100)",
            "CONSTRAINT supply_settings_counted_tolerance_check CHECK (counted_tolerance BETWEEN 0 AND 100)",
            "CONSTRAINT supply_settings_weighed_tolerance_check CHECK (weighed_tolerance BETWEEN 0 AND 100)",
            "CONSTRAINT supply_settings_price_tolerance_check CHECK (price_tolerance BETWEEN 0 AND 100)",
            "CONSTRAINT supply_settings_statement_tolerance_check CHECK (statement_tolerance >= 0)",
        ),
    )


def make_unit_category() -> None:
    tenant_table(
        op,
        "unit_category",
        columns={"name": "VARCHAR NOT NULL"},
        archivable=False,
        constraints=(
            "UNIQUE (account_id, name)",
            "CONSTRAINT unit_category_name_check CHECK (name IN ('weight', 'volume', 'count', 'length'))",
        ),
    )


def make_unit() -> None:
    tenant_table(
        op,
        "unit",
        columns={
            "name": "VARCHAR NOT NULL",
            "symbol": "VARCHAR NOT NULL",
            "unit_category_id": to("unit_category"),
            # How many of the category's smallest metric unit one is: 1000 for kg, 1 for g. None: it is no metric one.
            "base_factor": BASE,
            "okei_code": "VARCHAR",
            "iiko_id": "VARCHAR",
        },
        search=("name", "symbol"),
        listed_by=("name",),
        constraints=(ONE_OF_IIKO, "CONSTRAINT unit_base_factor_check CHECK (base_factor > 0)"),
    )
    op.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS uix_unit_symbol ON {S}.unit (account_id, lower(symbol))")


def make_unit_conversion() -> None:
    tenant_table(
        op,
        "unit_conversion",
        columns={"from_unit_id": to("unit"), "to_unit_id": to("unit"), **RATIO},
        archivable=False,
        constraints=ratio("unit_conversion"),
    )
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_unit_conversion_pair ON {S}.unit_conversion"
        " (account_id, least(from_unit_id, to_unit_id), greatest(from_unit_id, to_unit_id))"
    )


def make_inventory_item() -> None:
    tenant_table(
        op,
        "inventory_item",
        columns={
            "name": "VARCHAR NOT NULL",
            "description": "TEXT",
            "sku": "VARCHAR",
            "default_unit_id": to("unit"),
            "category": "VARCHAR",
            "item_type": "VARCHAR NOT NULL DEFAULT 'raw_ingredient'",
            "current_cost_per_unit": BASE,
            "cost_changed_on": "DATE",
            "reorder_level": BASE,
            # Percent: how far a count may be off before somebody is asked.
            "count_tolerance": RATE,
            **IIKO,
        },
        search=("name", "sku"),
        listed_by=("name", "cost_changed_on"),
        constraints=(
            ONE_OF_IIKO,
            "CONSTRAINT inventory_item_item_type_check"
            " CHECK (item_type IN ('raw_ingredient', 'semi_finished', 'finished_product'))",
            "CONSTRAINT inventory_item_reorder_level_check CHECK (reorder_level >= 0)",
            "CONSTRAINT inventory_item_count_tolerance_check CHECK (count_tolerance BETWEEN 0 AND 100)",
        ),
    )
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_inventory_item_name ON {S}.inventory_item"
        " (account_id, lower(name)) WHERE is_active"
    )
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_inventory_item_sku ON {S}.inventory_item (account_id, lower(sku))"
    )


def make_inventory_item_units() -> None:
    tenant_table(
        op,
        "inventory_item_units",
        columns={
            "inventory_item_id": to("inventory_item", on_delete="CASCADE"),
            "position": "INTEGER NOT NULL DEFAULT 0",
            "from_unit_id": to("unit"),
            "to_unit_id": to("unit"),
            **RATIO,
        },
        archivable=False,
        constraints=ratio("inventory_item_units"),
    )
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_inventory_item_units_pair ON {S}.inventory_item_units"
        " (account_id, inventory_item_id, least(from_unit_id, to_unit_id), greatest(from_unit_id, to_unit_id))"
    )


def make_supplier_item() -> None:
    tenant_table(
        op,
        "supplier_item",
        columns={
            "supplier_id": to("supplier", on_delete="CASCADE"),
            "inventory_item_id": to("inventory_item", on_delete="CASCADE"),
            "supplier_sku": "VARCHAR",
            "description": "VARCHAR NOT NULL",
            "description_key": "VARCHAR NOT NULL",
            "unit_id": to("unit", required=False),
            "agreed_price": PRICE,
            "agreed_from": "DATE",
            "vat_rate": RATE,
        },
        constraints=(
            "CONSTRAINT supplier_item_agreed_price_check CHECK (agreed_price >= 0)",
            "CONSTRAINT supplier_item_vat_rate_check CHECK (vat_rate >= 0 AND vat_rate < 100)",
        ),
    )
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_supplier_item_key ON {S}.supplier_item"
        " (account_id, supplier_id, description_key, unit_id) NULLS NOT DISTINCT"
    )


def make_document() -> None:
    tenant_table(
        op,
        "document",
        columns={
            "restaurant_id": to("restaurant", required=False),
            "store_id": "UUID",
            "supplier_id": to("supplier", required=False),
            "document_type": "VARCHAR NOT NULL",
            "file_name": "VARCHAR NOT NULL",
            "file_type": "VARCHAR NOT NULL",
            # The bytes, as those of bots' files.
            "file_id": to("bot_file", required=False, on_delete="SET NULL (file_id)"),
            "storage_path": "VARCHAR",
            "upload_date": f"{MOMENT} NOT NULL DEFAULT timezone('utc', clock_timestamp())",
            "uploaded_by_id": colleague(),
            "status": "VARCHAR NOT NULL DEFAULT 'uploaded'",
            "error_message": "VARCHAR",
            "doc_metadata": JSON,
            "sha256": "VARCHAR(64) NOT NULL",
            "size": "BIGINT NOT NULL",
        },
        archivable=False,
        constraints=(
            PLACE,
            "CONSTRAINT document_document_type_check"
            " CHECK (document_type IN ('invoice', 'statement', 'reconciliation_report', 'other'))",
            "CONSTRAINT document_status_check CHECK (status IN ('uploaded', 'processing', 'processed', 'error'))",
        ),
    )
    index("document_sha256", "document (account_id, sha256)")
    index("document_store_id", "document (account_id, restaurant_id, store_id)")


def make_invoice() -> None:
    tenant_table(
        op,
        "invoice",
        columns={
            "supplier_id": to("supplier"),
            "restaurant_id": to("restaurant"),
            "store_id": "UUID NOT NULL",
            "kind": "VARCHAR NOT NULL DEFAULT 'invoice'",
            "status": "VARCHAR NOT NULL DEFAULT 'draft'",
            "source": "VARCHAR NOT NULL DEFAULT 'typed'",
            "invoice_number": "VARCHAR(64) NOT NULL DEFAULT ''",
            "invoice_date": "DATE NOT NULL",
            "due_date": "DATE",
            # The sum of the lines, VAT in it; beside it what the paper says.
            "total_amount": f"{MONEY} NOT NULL DEFAULT 0",
            "stated_total": MONEY,
            "vat_total": f"{MONEY} NOT NULL DEFAULT 0",
            "currency": "CHAR(3) NOT NULL",
            "prices_include_vat": "BOOLEAN NOT NULL DEFAULT true",
            "document_id": to("document", required=False, on_delete="SET NULL (document_id)"),
            "number_key": f"VARCHAR GENERATED ALWAYS AS ({S}.invoice_number_key(invoice_number)) STORED",
            "number_core": (
                f"VARCHAR GENERATED ALWAYS AS ({S}.invoice_number_core(invoice_number, invoice_date)) STORED"
            ),
            "duplicate_reason": "VARCHAR",
            "user_id": colleague(),
            "cancelled_at": MOMENT,
            "cancelled_by_id": colleague(),
            "cancel_reason": "VARCHAR",
            **IIKO,
        },
        search=("invoice_number",),
        listed_by=("invoice_date", "total_amount"),
        archivable=False,
        constraints=(
            PLACE,
            ONE_OF_IIKO,
            "CONSTRAINT invoice_kind_check CHECK (kind IN ('invoice', 'credit_note'))",
            "CONSTRAINT invoice_status_check CHECK (status IN ('draft', 'active', 'paid', 'cancelled'))",
            "CONSTRAINT invoice_source_check CHECK (source IN ('typed', 'file', 'iiko'))",
            "CONSTRAINT invoice_total_amount_check CHECK (kind <> 'credit_note' OR total_amount <= 0)",
            "CONSTRAINT invoice_currency_check CHECK (currency ~ '^[A-Z]{3}$')",
        ),
    )
    index("invoice_store_id", "invoice (account_id, restaurant_id, store_id, invoice_date, id)")
    index("invoice_number_key", "invoice (account_id, number_key, invoice_date)")
    index("invoice_number_core", "invoice (account_id, supplier_id, number_core)")
    index("invoice_status", "invoice (account_id, status, invoice_date, id)")
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_invoice_number ON {S}.invoice"
        " (account_id, supplier_id, kind, number_key, (extract(year FROM invoice_date)))"
        " WHERE status <> 'cancelled' AND number_key <> '' AND duplicate_reason IS NULL"
    )


def make_invoice_document() -> None:
    tenant_table(
        op,
        "invoice_document",
        columns={
            "invoice_id": INVOICE,
            "document_id": to("document", on_delete="CASCADE"),
            "position": "SMALLINT NOT NULL",
        },
        archivable=False,
        constraints=("UNIQUE (account_id, invoice_id, document_id)",),
    )


def make_invoice_item() -> None:
    tenant_table(
        op,
        "invoice_item",
        columns={
            "invoice_id": INVOICE,
            "position": "INTEGER NOT NULL",
            "inventory_item_id": to("inventory_item", required=False),
            "supplier_item_id": to("supplier_item", required=False, on_delete="SET NULL (supplier_item_id)"),
            "description": "VARCHAR NOT NULL",
            "quantity": f"{QUANTITY} NOT NULL",
            # What was taken in of it, where whoever sends it says so.
            "accepted_quantity": QUANTITY,
            "unit_id": to("unit", required=False),
            "unit_price": f"{PRICE} NOT NULL",
            "discount": f"{MONEY} NOT NULL DEFAULT 0",
            "line_total": f"{MONEY} NOT NULL",
            # None is "без НДС", which 0 is not.
            "vat_rate": RATE,
            "vat_amount": f"{MONEY} NOT NULL DEFAULT 0",
            "base_quantity": BASE,
        },
        archivable=False,
        constraints=(
            "CONSTRAINT invoice_item_quantity_check CHECK (quantity <> 0)",
            "CONSTRAINT invoice_item_vat_rate_check CHECK (vat_rate >= 0 AND vat_rate < 100)",
            "CONSTRAINT invoice_item_vat_amount_check CHECK (vat_rate IS NOT NULL OR vat_amount = 0)",
        ),
    )


def make_invoice_exception() -> None:
    tenant_table(
        op,
        "invoice_exception",
        columns={
            "invoice_id": INVOICE,
            "invoice_item_id": to("invoice_item", required=False, on_delete="CASCADE"),
            "kind": "VARCHAR NOT NULL",
            "evidence": JSON,
            "money_at_stake": f"{MONEY} NOT NULL DEFAULT 0",
            "state": "VARCHAR NOT NULL DEFAULT 'open'",
            "decided_by_id": colleague(),
            "decided_at": MOMENT,
            "reason": "VARCHAR",
        },
        archivable=False,
        listed_by=("money_at_stake",),
        constraints=(
            "CONSTRAINT invoice_exception_kind_check CHECK (kind IN ('arithmetic', 'vat', 'unit_missing', 'duplicate',"
            " 'over_billed', 'price_shock', 'price_drift', 'above_agreed', 'pack_shrunk'))",
            "CONSTRAINT invoice_exception_state_check CHECK (state IN ('open', 'accepted', 'disputed', 'resolved'))",
            "CONSTRAINT invoice_exception_money_at_stake_check CHECK (money_at_stake >= 0)",
        ),
    )
    index("invoice_exception_state", "invoice_exception (account_id, state, money_at_stake, id)")
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_invoice_exception_open ON {S}.invoice_exception"
        " (account_id, invoice_id, invoice_item_id, kind) NULLS NOT DISTINCT WHERE state = 'open'"
    )


def make_inventory_item_price_history() -> None:
    tenant_table(
        op,
        "inventory_item_price_history",
        columns={
            "inventory_item_id": to("inventory_item", on_delete="CASCADE"),
            "restaurant_id": to("restaurant", required=False),
            "store_id": "UUID",
            "supplier_id": to("supplier", required=False),
            # A price that is taken back outlives its line.
            "invoice_item_id": to("invoice_item", required=False, on_delete="SET NULL (invoice_item_id)"),
            "price_date": "DATE NOT NULL",
            "source": "VARCHAR NOT NULL",
            # The price: ``amount`` for ``quantity``, which were ``base_quantity`` of the item's own unit that day.
            "quantity": f"{QUANTITY} NOT NULL",
            "unit_id": to("unit", required=False),
            "amount": f"{MONEY} NOT NULL",
            "currency": "CHAR(3) NOT NULL",
            "base_quantity": f"{BASE} NOT NULL",
            "price": f"{BASE} GENERATED ALWAYS AS (round(amount / base_quantity, 6)) STORED",
            # In per cent, from the last price of the same item and supplier; 0 where there is none.
            "change": "NUMERIC(9, 4) NOT NULL DEFAULT 0",
            # Tells the prices of one day apart; the moment of a transaction would not.
            "entry_no": "BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY",
            "voided_at": MOMENT,
            "user_id": colleague(),
        },
        archivable=False,
        listed_by=("price_date", "change"),
        constraints=(
            PLACE,
            "UNIQUE (account_id, invoice_item_id)",
            "CONSTRAINT inventory_item_price_history_source_check"
            " CHECK (source IN ('invoice', 'manual_update', 'system_calculated', 'iiko'))",
            "CONSTRAINT inventory_item_price_history_base_quantity_check CHECK (base_quantity > 0)",
        ),
    )
    table = "inventory_item_price_history"
    index(f"{table}_store_id", f"{table} (account_id, restaurant_id, store_id)")
    index(
        f"{table}_live",
        f"{table} (account_id, inventory_item_id, price_date DESC, entry_no DESC) WHERE voided_at IS NULL",
    )


def make_invoice_file() -> None:
    tenant_table(
        op,
        "invoice_file",
        columns={
            "batch_id": to("import_batch", on_delete="CASCADE"),
            "supplier_id": to("supplier", required=False),
            "restaurant_id": to("restaurant"),
            "store_id": "UUID NOT NULL",
            "document_id": to("document", required=False, on_delete="SET NULL (document_id)"),
            # What the file itself does not say: number and day of its one paper, whether prices hold VAT.
            "options": JSON,
            # What a job does with it at the moment, and how far that has come.
            "step": "VARCHAR",
            "progress": "SMALLINT NOT NULL DEFAULT 0",
            "progressed_at": MOMENT,
            "error": "VARCHAR",
        },
        archivable=False,
        constraints=(
            PLACE,
            "UNIQUE (account_id, batch_id)",
            "CONSTRAINT invoice_file_step_check CHECK (step IN ('judging', 'applying', 'undoing'))",
        ),
    )
    index("invoice_file_store_id", "invoice_file (account_id, restaurant_id, store_id)")


def make_reconciliation() -> None:
    tenant_table(
        op,
        "reconciliation",
        columns={
            "supplier_id": to("supplier"),
            "restaurant_id": to("restaurant", required=False),
            "store_id": "UUID",
            "document_id": to("document", required=False, on_delete="SET NULL (document_id)"),
            "status": "VARCHAR NOT NULL DEFAULT 'pending'",
            "progress": "SMALLINT NOT NULL DEFAULT 0",
            "period_from": "DATE NOT NULL",
            "period_to": "DATE NOT NULL",
            "currency": "CHAR(3) NOT NULL",
            "opening": MONEY,
            "closing": MONEY,
            "tolerance": f"{MONEY} NOT NULL DEFAULT 1.00",
            "error": "VARCHAR",
            # How the file was read, and what its own sums say; the rows as they were read, until they are compared.
            "details": JSON,
            "grid": "JSONB",
            "started_at": MOMENT,
            "completed_at": MOMENT,
            "completed_by_id": colleague(),
            "created_by_id": colleague(),
        },
        archivable=False,
        listed_by=("period_to",),
        constraints=(
            PLACE,
            "CONSTRAINT reconciliation_status_check"
            " CHECK (status IN ('pending', 'in_progress', 'compared', 'completed', 'error'))",
            "CONSTRAINT reconciliation_progress_check CHECK (progress BETWEEN 0 AND 100)",
            "CONSTRAINT reconciliation_period_check CHECK (period_to >= period_from)",
        ),
    )
    index("reconciliation_store_id", "reconciliation (account_id, restaurant_id, store_id)")


def make_reconciliation_item() -> None:
    tenant_table(
        op,
        "reconciliation_item",
        columns={
            "reconciliation_id": RECONCILIATION,
            "position": "INTEGER NOT NULL",
            "kind": "VARCHAR NOT NULL DEFAULT 'delivery'",
            "invoice_number": "VARCHAR NOT NULL DEFAULT ''",
            "invoice_date": "DATE",
            "amount": f"{MONEY} NOT NULL",
            "currency": "CHAR(3) NOT NULL",
            "number_key": "VARCHAR NOT NULL DEFAULT ''",
            "status": "VARCHAR NOT NULL",
            "match_confidence": "NUMERIC(3, 2)",
            "details": JSON,
            # Our invoice that the statement lacks.
            "invoice_id": to("invoice", required=False, on_delete="CASCADE"),
            "decided_by_id": colleague(),
            "resolved_in_id": to("reconciliation", required=False, on_delete="SET NULL (resolved_in_id)"),
        },
        archivable=False,
        listed_by=("position",),
        constraints=(
            "CONSTRAINT reconciliation_item_kind_check CHECK (kind IN ('delivery', 'payment', 'return'))",
            "CONSTRAINT reconciliation_item_status_check CHECK (status IN ('matched', 'suggested',"
            " 'missing_in_restaurant', 'missing_in_supplier', 'amount_mismatch', 'not_compared'))",
            "CONSTRAINT reconciliation_item_match_confidence_check CHECK (match_confidence BETWEEN 0 AND 1)",
        ),
    )
    index("reconciliation_item_status", "reconciliation_item (account_id, reconciliation_id, status, position, id)")


def make_reconciliation_match() -> None:
    tenant_table(
        op,
        "reconciliation_match",
        columns={
            "reconciliation_item_id": to("reconciliation_item", on_delete="CASCADE"),
            "invoice_id": INVOICE,
            "amount": f"{MONEY} NOT NULL",
            "user_id": colleague(),
            "undone_at": MOMENT,
        },
        archivable=False,
    )
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_reconciliation_match_live ON {S}.reconciliation_match"
        " (account_id, reconciliation_item_id, invoice_id) WHERE undone_at IS NULL"
    )


def ratio(table: str) -> tuple[str, ...]:
    """What is true of a ratio of two numbers between two units."""
    return (
        f"CONSTRAINT {table}_from_quantity_check CHECK (from_quantity > 0)",
        f"CONSTRAINT {table}_to_quantity_check CHECK (to_quantity > 0)",
        f"CONSTRAINT {table}_units_check CHECK (from_unit_id <> to_unit_id)",
    )


def touch(table: str) -> str:
    """The trigger that dates the changes of a table's rows, being read aside."""
    return (
        f"CREATE OR REPLACE TRIGGER touch_updated_at BEFORE UPDATE ON {S}.{table}"
        f" FOR EACH ROW EXECUTE FUNCTION {S}.touch_unless_read()"
    )


def watch_total(table: str) -> tuple[str, str]:
    """The trigger that, when all is written, holds an invoice's total against its lines."""
    events = "INSERT OR UPDATE" if table == "invoice" else "INSERT OR UPDATE OR DELETE"
    return (
        f"DROP TRIGGER IF EXISTS check_total ON {S}.{table}",
        f"CREATE CONSTRAINT TRIGGER check_total AFTER {events} ON {S}.{table}"
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {S}.check_invoice_total()",
    )


def keep_completed(table: str) -> Iterator[str]:
    """The triggers that refuse what would change a completed statement, looking at all rows of a change at once."""
    rows = {
        "INSERT": "NEW TABLE AS latter",
        "UPDATE": "OLD TABLE AS former NEW TABLE AS latter",
        "DELETE": "OLD TABLE AS former",
    }
    for event, told in rows.items():
        # A statement may come completed, its rows before it or never.
        if (table, event) != ("reconciliation", "INSERT"):
            yield (
                f"CREATE OR REPLACE TRIGGER keep_completed_{event.lower()} AFTER {event} ON {S}.{table} REFERENCING {told}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {S}.keep_completed_statement()"
            )


def watch_matches() -> Iterator[str]:
    """The triggers that hold what a statement's rows are of an invoice against its total."""
    for event in ("INSERT", "UPDATE"):
        yield (
            f"CREATE OR REPLACE TRIGGER check_amounts_{event.lower()} AFTER {event} ON {S}.reconciliation_match"
            " REFERENCING NEW TABLE AS latter"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {S}.check_match_amounts()"
        )


def index(name: str, place: str) -> None:
    """An index beyond those of references and lists."""
    op.execute(f"CREATE INDEX IF NOT EXISTS ix_{name} ON {S}.{place}")


# In the order in which they refer to each other.
TABLES = {
    "supplier": make_supplier,
    "supplier_merge": make_supplier_merge,
    "supplier_layout": make_supplier_layout,
    "supply_settings": make_supply_settings,
    "unit_category": make_unit_category,
    "unit": make_unit,
    "unit_conversion": make_unit_conversion,
    "inventory_item": make_inventory_item,
    "inventory_item_units": make_inventory_item_units,
    "supplier_item": make_supplier_item,
    "document": make_document,
    "invoice": make_invoice,
    "invoice_document": make_invoice_document,
    "invoice_item": make_invoice_item,
    "invoice_exception": make_invoice_exception,
    "inventory_item_price_history": make_inventory_item_price_history,
    "invoice_file": make_invoice_file,
    "reconciliation": make_reconciliation,
    "reconciliation_item": make_reconciliation_item,
    "reconciliation_match": make_reconciliation_match,
}


def downgrade() -> None:
    op.execute(f"ALTER TABLE {S}.iiko_link DROP COLUMN day")
    for table in reversed(list(TABLES)):
        drop_tenant_table(op, table)
    for name in FUNCTIONS.keys() - {"touch_unless_read"}:
        op.execute(f"DROP FUNCTION {S}.{name}")
    op.execute(f"ALTER TABLE {S}.store DROP CONSTRAINT store_account_id_restaurant_id_id_key")
