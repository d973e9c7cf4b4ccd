"""What people read in the contents of a message. Facts: core.telegram.org/bots/api#message (Bot API 9)."""

from collections.abc import Callable, Iterator, Mapping

from portal.messengers.payload_fields import Payload, items, mapping, objects, whole, word, words
from portal.messengers.readable import amount, cut, everything, label, lines, quote, remarks, sentence

FILES = ("animation", "photo", "video", "audio", "voice", "document", "video_note")
SHARED = ("contact", "venue", "location")
# What stands beside the content of a message and is none.
ENVELOPE = frozenset({
    "author_signature", "business_connection_id", "caption", "caption_entities", "chat", "date",
    "direct_messages_topic", "edit_date", "effect_id", "entities", "external_reply", "forward_date", "forward_from",
    "forward_from_chat", "forward_from_message_id", "forward_origin", "forward_sender_name", "forward_signature",
    "from", "guest_bot_caller_chat", "guest_bot_caller_user", "guest_query_id", "has_media_spoiler",
    "has_protected_content", "is_automatic_forward", "is_from_offline", "is_paid_post", "is_topic_message",
    "link_preview_options", "media_group_id", "message_id", "message_thread_id", "paid_star_count", "quote",
    "reply_markup", "reply_to_checklist_task_id", "reply_to_message", "reply_to_poll_option_id", "reply_to_story",
    "sender_boost_count", "sender_business_bot", "sender_chat", "sender_tag", "show_caption_above_media",
    "suggested_post_info", "via_bot",
})  # fmt: skip
# Currencies without a hundredth; Telegram's own stars among them. Facts: core.telegram.org/bots/payments.
_WHOLE = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XTR"})


def name_of(user: Payload) -> str:
    """First and last name."""
    return word(" ".join(part for name in ("first_name", "last_name") if (part := word(user.get(name)))))


def _money(paid: Payload) -> str:
    total, currency = whole(paid.get("total_amount")), word(paid.get("currency"), 10)
    if total is None:
        return currency
    return amount(total if currency in _WHOLE else f"{total / 100:.2f}", currency)


def _poll(poll: Payload) -> str:
    return lines(poll.get("question"), *(f"• {label(each.get('text'))}" for each in objects(poll.get("options"))))


def _tasks(tasks: object) -> Iterator[str]:
    for task in objects(tasks):
        is_done = task.get("completion_date") or task.get("completed_by_user")
        yield f"{'☑' if is_done else '☐'} {label(task.get('text'))}"


def _done(done: Payload) -> str:
    tasks = objects(mapping(mapping(done.get("checklist_message")).get("checklist")).get("tasks"))
    names = {whole(task.get("id")): label(task.get("text")) for task in tasks}
    ticked = (("☑", "marked_as_done_task_ids"), ("☐", "marked_as_not_done_task_ids"))
    found = [(sign, whole(each)) for sign, key in ticked for each in items(done.get(key))]
    return lines(*(f"{sign} {names.get(number) or number}" for sign, number in found))


def _people(shared: Payload) -> str:
    people = objects(shared.get("users"))
    return lines(*(sentence(name_of(each), word(each.get("username")), each.get("user_id")) for each in people))


def _gift(gift: Payload) -> str:
    return lines(mapping(mapping(gift.get("gift")).get("sticker")).get("emoji"), gift.get("text"))


def _unique_gift(gift: Payload) -> str:
    found = mapping(gift.get("gift"))
    return sentence(found.get("base_name"), found.get("number"), between=" #")


def _giveaway(giveaway: Payload) -> str:
    chats = [mapping(each).get("title") for each in (giveaway.get("chat"), *items(giveaway.get("chats")))]
    return lines(*chats, giveaway.get("prize_description"), giveaway.get("winner_count"))


def _measured(number: object, unit: str) -> str:
    return sentence(number, unit, between=" ")


def _pinned(message: Payload) -> str:
    return quote(message.get("text") or message.get("caption"))


