"""A price with its paper, and how it came about."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import bindparam, func, tuple_

from portal.catalogue.checking import told_step
from portal.catalogue.conversions import Conversions
from portal.catalogue.explaining import Explanation, Input
from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.catalogue.price_words import format_change, format_price
from portal.catalogue.prices import ItemPrice, PriceSource
from portal.db.amounts import format_money, format_quantity
from portal.db.base import db
from portal.invoices.models import Invoice, InvoiceItem
from portal.restaurants.models import Restaurant
from portal.suppliers.models import Supplier
from portal.tenancy.reading import RowQuery, id_named
from portal.users.models import User
from portal.web.language import choose_locale
from portal.web.listing import Page
from portal.web.navigation import page_of
from portal.web.times import typed_day
from portal.web.values import uuid_or_none

MAX_SHOWN = 30

h, i, s, r = ItemPrice.__table__.c, InventoryItem.__table__.c, Supplier.__table__.c, Restaurant.__table__.c
n, l, a = Invoice.__table__.c, InvoiceItem.__table__.c, User.__table__.c  # noqa: E741
base, unit = MeasureUnit.__table__.alias("base_unit"), MeasureUnit.__table__.alias("paper_unit")
_COLUMNS = (
    h.id, h.inventory_item_id, h.price_date, h.amount, h.quantity, h.unit_id, h.base_quantity, h.price, h.change,
    h.currency, h.source, h.voided_at, h.created_at, h.entry_no, h.supplier_id, h.restaurant_id,
    i.name.label("item"), s.name.label("supplier"), base.c.symbol.label("base_symbol"),
    unit.c.symbol.label("unit_symbol"), n.id.label("invoice_id"), n.invoice_number, r.name.label("restaurant"),
    l.line_total, l.vat_amount, func.coalesce(func.nullif(a.full_name, ""), a.email).label("who"),
)  # fmt: skip


def _with_paper(query: Any) -> Any:
    return (
        query.join(InventoryItem.__table__, (i.account_id == h.account_id) & (i.id == h.inventory_item_id))
        .join(base, (base.c.account_id == i.account_id) & (base.c.id == i.default_unit_id))
        .outerjoin(unit, (unit.c.account_id == h.account_id) & (unit.c.id == h.unit_id))
        .outerjoin(Supplier.__table__, (s.account_id == h.account_id) & (s.id == h.supplier_id))
        .outerjoin(InvoiceItem.__table__, (l.account_id == h.account_id) & (l.id == h.invoice_item_id))
        .outerjoin(Invoice.__table__, (n.account_id == l.account_id) & (n.id == l.invoice_id))
        .outerjoin(Restaurant.__table__, (r.account_id == h.account_id) & (r.id == h.restaurant_id))
        .outerjoin(User.__table__, (a.account_id == h.account_id) & (a.id == h.user_id))
    )


def _latest(query: Any) -> Any:
    return query.order_by(h.price_date.desc(), h.entry_no.desc())


def _given(column: Any) -> Any:
    return bindparam(column.key, None, type_=column.type)


_ONE = RowQuery(ItemPrice, _COLUMNS, lambda query: _with_paper(query).where(h.id == id_named("price_id")))
_OF_ITEM = RowQuery(
    ItemPrice,
    _COLUMNS,
    lambda query: _latest(_with_paper(query)).where(h.inventory_item_id == id_named("item_id")).limit(MAX_SHOWN),
)
_BEFORE = RowQuery(
    ItemPrice,
    _COLUMNS,
    lambda query: _latest(_with_paper(query)).where(
        h.inventory_item_id == id_named("item_id"),
        h.supplier_id == id_named("supplier_id"),
        h.currency == _given(h.currency),
        tuple_(h.price_date, h.entry_no) < tuple_(_given(h.price_date), _given(h.entry_no)),
        h.voided_at.is_(None),
    ).limit(MAX_SHOWN),
)  # fmt: skip


class PriceView:
    """A price in words; ``row`` is what one of the statements above gives.

    ``among`` are prices that were read already, the newest first, and ``known`` the conversions of the item.
    """

    def __init__(self, row: Any, among: Sequence[Any] = (), known: Conversions | None = None) -> None:
        self._row, self._among, self._known = row, among, known
        self.id: UUID = row.id
        self.item_id: UUID = row.inventory_item_id
        self.item: str = row.item
        self.supplier: str | None = row.supplier
        self.restaurant: str | None = row.restaurant
        self.is_standing = row.voided_at is None
        self.price: Decimal = row.price
        self.currency: str = row.currency

    @classmethod
    def find(cls, price: ItemPrice) -> "PriceView":
        """The same of a price that was found."""
        return cls(_ONE.first(price_id=price.id))

    @property
    def date(self) -> date:
        """The day of the paper."""
        day: date = self._row.price_date
        return day

    @property
    def day(self) -> str:
        """The same in the reader's language."""
        return typed_day(self.date, choose_locale())

    @property
    def told(self) -> str:
        """What a base unit cost."""
        return format_price(self._row.price, self.currency, self._row.base_symbol)

    @property
    def paid(self) -> str:
        """What was paid for how much, as the paper has it."""
        quantity = " ".join(filter(None, (format_quantity(self._row.quantity), self._row.unit_symbol)))
        return _("%(amount)s for %(quantity)s", amount=self._money(self._row.amount), quantity=quantity)

    @property
    def change(self) -> str:
        """Against the last price before of the same supplier."""
        return format_change(self._row.change)

    @property
    def paper(self) -> str:
        """The paper that it stands on, or where else it came from."""
        if self._row.invoice_id is None:
            return str(PriceSource.read(self._row.source).label)
        number = self._row.invoice_number or _("without a number")
        return _("%(number)s of %(day)s", number=number, day=self.day)

    @property
    def paper_url(self) -> str | None:
        """The page of the paper."""
        return page_of("invoice", self._row.invoice_id)

    @cached_property
    def before(self) -> "PriceView | None":
        """The last price before of the same supplier, which the change is reckoned from."""
        if self._row.supplier_id is None:
            return None
        found = self._earlier(self._among)
        if found is None and not self._is_among_all:
            names = ("supplier_id", "currency", "price_date", "entry_no")
            self._among = _BEFORE.all(item_id=self.item_id, **{name: getattr(self._row, name) for name in names})
            found = self._earlier(self._among)
        return None if found is None else PriceView(found, self._among, self.known)

    @property
    def _is_among_all(self) -> bool:
        """Whether no earlier one can be missing among those that were read."""
        return 0 < len(self._among) < MAX_SHOWN

    def _earlier(self, rows: Sequence[Any]) -> Any:
        own = (self._row.price_date, self._row.entry_no)
        same = (self._row.supplier_id, self.currency)
        return next(
            (
                row
                for row in rows
                if (row.supplier_id, row.currency) == same
                and (row.price_date, row.entry_no) < own
                and row.voided_at is None
            ),
            None,
        )

    @cached_property
    def known(self) -> Conversions:
        """The conversions of the item."""
        return self._known or Conversions.of([self.item_id])

    @property
    def explanation(self) -> Explanation:
        """How the price of a base unit came about."""
        return Explanation(
            title=_("%(item)s, %(price)s", item=self.item, price=self.told),
            formula=f"{self._money(self._row.amount)} ÷ {self._base} = {self.told}",
            inputs=self._inputs(),
            when=self._entered_at,
            who=self._row.who,
            note=self._vat,
        )

    def _inputs(self) -> Sequence[Input]:
        papers = ", ".join(filter(None, (self.paper, self.supplier, self.restaurant)))
        found = [Input(_("Paper"), papers, self.paper_url), Input(_("Paid"), self.paid)]
        found += [Input(_("Conversion"), told) for told in self.conversion]
        found.append(Input(_("Quantity in the base unit"), self._base))
        if self.before is not None:
            found.append(Input(_("Price before"), f"{self.before.told}, {self.before.paper}", self.before.paper_url))
            found.append(Input(_("Price change"), self.change))
        return found

    @cached_property
    def conversion(self) -> list[str]:
        """How the paper's unit leads to the base unit, step by step, or that this was another way then."""
        known = self.known
        path = known.path(self.item_id, self._row.unit_id)
        if (
            path is None
            or known.to_base(self.item_id, self._row.quantity, self._row.unit_id) != self._row.base_quantity
        ):
            return [_("Not that of today: the price keeps the quantity that it was made with.")]
        return [told_step(step, known.symbols) for step in path]

    @property
    def _base(self) -> str:
        return f"{format_quantity(self._row.base_quantity)} {self._row.base_symbol}"

    @property
    def _entered_at(self) -> datetime:
        moment: datetime = self._row.created_at
        return moment

    @property
    def _vat(self) -> str | None:
        if not self._row.vat_amount:
            return None
        if self._row.amount == self._row.line_total:
            return _("VAT is part of it: %(amount)s.", amount=self._money(self._row.vat_amount))
        return _("Without VAT, which is deducted: %(amount)s.", amount=self._money(self._row.vat_amount))

    def _money(self, amount: Decimal) -> str:
        return format_money(amount, self.currency)


def prices_of(item: InventoryItem, known: Conversions) -> list[PriceView]:
    """The latest prices of an item that the reader may see, the newest first, taken back ones too."""
    rows = _OF_ITEM.all(item_id=item.id)
    return [PriceView(row, rows, known) for row in rows]


def names_of_filters(page: Page) -> dict[str, str | None]:
    """What the item and the supplier are called that the list is narrowed to by a link."""
    entities = {"item_id": InventoryItem, "supplier_id": Supplier}
    ids = {key: uuid_or_none(page.chosen(key)) for key in entities}
    rows = {key: db.session.get(entity, ids[key]) if ids[key] else None for key, entity in entities.items()}
    return {key: getattr(row, "name", None) for key, row in rows.items()}
