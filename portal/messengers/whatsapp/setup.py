"""Who a bot is on WhatsApp: the number and the business's own face."""

from collections.abc import Mapping

from portal.messengers.call import Call
from portal.messengers.errors import SendFailed
from portal.messengers.fields import normalised
from portal.messengers.payload_fields import identity as number_of
from portal.messengers.payload_fields import objects, word, words
from portal.messengers.results import Profile
from portal.messengers.whatsapp.api import ask, number_path
from portal.messengers.whatsapp.fields import FIELDS, ID

PICTURE_CAP = 2 * 1024 * 1024


def identify(values: Mapping[str, object]) -> str:
    """The phone number ID."""
    number = normalised(FIELDS, values)["phone_number_id"]
    return number if ID.fullmatch(number) else ""


def identity(values: Mapping[str, object]) -> str:
    """The phone number ID: one business account has several numbers, each a bot of its own."""
    return identify(values)


def profile(call: Call) -> Profile:
    """Verified name and number."""
    found = ask(call, "GET", number_path(call), params={"fields": "verified_name,display_phone_number"})
    shown = word(found.get("display_phone_number"), 40)
    digits = "".join(sign for sign in shown if sign in "0123456789")
    link = f"https://wa.me/{digits}" if digits else ""
    number = number_of(found.get("id")) or call.values["phone_number_id"]
    return Profile(number, word(found.get("verified_name")), shown, link, _picture(call))


def _picture(call: Call) -> bytes | None:
    """The business's picture; its lack or loss is no failure."""
    fields = {"fields": "profile_picture_url"}
    try:
        found = ask(call, "GET", number_path(call, "whatsapp_business_profile"), params=fields)
        url = next((words(each.get("profile_picture_url"), 2000) for each in objects(found.get("data"))), "")
        answer = call.download(url, PICTURE_CAP) if url else None
    except SendFailed:
        return None
    return answer.body if answer and answer.status == 200 and answer.body else None
