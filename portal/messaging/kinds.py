"""The words for what people send, by the platforms' own words for it: one list for transcript, export and bot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

KINDS: dict[str, LazyString] = {
    # Files that could not be had, and what else a message can be of these.
    "animation": _l("Animation"),
    "audio": _l("Sound"),
    "document": _l("File"),
    "file": _l("File"),
    "image": _l("Picture"),
    "photo": _l("Picture"),
    "picture": _l("Picture"),
    "video": _l("Video"),
    "video_note": _l("Video message"),
    "voice": _l("Voice message"),
    "contact": _l("Contact"),
    "contacts": _l("Contact"),
    "location": _l("Location"),
    "venue": _l("Location"),
    # What no scenario asks for.
    "chat_shared": _l("Shared chat"),
    "checklist": _l("Checklist"),
    "dice": _l("Dice"),
    "ephemeral": _l("Disappearing message"),
    "game": _l("Game"),
    "gif": _l("Animation"),
    "giveaway": _l("Giveaway"),
    "giveaway_winners": _l("Winners of a giveaway"),
    "interactive": _l("Answer to buttons of another kind"),
    "invoice": _l("Invoice to pay"),
    "nfm_reply": _l("Filled-in form"),
    "order": _l("Order"),
    "paid_media": _l("Paid pictures or videos"),
    "passport_data": _l("Identity documents"),
    "poll": _l("Poll"),
    "poll_creation": _l("Poll"),
    "product_list": _l("Products"),
    "product": _l("Product"),
    "sticker": _l("Sticker"),
    "story": _l("Story"),
    "errors": _l("Something that the messenger does not hand on"),
    "unknown": _l("Something that the messenger does not hand on"),
    "unsupported": _l("Something that the messenger does not hand on"),
    "users_shared": _l("Shared people"),
    "web_app_data": _l("Filled-in form"),
    # What nobody said.
    "boost_added": _l("Boost"),
    "call": _l("Call"),
    "call_ended": _l("Call that has ended"),
    "call_missed": _l("Missed call"),
    "call_permission_reply": _l("Answer about calls"),
    "chat_background_set": _l("Changed the background of the chat"),
    "checklist_tasks_added": _l("Added to a checklist"),
    "checklist_tasks_done": _l("Ticked off in a checklist"),
    "connected_website": _l("Signed in to a website through the messenger"),
    "gift": _l("Gift"),
    "gift_upgrade_sent": _l("Gift"),
    "giveaway_completed": _l("End of a giveaway"),
    "giveaway_created": _l("Beginning of a giveaway"),
    "message_auto_delete_timer_changed": _l("Changed when messages disappear"),
    "pinned_message": _l("Pinned a message"),
    "poll_update": _l("Vote in a poll"),
    "proximity_alert_triggered": _l("Came close to the shared place"),
    "refunded_payment": _l("Refund"),
    "successful_payment": _l("Payment"),
    "system": _l("Note of the messenger"),
    "unique_gift": _l("Gift"),
    "user_preferences": _l("Changed what they want to be sent"),
    "write_access_allowed": _l("Allowed the bot to write"),
}
# What came along with a message, by its key in the remarks, each with a place for what is told of it, and alone.
REMARKS: dict[str, tuple[LazyString, LazyString]] = {
    "cut": (_l("cut, %(told)s more characters were sent"), _l("cut")),
    "forwarded": (_l("forwarded from %(told)s"), _l("forwarded")),
    "links": (_l("with links to %(told)s"), _l("with links")),
    "live": (_l("live: only the first place is shown"), _l("live: only the first place is shown")),
    "product": (_l("asks about the product %(told)s"), _l("asks about a product")),
    "referral": (_l("came by the advertisement %(told)s"), _l("came by an advertisement")),
    "reply": (_l("in reply to “%(told)s”"), _l("in reply to an earlier message")),
    "via": (_l("with the help of %(told)s"), _l("with the help of a bot")),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What people call a kind of message, in the reader's language; of an unknown one it keeps the platform's word.

    It is no lazy string of Flask-Babel's: those are trusted as markup, and the word comes from outside.
    """

    name: str

    def __str__(self) -> str:
        known = KINDS.get(self.name)
        if known is not None:
            return str(known)
        unknown: str = gettext("Something that the portal does not know (%(name)s)", name=self.name or "?")
        return unknown


def remarks_in_words(remarks: Mapping[str, object]) -> Iterator[str]:
    """What came along with a message, in words; whatever has another shape is left out."""
    for key, told in remarks.items():
        if key in REMARKS and isinstance(told, str):
            at_length, alone = REMARKS[key]
            yield str(at_length) % {"told": told} if told else str(alone)
