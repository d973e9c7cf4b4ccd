"""The list of orders."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from operator import ge, le
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Text, and_, cast, func, select

from portal.db.amounts import Money
from portal.invoices.listing import day_text
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from portal.purchase_orders.queries import late_condition
from portal.purchase_orders.words import AWAITED, OrderStatus
from portal.restaurants.models import Restaurant
from portal.restaurants.queries import local_day, offered_restaurants
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.web.listing import Column, Filter, IdFilter, Sort, ValueFilter, record_list
from portal.web.listing.declaration import moment
from portal.web.times import parse_day

o, n = PurchaseOrder.__table__.c, PurchaseOrderItem.__table__.c
s, r, t = Supplier.__table__.c, Restaurant.__table__.c, Store.__table__.c
ANY = ("", _l("Any"))
FAR = date(9999, 12, 31)
MONEY = Money()
STATUS_TONES = {
    "draft": "neutral",
    "sent": "accent",
    "partially_received": "warn",
    "received": "good",
    "closed": "neutral",
    "cancelled": "neutral",
}


def _suppliers() -> list[tuple[str, Any]]:
    return [ANY, *((str(row_id), name) for row_id, name in Supplier.offered())]


def _restaurants() -> list[tuple[str, Any]]:
    return [ANY, *((str(row_id), name) for row_id, name in offered_restaurants())]


TOTAL = (
    select(func.coalesce(func.sum(func.round(n.quantity * n.unit_price, 2)), Decimal()))
    .where(n.account_id == o.account_id, n.purchase_order_id == o.id)
    .correlate(PurchaseOrder.__table__)
    .scalar_subquery()
)
# Each order has them all; as if it might not, so that the server does not take a large chain for a few rows.
_SOURCE = (
    PurchaseOrder.__table__.outerjoin(Supplier.__table__, and_(s.account_id == o.account_id, s.id == o.supplier_id))
    .outerjoin(Store.__table__, and_(t.account_id == o.account_id, t.id == o.store_id))
    .outerjoin(Restaurant.__table__, and_(r.account_id == o.account_id, r.id == o.restaurant_id))
)
_TO_COME = o.status.in_(AWAITED)

ORDERS = replace(
    record_list(
        "purchase_orders",
        PurchaseOrder,
        [
            Column("supplier", _l("Supplier"), source=s.name, below="po_number"),
            Column("po_number", _l("Number"), in_table=False),
            Column("status", tones=STATUS_TONES, priority=1),
            Column(
                "to_come", _l("To come on"), source=o.expected_delivery_date, show=day_text, nowrap=True, priority=1
            ),
            Column(
                "told_total",
                _l("Amount"),
                source=cast(TOTAL, Text).concat(" ").concat(o.currency),
                show=MONEY.shown,
                nowrap=True,
                number=True,
                in_export=False,
                priority=2,
            ),
            Column("store", _l("Store"), source=t.name, priority=3),
            Column("restaurant", _l("Restaurant"), source=r.name, priority=3),
            Column("created_at", _l("Added"), nowrap=True, priority=4),
            Column("sent_at", in_table=False),
            Column("delivery_date", in_table=False),
            Column("amount", _l("Amount"), source=TOTAL, in_table=False),
            Column("currency", _l("Currency"), source=o.currency, in_table=False),
            Column("closed_reason", in_table=False),
        ],
        source=_SOURCE,
        sorts=[
            Sort("added", _l("Added"), o.created_at, parse=moment, descending=True, shown_by="created_at"),
            Sort(
                "to_come",
                _l("To come on"),
                func.coalesce(o.expected_delivery_date, FAR),
                parse=date.fromisoformat,
                shown_by="to_come",
            ),
        ],
        filters=[
            ValueFilter("restaurant_id", _l("Restaurant"), _restaurants, column=o.restaurant_id, parse=UUID),
            ValueFilter("supplier_id", _l("Supplier"), _suppliers, column=o.supplier_id, parse=UUID),
            IdFilter("store_id", _l("One store"), column=o.store_id),
            Filter(
                "status",
                _l("Status"),
                choices=[
                    ("", _l("All but cancelled")),
                    ("to_come", _l("To come")),
                    *OrderStatus.choices(),
                    ("all", _l("All")),
                ],
                conditions={
                    "": o.status != OrderStatus.CANCELLED,
                    "to_come": _TO_COME,
                    **{word: o.status == word for word in OrderStatus.words()},
                    "all": None,
                },
            ),
            Filter(
                "when",
                _l("When"),
                choices=[ANY, ("late", _l("Late")), ("today", _l("Today")), ("undated", _l("Without a day"))],
                conditions={
                    "": None,
                    "late": late_condition(),
                    "today": and_(_TO_COME, o.expected_delivery_date == local_day()),
                    "undated": and_(_TO_COME, o.expected_delivery_date.is_(None)),
                },
            ),
            ValueFilter("from", _l("From"), column=o.expected_delivery_date, parse=parse_day, operator=ge, kind="date"),
            ValueFilter(
                "until", _l("Until"), column=o.expected_delivery_date, parse=parse_day, operator=le, kind="date"
            ),
        ],
        search_label=_l("Search by number, supplier or store"),
        empty_text=_l("Order from what ran low or as last time, and send it by mail or as text."),
        icon="send",
    ),
    search_entity=None,
    search=[o.po_number, s.name, t.name],
)
