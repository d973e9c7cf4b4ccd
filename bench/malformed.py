"""Bodies that break a naive reader, made of genuine ones: torn, bent, nested, with values of every wrong kind.

Each is proved as genuine deliveries are, so that it gets as far as it can.
"""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from bench.forgeries import CAPS, JSON, Attack, Receiver

# What is written in the place of a value: JSON, not Python, for some of it no writer would write.
WRONG = [
    b"null", b"true", b"[]", b"{}", b'""', b"0", b"-1", b"1e400", b"-1e400", b"NaN", b"Infinity", b"1.5",
    b"9223372036854775808", b"-9223372036854775809", b"9" * 40, b"9" * 5000, b'"\\u0000"', b'"a\\u0000b"',
    b'"\\ud800"', b'"\\udfff\\ud800"', b'"\xff"', b'"\xed\xa0\x80"', b'"\\uD83D"', b'{"a": {"b": [1]}}', b"[[[[]]]]",
    b'["x"]', b'[{"id": 1}]', b'"' + b"y" * 20_000 + b'"', b"[" * 60 + b"]" * 60, b"[" * 20_000, b'{"a":' * 2_000,
    b'"9999-12-31T23:59:59Z"', b'"%s{}\\u202e"', b"-0", b"1E5", b'"1"', b"[null]", b"[[]]", b"{\"\": null}", b"tru",
]  # fmt: skip
MARK = "\ue000"


def malformed(receivers: list[Receiver], count: int, seed: int = 1) -> Iterator[Attack]:
    """``count`` well-proved deliveries; whatever they hold, the answer is 200 or 400."""
    chance = random.Random(seed)
    for number in range(count):
        receiver = chance.choice(receivers)
        payload = _genuine(receiver, number, chance)
        body = chance.choice(_WAYS)(payload, chance)
        answers = (413,) if len(body) > CAPS[receiver.platform] else (200, 400)
        yield Attack("malformed", receiver.path, {**JSON, **receiver.proof(body)}, body, answers)


def _genuine(receiver: Receiver, number: int, chance: random.Random) -> Any:
    """A delivery of some kind; the text message is the platform's own, the others are hung into it."""
    payload = json.loads(receiver.message(number))
    kinds = _KINDS[receiver.platform]
    return chance.choice(kinds)(payload, number) if chance.random() < 0.7 else payload


def _wrong_value(payload: Any, chance: random.Random) -> bytes:
    """One to three values replaced, wherever they stand."""
    told = json.loads(json.dumps(payload))
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(_places(told)) or [([None], 0)])
        holder[key] = MARK
    text = json.dumps(told, ensure_ascii=False).encode()
    quoted = f'"{MARK}"'.encode()
    while quoted in text:
        text = text.replace(quoted, chance.choice(WRONG), 1)
    return text


def _missing(payload: Any, chance: random.Random) -> bytes:
    told = json.loads(json.dumps(payload))
    for _ in range(chance.randint(1, 3)):
        holders = [(holder, key) for holder, key in _places(told) if isinstance(holder, dict)]
        if holders:
            holder, key = chance.choice(holders)
            del holder[key]
    return json.dumps(told).encode()


def _twice(payload: Any, chance: random.Random) -> bytes:
    """Keys that come again, with something else behind them."""
    text = json.dumps(payload).encode()
    keys = [key for holder, key in _places(payload) if isinstance(holder, dict)]
    again = json.dumps(chance.choice(keys or ["a"])).encode()
    return text[:-1] + b", " + again + b": " + chance.choice(WRONG) + b"}"


def _torn(payload: Any, chance: random.Random) -> bytes:
    text = json.dumps(payload).encode()
    return text[: chance.randrange(len(text) + 1)]


def _flipped(payload: Any, chance: random.Random) -> bytes:
    text = bytearray(json.dumps(payload, ensure_ascii=False).encode())
    for _ in range(chance.randint(1, 8)):
        text[chance.randrange(len(text))] = chance.randrange(256)
    return bytes(text)


def _bare(payload: Any, chance: random.Random) -> bytes:
    return chance.choice([*WRONG, b"", b" ", b"\0", b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"<a/>", b"a=b"])


