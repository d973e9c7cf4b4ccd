"""Receiving and stock: orders, deliveries, movements, balances, counts."""

from alembic import op

from migrations.functions import load_functions
from migrations.steps import stepwise
from migrations.tables import Reference, drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "keep_received": "c345ac467bb4",
    "keep_stock": "eaaaa3fc4712",
    "refuse_movement_change": "5bbb2c6246ef",
}
MOMENT = "TIMESTAMP WITHOUT TIME ZONE"
NOW = "DEFAULT timezone('utc', clock_timestamp())"
MONEY = "NUMERIC(14, 2)"
PRICE = "NUMERIC(16, 4)"
QUANTITY = "NUMERIC(14, 4)"
BASE = "NUMERIC(18, 6)"
# What many of them come to.
SUM = "NUMERIC(24, 6)"
# The store and its restaurant go together, and move together.
PLACE = (
    f"FOREIGN KEY (account_id, restaurant_id, store_id) REFERENCES {S}.store(account_id, restaurant_id, id)"
    " ON UPDATE CASCADE"
)
ORDER = to("purchase_order", on_delete="CASCADE")
DELIVERY = to("delivery", on_delete="CASCADE")
STOCKTAKE = to("stocktake", on_delete="CASCADE")


def colleague() -> Reference:
    """A reference to whoever did something."""
    return to("user", required=False)


def upgrade() -> None:
    load_functions(op, *FUNCTIONS)
    with stepwise(op) as steps:
        # Each table in a transaction of its own: what it refers to is held for moments, and one after the other.
        for make in TABLES.values():
            steps.make(make)
        for table, column, target in ORDERED:
            steps.add_columns(table, (f"{column} UUID",))
            steps.add_constraint(
                table,
                f"{table}_account_id_{column}_fkey",
                f"FOREIGN KEY (account_id, {column}) REFERENCES {S}.{target}(account_id, id)"
                f" ON DELETE SET NULL ({column})",
            )
            steps.build_index(f"ix_{table}_{column}", f"{table} (account_id, {column}, {LISTED[table]}id)")
        steps.run(*exception_kinds(*KINDS, *MATCHED))
        steps.validate("invoice_exception", KIND_CHECK)
        # Beside what a chain says of supply: whoever orders, for whichever restaurant, takes the next number.
        steps.add_columns("supply_settings", ("last_order_number INTEGER NOT NULL DEFAULT 0",))
        steps.run(*TRIGGERS)


def make_purchase_order() -> None:
    tenant_table(
        op,
        "purchase_order",
        columns={
            "supplier_id": to("supplier"),
            "restaurant_id": to("restaurant"),
            "store_id": "UUID NOT NULL",
            "status": "VARCHAR NOT NULL DEFAULT 'draft'",
            "po_number": "VARCHAR(64) NOT NULL",
            "expected_delivery_date": "DATE",
            # When the last of it came.
            "delivery_date": "DATE",
            "currency": "CHAR(3) NOT NULL",
            "notes": "TEXT",
            "sent_at": MOMENT,
            "sent_by_id": colleague(),
            # Where it was mailed to, and what the supplier was told last.
            "sent_to": "VARCHAR",
            "sent_text": "TEXT",
            "closed_reason": "VARCHAR",
            "user_id": colleague(),
        },
        search=("po_number",),
        listed_by=("expected_delivery_date", "created_at"),
        archivable=False,
        constraints=(
            PLACE,
            "UNIQUE (account_id, po_number)",
            "CONSTRAINT purchase_order_status_check CHECK (status IN"
            " ('draft', 'sent', 'partially_received', 'received', 'closed', 'cancelled'))",
            "CONSTRAINT purchase_order_currency_check CHECK (currency ~ '^[A-Z]{3}$')",
        ),
    )
    index("purchase_order_store_id", "purchase_order (account_id, restaurant_id, store_id)")
    index("purchase_order_status", "purchase_order (account_id, status, expected_delivery_date, id)")


