"""What people read in a message. Facts: Meta's "Webhooks reference", one page for each kind of message."""

import json
from collections.abc import Callable, Iterator, Mapping

from portal.messengers.payload_fields import Payload, mapping, objects, word, words
from portal.messengers.readable import cut, everything, label, lines, remarks, sentence
from portal.messengers.whatsapp.updates import unsupported_of

# What Meta names and does not hand on, where there is a word for it.
_HIDDEN = ("poll_creation", "poll_update", "video_note", "gif")
FILES = ("image", "video", "audio", "document")


def _order(message: Payload) -> str:
    order = mapping(message.get("order"))
    return lines(*(_item(each) for each in objects(order.get("product_items"))), order.get("text"))


def _item(item: Payload) -> str:
    price = sentence(item.get("item_price"), item.get("currency"), between=" ")
    return sentence(sentence(item.get("product_retailer_id"), item.get("quantity"), between=" × "), price)


def _unsupported(message: Payload) -> str:
    told = (sentence(each.get("title"), mapping(each.get("error_data")).get("details"), each.get("message"))
            for each in objects(message.get("errors")))  # fmt: skip
    kind = unsupported_of(message)
    return lines("" if kind in _HIDDEN else kind, *told)


def _interactive(message: Payload) -> str:
    """A filled-in form is JSON in a text: its fields as lines."""
    reply = mapping(message.get("interactive"))
    form = mapping(reply.get("nfm_reply"))
    if not form:
        return everything({key: value for key, value in reply.items() if key != "type"})
    return lines(form.get("body"), *_fields(form.get("response_json")))


def _fields(response: object) -> Iterator[str]:
    try:
        fields = mapping(json.loads(words(response)))
    except (ValueError, RecursionError):
        fields = {"": response}
    for name, value in fields.items():
        if name != "flow_token":
            told = value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
            yield sentence(name, str(told) if isinstance(told, bool) else told, between=": ")


def _system(message: Payload) -> str:
    system = mapping(message.get("system"))
    return lines(system.get("body") or sentence(system.get("type"), system.get("wa_id")))


UNREAD: Mapping[str, Callable[[Payload], str]] = {
    "sticker": lambda message: "",
    "order": _order,
    "interactive": _interactive,
    "unsupported": _unsupported,
    "unknown": _unsupported,
    "errors": _unsupported,
    "ephemeral": lambda message: "",
    "contacts": lambda message: cards(message),
    "system": _system,
}


def text_in(name: str, message: Payload) -> str:
    """What people read in a message of a kind that no question takes; of any other kind everything there is."""
    if name in UNREAD:
        return UNREAD[name](message)
    content = message.get(name)
    return label(content) if isinstance(content, str) else lines(everything(content), *_errors(message))


def _errors(message: Payload) -> Iterator[str]:
    yield from (sentence(each.get("title")) for each in objects(message.get("errors")))


def name_in(name: str, message: Payload) -> str:
    """The word for what it is: of what Meta does not hand on, and of answers, the kind that it names."""
    if name == "interactive":
        return word(mapping(message.get("interactive")).get("type"), 60) or name
    told = unsupported_of(message) if name == "unsupported" else ""
    return told if told in _HIDDEN else label(name, 60)


def cards(message: Payload) -> str:
    """Every contact card with all that is on it."""
    return lines(*(_card(each) for each in objects(message.get("contacts"))))


def _card(card: Payload) -> str:
    org = mapping(card.get("org"))
    name = mapping(card.get("name"))
    full = name.get("formatted_name") or sentence(name.get("first_name"), name.get("last_name"), between=" ")
    return lines(
        full,
        *(sentence(each.get("phone") or each.get("wa_id")) for each in objects(card.get("phones"))),
        *(sentence(each.get("email")) for each in objects(card.get("emails"))),
        sentence(org.get("company"), org.get("department"), org.get("title"), between=", "),
        *(_address(each) for each in objects(card.get("addresses"))),
        *(sentence(each.get("url")) for each in objects(card.get("urls"))),
        card.get("birthday"),
    )


def _address(address: Payload) -> str:
    return sentence(*(address.get(key) for key in ("street", "city", "state", "zip", "country")), between=", ")


def call_told(call: Payload) -> tuple[str, str]:
    """What became of a call, and how long it was (seconds); of an event that nobody told us of its own word."""
    event = word(call.get("event"), 40)
    if event != "terminate":
        return "call", "" if event == "connect" else event
    duration = sentence(call.get("duration"), "s", between=" ") if call.get("duration") else ""
    return "call_ended" if call.get("status") == "COMPLETED" else "call_missed", duration


def remarks_of(message: Payload) -> dict[str, str]:
    """What came along: that it was passed on, which advertisement or product it is about."""
    context, referral = mapping(message.get("context")), mapping(message.get("referral"))
    product = mapping(context.get("referred_product"))
    is_forwarded = context.get("forwarded") is True or context.get("frequently_forwarded") is True
    told = sentence(referral.get("headline"), referral.get("body"), referral.get("source_url"))
    content = mapping(message.get(word(message.get("type"), 60)))
    return remarks(
        forwarded="" if is_forwarded else None,
        product=label(product.get("product_retailer_id")) if product else None,
        referral=told if referral else None,
        cut=cut(content.get("body"), content.get("caption"), content.get("text")),
    )
