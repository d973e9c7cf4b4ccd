"""A paper beside those that it may be: both of them in the same words, with their photos."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, select

from portal.db.amounts import DASH, format_money
from portal.db.base import db
from portal.documents.models import Document
from portal.documents.verbs import photos_of
from portal.invoices.duplicates import Duplicate, DuplicateFound
from portal.invoices.models import Invoice
from portal.invoices.paper import Paper
from portal.invoices.queries import lines_of
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.web.language import choose_locale
from portal.web.times import typed_day

# Of papers as long as a book the first lines are enough to tell them apart.
MAX_LINES = 8


@dataclass(frozen=True)
class Fact:
    """One thing that a paper says, and whether the other one says the same."""

    label: str
    value: str
    is_same: bool


@dataclass(frozen=True)
class Side:
    """A paper as the question shows it."""

    title: str
    facts: list[Fact]
    lines: list[str]
    more: str = ""
    photos: Sequence[Document] = ()
    url: str | None = None


@dataclass(frozen=True)
class Pair:
    """The paper that is entered, and one that it may be; without ``sides`` where the person does not see the other."""

    sentence: str
    is_stop: bool
    sides: tuple[Side, ...] = ()


@dataclass
class DuplicatesPage:
    """The question: every pair, in the order of the rules."""

    found: DuplicateFound
    paper: Paper
    document: Document | None = None
    pairs: list[Pair] = field(init=False)

    def __post_init__(self) -> None:
        others = [each.invoice for each in self.found.duplicates if each.invoice is not None]
        self._lines = lines_of([each.id for each in others])
        self._photos = photos_of([each.id for each in others])
        self._names = _Names.of([self.paper, *others])
        self.pairs = [self._pair(each) for each in self.found.duplicates]

    @property
    def is_stop(self) -> bool:
        """Whether one of them cannot be chance."""
        return self.found.is_stop

    def _pair(self, duplicate: Duplicate) -> Pair:
        invoice = duplicate.invoice
        if invoice is None:
            return Pair(duplicate.sentence, duplicate.is_stop)
        ours = self._names.told(self.paper, self.paper.number, self.paper.total)
        theirs = self._names.told(invoice, invoice.invoice_number, invoice.total_amount)
        photos = [self.document] if self.document is not None else []
        sides = (
            _side(_("The paper that you enter"), ours, theirs, self.paper.lines, self.paper.currency, photos),
            _side_of(_("The paper that is there"), invoice, (theirs, ours), self._lines, self._photos),
        )
        return Pair(duplicate.sentence, duplicate.is_stop, sides)


def beside(invoice: Invoice, other: Invoice) -> tuple[Side, Side]:
    """Two papers that stand, in the same words: what is to be decided about the first is because of the other."""
    names, ids = _Names.of([invoice, other]), [invoice.id, other.id]
    lines, photos = lines_of(ids), photos_of(ids)
    ours, theirs = (names.told(each, each.invoice_number, each.total_amount) for each in (invoice, other))
    return (
        _side_of(_("This paper"), invoice, (ours, theirs), lines, photos),
        _side_of(_("The other paper"), other, (theirs, ours), lines, photos),
    )


@dataclass(frozen=True)
class _Names:
    """What the suppliers and stores of some papers are called."""

    suppliers: dict[UUID, str]
    stores: dict[UUID, str]

    @classmethod
    def of(cls, papers: Sequence[Any]) -> "_Names":
        suppliers = _names_of_suppliers({each.supplier_id for each in papers})
        return cls(suppliers, _names_of_stores({each.store_id for each in papers}))

    def told(self, paper: Any, number: str, total: Decimal) -> dict[str, str]:
        return {
            "supplier": self.suppliers.get(paper.supplier_id, DASH),
            "store": self.stores.get(paper.store_id, DASH),
            "number": number or DASH,
            "date": typed_day(paper.invoice_date, choose_locale()),
            "total": format_money(total, paper.currency),
        }


def _side_of(
    title: str, invoice: Invoice, told: tuple[dict[str, str], dict[str, str]], lines: Any, photos: Any
) -> Side:
    url = url_for("account.invoices.show", invoice_id=invoice.id)
    return _side(title, *told, lines[invoice.id], invoice.currency, photos[invoice.id], url)


def _side(
    title: str,
    told: dict[str, str],
    other: dict[str, str],
    lines: Sequence[Any],
    currency: str,
    photos: Sequence[Document],
    url: str | None = None,
) -> Side:
    labels = {
        "supplier": _("Supplier"),
        "store": _("Store"),
        "number": _("Number"),
        "date": _("Date"),
        "total": _("Total"),
    }
    facts = [Fact(labels[name], value, value == other[name]) for name, value in told.items()]
    left = len(lines) - MAX_LINES
    more = ngettext("and %(num)s more row", "and %(num)s more rows", left) if left > 0 else ""
    return Side(title, facts, [_line(line, currency) for line in lines[:MAX_LINES]], more, photos, url)


def _line(line: Any, currency: str) -> str:
    total: Decimal = line.line_total
    return f"{line.description}: {format_money(total, currency)}"


def _names_of_suppliers(ids: set[UUID]) -> dict[UUID, str]:
    rows = db.session.execute(select(Supplier.id, Supplier.name).where(Supplier.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _names_of_stores(ids: set[UUID]) -> dict[UUID, str]:
    same = and_(Restaurant.account_id == Store.account_id, Restaurant.id == Store.restaurant_id)
    query = select(Store.id, Restaurant.name, Store.name.label("store")).join(Restaurant, same)
    rows = db.session.execute(query.where(Store.id.in_(ids)))
    return {row.id: f"{row.name} · {row.store}" for row in rows}
