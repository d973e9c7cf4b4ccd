"""Where Telegram delivers, and with which proof. Facts: core.telegram.org/bots/api#setwebhook."""

from collections.abc import Mapping

from portal.messengers.call import Call
from portal.messengers.headers import Headers, header, same
from portal.messengers.payload_fields import items, mapping, moment, size_of, word, words
from portal.messengers.results import WebhookView
from portal.messengers.telegram.api import ask
from portal.messengers.telegram.updates import WANTED

MAX_CONNECTIONS = 40
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (its name)

SIGNS_BODY = False


def verify(values: Mapping[str, object], secret: str, headers: Headers, body: bytes) -> bool:
    """The secret that was given to setWebhook comes along in a header."""
    return same(header(headers, SECRET_HEADER), secret)


def challenge(values: Mapping[str, object], args: Mapping[str, str]) -> str | None:
    """Telegram asks for none."""
    return None


def set_webhook(call: Call, url: str, secret: str) -> None:
    """Deliver there, with the secret in a header."""
    ask(
        call,
        "setWebhook",
        {
            "url": url,
            "secret_token": secret,
            "allowed_updates": list(WANTED),
            "max_connections": MAX_CONNECTIONS,
            "drop_pending_updates": False,
        },
    )


def remove_webhook(call: Call) -> None:
    """Deliver nowhere; what waits goes on waiting."""
    ask(call, "deleteWebhook", {"drop_pending_updates": False})


def inspect(call: Call) -> WebhookView:
    """getWebhookInfo."""
    found = mapping(ask(call, "getWebhookInfo"))
    return WebhookView(
        url=words(found.get("url"), 2000),
        pending=size_of(found.get("pending_update_count")),
        last_error=call.scrub(found.get("last_error_message")),
        last_error_at=moment(found.get("last_error_date")),
        allowed=tuple(name for each in items(found.get("allowed_updates")) if (name := word(each, 60))),
    )
