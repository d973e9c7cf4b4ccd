"""How far an invoice has come: paid, cancelled, and what goes with that."""

from typing import TYPE_CHECKING, Any

from portal.audit.recording import acting_id
from portal.catalogue.pricing import void_prices
from portal.db.base import db
from portal.db.states import Stateful
from portal.db.types import LabelledEnum, utc_now
from portal.invoices.following import tell_followers
from portal.invoices.words import InvoiceStatus


class Standing(Stateful):
    """The verbs by which an invoice moves from one state to another."""

    __moves__ = {
        InvoiceStatus.DRAFT: {InvoiceStatus.ACTIVE: "activated", InvoiceStatus.CANCELLED: "cancelled"},
        InvoiceStatus.ACTIVE: {InvoiceStatus.PAID: "paid", InvoiceStatus.CANCELLED: "cancelled"},
        InvoiceStatus.PAID: {InvoiceStatus.ACTIVE: "unpaid", InvoiceStatus.CANCELLED: "cancelled"},
        InvoiceStatus.CANCELLED: {InvoiceStatus.ACTIVE: "restored"},
    }

    if TYPE_CHECKING:
        id: Any
        status: Any
        cancelled_at: Any
        cancelled_by_id: Any
        cancel_reason: Any
        exceptions: Any

    @property
    def state(self) -> LabelledEnum:
        """How far it has come."""
        return self.status

    def enter_state(self, state: LabelledEnum) -> None:
        """Come so far; a cancelled one keeps neither prices nor anything to decide."""
        self.status = InvoiceStatus(state)
        is_cancelled = self.status is InvoiceStatus.CANCELLED
        self.cancelled_at = utc_now() if is_cancelled else None
        self.cancelled_by_id = acting_id() if is_cancelled else None
        if is_cancelled:
            void_prices([self.id])
            for each in self.exceptions:
                each.end()
        else:
            self.cancel_reason = None

    def cancel(self, reason: str) -> bool:
        """Take it out of the books, and why; whether that changed anything."""
        self.hold()
        if self.status is not InvoiceStatus.CANCELLED:
            self.cancel_reason = reason
        is_changed = self.transition(InvoiceStatus.CANCELLED, after={"cancel_reason": reason})
        if is_changed:
            db.session.flush()
            tell_followers([self.id])
        return is_changed

    def mark_paid(self) -> bool:
        """Note that it was paid; whether that changed anything."""
        self.hold()
        return self.transition(InvoiceStatus.PAID)

    def mark_unpaid(self) -> bool:
        """Take that back; whether that changed anything."""
        self.hold()
        return self.status is InvoiceStatus.PAID and self.transition(InvoiceStatus.ACTIVE)

    def hold(self) -> None:
        """Keep others from changing it until the commit, and know what they did before."""
        db.session.flush()
        db.session.refresh(self, with_for_update=True)
