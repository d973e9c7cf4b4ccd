"""Notes on table bookings."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import search_text
from portal.db.records import Archivable
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.words import counted
from portal.restaurants.models import Restaurant


class BookingNote(
    Archivable,
    label=_l("Booking note"),
    plural=_l("Booking notes"),
    add=_l("Add a note"),
    count=counted("%(num)s booking note", "%(num)s booking notes"),
    page="booking_notes.show",
):
    """What a restaurant has to know of a booked table."""

    __tablename__ = "booking_note"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = table_args(
        "booking_note", references={"restaurant_id": "restaurant"}, listed_by=("name", "updated_at")
    )

    restaurant_id: Mapped[UUID]
    name: Mapped[str]
    text: Mapped[str | None] = mapped_column(Text)
    search_text: Mapped[str | None] = search_text("booking_note", "name, text")

    restaurant: Mapped[Restaurant] = relationship(viewonly=True, lazy="joined", innerjoin=True)
