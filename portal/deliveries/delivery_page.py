"""What the page of a delivery shows: what came, beside what was ordered and billed; papers and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.history import history_of
from portal.catalogue.graph import to_decimal
from portal.db.amounts import DASH, NO_BREAK_SPACE, format_money, format_quantity
from portal.db.base import db
from portal.deliveries.comparing import Comparison
from portal.deliveries.matching import Balance
from portal.deliveries.models import Delivery, DeliveryItem
from portal.deliveries.photos import may_remove, photos_of
from portal.deliveries.queries import lines_of_deliveries, proposed_invoices, related_to
from portal.deliveries.words import DeliveryStatus
from portal.invoices.models import Invoice
from portal.invoices.naming_page import names
from portal.purchase_orders.models import PurchaseOrder
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.users.models import User
from portal.web.language import choose_locale
from portal.web.navigation import page_of
from portal.web.times import typed_day

TONES = {"draft": "warn", "received": "good", "reversed": "neutral"}


@dataclass(frozen=True)
class LineShown:
    """One row in words."""

    name: str
    url: str | None
    came: str
    rejected: str | None
    reason: Any
    lot: str | None
    expiry: str | None
    has_stock: bool


@dataclass(frozen=True)
class BalanceShown:
    """An item's three sums in words."""

    name: str
    ordered: str
    accepted: str
    invoiced: str
    differs: bool


class DeliveryPage:
    """One delivery; what its parts need is read once for all of them."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.photos, self.may_remove = photos_of(delivery.id), may_remove
        self.history = history_of(delivery)
        self.zone = db.session.get_one(Restaurant, delivery.restaurant_id).timezone

    @cached_property
    def place(self) -> str:
        """Restaurant and store."""
        store = db.session.get_one(Store, self.delivery.store_id)
        return f"{db.session.get_one(Restaurant, self.delivery.restaurant_id).name} · {store.name}"

    @cached_property
    def lines(self) -> list[LineShown]:
        """What came, row by row."""
        rows = lines_of_deliveries([self.delivery.id])[self.delivery.id]
        names().expect(row.inventory_item_id for row in rows)
        return [self._shown(row) for row in rows]

    def _shown(self, row: DeliveryItem) -> LineShown:
        item, unit = names().item_of(row.inventory_item_id), names().unit_of(row.unit_id)
        symbol = unit.name if unit else ""
        return LineShown(
            name=item.name if item else DASH,
            url=page_of("inventory_item", row.inventory_item_id),
            came=_told(row.quantity, symbol),
            rejected=_told(row.rejected_quantity, symbol) if row.rejected_quantity else None,
            reason=row.rejection_reason.label if row.rejection_reason else None,
            lot=row.lot_number,
            expiry=typed_day(row.expiry_date, choose_locale()) if row.expiry_date else None,
            has_stock=row.base_quantity is not None,
        )

    @cached_property
    def balances(self) -> list[BalanceShown]:
        """Ordered, accepted and billed of each item of this delivery, all deliveries and papers of its order in it."""
        delivery = self.delivery
        if delivery.status is not DeliveryStatus.RECEIVED or not (delivery.invoice_id or delivery.purchase_order_id):
            return []
        invoices = [delivery.invoice_id] if delivery.invoice_id else []
        orders = [delivery.purchase_order_id] if delivery.purchase_order_id else []
        found = Comparison(related_to(invoices, orders)).balances_of(delivery.id)
        names().expect(found)
        return [self._balance(item_id, balance) for item_id, balance in found.items()]

    def _balance(self, item_id: UUID, balance: Balance) -> BalanceShown:
        item = names().item_of(item_id)
        unit = names().unit_of(item.unit_id) if item else None
        sums = (balance.ordered, balance.accepted, balance.invoiced)
        # What nobody has billed yet does not differ from anything.
        told = sums if balance.lines else sums[:2]
        known = {each for each in told if each is not None}
        ordered, accepted, invoiced = (
            DASH if each is None or not balance.is_known else _told(to_decimal(each), unit.name if unit else "")
            for each in sums
        )
        name = item.name if item else DASH
        return BalanceShown(name, ordered, accepted, invoiced, differs=balance.is_known and len(known) > 1)

    @cached_property
    def order(self) -> PurchaseOrder | None:
        """The order that it came of."""
        order_id = self.delivery.purchase_order_id
        return db.session.get(PurchaseOrder, order_id) if order_id else None

    @cached_property
    def invoice(self) -> Invoice | None:
        """Its paper."""
        return db.session.get(Invoice, self.delivery.invoice_id) if self.delivery.invoice_id else None

    @cached_property
    def proposals(self) -> Sequence[Invoice]:
        """Invoices that may be its paper, for those who may say so."""
        is_open = self.delivery.invoice_id is None and self.delivery.status is DeliveryStatus.RECEIVED
        return proposed_invoices(self.delivery) if is_open and may(Permission.INVOICES_EDIT) else []

    @property
    def has_returns(self) -> bool:
        """Whether something of it was sent back, which the supplier owes if it was billed."""
        return any(line.rejected for line in self.lines)

    @cached_property
    def by(self) -> str | None:
        """Who received it."""
        name = func.coalesce(func.nullif(User.full_name, ""), User.email)
        return db.session.scalar(select(name).where(User.id == self.delivery.received_by_id))

    @property
    def tone(self) -> str:
        """The look of the status."""
        return TONES[str(self.delivery.status.value)]

    def named(self, invoice: Invoice) -> str:
        """An invoice in a few words."""
        told = {
            "number": invoice.invoice_number or _("without a number"),
            "day": typed_day(invoice.invoice_date, choose_locale()),
            "amount": format_money(invoice.total_amount, invoice.currency),
        }
        return _("%(number)s of %(day)s: %(amount)s", **told)

    @property
    def paper_date(self) -> str | None:
        """The day on the paper."""
        day = self.delivery.paper_date
        return typed_day(day, choose_locale()) if day else None

    @property
    def paper_total(self) -> str | None:
        """What the paper says in all, in the currency of its order or invoice."""
        total, row = self.delivery.paper_total, self.invoice or self.order
        if total is None:
            return None
        return format_money(total, row.currency) if row is not None else format_quantity(total)


def _told(quantity: Decimal, symbol: str) -> str:
    return f"{format_quantity(quantity)}{NO_BREAK_SPACE}{symbol}".strip()
