"""The lists of items, units and prices."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import ge, lt
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, select

from portal.catalogue.models import InventoryItem, MeasureUnit, UnitCategory, UnitCategoryName
from portal.catalogue.price_words import bare_price, format_change
from portal.catalogue.prices import ItemPrice, PriceSource
from portal.db.amounts import format_quantity
from portal.db.base import db
from portal.iiko.sync.filters import iiko_filter
from portal.inventory.models import StockBalance
from portal.suppliers.listing import is_seen, seen_restaurants
from portal.suppliers.models import Supplier
from portal.tenancy.scope import require_scope
from portal.web.language import choose_locale
from portal.web.listing import Column, Filter, IdFilter, Sort, ValueFilter, enum_filter, record_list
from portal.web.times import parse_day, typed_day

i, u, k = InventoryItem.__table__.c, MeasureUnit.__table__.c, UnitCategory.__table__.c
b = StockBalance.__table__.c
h, s = ItemPrice.__table__.c, Supplier.__table__.c
MAX_CATEGORIES = 200
NEVER = date(1, 1, 1)
ANY = ("", _l("Any"))


def categories() -> list[tuple[str, Any]]:
    """The categories of the chain's items, by name."""
    query = select(i.category).where(i.account_id == require_scope().account_id, i.category.is_not(None)).distinct()
    found = db.session.connection().execute(query.order_by(i.category).limit(MAX_CATEGORIES)).scalars()
    return [ANY, *((each, each) for each in found)]


def day(value: date) -> str:
    """A day as people type it."""
    return typed_day(value, choose_locale())


def day_after(text: str) -> date:
    """The day after the one that was typed."""
    return parse_day(text) + timedelta(days=1)


def _since(key: str, label: Any, column: Any) -> ValueFilter:
    return ValueFilter(key, label, column=column, parse=parse_day, operator=ge, kind="date")


def _until(key: str, label: Any, column: Any) -> ValueFilter:
    return ValueFilter(key, label, column=column, parse=day_after, operator=lt, kind="date")


_OF_ITEM = (b.account_id == i.account_id, b.inventory_item_id == i.id, is_seen(b.restaurant_id))
# What the stores of the person's restaurants hold now; nothing where none of them keeps it.
IN_STOCK = select(func.sum(b.quantity)).where(*_OF_ITEM).correlate(InventoryItem.__table__).scalar_subquery()
# As the list of stock has it: a store keeps the item, and has less of it than the reorder level.
_LOW = (
    select(b.store_id)
    .where(*_OF_ITEM)
    .group_by(b.store_id)
    .having(func.sum(b.quantity) < i.reorder_level)
    .correlate(InventoryItem.__table__)
)


@dataclass(frozen=True)
class StockFilter(Filter):
    """Items of which a store has too little. It carries what the stock of the list depends on."""

    def parameters(self, value: str) -> dict[str, Any]:
        """Where the person works."""
        return seen_restaurants()


UNIT_OF_ITEM = InventoryItem.__table__.join(
    MeasureUnit.__table__, (u.account_id == i.account_id) & (u.id == i.default_unit_id)
)
ITEMS = record_list(
    "items",
    InventoryItem,
    [
        "name",
        Column("current_cost_per_unit", _l("Cost"), show=bare_price, number=True, nowrap=True, priority=1),
        Column("unit_symbol", _l("Per unit"), source=u.symbol, priority=1),
        Column("in_stock", _l("In stock"), source=IN_STOCK, show=format_quantity, number=True, nowrap=True, priority=2),
        Column("cost_changed_on", _l("Cost changed on"), show=day, nowrap=True, priority=3),
        Column("reorder_level", in_table=False),
        Column("category", priority=3),
        Column("sku", priority=4),
        Column("item_type", in_table=False),
        Column("description", in_table=False),
        "is_active",
        Column("iiko_id", in_table=False),
        Column("updated_at", priority=4),
    ],
    source=UNIT_OF_ITEM,
    sorts=[
        Sort("name", _l("Name"), i.name),
        Sort(
            "cost",
            _l("Cost"),
            func.coalesce(i.current_cost_per_unit, 0),
            parse=Decimal,
            descending=True,
            shown_by="current_cost_per_unit",
        ),
        Sort(
            "changed",
            _l("Cost changed on"),
            func.coalesce(i.cost_changed_on, NEVER),
            parse=date.fromisoformat,
            descending=True,
            shown_by="cost_changed_on",
        ),
    ],
    filters=[
        ValueFilter("category", _l("Category"), categories, column=i.category),
        Filter(
            "cost",
            _l("Cost"),
            choices=[ANY, ("unknown", _l("Not known")), ("known", _l("Known"))],
            conditions={
                "": None,
                "unknown": i.current_cost_per_unit.is_(None),
                "known": i.current_cost_per_unit.is_not(None),
            },
        ),
        StockFilter(
            "stock",
            _l("Stock"),
            choices=[ANY, ("low", _l("Below the reorder level"))],
            conditions={"": None, "low": and_(i.reorder_level.is_not(None), i.is_active, _LOW.exists())},
        ),
        iiko_filter(i),
    ],
    search_label=_l("Search by name or SKU"),
    empty_text=_l("What your kitchens buy and use. Items come from iiko, from a file, or by hand."),
    icon="archive",
)

