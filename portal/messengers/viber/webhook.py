"""Where Viber delivers, and with which proof."""

from collections.abc import Mapping

from portal.messengers.call import Call
from portal.messengers.fields import normalised
from portal.messengers.headers import Headers, header, is_signed
from portal.messengers.payload_fields import items, word, words
from portal.messengers.results import WebhookView
from portal.messengers.viber.api import ask
from portal.messengers.viber.fields import FIELDS
from portal.messengers.viber.inbound import WANTED

SIGNATURE_HEADER = "X-Viber-Content-Signature"

SIGNS_BODY = True


def verify(values: Mapping[str, object], secret: str, headers: Headers, body: bytes) -> bool:
    """The body is signed with the authentication token."""
    return is_signed(header(headers, SIGNATURE_HEADER), normalised(FIELDS, values)["auth_token"], body)


def challenge(values: Mapping[str, object], args: Mapping[str, str]) -> str | None:
    """Viber asks for none."""
    return None


def set_webhook(call: Call, url: str, secret: str) -> None:
    """Deliver there; Viber calls the address before it answers."""
    ask(call, "set_webhook", {"url": url, "event_types": list(WANTED), "send_name": True, "send_photo": False})


def remove_webhook(call: Call) -> None:
    """Deliver nowhere."""
    ask(call, "set_webhook", {"url": ""})


def inspect(call: Call) -> WebhookView:
    """What get_account_info tells; backlog and errors it does not."""
    found = ask(call, "get_account_info")
    allowed = tuple(name for each in items(found.get("event_types")) if (name := word(each, 60)))
    return WebhookView(url=words(found.get("webhook"), 2000), allowed=allowed)
