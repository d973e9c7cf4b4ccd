"""The last question at the door: when the rest of an order comes, or that it does not; one tap, and optional."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.amounts import NO_BREAK_SPACE, format_quantity
from portal.db.base import db
from portal.db.types import LabelledEnum, utc_now
from portal.deliveries.models import Delivery
from portal.deliveries.words import DeliveryStatus
from portal.invoices.naming_page import names
from portal.purchase_orders.forms import check_expected
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.queries import today_at
from portal.purchase_orders.words import OrderStatus
from portal.restaurants.models import Restaurant
from portal.web.days import DayField
from portal.web.forms import AtMost, PortalForm, TextField
from portal.web.language import choose_locale
from portal.web.times import in_zone, typed_day

MAX_REASON = 200
DAYS_OFFERED = 3


class RestReason(LabelledEnum):
    """Why the rest of an order does not come."""

    SOLD_OUT = "sold_out", _l("The supplier has none")
    NOT_NEEDED = "not_needed", _l("It is not needed any more")


class RestForm(PortalForm):
    """When the rest comes (``day`` is that of a button, ISO), or why it does not (``over`` is a button's word)."""

    day = HiddenField()
    over = HiddenField()
    expected_delivery_date = DayField(_l("Another day"), render_kw={"inputmode": "numeric"})
    reason = TextField(_l("Another reason"), [AtMost(MAX_REASON)])

    @property
    def why_over(self) -> str | None:
        """Why the rest does not come, in words."""
        word = self.over.data or ""
        known = next((str(each.label) for each in RestReason if each.value == word), None)
        return known or (self.reason.data if word else None)

    def validate_expected_delivery_date(self, field: DayField) -> None:
        """A day to come."""
        if isinstance(field.data, date):
            check_expected(field)

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, and that something was said."""
        if self.day.data:
            self.expected_delivery_date.data = _day_of(self.day.data)
        if not super().validate(extra_validators):
            return False
        if self.over.data and self.why_over is None:
            self.reason.errors = [_("Say why.")]
        elif not self.over.data and self.expected_delivery_date.data is None:
            self.expected_delivery_date.errors = [_("Say on which day.")]
        return not self.errors


@dataclass(frozen=True)
class Rest:
    """What of an order has not come with a delivery; ``expected`` is the day that was said, if it is to come."""

    order: PurchaseOrder
    form: RestForm
    today: date

    @classmethod
    def of(cls, delivery: Delivery, form: RestForm | None = None) -> "Rest | None":
        """That of a delivery's order; ``None`` where all has come, or the person does not say what becomes of it."""
        order_id = delivery.purchase_order_id
        order = db.session.get(PurchaseOrder, order_id) if order_id else None
        if order is None or order.status != OrderStatus.PARTIALLY_RECEIVED or not may_say(delivery):
            return None
        return cls(order, form or RestForm(formdata=None), today_at(delivery.restaurant_id))

    def say(self) -> str:
        """Do what was chosen, and say so."""
        name = self.order.po_number
        if (reason := self.form.why_over) is not None:
            self.order.close(reason)
            return _("%(name)s is closed: nothing more of it is awaited.", name=name)
        self.order.expect(self.form.expected_delivery_date.data)
        return _("The rest of %(name)s is to come on %(day)s.", name=name, day=self.expected)

    @property
    def expected(self) -> str | None:
        """The day that the rest is to come on, where one was said."""
        day = self.order.expected_delivery_date
        return typed_day(day, choose_locale()) if day is not None and day > self.today else None

    @property
    def lines(self) -> list[str]:
        """What is still to come, item by item."""
        missing = [line for line in self.order.lines if line.missing_quantity]
        names().expect(line.inventory_item_id for line in missing)
        told = []
        for line in missing:
            item, unit = names().item_of(line.inventory_item_id), names().unit_of(line.unit_id)
            quantity = f"{format_quantity(line.missing_quantity)}{NO_BREAK_SPACE}{unit.name if unit else ''}".strip()
            told.append(f"{item.name if item else ''}: {quantity}")
        return told

    @property
    def days(self) -> Sequence[tuple[str, str]]:
        """The next days as buttons: what is sent, and what they are called."""
        days = [self.today + timedelta(days=ahead) for ahead in range(1, DAYS_OFFERED + 1)]
        called = [_("Tomorrow"), *(format_date(day, "EEEE", choose_locale()).capitalize() for day in days[1:])]
        return [(day.isoformat(), name) for day, name in zip(days, called, strict=True)]

    @property
    def reasons(self) -> list[tuple[str, Any]]:
        """Why it does not come, as buttons."""
        return RestReason.choices()


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def may_say(delivery: Delivery) -> bool:
    """Whether the person says what becomes of the rest: who edits orders any day, who receives on the same day."""
    if delivery.status is not DeliveryStatus.RECEIVED:
        return False
    if may(Permission.ORDERS_EDIT):
        return True
    zone = db.session.get_one(Restaurant, delivery.restaurant_id).timezone
    is_today = in_zone(delivery.received_at, zone).date() == in_zone(utc_now(), zone).date()
    return may(Permission.STOCK_RECEIVE) and is_today
