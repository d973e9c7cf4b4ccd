"""Webhook, polling, the bot's own face and people's files."""

from typing import Any
from urllib.parse import quote

from portal.messaging.events import Update
from portal.messengers.calls import Answer, Call
from portal.messengers.errors import CredentialsRefused, Rejected, SendFailed, Unavailable, Unclear
from portal.messengers.payload_fields import identity, items, mapping, moment, objects, size_of, whole, word, words
from portal.messengers.results import Fetched, Profile, WebhookView
from portal.messengers.telegram.api import ask
from portal.messengers.telegram.setup import bot_id
from portal.messengers.telegram.updates import WANTED, read_update

MAX_CONNECTIONS = 40
MAX_POLL = 50
PICTURE_CAP = 2 * 1024 * 1024
_PICTURE_WIDTH = 320
_POLL_SLACK = 10.0


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


def poll(call: Call, offset: int | None, timeout: int) -> tuple[list[Update], int | None]:
    """getUpdates."""
    seconds = min(max(timeout, 0), MAX_POLL)
    values: dict[str, Any] = {"timeout": seconds, "limit": 100, "allowed_updates": list(WANTED)}
    if offset is not None:
        values["offset"] = offset
    found = items(ask(call, "getUpdates", values, seconds=seconds + _POLL_SLACK))
    numbers = [number for each in objects(found) if (number := whole(each.get("update_id"))) is not None]
    bot = bot_id(call.values["token"])
    return [read_update(each, bot) for each in found], max(numbers) + 1 if numbers else offset


def profile(call: Call) -> Profile:
    """getMe, and the picture where there is one."""
    found = mapping(ask(call, "getMe"))
    number, username = identity(found.get("id")), word(found.get("username"), 100)
    if number is None:
        raise Unclear("odd_answer")
    link = f"https://t.me/{quote(username, safe='')}" if username else ""
    return Profile(number, word(found.get("first_name")), username, link, _picture(call, number))


def _picture(call: Call, number: str) -> bytes | None:
    """The bot's picture; its lack or loss is no failure."""
    try:
        photos = mapping(ask(call, "getUserProfilePhotos", {"user_id": int(number), "limit": 1})).get("photos")
        sizes = objects(next(iter(items(photos)), None))
        fitting = [size for size in sizes if (whole(size.get("width")) or 0) <= _PICTURE_WIDTH]
        size: dict[str, Any] = next(reversed(fitting or sizes[:1]), {})
        reference = word(size.get("file_id"), 500)
        return fetch(call, reference, PICTURE_CAP).data if reference else None
    except (SendFailed, ValueError):
        return None


def fetch(call: Call, reference: str, cap: int) -> Fetched:
    """getFile, then the file itself."""
    found = mapping(ask(call, "getFile", {"file_id": reference}))
    size, path = size_of(found.get("file_size")), words(found.get("file_path"), 500)
    if size is not None and size > cap:
        raise Rejected("file_too_large")
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise Rejected("file_unknown")
    address = f"{call.base}/file/bot{call.values['token']}/{quote(path)}"
    return Fetched(_file(call.download(address, cap)), "", path.rpartition("/")[2])


def _file(answer: Answer) -> bytes:
    if answer.status == 200:
        return answer.body
    if answer.status in (401, 403):
        raise CredentialsRefused
    raise Unavailable("platform_down") if answer.status >= 500 else Rejected("file_unknown")
