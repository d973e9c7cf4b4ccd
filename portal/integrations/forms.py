"""The form of a connection to iiko."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, ValidationError

from portal.http.guard import AddressRefused
from portal.integrations.iiko.client import outbound_guard
from portal.integrations.models import AccountIntegrationCredentials
from portal.web.forms import AtMost, PortalForm, Required, TextField


class IikoForm(PortalForm):
    """Address, log-in and password. The password is write-only: empty keeps the stored one."""

    entity = AccountIntegrationCredentials

    base_url = TextField(
        _l("Address of the iiko server"),
        [Required(), AtMost(300)],
        description=_l("As in iikoOffice, for example https://chain.iiko.it:443."),
    )
    login = TextField(
        _l("iiko user"),
        [Required(), AtMost(200)],
        description=_l(
            "A user of iikoOffice with the right to read departments. Each check takes one licence seat for a moment."
        ),
    )
    password = PasswordField(_l("Password"), [AtMost(200)])
    # The connection whose stored password may be kept.
    keeps_password_at: Any = None

    def keep_password_of(self, integration: AccountIntegrationCredentials | None) -> None:
        """Say whose password may be kept; with ``None`` one must be given, and the label does not call it optional."""
        self.keeps_password_at = integration
        self.password.flags.required = integration is None

    def validate_base_url(self, field: TextField) -> None:
        """Only an address of the open internet, by TLS."""
        try:
            outbound_guard().check_url(field.data or "")
        except AddressRefused as refusal:
            raise ValidationError(str(refusal.message)) from None

    def validate_password(self, field: PasswordField) -> None:
        """A password is needed at first, and again when the address leads to another host."""
        if field.data:
            return
        if self.keeps_password_at is None:
            raise ValidationError(_("Fill this in."))
        if not self.keeps_password_at.is_at_host_of(self.base_url.data or ""):
            raise ValidationError(_("The address leads to another server: type its password again."))
