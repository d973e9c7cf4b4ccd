"""The lists of stock: what stores hold, the journal, and counts."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, FromClause, Text, and_, cast, func, select

from portal.catalogue.listing import categories
from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.db.amounts import NO_BREAK_SPACE, format_quantity
from portal.inventory.conditions import expired_condition, expiring_condition, low_condition
from portal.inventory.models import StockBalance, StockMovement, Stocktake, StocktakeItem
from portal.inventory.words import MovementKind, StocktakeStatus, WriteOffReason
from portal.restaurants.models import Restaurant
from portal.restaurants.queries import offered_restaurants
from portal.stores.models import Store
from portal.users.models import User
from portal.web.language import choose_locale
from portal.web.listing import Column, Filter, IdFilter, Sort, ValueFilter, enum_filter, record_list
from portal.web.listing.declaration import moment
from portal.web.listing.filters import since, until
from portal.web.times import typed_day

b, m, c = StockBalance.__table__.c, StockMovement.__table__.c, Stocktake.__table__.c
i, u, n = InventoryItem.__table__.c, MeasureUnit.__table__.c, StocktakeItem.__table__.c
r, t, p = Restaurant.__table__.c, Store.__table__.c, User.__table__.c
CROSSING = StockMovement.__table__.alias("crossing")
# Looked up for the rows that are shown: joined, the movements of years would be read for fifty balances.
CROSSED_AT = (
    select(CROSSING.c.happened_at)
    .where(CROSSING.c.account_id == b.account_id, CROSSING.c.id == b.crossed_by_id)
    .correlate(StockBalance.__table__)
    .scalar_subquery()
)
FAR = date(9999, 12, 31)
ANY = ("", _l("Any"))
STATUS_TONES = {"counting": "accent", "posted": "good", "abandoned": "neutral"}
KIND_TONES = {"receipt": "good", "write_off": "warn", "undo": "neutral", "count": "accent"} | dict.fromkeys(
    ("sale", "transfer", "correction"), "neutral"
)


def day_text(value: date) -> str:
    """A day as papers write it."""
    return typed_day(value, choose_locale())


def with_unit(quantity: ColumnElement[Any]) -> ColumnElement[Any]:
    """A quantity beside the symbol of its unit, to be told by ``told_quantity``."""
    return cast(quantity, Text).concat(" ").concat(u.symbol)


def told_quantity(told: str) -> str:
    """Such as "2,5 kg"."""
    number, _blank, symbol = told.partition(" ")
    return f"{format_quantity(Decimal(number))}{NO_BREAK_SPACE}{symbol}"


def told_change(told: str) -> str:
    """The same with its sign."""
    sign = "\u2212" if told.startswith("-") else "+"
    return sign + told_quantity(told.removeprefix("-"))


def told_reason(word: str) -> Any:
    """Why something was written off."""
    return WriteOffReason.read(word).label


def _offered_restaurants() -> list[tuple[str, Any]]:
    return [ANY, *((str(row_id), name) for row_id, name in offered_restaurants())]


def _placed(rows: FromClause, columns: Any) -> FromClause:
    """The rows with their stores and restaurants, which all have: see the list of deliveries."""
    store = and_(t.account_id == columns.account_id, t.id == columns.store_id)
    restaurant = and_(r.account_id == columns.account_id, r.id == columns.restaurant_id)
    return rows.outerjoin(Store.__table__, store).outerjoin(Restaurant.__table__, restaurant)


def _of_items(rows: FromClause, columns: Any) -> FromClause:
    """The rows with their items, and the units that those are told in."""
    item = and_(i.account_id == columns.account_id, i.id == columns.inventory_item_id)
    unit = and_(u.account_id == i.account_id, u.id == i.default_unit_id)
    return rows.join(InventoryItem.__table__, item).join(MeasureUnit.__table__, unit)


def _by(rows: FromClause, columns: Any, person_id: Any) -> FromClause:
    """The rows with whoever entered them."""
    return rows.outerjoin(User.__table__, and_(p.account_id == columns.account_id, p.id == person_id))


def _place_filters(columns: Any) -> list[Filter]:
    return [
        ValueFilter("restaurant_id", _l("Restaurant"), _offered_restaurants, column=columns.restaurant_id, parse=UUID),
        IdFilter("store_id", _l("One store"), column=columns.store_id),
    ]


NAME_OF_PERSON = func.coalesce(func.nullif(p.full_name, ""), p.email)
STOCK = record_list(
    "stock",
    StockBalance,
    [
        Column("item", _l("Item"), source=i.name, below="lot"),
        Column(
            "held",
            _l("There is"),
            source=with_unit(b.quantity),
            show=told_quantity,
            number=True,
            nowrap=True,
            in_export=False,
            priority=1,
        ),
        Column("expiry", _l("Best before"), source=b.expiry_date, show=day_text, absent="", nowrap=True, priority=1),
        Column("place", _l("Store"), source=t.name.concat(" · ").concat(r.name), in_export=False, priority=1),
        Column("store", _l("Store"), source=t.name, in_table=False),
        Column("restaurant", _l("Restaurant"), source=r.name, in_table=False),
        Column("crossed_at", _l("Below zero since"), source=CROSSED_AT, absent="", nowrap=True, priority=3),
        Column("category", _l("Category"), source=i.category, priority=4),
        Column("lot", _l("Lot"), source=b.lot_number, in_table=False),
        Column("quantity", in_table=False),
        Column("unit", _l("Unit"), source=u.symbol, in_table=False),
        Column("reorder_level", _l("Reorder level"), source=i.reorder_level, in_table=False),
    ],
    source=_placed(_of_items(StockBalance.__table__, b), b),
    sorts=[
        Sort("item", _l("Item"), i.name, shown_by="item"),
        Sort(
            "expiry",
            _l("Best before"),
            func.coalesce(b.expiry_date, FAR),
            parse=date.fromisoformat,
            shown_by="expiry",
        ),
        Sort("held", _l("There is"), b.quantity, parse=Decimal, shown_by="held"),
    ],
    filters=[
        *_place_filters(b),
        IdFilter("item_id", _l("One item"), column=b.inventory_item_id),
        ValueFilter("category", _l("Category"), categories, column=i.category),
        Filter(
            "level",
            _l("How much"),
            choices=[
                ("", _l("All that is there")),
                ("low", _l("Below the reorder level")),
                ("below", _l("Below zero")),
                ("none", _l("Used up")),
                ("all", _l("All")),
            ],
            conditions={
                "": b.quantity != 0,
                "low": low_condition(),
                "below": b.quantity < 0,
                "none": b.quantity == 0,
                "all": None,
            },
        ),
        Filter(
            "expires",
            _l("Best before"),
            choices=[ANY, ("over", _l("Expired")), ("soon", _l("Expires within 3 days")), ("dated", _l("With a date"))],
            conditions={
                "": None,
                "over": expired_condition(),
                "soon": expiring_condition(),
                "dated": b.expiry_date.is_not(None),
            },
        ),
    ],
    search_label=_l("Search by item"),
    search_entity="inventory_item",
    search_key=b.inventory_item_id,
    empty_text=_l("What is received, counted or brought from another store stands here."),
    icon="archive",
)

MOVEMENTS = record_list(
    "movements",
    StockMovement,
    [
        Column("item", _l("Item"), source=i.name, below="lot"),
        Column(
            "change",
            _l("Quantity"),
            source=with_unit(m.quantity),
            show=told_change,
            number=True,
            nowrap=True,
            in_export=False,
            priority=1,
        ),
        Column("kind", _l("Kind"), tones=KIND_TONES, priority=1),
        Column("happened_at", _l("When"), nowrap=True, priority=1),
        Column("store", _l("Store"), source=t.name, priority=2),
        Column("restaurant", _l("Restaurant"), source=r.name, priority=4),
        Column("why", _l("Reason"), source=m.reason, show=told_reason, priority=3),
        Column("by", _l("Entered by"), source=NAME_OF_PERSON, priority=3),
        Column("lot", _l("Lot"), source=m.lot_number, in_table=False),
        Column("expiry_date", _l("Best before"), in_table=False),
        Column("quantity", in_table=False),
        Column("unit", _l("Unit"), source=u.symbol, in_table=False),
        Column("note", in_table=False),
        Column("created_at", _l("Entered"), in_table=False),
    ],
    source=_by(_placed(_of_items(StockMovement.__table__, m), m), m, m.entered_by_id),
    sorts=[Sort("when", _l("When"), m.happened_at, parse=moment, descending=True, shown_by="happened_at")],
    filters=[
        *_place_filters(m),
        IdFilter("item_id", _l("One item"), column=m.inventory_item_id),
        IdFilter("group_id", _l("Entered together"), column=m.group_id),
        enum_filter("kind", _l("Kind"), m.kind, MovementKind),
        since("since", _l("From"), m.happened_at),
        until("until", _l("Until"), m.happened_at),
    ],
    search_label=_l("Search by item"),
    search_entity="inventory_item",
    search_key=m.inventory_item_id,
    title=_l("Movements of stock"),
    empty_text=_l("Everything that made stock more or less stands here, and by whom."),
    icon="archive",
)


def told_progress(told: str) -> str:
    """Such as "12 of 40"."""
    counted, _blank, lines = told.partition(" ")
    return _("%(counted)s of %(lines)s", counted=counted, lines=lines)


def _lines(*conditions: ColumnElement[bool]) -> Any:
    own = (n.account_id == c.account_id, n.stocktake_id == c.id)
    query = select(func.count()).select_from(StocktakeItem.__table__).where(*own, *conditions)
    return query.correlate(Stocktake.__table__).scalar_subquery()


COUNTS = record_list(
    "stocktakes",
    Stocktake,
    [
        Column("store", _l("Store"), source=t.name, below="restaurant"),
        Column(
            "counted",
            _l("Counted"),
            source=cast(_lines(n.counted_quantity.is_not(None)), Text).concat(" ").concat(cast(_lines(), Text)),
            show=told_progress,
            nowrap=True,
            priority=1,
        ),
        Column("status", tones=STATUS_TONES, priority=1),
        Column("restaurant", _l("Restaurant"), source=r.name, in_table=False),
        Column("created_at", _l("Begun"), nowrap=True, priority=3),
        Column("posted_at", _l("Posted"), nowrap=True, priority=2),
        Column("by", _l("Posted by"), source=NAME_OF_PERSON, priority=3),
        Column("note", in_table=False),
    ],
    source=_by(_placed(Stocktake.__table__, c), c, c.posted_by_id),
    sorts=[Sort("begun", _l("Begun"), c.created_at, parse=moment, descending=True, shown_by="created_at")],
    filters=[*_place_filters(c), enum_filter("status", _l("Status"), c.status, StocktakeStatus)],
    search_label=_l("Search by store or restaurant"),
    empty_text=_l("Count a store alone or several of you at once, each line by itself."),
    icon="check",
    search=[t.name, r.name],
)
