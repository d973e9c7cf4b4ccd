"""Where Meta delivers, and with which proof."""

from collections.abc import Mapping

from portal.messengers.call import Call
from portal.messengers.fields import normalised
from portal.messengers.headers import Headers, header, is_signed, same
from portal.messengers.payload_fields import mapping, words
from portal.messengers.results import WebhookView
from portal.messengers.whatsapp.api import ask, number_path
from portal.messengers.whatsapp.fields import FIELDS

SIGNATURE_HEADER = "X-Hub-Signature-256"
_MAX_CHALLENGE = 1000
# The nearest one counts: the number's own, its business account's, the app's.
_LEVELS = ("phone_number", "whatsapp_business_account", "application")

SIGNS_BODY = True


def verify(values: Mapping[str, object], secret: str, headers: Headers, body: bytes) -> bool:
    """The body is signed with the app secret."""
    algorithm, _, found = header(headers, SIGNATURE_HEADER).partition("=")
    return is_signed(found, normalised(FIELDS, values)["app_secret"], body) and algorithm == "sha256"


def challenge(values: Mapping[str, object], args: Mapping[str, str]) -> str | None:
    """``hub.challenge``, for whoever knows the verify token."""
    is_known = same(args.get("hub.verify_token"), normalised(FIELDS, values)["verify_token"])
    found = words(args.get("hub.challenge"), _MAX_CHALLENGE)
    return found if is_known and args.get("hub.mode") == "subscribe" and found else None


def set_webhook(call: Call, url: str, secret: str) -> None:
    """A callback of the number's own; Meta asks it for the challenge before it answers."""
    _configure(call, {"override_callback_uri": url, "verify_token": call.values["verify_token"]})


def remove_webhook(call: Call) -> None:
    """Back to the app's callback."""
    _configure(call, {"override_callback_uri": ""})


def _configure(call: Call, configuration: dict[str, str]) -> None:
    ask(call, "POST", number_path(call), json={"webhook_configuration": configuration})


def inspect(call: Call) -> WebhookView:
    """The callback that counts for the number; Meta tells neither backlog nor errors."""
    found = mapping(ask(call, "GET", number_path(call), params={"fields": "webhook_configuration"}))
    levels = mapping(found.get("webhook_configuration"))
    return WebhookView(url=next((url for name in _LEVELS if (url := words(levels.get(name), 2000))), ""))