def make_purchase_order_item() -> None:
    tenant_table(
        op,
        "purchase_order_item",
        columns={
            "purchase_order_id": ORDER,
            "position": "INTEGER NOT NULL",
            "inventory_item_id": to("inventory_item"),
            "supplier_item_id": to("supplier_item", required=False, on_delete="SET NULL (supplier_item_id)"),
            "quantity": f"{QUANTITY} NOT NULL",
            "unit_id": to("unit"),
            "unit_price": PRICE,
            # In the item's base unit; none: no conversion leads there.
            "base_quantity": BASE,
            # In the unit of this line: the sum of what was accepted of it, kept by a trigger.
            "received_quantity": f"{QUANTITY} NOT NULL DEFAULT 0",
        },
        archivable=False,
        constraints=(
            "CONSTRAINT purchase_order_item_quantity_check CHECK (quantity > 0)",
            "CONSTRAINT purchase_order_item_unit_price_check CHECK (unit_price >= 0)",
        ),
    )


def make_delivery() -> None:
    tenant_table(
        op,
        "delivery",
        columns={
            "supplier_id": to("supplier"),
            "restaurant_id": to("restaurant"),
            "store_id": "UUID NOT NULL",
            "purchase_order_id": to("purchase_order", required=False),
            "invoice_id": to("invoice", required=False, on_delete="SET NULL (invoice_id)"),
            # Of which a person said that it is not: nothing ties the two by itself again.
            "refused_invoice_id": to("invoice", required=False, on_delete="SET NULL (refused_invoice_id)"),
            # By which what was sent back is given back.
            "credit_note_id": to("invoice", required=False, on_delete="SET NULL (credit_note_id)"),
            "status": "VARCHAR NOT NULL DEFAULT 'received'",
            "received_at": f"{MOMENT} NOT NULL {NOW}",
            "received_by_id": colleague(),
            "paper_number": "VARCHAR(64)",
            "paper_date": "DATE",
            "paper_total": MONEY,
            "note": "TEXT",
            # What the page that sent it calls it: sent twice it is one delivery.
            "request_key": "UUID NOT NULL",
            "reversed_at": MOMENT,
            "reversed_by_id": colleague(),
            "reverse_reason": "VARCHAR",
        },
        listed_by=("received_at",),
        archivable=False,
        constraints=(
            PLACE,
            "UNIQUE (account_id, request_key)",
            "CONSTRAINT delivery_status_check CHECK (status IN ('draft', 'received', 'reversed'))",
        ),
    )
    index("delivery_store_id", "delivery (account_id, restaurant_id, store_id)")
    index("delivery_status", "delivery (account_id, status, received_at, id)")


def make_delivery_item() -> None:
    tenant_table(
        op,
        "delivery_item",
        columns={
            "delivery_id": DELIVERY,
            "position": "INTEGER NOT NULL",
            # Of what was all sent back or reversed the order may be changed, and lose the line.
            "purchase_order_item_id": to(
                "purchase_order_item", required=False, on_delete="SET NULL (purchase_order_item_id)"
            ),
            "inventory_item_id": to("inventory_item"),
            "quantity": f"{QUANTITY} NOT NULL",
            "unit_id": to("unit"),
            "rejected_quantity": f"{QUANTITY} NOT NULL DEFAULT 0",
            "rejection_reason": "VARCHAR",
            # What was accepted: in the unit of the order's line, so fine that thirds of a box come to a box, and in
            # the item's base unit; none where no conversion leads there.
            "ordered_quantity": "NUMERIC(18, 8)",
            "base_quantity": BASE,
            "lot_number": "VARCHAR(64)",
            "expiry_date": "DATE",
        },
        archivable=False,
        constraints=(
            "CONSTRAINT delivery_item_quantity_check CHECK (quantity >= 0)",
            "CONSTRAINT delivery_item_rejected_quantity_check"
            " CHECK (rejected_quantity >= 0 AND rejected_quantity <= quantity)",
            "CONSTRAINT delivery_item_rejection_reason_check"
            " CHECK (rejected_quantity = 0 OR rejection_reason IS NOT NULL)",
        ),
    )


