"""Forms of chains."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError
from wtforms.validators import Optional

from portal.accounts.chain_page import free_slug, is_email_taken, is_slug_taken
from portal.accounts.slugs import RESERVED_SLUGS, SLUG_PATTERN
from portal.web.forms import AtMost, EmailAddress, LongTextField, PortalForm, Required, TextField
from portal.web.numbers import CurrencyField
from portal.web.values import is_storable


class AccountForm(PortalForm):
    """What a chain is called, and what it reckons in."""

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    description = LongTextField(_l("Description"), [Optional(), AtMost(2000)])
    currency = CurrencyField(
        _l("Currency"), description=_l("Of new prices and amounts. Those written down before keep their own.")
    )


class NewAccountForm(PortalForm):
    """A new chain and its first owner."""

    name = TextField(_l("Name of the chain"), [Required(), AtMost(200)])
    slug = TextField(
        _l("Address"),
        [AtMost(60)],
        description=_l(
            "Part of every link to the chain: small Latin letters, digits and hyphens. It cannot be changed later."
        ),
    )
    description = LongTextField(_l("Description"), [Optional(), AtMost(2000)])
    owner_email = TextField(_l("Owner's e-mail"), [Required(), AtMost(254), EmailAddress()])
    owner_name = TextField(_l("Owner's name"), [AtMost(200)])

    def validate_slug(self, field: TextField) -> None:
        """A free address; where none was typed, the one that the name proposes."""
        if not field.data:
            field.data = free_slug(self.name.data) if self.name.data and is_storable(self.name.data) else None
            if not field.data and self.name.data:
                raise ValidationError(_("The name gives no address. Write one in Latin letters."))
            return
        field.data = field.data.lower()
        if not SLUG_PATTERN.match(field.data):
            raise ValidationError(_("Use small Latin letters, digits and hyphens only, such as pelmenya-2."))
        if field.data in RESERVED_SLUGS or is_slug_taken(field.data):
            raise ValidationError(_("This address is taken. Choose another one."))

    def validate_owner_email(self, field: TextField) -> None:
        """Everybody belongs to one chain."""
        if field.data and is_storable(field.data) and is_email_taken(field.data):
            raise ValidationError(_("Somebody already signs in with this e-mail. Invite another address."))
