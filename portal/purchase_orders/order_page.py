"""What the page of an order shows, and what its supplier is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.models import Account
from portal.audit.history import history_of
from portal.audit.models import Action, AuditEvent
from portal.catalogue.conversions import Conversions
from portal.catalogue.explaining import Explanation, Input
from portal.catalogue.names import SupplierItem
from portal.db.amounts import DASH, NO_BREAK_SPACE, currency_decimals, format_money, format_quantity, rounded
from portal.db.base import db
from portal.db.types import utc_now
from portal.invoices.naming_page import names
from portal.mail.models import MailDelivery
from portal.purchase_orders.line_page import told_offer
from portal.purchase_orders.listing import STATUS_TONES, day_text
from portal.purchase_orders.mailing import mail_of
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from portal.purchase_orders.pricing import Offer, offers
from portal.purchase_orders.references import rows_of
from portal.purchase_orders.words import OrderStatus
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.web.language import choose_locale, when
from portal.web.times import in_zone, typed_day

MAX_SENDINGS = 10


@dataclass(frozen=True)
class LineShown:
    """One line in words; ``told`` is what the supplier calls it, where that is something else."""

    line: PurchaseOrderItem
    item: str
    told: str
    unit: str
    amount: Decimal | None
    currency: str
    # What the supplier asks, where that is another price.
    asked: str = ""

    @property
    def quantity(self) -> str:
        """How much is ordered."""
        return self._in_unit(self.line.quantity)

    @property
    def received(self) -> str:
        """How much of it came."""
        return self._in_unit(self.line.received_quantity) if self.line.received_quantity else DASH

    @property
    def missing(self) -> str:
        """How much is still to come, where a part of it has; nothing where all has."""
        missing = self.line.missing_quantity
        return self._in_unit(missing) if missing and self.line.received_quantity else ""

    @property
    def price(self) -> str:
        """What one of the unit costs."""
        return format_money(self.line.unit_price, self.currency)

    def _in_unit(self, quantity: Decimal) -> str:
        return f"{format_quantity(quantity)}{NO_BREAK_SPACE}{self.unit}"


class OrderPage:
    """One order; what its parts need is read once for all of them.

    ``compares``: its prices are told beside what the supplier asks; what the supplier is sent says nothing of that.
    """

    def __init__(self, order: PurchaseOrder, *, compares: bool = False) -> None:
        self.order, self.compares = order, compares

    @cached_property
    def lines(self) -> list[LineShown]:
        """Its lines in their order."""
        rows, known = self._rows, names()
        known.expect(row.inventory_item_id for row in rows)
        own = rows_of(SupplierItem, {row.supplier_item_id for row in rows if row.supplier_item_id})
        return [self._shown(row, own.get(row.supplier_item_id) if row.supplier_item_id else None) for row in rows]

    def _shown(self, row: PurchaseOrderItem, own: SupplierItem | None) -> LineShown:
        item, unit, currency = names().item_of(row.inventory_item_id), names().unit_of(row.unit_id), self.order.currency
        name = item.name if item else ""
        told = " · ".join(filter(None, [own.description, own.supplier_sku])) if own else ""
        amount = None
        if row.unit_price is not None:
            amount = rounded(row.quantity * row.unit_price, currency_decimals(currency))
        told = "" if told == name else told
        return LineShown(row, name, told, unit.name if unit else "", amount, currency, self._asked(row))

    def _asked(self, row: PurchaseOrderItem) -> str:
        """The agreed or last price of a line, where the order's is another; nothing once all of it came."""
        offer = self._offers.get(row.inventory_item_id)
        if offer is None or row.unit_price is None:
            return ""
        price = offer.price_in(row.unit_id, row.inventory_item_id, self._conversions)
        return told_offer(offer, price, self.order.currency) if price is not None and price != row.unit_price else ""

    @cached_property
    def _rows(self) -> Sequence[PurchaseOrderItem]:
        return self.order.lines

    @cached_property
    def _conversions(self) -> Conversions:
        return Conversions.of({row.inventory_item_id for row in self._rows}, names().unit_rows)

    @cached_property
    def _offers(self) -> dict[UUID, Offer]:
        """What is compared while the order may still be changed, or be brought."""
        order = self.order
        if not self.compares or order.has_ended or order.status == OrderStatus.RECEIVED:
            return {}
        items = {row.inventory_item_id for row in self._rows}
        return offers(order.supplier_id, items, self._conversions, order.currency, utc_now().date())

    @cached_property
    def sendings(self) -> Sequence[Any]:
        """What the supplier was told each time, as the log keeps it: the latest first."""
        e = AuditEvent
        query = select(e.at, e.actor_name, e.after).where(e.entity_id == self.order.id, e.action == Action.ORDER_SENT)
        latest = query.order_by(e.at.desc(), e.id.desc()).limit(MAX_SENDINGS)
        rows: Sequence[Any] = db.session.execute(latest).all() if self.order.sent_at else []
        return [
            {"at": row.at, "by": row.actor_name, "to": (row.after or {}).get("sent_to"), "text": row.after["sent_text"]}
            for row in rows
            if (row.after or {}).get("sent_text")
        ]

    @property
    def total(self) -> Decimal:
        """What the lines with a price come to."""
        return sum((each.amount for each in self.lines if each.amount is not None), Decimal())

    @property
    def unpriced(self) -> int:
        """How many lines have no price."""
        return sum(each.amount is None for each in self.lines)

    @property
    def total_explained(self) -> Explanation:
        """How the total came about."""
        currency = self.order.currency
        inputs = [
            Input(each.item, f"{each.quantity} × {each.price} = {format_money(each.amount, currency)}")
            for each in self.lines
            if each.amount is not None
        ]
        return Explanation(
            title=_("Total of %(name)s", name=self.order.po_number),
            formula=_("Σ quantity × price, each line rounded = %(total)s", total=format_money(self.total, currency)),
            inputs=inputs,
        )

    @cached_property
    def place(self) -> Any:
        """Supplier, restaurant and store, in one statement."""
        same = and_(Restaurant.account_id == Store.account_id, Restaurant.id == Store.restaurant_id)
        query = (
            select(
                Supplier.name.label("supplier"),
                Supplier.contact_info.label("contacts"),
                Restaurant.name.label("restaurant"),
                Restaurant.phone.label("phone"),
                Restaurant.timezone.label("timezone"),
                Store.name.label("store"),
                Store.address.label("store_address"),
                Restaurant.address.label("restaurant_address"),
            )
            .select_from(Store)
            .join(Restaurant, same)
            .join(Supplier, Supplier.account_id == Store.account_id)
        )
        is_it = (Store.id == self.order.store_id, Supplier.id == self.order.supplier_id)
        return db.session.execute(query.where(*is_it)).one()

    @property
    def address(self) -> str:
        """Where it is brought to."""
        return str(self.place.store_address or self.place.restaurant_address or "")

    @property
    def email(self) -> str:
        """The supplier's address."""
        told = (self.place.contacts or {}).get("email")
        return told if isinstance(told, str) else ""

    @property
    def day(self) -> str:
        """The day that it was added on, where it is for."""
        return typed_day(in_zone(self.order.created_at, self.place.timezone).date(), choose_locale())

    @property
    def tone(self) -> str:
        """The look of the status."""
        return STATUS_TONES[str(self.order.status.value)]

    @cached_property
    def mail(self) -> MailDelivery | None:
        """What became of the mail."""
        return mail_of(self.order)

    @property
    def history(self) -> Any:
        """Its latest changes, for those who see the log."""
        return history_of(self.order)

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """The head of the order."""
        order, fields = self.order, self.order.words.fields
        expected = order.expected_delivery_date
        told = [
            (_("To come on"), day_text(expected) if expected else None),
            (_("Sent"), when(order.sent_at) if order.sent_at else None),
            (_("Delivered on"), day_text(order.delivery_date) if order.delivery_date else None),
            (_("Address"), self.address or None),
            (_("Note to the supplier"), order.notes),
        ]
        return [*told, (fields["closed_reason"], order.closed_reason)] if order.has_ended else told

    @property
    def may_change(self) -> bool:
        """Whether the person may change it now: a chef drafts only."""
        return self.order.is_changeable and may_touch(self.order)

    @property
    def again_url(self) -> str:
        """The form of a new order with the same lines."""
        return url_for("account.purchase_orders.new", like=self.order.id)

    @property
    def text(self) -> str:
        """The order as a letter, in the language of the page."""
        order, place = self.order, self.place
        where = ", ".join(filter(None, [f"{place.restaurant}, {place.store}", self.address]))
        opening = [
            _("Hello,"),
            _("Please deliver our order %(number)s.", number=order.po_number),
            _("Where: %(place)s", place=where),
        ]
        if order.expected_delivery_date:
            opening.append(_("When: %(day)s", day=day_text(order.expected_delivery_date)))
        if place.phone:
            opening.append(_("Telephone: %(phone)s", phone=place.phone))
        parts = ["\n".join(opening), "\n".join(self._told_lines()), order.notes, Account.current().name]
        return "\n\n".join(filter(None, parts)).replace(NO_BREAK_SPACE, " ")

    def _told_lines(self) -> Sequence[str]:
        told = []
        for number, each in enumerate(self.lines, start=1):
            name = f"{each.item} ({each.told})" if each.told else each.item
            price = f" × {each.price}" if each.amount is not None else ""
            told.append(f"{number}. {name}: {each.quantity}{price}")
        if self.total:
            told.append(_("Together: %(amount)s", amount=format_money(self.total, self.order.currency)))
        return told


def may_touch(order: PurchaseOrder) -> bool:
    """Whether the person may change such an order at all: whoever drafts, drafts; all others edit."""
    return may(Permission.ORDERS_EDIT) or (may(Permission.ORDERS_DRAFT) and order.status == "draft")
