"""The lists of invoices, and of what about them waits for a decision."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from operator import ge, le
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Text, cast, exists, func, literal_column, select

from portal.db.amounts import NO_BREAK_SPACE, Money
from portal.db.types import utc_now
from portal.invoices.models import Invoice, InvoiceException, InvoiceItem
from portal.invoices.words import ExceptionKind, ExceptionState, InvoiceSource, InvoiceStatus
from portal.restaurants.models import Restaurant
from portal.restaurants.queries import offered_restaurants
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.web.language import choose_locale
from portal.web.listing import Column, Filter, IdFilter, Sort, ValueFilter, enum_filter, record_list
from portal.web.listing.table import NAME_OF
from portal.web.times import parse_day, short_day, typed_day

i, e, n = Invoice.__table__.c, InvoiceException.__table__.c, InvoiceItem.__table__.c
s, r, t = Supplier.__table__.c, Restaurant.__table__.c, Store.__table__.c
ANY = ("", _l("Any"))
MONEY = Money()
STATUS_TONES = {"draft": "warn", "active": "accent", "paid": "good", "cancelled": "neutral"}
STATE_TONES = {"open": "warn", "accepted": "neutral", "disputed": "bad", "resolved": "good"}


def day_text(value: date) -> str:
    """A day of this year without it, which leaves room for the total on a phone; any other in full."""
    locale = choose_locale()
    told = short_day(value, locale).replace(" ", NO_BREAK_SPACE)
    return told if value.year == utc_now().year else typed_day(value, locale)


def with_currency(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    """An amount as the log keeps one, to be shown with its currency."""
    return cast(amount, Text).concat(" ").concat(i.currency)


def count_text(value: int) -> str:
    """How many there are; nothing for none."""
    return str(value) if value else ""


def _offered(read: Callable[[], list[tuple[UUID, str]]]) -> Any:
    return lambda: [ANY, *((str(row_id), name) for row_id, name in read())]


def _open_of(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    of_invoice = (e.account_id == i.account_id, e.invoice_id == i.id, e.state == ExceptionState.OPEN)
    return exists().where(*of_invoice, *conditions)


PLACE_FILTERS = [
    ValueFilter("restaurant_id", _l("Restaurant"), _offered(offered_restaurants), column=i.restaurant_id, parse=UUID),
    ValueFilter("supplier_id", _l("Supplier"), _offered(Supplier.offered), column=i.supplier_id, parse=UUID),
    IdFilter("store_id", _l("One store"), column=i.store_id),
]
INVOICES = record_list(
    "invoices",
    Invoice,
    [
        Column(
            "number",
            _l("Number"),
            source=func.coalesce(func.nullif(i.invoice_number, ""), "—"),
            below=NAME_OF % "supplier_id",
        ),
        Column("supplier_id", in_table=False),
        Column("dated", _l("Date"), source=i.invoice_date, show=day_text, nowrap=True, in_export=False, priority=1),
        Column(
            "told_total",
            _l("Total"),
            source=with_currency(i.total_amount),
            show=MONEY.shown,
            nowrap=True,
            number=True,
            in_export=False,
            priority=1,
        ),
        Column("store_id", priority=3),
        Column("status", tones=STATUS_TONES, priority=2),
        Column(
            "open_exceptions",
            _l("Exceptions"),
            source=select(func.count())
            .where(e.account_id == i.account_id, e.invoice_id == i.id, e.state == ExceptionState.OPEN)
            .scalar_subquery(),
            show=count_text,
            number=True,
            priority=2,
        ),
        Column("source", _l("Source"), priority=4),
        Column("invoice_date", in_table=False),
        Column("due_date", in_table=False),
        Column("kind", in_table=False),
        Column("restaurant_id", _l("Restaurant"), in_table=False),
        Column("total_amount", in_table=False),
        Column("vat_total", in_table=False),
        Column("stated_total", in_table=False),
        Column("currency", in_table=False),
    ],
    sorts=[
        Sort("date", _l("Date"), i.invoice_date, parse=date.fromisoformat, descending=True, shown_by="dated"),
        Sort("total", _l("Total"), i.total_amount, parse=Decimal, descending=True, shown_by="told_total"),
    ],
    filters=[
        *PLACE_FILTERS,
        Filter(
            "status",
            _l("Status"),
            choices=[("", _l("All but cancelled")), *InvoiceStatus.choices(), ("all", _l("All"))],
            conditions={
                "": i.status != InvoiceStatus.CANCELLED,
                **{word: i.status == word for word in InvoiceStatus.words()},
                "all": None,
            },
        ),
        Filter(
            "exception",
            _l("Exceptions"),
            choices=[ANY, ("open", _l("With open ones")), *ExceptionKind.choices()],
            conditions={
                "": None,
                "open": _open_of(),
                **{word: _open_of(e.kind == word) for word in ExceptionKind.words()},
            },
        ),
        ValueFilter("from", _l("From"), column=i.invoice_date, parse=parse_day, operator=ge, kind="date"),
        ValueFilter("until", _l("Until"), column=i.invoice_date, parse=parse_day, operator=le, kind="date"),
        enum_filter("source", _l("Source"), i.source, InvoiceSource),
    ],
    search_label=_l("Search by number"),
    empty_text=_l("Type a supplier's paper in, import a file, or connect iiko: its invoices come by themselves."),
    icon="file",
)

_source = (
    InvoiceException.__table__.outerjoin(Invoice.__table__, (i.account_id == e.account_id) & (i.id == e.invoice_id))
    .outerjoin(Supplier.__table__, (s.account_id == i.account_id) & (s.id == i.supplier_id))
    .outerjoin(Restaurant.__table__, (r.account_id == i.account_id) & (r.id == i.restaurant_id))
    .outerjoin(InvoiceItem.__table__, (n.account_id == e.account_id) & (n.id == e.invoice_item_id))
)


EXCEPTIONS = replace(
    record_list(
        "exceptions",
        InvoiceException,
        [
            Column("subject", _l("Line"), source=func.coalesce(n.description, literal_column("'—'")), below="paper"),
            Column("kind", _l("Exception"), tones=dict.fromkeys(ExceptionKind.words(), "neutral"), priority=1),
            Column(
                "stake",
                _l("Money at stake"),
                source=with_currency(e.money_at_stake),
                show=MONEY.shown,
                nowrap=True,
                number=True,
                in_export=False,
                priority=1,
            ),
            Column("supplier", _l("Supplier"), source=s.name, priority=2),
            Column("paper", _l("Invoice"), source=i.invoice_number, in_table=False),
            Column("dated", _l("Date"), source=i.invoice_date, show=day_text, in_export=False, nowrap=True, priority=3),
            Column("restaurant", _l("Restaurant"), source=r.name, priority=3),
            Column("state", tones=STATE_TONES, priority=2),
            Column("invoice_date", _l("Date"), source=i.invoice_date, in_table=False),
            Column("money_at_stake", in_table=False),
            Column("currency", _l("Currency"), source=i.currency, in_table=False),
            Column("reason", in_table=False),
        ],
        source=_source,
        sorts=[
            Sort("stake", _l("Money at stake"), e.money_at_stake, parse=Decimal, descending=True, shown_by="stake"),
            Sort("date", _l("Date"), i.invoice_date, parse=date.fromisoformat, descending=True, shown_by="dated"),
        ],
        filters=[
            *PLACE_FILTERS,
            Filter(
                "state",
                _l("State"),
                choices=[
                    ("", ExceptionState.OPEN.label),
                    *((word, label) for word, label in ExceptionState.choices() if word != ExceptionState.OPEN),
                    ("all", _l("All")),
                ],
                conditions={
                    "": e.state == ExceptionState.OPEN,
                    **{word: e.state == word for word in ExceptionState.words() if word != ExceptionState.OPEN},
                    "all": None,
                },
            ),
            enum_filter("kind", _l("Exception"), e.kind, ExceptionKind),
        ],
        search_label=_l("Search by number, supplier or line"),
        empty_text=_l("Where a paper does not come out, or a price leaps, it stands here until somebody decides."),
        icon="warning",
    ),
    search_entity=None,
    search=[i.invoice_number, s.name, func.coalesce(n.description, "")],
)
