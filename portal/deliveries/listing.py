"""The list of deliveries."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func

from portal.deliveries.models import Delivery
from portal.deliveries.words import DeliveryStatus
from portal.invoices.models import Invoice
from portal.purchase_orders.models import PurchaseOrder
from portal.restaurants.models import Restaurant
from portal.restaurants.queries import offered_restaurants
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.users.models import User
from portal.web.listing import Column, Filter, IdFilter, Sort, ValueFilter, enum_filter, record_list
from portal.web.listing.declaration import moment
from portal.web.listing.filters import since, until

d, s, t, r = Delivery.__table__.c, Supplier.__table__.c, Store.__table__.c, Restaurant.__table__.c
o, i, p = PurchaseOrder.__table__.c, Invoice.__table__.c, User.__table__.c
TONES = {"draft": "warn", "received": "good", "reversed": "neutral"}
ANY = ("", _l("Any"))


def _restaurants() -> list[tuple[str, Any]]:
    return [ANY, *((str(row_id), name) for row_id, name in offered_restaurants())]


def _suppliers() -> list[tuple[str, Any]]:
    return [ANY, *((str(row_id), name) for row_id, name in Supplier.offered())]


def _joined() -> Any:
    # Each delivery has its supplier and its place. Were they joined so that they could be lacking from the whole, the
    # server would take a large chain for a few rows, and read and sort all of it for fifty.
    found: Any = Delivery.__table__
    places: Any = ((Supplier, s, d.supplier_id), (Store, t, d.store_id), (Restaurant, r, d.restaurant_id))
    for table, own, key in places:
        found = found.outerjoin(table.__table__, and_(own.account_id == d.account_id, own.id == key))
    others: Any = ((PurchaseOrder, o, d.purchase_order_id), (Invoice, i, d.invoice_id), (User, p, d.received_by_id))
    for table, own, key in others:
        found = found.outerjoin(table.__table__, and_(own.account_id == d.account_id, own.id == key))
    return found


DELIVERIES = record_list(
    "deliveries",
    Delivery,
    [
        Column("supplier", _l("Supplier"), source=s.name, below="paper_number"),
        Column("received_at", _l("Came"), nowrap=True, priority=1),
        Column("status", tones=TONES, priority=1),
        Column("store", _l("Store"), source=t.name, priority=1),
        Column("restaurant", _l("Restaurant"), source=r.name, priority=3),
        Column("order", _l("The order"), source=o.po_number, nowrap=True, priority=3),
        Column("invoice", _l("Invoice"), source=i.invoice_number, priority=3),
        Column("by", _l("Received by"), source=func.coalesce(func.nullif(p.full_name, ""), p.email), priority=4),
        Column("paper_number", in_table=False),
        Column("paper_date", in_table=False),
        Column("paper_total", in_table=False),
        Column("note", in_table=False),
    ],
    source=_joined(),
    sorts=[Sort("came", _l("Came"), d.received_at, parse=moment, descending=True, shown_by="received_at")],
    filters=[
        ValueFilter("restaurant_id", _l("Restaurant"), _restaurants, column=d.restaurant_id, parse=UUID),
        ValueFilter("supplier_id", _l("Supplier"), _suppliers, column=d.supplier_id, parse=UUID),
        enum_filter("status", _l("Status"), d.status, DeliveryStatus),
        Filter(
            "invoice",
            _l("Invoice"),
            choices=[ANY, ("none", _l("Without an invoice")), ("with", _l("With an invoice"))],
            conditions={"": None, "none": d.invoice_id.is_(None), "with": d.invoice_id.is_not(None)},
        ),
        IdFilter("store_id", _l("One store"), column=d.store_id),
        IdFilter("order_id", _l("One order"), column=d.purchase_order_id),
        since("since", _l("From"), d.received_at),
        until("until", _l("Until"), d.received_at),
    ],
    search_label=_l("Search by supplier, paper or order"),
    search=[d.paper_number, s.name, o.po_number],
    empty_text=_l("What comes in at the back door stands here, with an order or without."),
    icon="archive",
)