def make_delivery_document() -> None:
    tenant_table(
        op,
        "delivery_document",
        columns={
            "delivery_id": DELIVERY,
            "document_id": to("document", on_delete="CASCADE"),
            "position": "SMALLINT NOT NULL",
        },
        archivable=False,
        constraints=("UNIQUE (account_id, delivery_id, document_id)",),
    )


def make_stocktake() -> None:
    tenant_table(
        op,
        "stocktake",
        columns={
            "restaurant_id": to("restaurant"),
            "store_id": "UUID NOT NULL",
            "status": "VARCHAR NOT NULL DEFAULT 'counting'",
            "note": "TEXT",
            "started_by_id": colleague(),
            "posted_at": MOMENT,
            "posted_by_id": colleague(),
        },
        listed_by=("created_at",),
        archivable=False,
        constraints=(
            PLACE,
            "CONSTRAINT stocktake_status_check CHECK (status IN ('counting', 'posted', 'abandoned'))",
        ),
    )
    index("stocktake_store_id", "stocktake (account_id, restaurant_id, store_id)")
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_stocktake_counting ON {S}.stocktake (account_id, store_id)"
        " WHERE status = 'counting'"
    )


def make_stocktake_item() -> None:
    tenant_table(
        op,
        "stocktake_item",
        columns={
            "stocktake_id": STOCKTAKE,
            "inventory_item_id": to("inventory_item"),
            # In the item's base unit; none is "not counted", which 0 is not.
            "counted_quantity": BASE,
            "counted_at": MOMENT,
            "counted_by_id": colleague(),
            # As of the moment of counting, known once it is posted.
            "expected_quantity": SUM,
            "difference": SUM,
        },
        archivable=False,
        constraints=(
            "UNIQUE (account_id, stocktake_id, inventory_item_id)",
            "CONSTRAINT stocktake_item_counted_quantity_check CHECK (counted_quantity >= 0)",
            "CONSTRAINT stocktake_item_counted_at_check CHECK ((counted_quantity IS NULL) = (counted_at IS NULL))",
        ),
    )


def make_stock_movement() -> None:
    tenant_table(
        op,
        "stock_movement",
        columns={
            "restaurant_id": to("restaurant"),
            "store_id": "UUID NOT NULL",
            "inventory_item_id": to("inventory_item"),
            "lot_number": "VARCHAR(64)",
            "expiry_date": "DATE",
            # In the item's base unit, with its sign.
            "quantity": f"{BASE} NOT NULL",
            "kind": "VARCHAR NOT NULL",
            "happened_at": f"{MOMENT} NOT NULL",
            "entered_by_id": colleague(),
            # What was entered together, and is undone together.
            "group_id": "UUID NOT NULL",
            "undoes_id": to("stock_movement", required=False),
            "delivery_item_id": to("delivery_item", required=False),
            "stocktake_item_id": to("stocktake_item", required=False),
            "reason": "VARCHAR",
            "note": "TEXT",
        },
        listed_by=("happened_at",),
        archivable=False,
        constraints=(
            PLACE,
            "UNIQUE (account_id, undoes_id)",
            "CONSTRAINT stock_movement_quantity_check CHECK (quantity <> 0)",
            "CONSTRAINT stock_movement_kind_check CHECK (kind IN"
            " ('receipt', 'sale', 'write_off', 'transfer', 'count', 'correction', 'undo'))",
            "CONSTRAINT stock_movement_undoes_id_check CHECK ((kind = 'undo') = (undoes_id IS NOT NULL))",
        ),
    )
    index("stock_movement_store_id", "stock_movement (account_id, restaurant_id, store_id, happened_at, id)")
    index("stock_movement_balance", "stock_movement (account_id, store_id, inventory_item_id, happened_at)")
    index("stock_movement_group_id", "stock_movement (account_id, group_id)")


