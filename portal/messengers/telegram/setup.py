"""Who a bot is on Telegram. Facts: core.telegram.org/bots/api#getme."""

from collections.abc import Mapping
from urllib.parse import quote

from portal.messaging.failures import Failure
from portal.messengers.call import Call
from portal.messengers.errors import SendFailed, Unclear
from portal.messengers.payload_fields import Payload, items, mapping, objects, whole, word
from portal.messengers.payload_fields import identity as number_of
from portal.messengers.results import Profile
from portal.messengers.telegram.api import ask
from portal.messengers.telegram.fields import bot_id, token_of
from portal.messengers.telegram.inbound import fetch

PICTURE_CAP = 2 * 1024 * 1024
_PICTURE_WIDTH = 320


def identify(values: Mapping[str, object]) -> str:
    """The bot's numeric id, which is the public part of its token."""
    return bot_id(token_of(values))


def identity(values: Mapping[str, object]) -> str:
    """The bot's numeric id: all its tokens begin with it."""
    return identify(values)


def profile(call: Call) -> Profile:
    """getMe, and the picture where there is one."""
    found = mapping(ask(call, "getMe"))
    number, username = number_of(found.get("id")), word(found.get("username"), 100)
    if number is None:
        raise Unclear(Failure.ODD_ANSWER)
    link = f"https://t.me/{quote(username, safe='')}" if username else ""
    return Profile(number, word(found.get("first_name")), username, link, _picture(call, number))


def _picture(call: Call, number: str) -> bytes | None:
    """The bot's picture; its lack or loss is no failure."""
    try:
        photos = mapping(ask(call, "getUserProfilePhotos", {"user_id": int(number), "limit": 1})).get("photos")
        sizes = objects(next(iter(items(photos)), None))
        fitting = [size for size in sizes if (whole(size.get("width")) or 0) <= _PICTURE_WIDTH]
        size: Payload = next(reversed(fitting or sizes[:1]), {})
        reference = word(size.get("file_id"), 500)
        return fetch(call, reference, PICTURE_CAP).data if reference else None
    except (SendFailed, ValueError):
        return None
