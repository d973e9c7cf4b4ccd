"""Who may deliver, and that nothing which is delivered can break an adapter."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from portal.channels.credentials import webhook_secret
from portal.messaging.events import InboundEvent, UpdateKind
from portal.messengers.registry import PLATFORM_KEYS, platform
from portal.web.values import is_storable
from tests.fakes import DEMO

SECRET = webhook_secret("s" * 40, "00000000-0000-0000-0000-000000000007", "100200300")
NAMES = {
    "telegram": "X-Telegram-Bot-Api-Secret-Token",
    "whatsapp": "X-Hub-Signature-256",
    "viber": "X-Viber-Content-Signature",
}
BODY = b'{"update_id": 1}'

every_key = pytest.mark.parametrize("key", PLATFORM_KEYS)


def proof(key, body=BODY, values=None):
    values = values or DEMO[key]
    if key == "telegram":
        return SECRET
    own = values["app_secret" if key == "whatsapp" else "auth_token"]
    digest = hmac.new(own.encode(), body, hashlib.sha256).hexdigest()
    return f"sha256={digest}" if key == "whatsapp" else digest


def verified(key, found, body=BODY, values=None, secret=SECRET):
    headers = {} if found is None else {NAMES[key]: found}
    return platform(key).webhook.verify(DEMO[key] if values is None else values, secret, headers, body)


@every_key
def test_the_platforms_own_proof_is_accepted_whatever_the_headers_case(key):
    assert verified(key, proof(key)) is True
    for headers in (Headers({NAMES[key].lower(): proof(key)}), {NAMES[key].upper(): proof(key)}):
        assert platform(key).webhook.verify(DEMO[key], SECRET, headers, BODY) is True


@every_key
@pytest.mark.parametrize("odd", [None, "", "sha256=", "=", "0" * 64, "ü" * 43, "\ud800", "sha256=é", "a" * 100_000])
def test_a_missing_or_odd_proof_is_just_wrong(key, odd):
    assert verified(key, odd) is False


@every_key
def test_a_proof_with_one_letter_changed_is_wrong(key):
    right = proof(key)
    for place in (7, len(right) // 2, len(right) - 1):
        changed = right[:place] + ("0" if right[place] != "0" else "1") + right[place + 1 :]
        assert verified(key, changed) is False
    assert verified(key, right[:-1]) is False
    assert verified(key, right + "0") is False


@pytest.mark.parametrize("key", ["whatsapp", "viber"])
def test_a_signature_is_of_these_very_bytes(key):
    assert verified(key, proof(key), BODY + b" ") is False
    assert verified(key, proof(key, b""), b"") is True


@every_key
def test_nothing_is_accepted_where_no_secret_is_known(key):
    empty = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    for found in ("", empty, f"sha256={empty}", None):
        assert verified(key, found, values={}, secret="") is False


def test_another_algorithm_is_not_taken():
    assert verified("whatsapp", proof("whatsapp").replace("sha256", "sha1")) is False


def test_the_challenge_is_echoed_to_whoever_knows_the_verify_token():
    def asked(**changed):
        args = {"mode": "subscribe", "verify_token": DEMO["whatsapp"]["verify_token"], "challenge": "1158201444"}
        return {f"hub.{name}": value for name, value in (args | changed).items() if value is not None}

    adapter = platform("whatsapp")
    assert adapter.webhook.challenge(DEMO["whatsapp"], asked()) == "1158201444"
    wrong = [{"verify_token": "x"}, {"verify_token": None}, {"verify_token": "é"}, {"mode": "x"}, {"challenge": None}]
    assert [adapter.webhook.challenge(DEMO["whatsapp"], asked(**each)) for each in wrong] == [None] * 5
    assert adapter.webhook.challenge({}, asked(verify_token="")) is None


@pytest.mark.parametrize("key", ["telegram", "viber"])
def test_platforms_without_a_challenge_answer_none(key):
    assert platform(key).webhook.challenge(DEMO[key], {"hub.mode": "subscribe", "hub.challenge": "1"}) is None


def test_the_derived_secret_differs_by_bot_and_key_and_fits_the_platform():
    base = ("s" * 40, "00000000-0000-0000-0000-000000000007", "100200300")
    others = [("t" * 40, *base[1:]), (base[0], "00000000-0000-0000-0000-000000000008", base[2]), (*base[:2], "1")]
    assert len({webhook_secret(*each) for each in (base, *others)}) == 4
    assert webhook_secret(*base) == SECRET
    assert len(SECRET) == 43
    assert set(SECRET) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


# The words that adapters look for, so that a random document gets somewhere.
WORDS = [
    "update_id",
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat",
    "id",
    "type",
    "private",
    "text",
    "photo",
    "file_id",
    "contact",
    "location",
    "from",
    "data",
    "new_chat_member",
    "status",
    "kicked",
    "entry",
    "changes",
    "value",
    "metadata",
    "phone_number_id",
    "messages",
    "statuses",
    "contacts",
    "image",
    "interactive",
    "button_reply",
    "list_reply",
    "audio",
    "errors",
    "code",
    "timestamp",
    "event",
    "message_token",
    "sender",
    "user",
    "user_id",
    "subscribed",
    "context",
    "media",
    "conversation_started",
    "delivered",
    "failed",
    "read",
    "sent",
    "reply_markup",
    "inline_keyboard",
    "callback_data",
    "phones",
    "document",
    "video",
    "latitude",
    "longitude",
    "lat",
    "lon",
    "wa_id",
    "date",
    "title",
]
leaf = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**63) - 1, 10**400, 1e400, float("nan"), -0.0])
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from([*WORDS, "\0", "\ud800", "a\0b\udfff", "x" * 20_000])
)
documents = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner),
    max_leaves=40,
)
EXAMPLES = {
    "telegram": [
        {"update_id": 5, kind: {"message_id": 1, "chat": {"id": 1, "type": "private"}, "from": {"id": 1}, name: 0}}
        for kind in ("message", "edited_message")
        for name in ("text", "photo", "video", "contact", "location", "venue", "sticker", "caption")
    ]
    + [
        {
            "update_id": 5,
            "callback_query": {"id": "1", "data": "1.0", "message": {"chat": {"id": 1, "type": "private"}}},
        }
    ]
    + [{"update_id": 5, "my_chat_member": {"chat": {"id": 1, "type": "private"}, "new_chat_member": {"status": 0}}}],
    "whatsapp": [
        {"entry": [{"changes": [{"value": {"messages": [{"id": "w", "from": "7", "type": name, name: 0}]}}]}]}
        for name in ("text", "image", "audio", "contacts", "location", "interactive", "button", "order", "system")
    ]
    + [{"entry": [{"changes": [{"value": {"statuses": [{"id": "w", "status": "failed", "errors": 0}]}}]}]}],
    "viber": [
        {"event": event, "message_token": 1, "sender": {"id": "a"}, "message": {"type": "text", "text": 0}}
        for event in ("message", "subscribed", "unsubscribed", "delivered", "failed", "webhook", "conversation_started")
    ],
}


@st.composite
def mutated(draw, key):
    """A rightly built document of which one part is something else."""
    document = json.loads(json.dumps(draw(st.sampled_from(EXAMPLES[key]))))
    holder = document
    while True:
        names = list(holder) if isinstance(holder, dict) else range(len(holder))
        if not names:
            return document
        name = draw(st.sampled_from(list(names)))
        if not isinstance(holder[name], dict | list) or not holder[name] or draw(st.integers(0, 3)) == 0:
            holder[name] = draw(documents)
            return document
        holder = holder[name]


def check(key, payload):
    adapter = platform(key)
    found = adapter.inbound.read_updates(payload, DEMO[key])
    assert found
    assert [each.dedupe_key for each in found] == [
        each.dedupe_key for each in adapter.inbound.read_updates(payload, DEMO[key])
    ]
    for update in found:
        stored = json.loads(json.dumps(update.payload))
        assert 0 < len(update.dedupe_key) <= 200
        assert is_storable(update.dedupe_key)
        assert update.chat_id is None or (0 < len(update.chat_id) <= 100 and update.chat_id.isascii())
        assert -(2**63) <= update.position < 2**63
        for kind in (update.kind, *UpdateKind):
            inbound = adapter.inbound.read_event(stored, kind)
            assert inbound is None or all(is_storable(text) and len(text) <= 8000 for text in texts_of(inbound))


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, InboundEvent) or hasattr(value, "__slots__"):
        for name in value.__slots__:
            yield from texts_of(getattr(value, name))


ODD = [None, [], {}, 0, "", True, float("nan"), 1e400, 10**5000, deep(500), {"update_id": [[]]}, {"a": deep(9000)}]


@every_key
@given(st.data())
def test_no_document_breaks_an_adapter(key, data):
    check(key, data.draw(documents))


@every_key
@given(st.data())
def test_no_part_of_a_document_breaks_an_adapter(key, data):
    check(key, data.draw(mutated(key)))


@every_key
@pytest.mark.parametrize("payload", ODD, ids=range(len(ODD)))
def test_odd_documents_are_one_unknown_update(key, payload):
    found = platform(key).inbound.read_updates(payload, DEMO[key])
    assert [(each.kind, each.chat_id) for each in found] == [(UpdateKind.UNKNOWN, None)]
    json.dumps(found[0].payload)


@every_key
def test_nesting_beyond_all_reason_is_taken_apart_without_recursion(key):
    shallow, deeper = (
        platform(key).inbound.read_updates({"entry": deep(levels)}, DEMO[key])[0] for levels in (90_000, 100_000)
    )
    assert shallow.dedupe_key != deeper.dedupe_key
    json.dumps(shallow.payload)
