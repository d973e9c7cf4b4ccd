"""Webhook, the bot's own face and people's files."""

from urllib.parse import quote, urlsplit

from portal.messengers.calls import Call
from portal.messengers.errors import Rejected, SendFailed, Unavailable, Unclear
from portal.messengers.payload_fields import identity, items, word, words
from portal.messengers.results import Fetched, Profile, WebhookView
from portal.messengers.viber.api import ask
from portal.messengers.viber.updates import WANTED

PICTURE_CAP = 2 * 1024 * 1024


def set_webhook(call: Call, url: str) -> None:
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


def profile(call: Call) -> Profile:
    """Name, address and icon."""
    found = ask(call, "get_account_info")
    number, uri = identity(found.get("id")), word(found.get("uri"), 100)
    if number is None:
        raise Unclear("odd_answer")
    link = f"viber://pa?chatURI={quote(uri, safe='')}" if uri else ""
    return Profile(number, word(found.get("name")), uri, link, _picture(call, words(found.get("icon"), 2000)))


def _picture(call: Call, url: str) -> bytes | None:
    """The bot's icon; its lack or loss is no failure."""
    try:
        answer = call.download(url, PICTURE_CAP) if url else None
    except SendFailed:
        return None
    return answer.body if answer and answer.status == 200 and answer.body else None


def fetch(call: Call, reference: str, cap: int) -> Fetched:
    """A file by its address, which needs no credentials."""
    answer = call.download(reference, cap)
    if answer.status >= 500:
        raise Unavailable("platform_down")
    if answer.status != 200:
        raise Rejected("file_unknown")
    content_type = word(answer.headers.get("content-type", ""), 100)
    return Fetched(answer.body, content_type, word(urlsplit(reference).path.rpartition("/")[2]))
