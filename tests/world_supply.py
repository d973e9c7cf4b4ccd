"""What the cast of ``tests/world.py`` buys: suppliers, items, papers in two restaurants, a statement."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from tests.world import Chain

Row = tuple[str, dict[str, Any]]
FIRST_DAY = date(2026, 5, 4)
# What of supply stands in restaurants and stores, in the order in which it can be removed.
IN_PLACES = (
    "delivery", "purchase_order", "invoice_file", "reconciliation", "inventory_item_price_history", "invoice",
    "document",
)  # fmt: skip
# Before it: movements are never deleted, so that those of all go at once.
FORGET_STOCK = (
    "TRUNCATE getinn_ops.stock_movement, getinn_ops.inventory_stock, getinn_ops.stocktake, getinn_ops.stocktake_item"
)


def supply_rows(chain: "Chain", now: datetime) -> Iterator[Row]:
    """Two suppliers (the second archived), two items, an invoice of each of two restaurants, a statement of each."""
    yield from _suppliers(chain)
    yield from _units(chain)
    yield from _items(chain)
    yield from _papers(chain)
    for number, restaurant, store in ((1, chain.restaurant_id, chain.store_id), (2, *_assigned(chain))):
        place = {"account_id": chain.account_id, "restaurant_id": restaurant, "store_id": store}
        yield from _invoice(chain, number, place)
        yield from _statement(chain, number, place, now)
    yield "invoice", _draft(chain)


def _assigned(chain: "Chain") -> tuple[Any, Any]:
    return chain.assigned_restaurant_id, chain.assigned_store_id


def _of(chain: "Chain", table: str, number: int = 1) -> dict[str, Any]:
    return {"id": chain.id_of(table, number), "account_id": chain.account_id}


def _suppliers(chain: "Chain") -> Iterator[Row]:
    for number, tax_id in ((1, "7707083893"), (2, "7707083893"), (3, "500100732259")):
        yield (
            "supplier",
            _of(chain, "supplier", number)
            | {
                "name": f"{chain.marker} supplier {number}",
                "contact_info": Jsonb({"email": f"supplier{number}@{chain.marker}.example"}),
                "tax_id": tax_id,
                "is_active": number != 2,
                "merged_into_id": chain.id_of("supplier") if number == 2 else None,
                "iiko_id": f"{chain.marker}-supplier-{number}",
            },
        )
    merged = {"supplier_id": chain.id_of("supplier", 2), "into_id": chain.id_of("supplier")}
    yield "supplier_merge", _of(chain, "supplier_merge") | merged | {"user_id": chain.owner.id}
    yield (
        "supplier_layout",
        _of(chain, "supplier_layout")
        | {
            "supplier_id": chain.id_of("supplier"),
            "purpose": "invoice",
            "headings_key": "дата|номер|сумма",
            "mapping": Jsonb({"date": 0, "number": 1, "total": 2}),
        },
    )
    yield "supply_settings", _of(chain, "supply_settings")


def _units(chain: "Chain") -> Iterator[Row]:
    categories = {"weight": 1, "count": 2}
    for name, number in categories.items():
        yield "unit_category", _of(chain, "unit_category", number) | {"name": name}
    units = ((1, "kg", "weight", 1000, "166"), (2, "g", "weight", 1, "163"), (3, "pack", "count", None, None))
    for number, symbol, category, factor, okei in units:
        yield (
            "unit",
            _of(chain, "unit", number)
            | {
                "name": f"{chain.marker} {symbol}",
                "symbol": symbol,
                "unit_category_id": chain.id_of("unit_category", categories[category]),
                "base_factor": factor,
                "okei_code": okei,
            },
        )
    pair = {"from_unit_id": chain.id_of("unit", 3), "to_unit_id": chain.id_of("unit")}
    ratio = {"from_quantity": Decimal(1), "to_quantity": Decimal("0.91")}
    yield "unit_conversion", _of(chain, "unit_conversion") | pair | ratio


def _items(chain: "Chain") -> Iterator[Row]:
    for number in (1, 2):
        yield (
            "inventory_item",
            _of(chain, "inventory_item", number)
            | {
                "name": f"{chain.marker} item {number}",
                "sku": f"{chain.marker}-{number}",
                "default_unit_id": chain.id_of("unit"),
                "category": f"{chain.marker} category",
                "current_cost_per_unit": Decimal(100) if number == 1 else None,
                "cost_changed_on": FIRST_DAY if number == 1 else None,
                "reorder_level": Decimal(5),
                "is_active": number == 1,
                "iiko_id": f"{chain.marker}-item-{number}",
            },
        )
    item = {"inventory_item_id": chain.id_of("inventory_item")}
    pair = {"from_unit_id": chain.id_of("unit", 3), "to_unit_id": chain.id_of("unit")}
    ratio = {"from_quantity": Decimal(1), "to_quantity": Decimal("0.91")}
    yield "inventory_item_units", _of(chain, "inventory_item_units") | item | pair | ratio
    yield (
        "supplier_item",
        _of(chain, "supplier_item")
        | item
        | {
            "supplier_id": chain.id_of("supplier"),
            "description": f"{chain.marker} butter",
            "description_key": f"{chain.marker} butter",
            "unit_id": chain.id_of("unit", 3),
            "agreed_price": Decimal(90),
            "agreed_from": FIRST_DAY,
            "vat_rate": Decimal(10),
        },
    )


def _papers(chain: "Chain") -> Iterator[Row]:
    for number, (restaurant, store) in enumerate(((chain.restaurant_id, chain.store_id), _assigned(chain)), 1):
        yield (
            "document",
            _of(chain, "document", number)
            | {
                "restaurant_id": restaurant,
                "store_id": store,
                "supplier_id": chain.id_of("supplier"),
                "document_type": "invoice",
                "file_name": f"{chain.marker}-paper-{number}.png",
                "file_type": "image/png",
                "file_id": chain.file_id,
                "uploaded_by_id": chain.owner.id,
                "sha256": "ab" * 32,
                "size": 100,
            },
        )


def _invoice(chain: "Chain", number: int, place: dict[str, Any]) -> Iterator[Row]:
    invoice = chain.id_of("invoice", number)
    yield (
        "invoice",
        place
        | {
            "id": invoice,
            "supplier_id": chain.id_of("supplier"),
            "status": "active",
            "invoice_number": f"{chain.marker}-{number}",
            "invoice_date": FIRST_DAY,
            "total_amount": Decimal("1092.00"),
            "vat_total": Decimal("99.27"),
            "currency": "RUB",
            "user_id": chain.owner.id,
        },
    )
    shown = {"invoice_id": invoice, "document_id": chain.id_of("document", number), "position": 1}
    yield "invoice_document", _of(chain, "invoice_document", number) | shown
    line = chain.id_of("invoice_item", number)
    yield (
        "invoice_item",
        {
            "id": line,
            "account_id": chain.account_id,
            "invoice_id": invoice,
            "position": 1,
            "inventory_item_id": chain.id_of("inventory_item"),
            "supplier_item_id": chain.id_of("supplier_item"),
            "description": f"{chain.marker} butter",
            "quantity": Decimal(12),
            "unit_id": chain.id_of("unit", 3),
            "unit_price": Decimal("91.00"),
            "line_total": Decimal("1092.00"),
            "vat_rate": Decimal(10),
            "vat_amount": Decimal("99.27"),
            "base_quantity": Decimal("10.92"),
        },
    )
    yield (
        "invoice_exception",
        _of(chain, "invoice_exception", number)
        | {
            "invoice_id": invoice,
            "invoice_item_id": line,
            "kind": "price_shock",
            "evidence": Jsonb({"from": "90.00", "to": "100.00"}),
            "money_at_stake": Decimal("109.20"),
        },
    )
    yield (
        "inventory_item_price_history",
        place
        | {
            "id": chain.id_of("inventory_item_price_history", number),
            "inventory_item_id": chain.id_of("inventory_item"),
            "supplier_id": chain.id_of("supplier"),
            "invoice_item_id": line,
            "price_date": FIRST_DAY,
            "source": "invoice",
            "quantity": Decimal(12),
            "unit_id": chain.id_of("unit", 3),
            "amount": Decimal("1092.00"),
            "currency": "RUB",
            "base_quantity": Decimal("10.92"),
            "change": Decimal("11.1111"),
        },
    )


def _draft(chain: "Chain") -> dict[str, Any]:
    return _of(chain, "invoice", 3) | {
        "restaurant_id": chain.restaurant_id,
        "store_id": chain.store_id,
        "supplier_id": chain.id_of("supplier", 3),
        "invoice_number": f"{chain.marker}-draft",
        "invoice_date": FIRST_DAY,
        "currency": "RUB",
        "user_id": chain.owner.id,
    }


def _statement(chain: "Chain", number: int, place: dict[str, Any], now: datetime) -> Iterator[Row]:
    statement = chain.id_of("reconciliation", number)
    yield (
        "reconciliation",
        place
        | {
            "id": statement,
            "supplier_id": chain.id_of("supplier"),
            "document_id": chain.id_of("document", number),
            "status": "compared",
            "progress": 100,
            "period_from": date(2026, 5, 1),
            "period_to": date(2026, 5, 31),
            "currency": "RUB",
            "opening": Decimal(0),
            "closing": Decimal("1592.00"),
            "started_at": now,
            "created_by_id": chain.owner.id,
        },
    )
    rows = (
        (1, f"{chain.marker}-{number}", "1092.00", "matched"),
        (2, f"{chain.marker}-999", "500.00", "missing_in_restaurant"),
    )
    for position, called, amount, status in rows:
        row = chain.id_of("reconciliation_item", number * 2 - 2 + position)
        yield (
            "reconciliation_item",
            {
                "id": row,
                "account_id": chain.account_id,
                "reconciliation_id": statement,
                "position": position,
                "invoice_number": f"{chain.marker}-{called}",
                "invoice_date": FIRST_DAY,
                "amount": Decimal(amount),
                "currency": "RUB",
                "status": status,
            },
        )
        if status == "matched":
            match = {"reconciliation_item_id": row, "invoice_id": chain.id_of("invoice", number)}
            told = {"amount": Decimal(amount), "user_id": chain.owner.id}
            yield "reconciliation_match", _of(chain, "reconciliation_match", number) | match | told
