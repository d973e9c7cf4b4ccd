"""What an owner types: the phone number of a WhatsApp Business account and an app of the owner's at Meta."""

import re

from flask_babel import lazy_gettext as _l

from portal.messengers.fields import CredentialField, bare

ID = re.compile(r"[0-9]{5,20}")

FIELDS = (
    CredentialField(
        name="phone_number_id",
        label=_l("Phone number ID"),
        help=_l("Under WhatsApp, API Setup, below the phone number. It is not the phone number itself."),
        pattern=ID,
        problem=_l("A phone number ID has digits only, without plus sign or spaces."),
        secret=False,
        binds_secrets=True,
    ),
    CredentialField(
        name="business_account_id",
        label=_l("WhatsApp Business account ID"),
        help=_l("On the same page. It may stay empty."),
        pattern=ID,
        problem=_l("An account ID has digits only."),
        secret=False,
        required=False,
    ),
    CredentialField(
        name="access_token",
        label=_l("Access token"),
        help=_l("Of a system user, so that it does not expire: Business settings, Users, System users."),
        pattern=re.compile(r"[A-Za-z0-9_|.-]{20,1024}"),
        problem=_l("An access token is one long line of letters and digits, usually starting with EAA."),
    ),
    CredentialField(
        name="app_secret",
        label=_l("App secret"),
        help=_l("In the app: App settings, Basic, App secret, Show."),
        normalise=lambda value: bare(value).lower(),
        pattern=re.compile(r"[0-9a-f]{32}"),
        problem=_l("An app secret has 32 characters, the digits 0 to 9 and the letters a to f."),
    ),
    CredentialField(
        name="verify_token",
        label=_l("Verify token"),
        help=_l("A word of your own choice, 8 characters or more. Type the same one at Meta."),
        pattern=re.compile(r"[A-Za-z0-9._~-]{8,128}"),
        problem=_l("Use 8 to 128 Latin letters, digits, dots and dashes."),
    ),
)
STEPS = (
    _l("Sign in at developers.facebook.com, open your app and choose WhatsApp, API Setup."),
    _l("Copy the phone number ID from that page."),
    _l("In Business settings create a system user and a token for it that may send WhatsApp messages."),
    _l("Copy the app secret from App settings, Basic."),
    _l("Choose a verify token. After saving, enter it at Meta together with the address shown here."),
)
