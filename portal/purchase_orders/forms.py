"""The forms of orders: the order with its lines, telling the supplier, the next date, and ending it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, ValidationError
from wtforms.validators import Optional

from portal.accounts.models import Account
from portal.catalogue.conversions import Conversions
from portal.db.types import utc_now
from portal.invoices.naming_page import StoreField
from portal.purchase_orders.line_page import OrderLinesField, known_packs
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from portal.purchase_orders.pricing import offers
from portal.purchase_orders.proposal_page import Texts, last_rows, low_rows
from portal.purchase_orders.words import OrderStatus
from portal.suppliers.fields import SupplierField
from portal.web.days import DayField
from portal.web.forms import AtMost, EmailAddress, LongTextField, PortalForm, Required, TextField, options
from portal.web.lines import DocumentForm

MAX_NOTE, MAX_REASON, MAX_TEXT, MAX_ADDRESS = 1_000, 500, 20_000, 254
AHEAD = timedelta(days=366)
BY_MAIL, BY_HAND = "mail", "hand"
# Buttons of the rows that propose what to order.
PROPOSALS = {"low": low_rows, "last": last_rows}


def check_expected(field: Field) -> None:
    """A day that something may still come on; a day or two back, for clocks and time zones differ."""
    today = utc_now().date()
    if field.data is not None and field.data > today + AHEAD:
        raise ValidationError(_("This is more than a year ahead. Check the year."))
    if field.data is not None and field.data < today - timedelta(days=1):
        raise ValidationError(_("This day is over."))


class OrderForm(DocumentForm):
    """What a store orders of a supplier; prices are in the chain's currency."""

    entity = PurchaseOrder

    supplier_id = SupplierField(_l("Supplier"))
    store_id = StoreField(_l("Store"))
    expected_delivery_date = DayField(_l("To come on"), render_kw={"inputmode": "numeric"})
    lines = OrderLinesField(_l("Rows"))
    notes = LongTextField(_l("Note to the supplier"), [AtMost(MAX_NOTE)], render_kw={"rows": 2})

    def __init__(
        self, order: PurchaseOrder | None = None, lines: Sequence[PurchaseOrderItem] = (), **given: Any
    ) -> None:
        self.currency = order.currency if order is not None else Account.current().currency
        super().__init__(obj=order, lines=list(lines), **given)
        self.know()

    def process(self, *given: Any, **named: Any) -> None:
        """The rows know what they are reckoned in before they are made."""
        self._fields["lines"].currency = self.currency
        super().process(*given, **named)

    def begin(self, told: Sequence[Texts] = (), fault: str = "") -> None:
        """Rows to begin with, or an empty one; ``fault``: why there are none."""
        self.lines.fill(told)
        self.lines.fault = fault
        self.lines.begin()
        if not self.is_submitted():
            # Whoever opens the page begins above the rows.
            for row in self.lines.rows:
                row.is_target = False
        self.know()

    def know(self) -> None:
        """Tell each row what the supplier asks for its item, and the units that it is bought in."""
        rows = [row.form for row in self.lines.rows]
        items = {row.item_id for row in rows if row.item_id is not None}
        if not items:
            return
        conversions, packs, supplier_id = Conversions.of(items), known_packs(items), self.supplier_id.data
        asked = {}
        if supplier_id is not None:
            asked = offers(supplier_id, items, conversions, self.currency, utc_now().date())
        for row in rows:
            if row.item_id is not None:
                row.know(asked.get(row.item_id), packs.get(row.item_id, ()), conversions)

    def redrawn(self) -> bool:
        """Rows that were proposed or added are looked at, too."""
        if self.is_submitted() and (propose := PROPOSALS.get(self.lines.command)):
            told, fault = propose(self.store_id.data, self.supplier_id.data)
            self.begin(told, fault)
        was_redrawn = super().redrawn()
        self.know()
        return was_redrawn

    @property
    def totals(self) -> tuple[Decimal, int]:
        """What the rows come to, and how many have no price."""
        told = [row.form for row in self.lines.rows if row.form.item_id is not None]
        return sum((row.amount for row in told if row.amount is not None), Decimal()), sum(
            r.amount is None for r in told
        )

    @property
    def head(self) -> dict[str, Any]:
        """What stands above the lines, by column."""
        names = ("supplier_id", "store_id", "expected_delivery_date", "notes")
        return {name: self[name].data or None for name in names}

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, and that there is a row."""
        valid = super().validate(extra_validators)
        if not self.lines.filled:
            self.lines.errors, valid = [*self.lines.errors, _("Write at least one row.")], False
        return valid

    def validate_expected_delivery_date(self, field: Field) -> None:
        """A day to come; one that is stored already may be over."""
        order = self.row
        if not isinstance(order, PurchaseOrder) or field.data != order.expected_delivery_date:
            check_expected(field)

    def find_doubt(self) -> str | None:
        """The supplier has another version of it."""
        order = self.row
        if isinstance(order, PurchaseOrder) and order.status == OrderStatus.SENT:
            return _(
                "The supplier was told of it already, and has to be told anew. Send it once more if that is meant."
            )
        return None


class SendForm(PortalForm):
    """What the supplier is told, and how."""

    way = RadioField(
        _l("How it is sent"),
        choices=options([(BY_MAIL, _l("By mail from here")), (BY_HAND, _l("I copy the text, or print it"))]),
        default=BY_MAIL,
        validators=[Required(_l("Choose how it is sent."))],
    )
    email = TextField(_l("E-mail of the supplier"), [Optional(), EmailAddress(), AtMost(MAX_ADDRESS)])
    text = LongTextField(_l("Text"), [Required(), AtMost(MAX_TEXT)], render_kw={"rows": 16})

    def __init__(self, *, may_mail: bool, **given: Any) -> None:
        super().__init__(**given)
        self.may_mail = may_mail
        if not may_mail:
            self.way.choices = options([(BY_HAND, _l("I copy the text, or print it"))])

    @property
    def address(self) -> str | None:
        """Where it is mailed to; ``None``: it is told in another way."""
        return (self.email.data or "").strip() if self.way.data == BY_MAIL else None

    def validate(self, extra_validators: Any = None) -> bool:
        """A mail needs an address."""
        valid = super().validate(extra_validators)
        if self.way.data == BY_MAIL and not self.email.data and not self.email.errors:
            self.email.errors, valid = [_("Write the address, or send it in another way.")], False
        return valid


class ExpectationForm(PortalForm):
    """When the rest is to come."""

    entity = PurchaseOrder

    expected_delivery_date = DayField(_l("To come on"), [Required()], render_kw={"inputmode": "numeric"})

    def validate_expected_delivery_date(self, field: Field) -> None:
        """A day to come."""
        if isinstance(field.data, date):
            check_expected(field)


class EndForm(PortalForm):
    """Why an order ends."""

    reason = LongTextField(_l("Reason"), [Required(), AtMost(MAX_REASON)], render_kw={"rows": 2})


class ReopenForm(PortalForm):
    """Whether an order is awaited again; nothing more is asked."""
