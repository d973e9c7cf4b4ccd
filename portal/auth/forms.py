"""Forms for signing in."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from portal.web.forms import PortalForm, Required, TextField


class LoginForm(PortalForm):
    """E-mail and password; ``next`` is where the person wanted to go."""

    email = TextField(_l("E-mail"), [Required()])
    password = PasswordField(_l("Password"), [Required()])
    next = HiddenField()
