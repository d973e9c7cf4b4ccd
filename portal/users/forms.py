"""Forms of owners for people: inviting, role, restaurants."""

from typing import Any, ClassVar
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.access.permissions import RESOURCES, ROLE_MEANINGS, Role
from portal.db.base import Entity
from portal.users.assignable import assignable_restaurants
from portal.users.invitations import TOO_MANY, Invitation
from portal.users.models import User
from portal.users.queries import is_member
from portal.web.forms import AtMost, EmailAddress, PortalForm, Required, TextField, options
from portal.web.values import storable, uuid_or_none

FIND, SEARCH, SAVE = "_find", "restaurant_q", "_save"
MAX_CHOSEN = 2000
# With fewer restaurants than this the eye finds faster than a search.
SEARCH_FROM = 12


class RestaurantsField(SelectMultipleField):
    """A checklist of restaurants; what was not offered is not a choice."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    has_more = False
    offered: list[tuple[str, str]] = []

    def offer(self) -> None:
        """Offer what is chosen already and what the search finds."""
        known = [*(self.data or [])[:MAX_CHOSEN], *(self.object_data or [])[:MAX_CHOSEN]]
        chosen = {found for text in known if (found := uuid_or_none(str(text)))}
        rows, self.has_more = assignable_restaurants(self.search, chosen)
        self.offered = [(str(restaurant_id), name) for restaurant_id, name in rows]
        self.choices = options(self.offered)

    @property
    def search(self) -> str:
        """What is searched for."""
        return storable(request.values.get(SEARCH, ""))[:100].strip()

    @property
    def is_searchable(self) -> bool:
        """Whether there are so many that a search helps."""
        return bool(self.search) or len(self.offered) > SEARCH_FROM

    def pre_validate(self, form: Any) -> None:
        """Only what was offered, and not without end."""
        if not set(self.data or []) <= {value for value, _name in self.offered}:
            raise ValidationError(_("This is not one of your restaurants."))


class AccessForm(PortalForm):
    """Role and restaurants of a person."""

    entity: ClassVar[type[Entity]] = User
    meanings = ROLE_MEANINGS

    role = RadioField(
        _l("Role"),
        [Required(_l("Choose a role."))],
        choices=options(Role.choices()),
    )
    restaurant_ids = RestaurantsField(_l("Restaurants"))
    # Offered where all that somebody was limited to is gone: nobody sees the whole chain by an oversight.
    everywhere = BooleanField(_l("Let this person work in all restaurants"))
    is_stranded = False
    # What each role may do, to be seen while one is chosen.
    resources = RESOURCES

    def accepted(self) -> bool:
        """Whether this is a faultless submission, and not just a search among the restaurants."""
        self.restaurant_ids.offer()
        is_search = FIND in request.form or (request.form.get(SEARCH) and SAVE not in request.form)
        return not is_search and super().accepted()

    def values(self) -> dict[str, Any]:
        """What was filled in; owners are not limited to restaurants."""
        role = Role(self.role.data)
        chosen = [] if role == Role.OWNER else [UUID(text) for text in self.restaurant_ids.data or []]
        kept = {name: value for name, value in super().values().items() if name != "everywhere"}
        return {**kept, "role": role, "restaurant_ids": chosen}

    @property
    def is_limited(self) -> bool:
        """Whether the person shall see some restaurants only, and be it none."""
        return bool(self.restaurant_ids.data) or (self.is_stranded and not self.everywhere.data)


class InvitationForm(AccessForm):
    """Somebody who is to join."""

    entity = Invitation

    email = TextField(_l("E-mail"), [Required(), AtMost(254), EmailAddress()])
    full_name = TextField(_l("Full name"), [AtMost(200)])

    def validate_email(self, field: TextField) -> None:
        """Those who are here already are not invited again."""
        if not field.errors and is_member(field.data or ""):
            raise ValidationError(_("This person is among your people already, maybe deactivated."))
        if not field.errors and self.checked_field is None and (minutes := Invitation.minutes_to_wait()):
            raise ValidationError(TOO_MANY % {"minutes": minutes})
