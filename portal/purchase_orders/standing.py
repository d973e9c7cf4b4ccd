"""How far an order has come: sent, received, closed, cancelled, and opened again."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask_babel import gettext as _

from portal.audit.recording import acting_id
from portal.db.base import db
from portal.db.states import MoveRefused, Stateful, log_verb
from portal.db.types import LabelledEnum, utc_now
from portal.purchase_orders.words import AWAITED, OrderStatus

SENT, CLOSED, REOPENED = "order_sent", "order_closed", "order_reopened"
# What came of it is told by the log of the delivery.
_ARRIVALS: dict[LabelledEnum, str | None] = {OrderStatus.PARTIALLY_RECEIVED: None, OrderStatus.RECEIVED: None}
_AGAIN: dict[LabelledEnum, str | None] = dict.fromkeys([OrderStatus.DRAFT, *AWAITED, OrderStatus.RECEIVED], REOPENED)


class Standing(Stateful):
    """The verbs by which an order moves from one state to another."""

    __moves__ = {
        # A supplier may bring what was agreed by telephone and never noted as sent.
        OrderStatus.DRAFT: {OrderStatus.SENT: SENT, OrderStatus.CANCELLED: "cancelled", **_ARRIVALS},
        OrderStatus.SENT: {OrderStatus.CLOSED: CLOSED, OrderStatus.CANCELLED: "cancelled", **_ARRIVALS},
        # Back, too: a delivery may be reversed.
        OrderStatus.PARTIALLY_RECEIVED: {
            OrderStatus.CLOSED: CLOSED,
            OrderStatus.RECEIVED: None,
            OrderStatus.SENT: None,
            OrderStatus.DRAFT: None,
        },
        OrderStatus.RECEIVED: {
            OrderStatus.PARTIALLY_RECEIVED: None,
            OrderStatus.SENT: None,
            OrderStatus.DRAFT: None,
        },
        OrderStatus.CLOSED: _AGAIN,
        OrderStatus.CANCELLED: _AGAIN,
    }

    if TYPE_CHECKING:
        id: Any
        status: Any
        delivery_date: date | None
        expected_delivery_date: date | None
        sent_at: datetime | None
        sent_by_id: UUID | None
        sent_to: str | None
        sent_text: str | None
        closed_reason: str | None

        def edit(self, **values: Any) -> None: ...

    @property
    def state(self) -> LabelledEnum:
        """How far it has come."""
        return self.status

    def enter_state(self, state: LabelledEnum) -> None:
        """Come so far."""
        self.status = OrderStatus(state)
        if self.status not in (OrderStatus.CLOSED, OrderStatus.CANCELLED):
            self.closed_reason = None

    @property
    def is_awaited(self) -> bool:
        """Whether something of it is still to come."""
        return self.status in AWAITED

    @property
    def has_ended(self) -> bool:
        """Whether a delivery of it is asked about first."""
        return self.status in (OrderStatus.CLOSED, OrderStatus.CANCELLED)

    def send(self, text: str, to: str | None = None) -> None:
        """Note what the supplier is told, and the address that it is mailed to (``None``: told in another way).

        The log keeps the text; a second time is told anew.
        """
        self.hold()
        if self.has_ended or self.status is OrderStatus.RECEIVED:
            words = {"name": self.display_name, "state": self.status.label}
            raise MoveRefused(_("%(name)s is not sent any more: its state is “%(state)s”.", **words))
        told = {"sent_to": to, "sent_text": text}
        self.sent_at, self.sent_by_id, self.sent_to, self.sent_text = utc_now(), acting_id(), to, text
        if self.status is OrderStatus.DRAFT:
            self.transition(OrderStatus.SENT, after=told)
        else:
            log_verb(SENT, self, after=told)

    def close(self, reason: str) -> bool:
        """Await nothing more of it, and why; whether that changed anything."""
        return self._end(OrderStatus.CLOSED, reason)

    def cancel(self, reason: str | None = None) -> bool:
        """Take it back before anything came; whether that changed anything."""
        return self._end(OrderStatus.CANCELLED, reason)

    def _end(self, state: OrderStatus, reason: str | None) -> bool:
        self.hold()
        if self.status is state:
            return False
        moved = self.transition(state, after={"closed_reason": reason} if reason else None)
        self.closed_reason = reason
        return moved

    def reopen(self) -> bool:
        """Let a closed or cancelled one be awaited again, as far as it had come; whether that changed anything."""
        self.hold()
        return self.has_ended and self.transition(self.standing_by_lines())

    def expect(self, day: date | None) -> None:
        """Say when it, or the rest of it, is to come."""
        self.hold()
        self.edit(expected_delivery_date=day)

    def follow_lines(self, day: date) -> None:
        """Stand as its lines say, after something came on that day, or a delivery was reversed.

        What was closed or cancelled stays so: only a person opens it again.
        """
        self.hold()
        if not self.has_ended:
            self.transition(self.standing_by_lines())
            self.delivery_date = day if self.status is OrderStatus.RECEIVED else None

    def standing_by_lines(self) -> OrderStatus:
        """How far it has come by what was received of its lines, and whether it was sent."""
        received = self.received()
        if received and all(received):
            return OrderStatus.RECEIVED
        if any(each is not None for each in received):
            return OrderStatus.PARTIALLY_RECEIVED
        return OrderStatus.SENT if self.sent_at else OrderStatus.DRAFT

    def received(self) -> Sequence[bool | None]:
        """Of each line whether all of it was received; ``None``: nothing of it."""
        raise NotImplementedError

    def hold(self) -> None:
        """Keep others from changing it until the commit, and know what they did before."""
        db.session.flush()
        db.session.refresh(self, with_for_update=True)
