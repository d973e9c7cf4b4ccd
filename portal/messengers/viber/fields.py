"""What an owner types: the authentication token and the name of a bot of Viber's admin panel."""

import re

from flask_babel import lazy_gettext as _l

from portal.messengers.fields import CredentialField

SENDER_NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,28}")

FIELDS = (
    CredentialField(
        name="auth_token",
        label=_l("Authentication token"),
        help=_l("In the Viber app: More, Settings, Bots, your bot, Edit info, Your app key."),
        pattern=re.compile(r"[0-9A-Za-z]{8,32}-[0-9A-Za-z]{8,32}-[0-9A-Za-z]{8,32}"),
        problem=_l("This is not a Viber token. It has three groups of letters and digits, joined by dashes."),
    ),
    CredentialField(
        name="sender_name",
        label=_l("Sender name"),
        help=_l("The name that guests see above each message, at most 28 characters."),
        pattern=SENDER_NAME,
        problem=_l("Use at most 28 characters on one line."),
        secret=False,
    ),
)
STEPS = (
    _l("Create the bot at partners.viber.com with the phone number that manages it."),
    _l("Open Viber on that phone: More, Settings, Bots, then your bot."),
    _l("Choose Edit info and copy “Your app key” into the token field."),
)
