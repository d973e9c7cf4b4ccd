"""Prices that invoices bring: noted with the paper, taken back with it, compared with those before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from portal.accounts.models import Account
from portal.catalogue import price_rows
from portal.catalogue.agreements import Agreements
from portal.catalogue.conversions import MAX_BASE
from portal.catalogue.price_findings import DRIFT_DAYS, Found, Limits, PricePoint, above_agreed, compare
from portal.catalogue.prices import PriceSource
from portal.catalogue.queries import base_units, unit_rows
from portal.catalogue.settings import SupplySettings
from portal.db.base import db
from portal.db.planning import after_many_rows


class PricedInvoice(Protocol):
    """What prices need to know of an invoice; its ``source`` and ``kind`` are words."""

    @property
    def id(self) -> Any: ...
    @property
    def supplier_id(self) -> Any: ...
    @property
    def restaurant_id(self) -> Any: ...
    @property
    def store_id(self) -> Any: ...
    @property
    def invoice_date(self) -> Any: ...
    @property
    def currency(self) -> Any: ...
    @property
    def source(self) -> Any: ...
    @property
    def kind(self) -> Any: ...
    @property
    def user_id(self) -> Any: ...


class PricedLine(Protocol):
    """What prices need to know of a line."""

    @property
    def id(self) -> Any: ...
    @property
    def inventory_item_id(self) -> Any: ...
    @property
    def supplier_item_id(self) -> Any: ...
    @property
    def quantity(self) -> Any: ...
    @property
    def unit_id(self) -> Any: ...
    @property
    def line_total(self) -> Any: ...
    @property
    def vat_amount(self) -> Any: ...
    @property
    def base_quantity(self) -> Any: ...


# From here on the server is told that they are many.
MANY = 100
Entry = tuple[PricedInvoice, Sequence[PricedLine]]


@dataclass(frozen=True)
class PriceFinding:
    """Something about the price of a line that a person should look at (``price_findings``), and the money in it.

    ``evidence`` holds plain texts: ``from`` and ``to`` per base ``unit`` with ``percent``, ``since`` and the
    ``price_id`` and ``line_id`` that it is compared with; of a shrunk pack also ``from_size``, ``to_size`` and
    ``pack``; of an agreed price ``agreed`` and ``paid`` per ``unit``. ``currency`` is that of the invoice.
    """

    invoice_item_id: UUID
    kind: str
    evidence: dict[str, Any]
    money: Decimal


def note_prices(invoice: PricedInvoice, lines: Sequence[PricedLine]) -> list[PriceFinding]:
    """Note the prices of an active invoice, and what they say; noted once more, they replace what was noted before."""
    return note_all_prices([(invoice, lines)])


def note_all_prices(entries: Collection[Entry]) -> list[PriceFinding]:
    """The same for many invoices, in as few statements as for one."""
    if not entries:
        return []
    db.session.flush()
    settings = SupplySettings.current()
    prices = [price for entry in entries for price in _prices(*entry, settings)]
    _replace([invoice.id for invoice, _lines in entries], prices)
    return list(_findings(entries, prices, Limits(settings.price_alert, settings.price_tolerance)))


def void_prices(invoice_ids: Collection[UUID]) -> None:
    """Take back the prices of invoices; the items cost what the prices before say, or what is not known."""
    db.session.flush()
    _replace(invoice_ids, [])


def reckon_changes(supplier_ids: Collection[UUID]) -> None:
    """Work out anew what the prices of suppliers say of each other: some of them came from another one, or went."""
    db.session.flush()
    pairs = price_rows.pairs_of(supplier_ids)
    if pairs:
        price_rows.hold_items({item_id for item_id, _supplier in pairs})
        price_rows.settle(pairs, date.min)


def _prices(invoice: PricedInvoice, lines: Sequence[PricedLine], settings: SupplySettings) -> Iterator[dict[str, Any]]:
    """The rows of the lines that say a price: with a known item and quantity, and paid for. A return says none."""
    if invoice.kind != "invoice":
        return
    source = PriceSource.IIKO if invoice.source == "iiko" else PriceSource.INVOICE
    for line in lines:
        cost = cost_of(line.line_total, line.vat_amount, is_recoverable=settings.vat_recoverable)
        if line.inventory_item_id is None or not is_price(cost, line.quantity, line.base_quantity):
            continue
        yield {
            "inventory_item_id": line.inventory_item_id,
            "restaurant_id": invoice.restaurant_id,
            "store_id": invoice.store_id,
            "supplier_id": invoice.supplier_id,
            "invoice_item_id": line.id,
            "price_date": invoice.invoice_date,
            "source": source.value,
            "quantity": line.quantity,
            "unit_id": line.unit_id,
            "amount": cost,
            "currency": invoice.currency,
            "base_quantity": line.base_quantity,
            "user_id": invoice.user_id,
        }


def cost_of(line_total: Decimal, vat_amount: Decimal, *, is_recoverable: bool) -> Decimal:
    """What a line costs: VAT is part of it where the chain cannot deduct it."""
    return line_total - vat_amount if is_recoverable else line_total


def is_price(cost: Decimal, quantity: Decimal, base_quantity: Decimal | None) -> bool:
    """Whether an amount and a quantity say a price that can be kept; a gift says none."""
    return base_quantity is not None and min(cost, quantity, base_quantity) > 0 and cost / base_quantity < MAX_BASE


def _many(prices: Sequence[Any]) -> AbstractContextManager[None]:
    return after_many_rows() if len(prices) > MANY else nullcontext()


def _replace(invoice_ids: Collection[UUID], prices: Sequence[Mapping[str, Any]]) -> None:
    """Let the prices of those invoices be these, and have all that follows from them worked out anew."""
    standing = price_rows.standing_prices(invoice_ids)
    pairs = {(each.item_id, each.supplier_id) for each in standing}
    pairs |= {(each["inventory_item_id"], each["supplier_id"]) for each in prices}
    if not pairs:
        return
    price_rows.hold_items({item_id for item_id, _supplier in pairs})
    kept = {each["invoice_item_id"] for each in prices}
    price_rows.take_back([each.line_id for each in standing if each.line_id not in kept])
    price_rows.write([dict(each) for each in prices])
    since = min([*(each.day for each in standing), *(each["price_date"] for each in prices)])
    with _many(prices):
        price_rows.settle(pairs, since)


def _findings(
    entries: Collection[Entry], prices: Sequence[Mapping[str, Any]], limits: Limits
) -> Iterator[PriceFinding]:
    """What the prices say beside earlier ones and beside what was agreed, line by line."""
    words = _Words([line.inventory_item_id for _invoice, lines in entries for line in lines])
    earlier = _points(prices)
    agreements = Agreements.of(entries, Account.current().currency)
    for invoice, lines in entries:
        for line in lines:
            for found in _found(invoice, line, earlier, agreements, limits):
                evidence = words.add_to(found, line, invoice.currency)
                yield PriceFinding(line.id, found.kind, evidence, found.money)


def _found(
    invoice: PricedInvoice,
    line: PricedLine,
    points: Mapping[UUID, tuple[PricePoint, Sequence[PricePoint]]],
    agreements: Agreements,
    limits: Limits,
) -> Iterator[Found]:
    if line.id in points:
        yield from compare(*points[line.id], limits)
    agreed = agreements.find(invoice, line)
    if agreed is not None:
        agreement, quantity = agreed
        told = above_agreed(line.line_total, quantity, agreement, limits, invoice.invoice_date)
        if told is not None:
            yield told


class _First(Sequence[PricePoint]):
    """The first of some prices, to which others may have been added since: a copy for each would fill the memory."""

    def __init__(self, points: list[PricePoint]) -> None:
        self._points, self._count = points, len(points)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        if not 0 <= place < self._count:
            raise IndexError(place)
        return self._points[place]


def _points(prices: Sequence[Mapping[str, Any]]) -> dict[UUID, tuple[PricePoint, Sequence[PricePoint]]]:
    """By the line of each price: the price as it stands, and those of the same item and supplier before it."""
    if not prices:
        return {}
    days: list[date] = [each["price_date"] for each in prices]
    pairs = {(each["inventory_item_id"], each["supplier_id"]) for each in prices}
    with _many(prices):
        found = price_rows.points(pairs, min(days) - timedelta(days=DRIFT_DAYS), max(days))
    noted = {each["invoice_item_id"] for each in prices}
    before: dict[Any, list[PricePoint]] = defaultdict(list)
    told: dict[UUID, tuple[PricePoint, Sequence[PricePoint]]] = {}
    for row in found:
        point = PricePoint(
            row.day,
            row.amount,
            row.quantity,
            row.unit_id,
            row.base_quantity,
            row.entered,
            row.price_id,
            row.line_id,
        )
        earlier = before[row.item_id, row.supplier_id, row.currency]
        if row.line_id is not None and row.line_id in noted:
            told[row.line_id] = point, _First(earlier)
        earlier.append(point)
    return told


class _Words:
    """The symbols of units, looked up once something is to be told."""

    def __init__(self, item_ids: Iterable[UUID | None]) -> None:
        self._item_ids = {each for each in item_ids if each is not None}
        self._symbols: dict[UUID, str] = {}
        self._bases: dict[UUID, UUID] = {}

    def add_to(self, found: Found, line: PricedLine, currency: str) -> dict[str, Any]:
        """The evidence with the words that a sentence needs."""
        if not self._symbols:
            self._symbols = {row.id: row.symbol for row in unit_rows()}
            self._bases = base_units(self._item_ids)
        told = dict(found.evidence) | {"currency": currency}
        named = told.pop("unit_id", None)
        symbol = self._symbols.get(UUID(named)) if named else None
        if "agreed" in told:
            return told | {"unit": symbol}
        return (
            told
            | {"unit": self._symbols.get(self._bases[line.inventory_item_id])}
            | ({"pack": symbol} if "from_size" in told else {})
        )
