"""Who a bot is on Viber."""

from collections.abc import Mapping
from urllib.parse import quote

from portal.messaging.failures import Failure
from portal.messengers.call import Call
from portal.messengers.errors import SendFailed, Unclear
from portal.messengers.fields import normalised
from portal.messengers.payload_fields import identity as number_of
from portal.messengers.payload_fields import word, words
from portal.messengers.results import Profile
from portal.messengers.viber.api import ask
from portal.messengers.viber.fields import FIELDS, SENDER_NAME

PICTURE_CAP = 2 * 1024 * 1024


def identify(values: Mapping[str, object]) -> str:
    """The sender name."""
    name = normalised(FIELDS, values)["sender_name"]
    return name if SENDER_NAME.fullmatch(name) else ""


def identity(values: Mapping[str, object]) -> str:
    """The token: an account has one at a time."""
    return normalised(FIELDS, values)["auth_token"]


def profile(call: Call) -> Profile:
    """Name, address and icon."""
    found = ask(call, "get_account_info")
    number, uri = number_of(found.get("id")), word(found.get("uri"), 100)
    if number is None:
        raise Unclear(Failure.ODD_ANSWER)
    link = f"viber://pa?chatURI={quote(uri, safe='')}" if uri else ""
    return Profile(number, word(found.get("name")), uri, link, _picture(call, words(found.get("icon"), 2000)))


def _picture(call: Call, url: str) -> bytes | None:
    """The bot's icon; its lack or loss is no failure."""
    try:
        answer = call.download(url, PICTURE_CAP) if url else None
    except SendFailed:
        return None
    return answer.body if answer and answer.status == 200 and answer.body else None
