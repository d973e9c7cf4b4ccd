"""Taking a delivery back: what it brought leaves the order and the store, and both stay in the log."""

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from portal.access.permissions import Role
from portal.access.viewer import current_viewer
from portal.audit.recording import acting_id
from portal.db.base import db
from portal.db.states import MoveRefused, Stateful
from portal.db.types import LabelledEnum, utc_now
from portal.db.words import Label
from portal.deliveries.words import DeliveryStatus
from portal.restaurants.models import Restaurant
from portal.web.times import in_zone


class Standing(Stateful):
    """The verbs by which a delivery moves from one state to another."""

    __moves__ = {
        DeliveryStatus.DRAFT: {DeliveryStatus.RECEIVED: None},
        DeliveryStatus.RECEIVED: {DeliveryStatus.REVERSED: "delivery_reversed"},
        DeliveryStatus.REVERSED: {},
    }

    if TYPE_CHECKING:
        id: Any
        status: Any
        restaurant_id: Any
        received_at: Any
        reversed_at: Any
        reversed_by_id: Any
        reverse_reason: Any

    @property
    def state(self) -> LabelledEnum:
        """How far it has come."""
        return self.status

    def enter_state(self, state: LabelledEnum) -> None:
        """Come so far."""
        self.status = DeliveryStatus(state)
        if self.status is DeliveryStatus.REVERSED:
            self.reversed_at, self.reversed_by_id = utc_now(), acting_id()

    @property
    def reason_to_stay(self) -> Label:
        """Why the person may not reverse it, in words; ``None`` where they may.

        An owner, and support, reverse any; a manager what came on the same day, as it is at the restaurant.
        """
        if self.status is not DeliveryStatus.RECEIVED:
            return _("This delivery was reversed already.")
        viewer = current_viewer()
        if viewer is None or viewer.is_superuser or viewer.role is Role.OWNER:
            return None
        zone = db.session.get_one(Restaurant, self.restaurant_id).timezone
        if in_zone(self.received_at, zone).date() == in_zone(utc_now(), zone).date():
            return None
        return _("This came on another day: an owner can reverse it.")

    def take_back(self, reason: str) -> bool:
        """Say that it never was, and why; raises ``MoveRefused`` where it stays. Whoever calls takes back the rest."""
        if (stays := self.reason_to_stay) is not None:
            raise MoveRefused(stays)
        self.reverse_reason = reason
        return self.transition(DeliveryStatus.REVERSED, after={"reverse_reason": reason})

    def hold(self) -> None:
        """Keep others from changing it until the commit, and know what they did before."""
        db.session.flush()
        db.session.refresh(self, with_for_update=True)
