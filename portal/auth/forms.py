"""Forms for signing in, for passwords and for what people say of themselves."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField
from wtforms.validators import ValidationError

from portal.auth.factors.passkeys import MAX_ANSWER
from portal.auth.kept_form import MAX_SEALED
from portal.auth.passwords import password_problem
from portal.web.forms import AtMost, EmailAddress, PortalForm, Required, TextField, ZoneField, ZoneSelect, options
from portal.web.language import LOCALES, browser_zone, choose_zone
from portal.web.times import zone_in_words

PASSWORD_HELP = _l("At least 12 characters. A few words in a row work well.")


class LoginForm(PortalForm):
    """E-mail and password; ``next`` is where the person wanted to go, ``kept`` the sealed form that waits."""

    email = TextField(_l("E-mail"), [Required()])
    password = PasswordField(_l("Password"), [Required()])
    next = HiddenField()
    kept = HiddenField(validators=[AtMost(MAX_SEALED)])


class FactorForm(PortalForm):
    """A code of the app or from paper, or what a passkey answered; one of them."""

    code = TextField(_l("Code"), [AtMost(100)])
    answer = HiddenField(validators=[AtMost(MAX_ANSWER)])
    next = HiddenField()

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)
        self.code.flags.either_or = True


class PasskeyForm(PortalForm):
    """What a passkey answered."""

    answer = HiddenField(validators=[AtMost(MAX_ANSWER)])
    next = HiddenField()
    kept = HiddenField(validators=[AtMost(MAX_SEALED)])


class NewPasskeyForm(PortalForm):
    """A passkey that the browser has just made, and what its owner calls it."""

    name = TextField(_l("Name"), [Required(), AtMost(60)], description=_l("Such as “My phone” or “Key on the ring”."))
    answer = HiddenField(validators=[AtMost(MAX_ANSWER)])


class AppForm(PortalForm):
    """The first code of an authenticator app."""

    code = TextField(_l("Code from the app"), [Required(), AtMost(20)])


class ForgottenForm(PortalForm):
    """Who forgot their password."""

    email = TextField(_l("E-mail"), [Required(), AtMost(254), EmailAddress()])


class NewPasswordForm(PortalForm):
    """A new password for ``owner_email``; it must not be made of who they are."""

    password = PasswordField(_l("New password"), [Required()], description=PASSWORD_HELP)

    def __init__(self, owner_email: str, owner_name: str | None = None) -> None:
        super().__init__()
        self.owner_email, self.owner_name = owner_email, owner_name

    def validate_password(self, field: PasswordField) -> None:
        """Long enough, and not among the first that anybody would try."""
        problem = password_problem(field.data or "", email=self.owner_email, name=self.owner_name or "")
        if problem is not None:
            raise ValidationError(str(problem))


class JoinForm(NewPasswordForm):
    """What an invited person fills in."""

    full_name = TextField(_l("Your name"), [Required(), AtMost(200)])
    password = PasswordField(_l("Password"), [Required()], description=PASSWORD_HELP)

    def __init__(self, owner_email: str, owner_name: str | None = None) -> None:
        super().__init__(owner_email, owner_name)
        if not self.is_submitted():
            self.full_name.data = owner_name
        self.owner_name = self.full_name.data


class ChangePasswordForm(NewPasswordForm):
    """A new password in place of one that is known."""

    current = PasswordField(_l("Current password"), [Required()])


class ProfileForm(PortalForm):
    """What people say of themselves."""

    full_name = TextField(_l("Full name"), [AtMost(200)])
    locale = SelectField(_l("Language"), choices=lambda: options([("", _l("As the browser says")), *LOCALES.items()]))
    timezone = ZoneField(_l("Time zone"))
    theme = SelectField(
        _l("Appearance"),
        choices=options([("", _l("As the device says")), ("light", _l("Light")), ("dark", _l("Dark"))]),
        description=_l("For this browser."),
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        told = browser_zone()
        unset = _("As the browser says: %(zone)s", zone=zone_in_words(told)) if told else _("As the browser says")
        self.timezone.widget = ZoneSelect(unset)
        self.timezone.description = _(
            "Dates and times are shown in it. In effect now: %(zone)s.", zone=zone_in_words(choose_zone())
        )

    def values(self) -> dict[str, Any]:
        """What was filled in; what is left to browser or device is ``None``."""
        return {name: value or None for name, value in super().values().items()}