# What no scenario asks for, and what people read in it.
UNREAD: Mapping[str, Callable[[Payload], str]] = {
    "sticker": lambda found: label(found.get("emoji")),
    "poll": _poll,
    "dice": lambda found: sentence(found.get("emoji"), found.get("value"), between=" "),
    "game": lambda found: lines(found.get("title"), found.get("description"), found.get("text")),
    "story": lambda found: label(mapping(found.get("chat")).get("title")) or name_of(mapping(found.get("chat"))),
    "checklist": lambda found: lines(found.get("title"), *_tasks(found.get("tasks"))),
    "paid_media": lambda found: amount(found.get("star_count"), "XTR"),
    "invoice": lambda found: lines(found.get("title"), found.get("description"), _money(found)),
    "giveaway": _giveaway,
    "giveaway_winners": _giveaway,
    "users_shared": _people,
    "chat_shared": lambda found: sentence(found.get("title"), found.get("username"), found.get("chat_id")),
    "passport_data": lambda found: "",
    "web_app_data": lambda found: lines(found.get("button_text"), found.get("data")),
}
# What nobody said.
SERVICE: Mapping[str, Callable[[Payload], str]] = {
    "successful_payment": _money,
    "refunded_payment": _money,
    "gift": _gift,
    "unique_gift": _unique_gift,
    "gift_upgrade_sent": _gift,
    "checklist_tasks_done": _done,
    "checklist_tasks_added": lambda found: lines(*_tasks(found.get("tasks"))),
    "pinned_message": _pinned,
    "message_auto_delete_timer_changed": lambda found: _measured(found.get("message_auto_delete_time"), "s"),
    "chat_background_set": lambda found: "",
    "write_access_allowed": lambda found: label(found.get("web_app_name")),
    "proximity_alert_triggered": lambda found: _measured(found.get("distance"), "m"),
    "boost_added": lambda found: sentence(found.get("boost_count")),
    "giveaway_created": lambda found: "",
    "giveaway_completed": lambda found: sentence(found.get("winner_count")),
    # Its content is a text.
    "connected_website": lambda found: "",
}


def text_in(name: str, message: Payload) -> str:
    """What people read in a content that no question takes, its caption among it."""
    content = message.get(name)
    read = UNREAD.get(name) or SERVICE.get(name) or everything
    told = label(content) if isinstance(content, str) else read(mapping(content))
    return lines(told, message.get("caption"))


def card(contact: Payload) -> str:
    """All of a contact card, where it holds more than a name and a number."""
    vcard = [line for line in words(contact.get("vcard")).splitlines() if _is_told(line)]
    first = (name_of(contact), word(contact.get("phone_number"), 40))
    more = [told for line in vcard if (told := _told(line)) and told not in first and not _is_same(told, first[1])]
    return lines(*first, *more) if more else ""


def _is_told(line: str) -> bool:
    name = line.partition(":")[0].partition(";")[0].rpartition(".")[2].upper()
    return name in ("TEL", "EMAIL", "ORG", "TITLE", "ADR", "URL", "NOTE", "BDAY")


def _told(line: str) -> str:
    parts = (part.strip() for part in line.partition(":")[2].replace("\\,", ",").replace("\\n", " ").split(";"))
    return ", ".join(part for part in parts if part)


def _is_same(told: str, number: str) -> bool:
    digits = "".join(filter(str.isdigit, number))
    return bool(digits) and "".join(filter(str.isdigit, told)) == digits and not any(map(str.isalpha, told))


def remarks_of(message: Payload) -> dict[str, str]:
    """What came along: from whom it is, what it answers, where its words lead."""
    entities = [*objects(message.get("entities")), *objects(message.get("caption_entities"))]
    links = [label(each.get("url")) for each in entities if each.get("type") == "text_link"]
    place = mapping(message.get("location"))
    return remarks(
        forwarded=_origin(mapping(message.get("forward_origin"))),
        reply=_replied(message),
        links=sentence(*links, between=", ") or None,
        via=word(mapping(message.get("via_bot")).get("username")) or None,
        live="" if place.get("live_period") else None,
        cut=cut(message.get("text"), message.get("caption")),
    )


def _origin(origin: Payload) -> str | None:
    """Who said it first; an empty text where that is hidden, None where it was not forwarded."""
    if not origin:
        return None
    chat = mapping(origin.get("sender_chat")) or mapping(origin.get("chat"))
    return (
        name_of(mapping(origin.get("sender_user"))) or word(origin.get("sender_user_name")) or word(chat.get("title"))
    )


def _replied(message: Payload) -> str | None:
    """The words that it answers, the chosen part of them before all."""
    former = mapping(message.get("reply_to_message"))
    if former or message.get("external_reply") or message.get("reply_to_story"):
        return words(mapping(message.get("quote")).get("text") or former.get("text") or former.get("caption"))
    return None