def make_inventory_stock() -> None:
    tenant_table(
        op,
        "inventory_stock",
        columns={
            "restaurant_id": to("restaurant"),
            "store_id": "UUID NOT NULL",
            "inventory_item_id": to("inventory_item"),
            "lot_number": "VARCHAR(64)",
            "expiry_date": "DATE",
            "quantity": f"{SUM} NOT NULL DEFAULT 0",
            "unit_id": to("unit"),
            "last_updated": f"{MOMENT} NOT NULL {NOW}",
            # The movement by which it went below zero, while it is.
            "crossed_by_id": to("stock_movement", required=False),
        },
        archivable=False,
        constraints=(PLACE,),
    )
    index("inventory_stock_store_id", "inventory_stock (account_id, restaurant_id, store_id)")
    op.execute(
        f"CREATE UNIQUE INDEX IF NOT EXISTS uix_inventory_stock_place ON {S}.inventory_stock"
        " (account_id, store_id, inventory_item_id, lot_number, expiry_date) NULLS NOT DISTINCT"
    )
    index("inventory_stock_expiry_date", "inventory_stock (account_id, expiry_date, id) WHERE expiry_date IS NOT NULL")


def index(name: str, place: str) -> None:
    """An index beyond those of references and lists."""
    op.execute(f"CREATE INDEX IF NOT EXISTS ix_{name} ON {S}.{place}")


def trigger(name: str, when: str, table: str, function: str) -> tuple[str, str]:
    """A trigger for each row, made anew."""
    return (
        f"DROP TRIGGER IF EXISTS {name} ON {S}.{table}",
        f"CREATE TRIGGER {name} {when} ON {S}.{table} FOR EACH ROW EXECUTE FUNCTION {S}.{function}()",
    )


KIND_CHECK = "invoice_exception_kind_check"
KINDS = (
    "arithmetic", "vat", "unit_missing", "duplicate", "over_billed", "price_shock", "price_drift", "above_agreed",
    "pack_shrunk",
)  # fmt: skip
# What comparing an invoice with its order and its deliveries may find.
MATCHED = ("not_ordered", "not_received", "over_delivered", "price_above_order")


def exception_kinds(*kinds: str) -> tuple[str, str]:
    """The check of an exception's kind, made anew; it binds new rows at once."""
    table = f"{S}.invoice_exception"
    return (
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {KIND_CHECK}",
        f"ALTER TABLE {table} ADD CONSTRAINT {KIND_CHECK} CHECK (kind IN {kinds}) NOT VALID",
    )


# Columns that earlier tables get: of which order a paper, and a line of one, is.
ORDERED = (
    ("invoice", "purchase_order_id", "purchase_order"),
    ("invoice_item", "purchase_order_item_id", "purchase_order_item"),
)
LISTED = {"invoice": "invoice_date, ", "invoice_item": ""}
TRIGGERS = (
    *trigger("keep_received", "AFTER INSERT OR UPDATE OR DELETE", "delivery_item", "keep_received"),
    *trigger("keep_received", "AFTER UPDATE OF status", "delivery", "keep_received"),
    *trigger("keep_stock", "AFTER INSERT", "stock_movement", "keep_stock"),
    *trigger("refuse_change", "BEFORE UPDATE OR DELETE", "stock_movement", "refuse_movement_change"),
)
# In the order in which they refer to each other.
TABLES = {
    "purchase_order": make_purchase_order,
    "purchase_order_item": make_purchase_order_item,
    "delivery": make_delivery,
    "delivery_item": make_delivery_item,
    "delivery_document": make_delivery_document,
    "stocktake": make_stocktake,
    "stocktake_item": make_stocktake_item,
    "stock_movement": make_stock_movement,
    "inventory_stock": make_inventory_stock,
}


def downgrade() -> None:
    for statement in exception_kinds(*KINDS):
        op.execute(statement)
    for table, column, _target in ORDERED:
        op.execute(f"ALTER TABLE {S}.{table} DROP COLUMN {column}")
    op.execute(f"ALTER TABLE {S}.supply_settings DROP COLUMN last_order_number")
    for table in reversed(list(TABLES)):
        drop_tenant_table(op, table)
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {S}.{name}")
