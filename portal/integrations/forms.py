"""The form of a connection to an iiko server."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, ValidationError

from portal.http.guard import AddressRefused
from portal.iiko.client.addresses import outbound_guard
from portal.integrations.models import MAX_LABEL, AccountIntegrationCredentials, iiko_servers
from portal.web.forms import AtMost, PortalForm, Required, TextField


class IikoForm(PortalForm):
    """Address, log-in and password; of a further server its label. The password is write-only: empty keeps it."""

    entity = AccountIntegrationCredentials

    label = TextField(
        _l("What you call this server"),
        [Required(), AtMost(MAX_LABEL)],
        description=_l("A word that tells it from the others, such as the town or the restaurant."),
    )
    base_url = TextField(
        _l("Address of the iiko server"),
        [Required(), AtMost(300)],
        description=_l("As in iikoOffice, for example https://chain.iiko.it:443."),
    )
    login = TextField(
        _l("iiko user"),
        [Required(), AtMost(200)],
        description=_l("A user of its own for the portal, with the rights named beside this form."),
    )
    password = PasswordField(_l("Password"), [AtMost(200)])
    # The connection whose stored password may be kept.
    keeps_password_at: Any = None

    def prepare(
        self, integration: AccountIntegrationCredentials | None, *, is_further: bool, has_password: bool
    ) -> None:
        """Ask for a label where the server is a new one beside others, for a password where none is kept."""
        if integration is not None or not is_further:
            del self.label
        self.row = integration
        self.secrets = integration.credentials if integration else {}
        self.keeps_password_at = integration if has_password else None
        # The label does not call it optional then.
        self.password.flags.required = not has_password

    def validate_label(self, field: TextField) -> None:
        """One that no other server of the chain has."""
        taken = {(each.server_label or "").casefold() for each in iiko_servers()}
        if (field.data or "").casefold() in taken:
            raise ValidationError(_("Another server is called so already."))

    def validate_base_url(self, field: TextField) -> None:
        """Only an address of the open internet, by TLS; where there is none, who can help."""
        try:
            outbound_guard().check_url(field.data or "")
        except AddressRefused as refusal:
            if (field.data or "").lower().startswith("http://"):
                raise ValidationError(
                    _("Over http:// the password could be read on its way. Ask your iiko dealer to switch https on.")
                ) from None
            raise ValidationError(str(refusal.message)) from None

    def validate_password(self, field: PasswordField) -> None:
        """A password is needed at first, and again when the address leads to another host."""
        if field.data:
            return
        if self.keeps_password_at is None:
            raise ValidationError(_("Fill this in."))
        if not self.keeps_password_at.is_at_host_of(self.base_url.data or ""):
            raise ValidationError(_("The address leads to another server: type its password again."))
