"""The form of a note."""

from flask_babel import lazy_gettext as _l

from portal.booking_notes.models import BookingNote
from portal.restaurants.fields import RestaurantField
from portal.web.forms import AtMost, LongTextField, PortalForm, Required, TextField


class BookingNoteForm(PortalForm):
    """What people write of a booking."""

    entity = BookingNote

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    restaurant_id = RestaurantField(_l("Restaurant"))
    text = LongTextField(_l("Text"), [AtMost(2000)])