def _wrapped(payload: Any, chance: random.Random) -> bytes:
    text = json.dumps(payload).encode()
    depth = chance.choice([1, 2, 50, 150, 30_000])
    return chance.choice([b"[" * depth + text + b"]" * depth, b'{"a":' * depth + text + b"}" * depth])


_WAYS: list[Callable[[Any, random.Random], bytes]] = [
    _wrong_value, _wrong_value, _wrong_value, _wrong_value, _missing, _twice, _torn, _flipped, _bare, _wrapped,
]  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a value as the object or list that holds it, and its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)


def _in_message(**more: Any) -> Callable[[Any, int], Any]:
    def hang(payload: Any, number: int) -> Any:
        message = payload["message"]
        message.pop("text", None)
        return payload | {"message": message | more}

    return hang


def _instead_of_message(kind: str, **more: Any) -> Callable[[Any, int], Any]:
    def replace(payload: Any, number: int) -> Any:
        message = payload.pop("message")
        return payload | {kind: {"message": message, "from": message["from"], "chat": message["chat"], **more}}

    return replace


def _whatsapp(**message: Any) -> Callable[[Any, int], Any]:
    def change(payload: Any, number: int) -> Any:
        sent = payload["entry"][0]["changes"][0]["value"]["messages"][0]
        sent.pop("text")
        sent.update(message)
        return payload

    return change


def _whatsapp_status(payload: Any, number: int) -> Any:
    value = payload["entry"][0]["changes"][0]["value"]
    del value["messages"], value["contacts"]
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "24 hours"}}
    status = {"id": f"wamid.{number}", "status": "failed", "timestamp": "1760000000", "recipient_id": "7001"}
    value["statuses"] = [
        status | {"errors": [error], "biz_opaque_callback_data": "7a4e0b00-0001-4000-8000-000000000001"}
    ]
    return payload


def _viber(event: str, **more: Any) -> Callable[[Any, int], Any]:
    return lambda payload, number: payload | {"event": event, "user_id": "viber-person==", **more}


_FILE = {"file_id": "AgAD", "file_unique_id": "u", "file_size": 100, "mime_type": "image/png", "file_name": "a.png"}
_MEMBER = {"status": "kicked", "user": {"id": 1, "is_bot": True}, "until_date": 0}
_KINDS: dict[str, list[Callable[[Any, int], Any]]] = {
    "telegram": [
        _in_message(photo=[_FILE | {"width": 1, "height": 1}], caption="a"),
        _in_message(document=_FILE),
        _in_message(voice=_FILE | {"duration": 3}),
        _in_message(contact={"phone_number": "+7", "first_name": "I", "user_id": 7001}),
        _in_message(location={"latitude": 55.7, "longitude": 37.6}),
        _in_message(sticker=_FILE),
        _instead_of_message("callback_query", id="4", data="1.0"),
        _instead_of_message("edited_message", message_id=4, text="b", date=1),
        _instead_of_message("my_chat_member", new_chat_member=_MEMBER, old_chat_member=_MEMBER, date=1),
    ],
    "whatsapp": [
        _whatsapp(type="interactive", interactive={"type": "button_reply", "button_reply": {"id": "1.0", "title": "a"}}),
        _whatsapp(type="interactive", interactive={"type": "list_reply", "list_reply": {"id": "1.0", "title": "a"}}),
        _whatsapp(type="image", image={"id": "1", "mime_type": "image/jpeg", "sha256": "x", "caption": "a"}),
        _whatsapp(type="contacts", contacts=[{"name": {"formatted_name": "I"}, "phones": [{"phone": "+7"}]}]),
        _whatsapp(type="location", location={"latitude": 55.7, "longitude": 37.6}),
        _whatsapp_status,
    ],
    "viber": [
        _viber("delivered"),
        _viber("seen"),
        _viber("failed", desc="failure"),
        _viber("unsubscribed"),
        _viber("subscribed", user={"id": "viber-person==", "name": "I"}),
        _viber("conversation_started", type="open", context="c", user={"id": "viber-person==", "name": "I"}),
        _viber("message", message={"type": "picture", "media": "https://x.example/a.jpg", "text": "a", "size": 1}),
        _viber("message", message={"type": "contact", "contact": {"name": "I", "phone_number": "+7"}}),
        _viber("message", message={"type": "location", "location": {"lat": 55.7, "lon": 37.6}}),
    ],
}  # fmt: skip
