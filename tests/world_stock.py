"""What the cast of ``tests/world.py`` orders, takes in, keeps and counts, in two restaurants."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world import Chain

Row = tuple[str, dict[str, Any]]


def stock_rows(chain: "Chain", now: datetime) -> Iterator[Row]:
    """An order, its delivery, a movement with its balance and a count of each of two stores."""
    places = ((chain.restaurant_id, chain.store_id), (chain.assigned_restaurant_id, chain.assigned_store_id))
    for number, (restaurant, store) in enumerate(places, 1):
        place = {"account_id": chain.account_id, "restaurant_id": restaurant, "store_id": store}
        yield from _order(chain, number, place, now)
        yield from _delivery(chain, number, place, now)
        yield from _count(chain, number, place, now)
        yield from _stock(chain, number, place, now)


def _order(chain: "Chain", number: int, place: dict[str, Any], now: datetime) -> Iterator[Row]:
    order = chain.id_of("purchase_order", number)
    yield (
        "purchase_order",
        place
        | {
            "id": order,
            "supplier_id": chain.id_of("supplier"),
            "status": "sent",
            "po_number": f"{chain.marker}-PO-{number}",
            "expected_delivery_date": now.date(),
            "currency": "RUB",
            "notes": f"{chain.marker} by the yard",
            "sent_at": now - timedelta(days=1),
            "sent_by_id": chain.owner.id,
            "user_id": chain.owner.id,
        },
    )
    yield (
        "purchase_order_item",
        {
            "id": chain.id_of("purchase_order_item", number),
            "account_id": chain.account_id,
            "purchase_order_id": order,
            "position": 1,
            "inventory_item_id": chain.id_of("inventory_item"),
            "supplier_item_id": chain.id_of("supplier_item"),
            "quantity": Decimal(12),
            "unit_id": chain.id_of("unit", 3),
            "unit_price": Decimal("91.00"),
            "base_quantity": Decimal("10.92"),
            "received_quantity": Decimal(4),
        },
    )


def _delivery(chain: "Chain", number: int, place: dict[str, Any], now: datetime) -> Iterator[Row]:
    delivery = chain.id_of("delivery", number)
    yield (
        "delivery",
        place
        | {
            "id": delivery,
            "supplier_id": chain.id_of("supplier"),
            "purchase_order_id": chain.id_of("purchase_order", number),
            "received_at": now,
            "received_by_id": chain.owner.id,
            "paper_number": f"{chain.marker}-D-{number}",
            "note": f"{chain.marker} one box is torn",
            "request_key": chain.id_of("delivery", 100 + number),
        },
    )
    yield (
        "delivery_item",
        {
            "id": chain.id_of("delivery_item", number),
            "account_id": chain.account_id,
            "delivery_id": delivery,
            "position": 1,
            "purchase_order_item_id": chain.id_of("purchase_order_item", number),
            "inventory_item_id": chain.id_of("inventory_item"),
            "quantity": Decimal(5),
            "unit_id": chain.id_of("unit", 3),
            "rejected_quantity": Decimal(1),
            "rejection_reason": "quality",
            "ordered_quantity": Decimal(4),
            "base_quantity": Decimal("3.64"),
            "lot_number": f"{chain.marker}-lot",
            "expiry_date": date(2026, 12, 31),
        },
    )
    yield (
        "delivery_document",
        {
            "id": chain.id_of("delivery_document", number),
            "account_id": chain.account_id,
            "delivery_id": delivery,
            "document_id": chain.id_of("document", number),
            "position": 1,
        },
    )


def _count(chain: "Chain", number: int, place: dict[str, Any], now: datetime) -> Iterator[Row]:
    count = chain.id_of("stocktake", number)
    yield "stocktake", place | {"id": count, "note": f"{chain.marker} monthly", "started_by_id": chain.owner.id}
    yield (
        "stocktake_item",
        {
            "id": chain.id_of("stocktake_item", number),
            "account_id": chain.account_id,
            "stocktake_id": count,
            "inventory_item_id": chain.id_of("inventory_item"),
            "counted_quantity": Decimal(3),
            "counted_at": now,
            "counted_by_id": chain.owner.id,
        },
    )


def _stock(chain: "Chain", number: int, place: dict[str, Any], now: datetime) -> Iterator[Row]:
    lot = {"lot_number": f"{chain.marker}-lot", "expiry_date": date(2026, 12, 31)}
    item = {"inventory_item_id": chain.id_of("inventory_item")}
    # The movement finds its balance there and adds to it.
    balance = {"id": chain.id_of("inventory_stock", number), "quantity": Decimal(), "unit_id": chain.id_of("unit")}
    yield "inventory_stock", place | item | lot | balance
    yield (
        "stock_movement",
        place
        | item
        | lot
        | {
            "id": chain.id_of("stock_movement", number),
            "quantity": Decimal("3.64"),
            "kind": "receipt",
            "happened_at": now,
            "entered_by_id": chain.owner.id,
            "group_id": chain.id_of("stock_movement", 100 + number),
            "delivery_item_id": chain.id_of("delivery_item", number),
            "note": f"{chain.marker} came in",
        },
    )