UNITS = record_list(
    "units",
    MeasureUnit,
    [
        "name",
        Column("symbol", _l("Symbol"), priority=1),
        Column(
            "category",
            _l("What it measures"),
            source=k.name,
            show=lambda word: UnitCategoryName.read(word).label,
            priority=1,
        ),
        Column("base_factor", _l("In the smallest metric unit"), number=True, priority=2),
        Column("okei_code", _l("Code in ОКЕИ"), priority=3),
        "is_active",
        Column("updated_at", priority=4),
    ],
    source=MeasureUnit.__table__.join(
        UnitCategory.__table__, (k.account_id == u.account_id) & (k.id == u.unit_category_id)
    ),
    search_label=_l("Search by name or symbol"),
    empty_text=_l("Kilograms, litres and pieces are there from the start; packs are added as they come."),
    icon="archive",
)

PRICE_SOURCE = (
    ItemPrice.__table__.join(InventoryItem.__table__, (i.account_id == h.account_id) & (i.id == h.inventory_item_id))
    .join(MeasureUnit.__table__, (u.account_id == i.account_id) & (u.id == i.default_unit_id))
    .outerjoin(Supplier.__table__, (s.account_id == h.account_id) & (s.id == h.supplier_id))
)
PRICES = record_list(
    "prices",
    ItemPrice,
    [
        Column("item", _l("Item"), source=i.name),
        Column("supplier", _l("Supplier"), source=s.name, priority=3),
        Column("price", _l("Price"), show=bare_price, number=True, nowrap=True, priority=1),
        Column("currency", _l("Currency"), priority=4),
        Column("unit_symbol", _l("Per unit"), source=u.symbol, priority=2),
        Column("change", _l("Price change"), show=format_change, number=True, nowrap=True, priority=1),
        Column("price_date", _l("Date"), show=day, nowrap=True, priority=2),
        Column("amount", _l("Amount"), in_table=False),
        Column("quantity", _l("Quantity"), in_table=False),
        Column("base_quantity", _l("Quantity in the base unit"), in_table=False),
        Column("source", _l("Where it came from"), priority=4),
    ],
    source=PRICE_SOURCE,
    sorts=[
        Sort("date", _l("Date"), h.price_date, parse=date.fromisoformat, descending=True, shown_by="price_date"),
        Sort("change", _l("Price change"), h.change, parse=Decimal, descending=True, shown_by="change"),
    ],
    filters=[
        IdFilter("item_id", _l("One item"), column=h.inventory_item_id),
        IdFilter("supplier_id", _l("One supplier"), column=h.supplier_id),
        Filter(
            "change",
            _l("Price change"),
            choices=[
                ANY,
                ("5", _l("Rose by 5 per cent or more")),
                ("10", _l("Rose by 10 per cent or more")),
                ("20", _l("Rose by 20 per cent or more")),
                ("fell", _l("Fell")),
            ],
            conditions={"": None, "5": h.change >= 5, "10": h.change >= 10, "20": h.change >= 20, "fell": h.change < 0},
        ),
        enum_filter("source", _l("Where it came from"), h.source, PriceSource),
        Filter(
            "state",
            _l("State"),
            choices=[("", _l("Standing")), ("back", _l("Taken back")), ("all", _l("All"))],
            conditions={"": h.voided_at.is_(None), "back": h.voided_at.is_not(None), "all": None},
        ),
        _since("since", _l("From"), h.price_date),
        _until("until", _l("To"), h.price_date),
    ],
    search_label=_l("Search by item"),
    search_entity="inventory_item",
    search_key=h.inventory_item_id,
    empty_text=_l("Prices come with invoices."),
    icon="archive",
)
