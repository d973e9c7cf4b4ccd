"""A delivery is stored once and acknowledged, or it is refused and leaves nothing."""

import json
import logging

import pytest

from bench.deliveries import Hook
from portal.messaging.receiving import inbox as inbox_module
from portal.messaging.receiving.inbox import DEEPEST
from tests.browsing import BASE_URL

PLATFORMS = ("telegram", "whatsapp", "viber")


@pytest.fixture(params=PLATFORMS)
def hook(request, hook_of, world) -> Hook:
    return hook_of(world.pelmenya, request.param)


@pytest.fixture
def telegram(hook_of, world) -> Hook:
    return hook_of(world.pelmenya)


def test_a_delivery_is_stored_and_acknowledged_with_an_empty_body(hook, deliver, inbox, world):
    answer = deliver(hook, hook.message(1, "Привет"))
    assert (answer.status_code, answer.data) == (200, b"")
    (row,) = inbox()
    assert (row.account_id, row.bot_id, row.credential_id) == (
        world.pelmenya.account_id,
        world.pelmenya.bot_id,
        hook.credential_id,
    )
    assert (row.kind, row.state, row.attempts, row.processed_at) == ("message", "pending", 0, None)
    assert row.chat_id
    assert row.payload.isascii()
    assert "Привет" in json.dumps(json.loads(row.payload), ensure_ascii=False)


def test_the_same_delivery_again_is_acknowledged_and_stored_once(hook, deliver, inbox):
    for _ in range(3):
        assert deliver(hook, hook.message(1)).status_code == 200
    assert deliver(hook, hook.message(2)).status_code == 200
    assert len(inbox()) == 2


def test_a_delivery_keeps_its_place_behind_those_before_it(telegram, deliver, inbox):
    for number in (5, 3, 9):
        deliver(telegram, telegram.message(number, text=f"number {number}"))
    assert [json.loads(row.payload)["message"]["text"] for row in inbox()] == ["number 5", "number 3", "number 9"]


def test_nobody_is_signed_in_and_no_cookie_is_set_by_a_delivery(telegram, deliver, browse, world, statements):
    browser = browse(world.pelmenya.owner)
    deliver(telegram, telegram.message(1))  # notes the time
    body = telegram.message(2)
    with statements() as counted:
        answer = browser.client.post(telegram.path, data=body, headers=telegram.headers(body), base_url=BASE_URL)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    # Opening the hook and storing: nothing asks who the browser is.
    assert counted.total == 2


@pytest.mark.parametrize(
    "switched_off",
    [
        "UPDATE getinn_ops.bot_platform_credential SET is_active = false WHERE id = %(credential)s",
        "UPDATE getinn_ops.bot_instance SET is_active = false WHERE id = %(bot)s",
        "UPDATE getinn_ops.account SET is_active = false WHERE id = %(account)s",
    ],
    ids=["the platform", "the bot", "the account"],
)
def test_what_comes_for_one_that_is_off_is_known_and_ignored(
    telegram, deliver, inbox, world, superuser_sql, switched_off
):
    chain = world.pelmenya
    superuser_sql(
        switched_off, {"credential": telegram.credential_id, "bot": chain.bot_id, "account": chain.account_id}
    )
    assert deliver(telegram, telegram.message(1)).status_code == 200
    (row,) = inbox()
    assert row.state == "ignored"
    assert row.processed_at is not None


def test_a_platform_that_asks_during_the_setting_of_its_webhook_is_answered_before_it_is_live(
    hook_of, world, deliver, inbox
):
    viber = hook_of(world.pelmenya, "viber", live=False)
    asked = json.dumps({"event": "webhook", "timestamp": 1457764197627, "message_token": 241256543215}).encode()
    answer = deliver(viber, asked)
    assert (answer.status_code, answer.data) == (200, b"")
    assert {row.state for row in inbox()} <= {"ignored"}


def test_the_time_of_the_last_update_moves_at_most_once_a_minute(telegram, deliver, superuser_sql, monkeypatch):
    def last():
        query = "SELECT last_update_at AS at FROM getinn_ops.bot_connection WHERE credential_id = %s"
        return superuser_sql(query, [telegram.credential_id])[0].at

    assert last() is None
    deliver(telegram, telegram.message(1))
    first = last()
    assert first is not None
    deliver(telegram, telegram.message(2))
    assert last() == first
    monkeypatch.setattr(inbox_module, "_noted", {})  # as another process
    deliver(telegram, telegram.message(3))
    assert last() == first
    superuser_sql("UPDATE getinn_ops.bot_connection SET last_update_at = last_update_at - interval '61 seconds'")
    monkeypatch.setattr(inbox_module, "_noted", {})
    deliver(telegram, telegram.message(4))
    assert last() >= first


def test_a_connection_that_somebody_else_is_changing_is_not_waited_for(telegram, deliver, inbox, connect):
    with connect(role="postgres") as other:
        other.autocommit = False
        other.execute("SELECT 1 FROM getinn_ops.bot_connection FOR UPDATE")
        assert deliver(telegram, telegram.message(1)).status_code == 200
        other.rollback()
    assert len(inbox()) == 1


def test_what_no_text_column_holds_is_stored_all_the_same(telegram, deliver, inbox):
    body = telegram.message(1, text="SENTINEL").replace(b"SENTINEL", rb"a\u0000b\ud800c")
    assert deliver(telegram, body).status_code == 200
    (row,) = inbox()
    assert json.loads(row.payload)["message"]["text"] == "a\0b\ud800c"


UNKNOWN_SHAPES: dict[str, bytes] = {
    "a kind nobody knows": b'{"update_id": 1, "poll_of_the_future": {"x": 1}}',
    "a list at the root": b"[1, 2, 3]",
    "null at the root": b"null",
    "a number": b"7",
    "a text": b'"hello"',
    "a mapping where text belongs": (
        b'{"update_id": 2, "message": {"text": {"a": 1}, "chat": {"id": [1]}, "message_id": {}}}'
    ),
    "integers beyond bigint": (
        b'{"update_id": 99999999999999999999999999,'
        b' "message": {"chat": {"id": 1e400}, "message_id": 9223372036854775808}}'
    ),
    "an integer of many digits": b'{"update_id": ' + b"9" * 6000 + b"}",
    "a float beyond floats": b'{"update_id": 3, "message": {"date": 1e400}}',
    "the same key twice": b'{"update_id": 4, "update_id": 5, "message": 1, "message": 2}',
    "NUL as an id": b'{"update_id": 6, "message": {"message_id": 1, "chat": {"id": "\\u0000"}, "text": "a"}}',
    "a surrogate as an id": (
        b'{"event": "message", "message_token": "\\ud800", "sender": {"id": "\\udfff"},'
        b' "message": {"type": "text", "text": "a"}}'
    ),
    "a very long id": (
        b'{"event": "message", "message_token": "' + b"x" * 9000 + b'", "sender": {"id": "' + b"y" * 9000 + b'"}}'
    ),
    "nested as deep as is read": b"[" * DEEPEST + b"]" * DEEPEST,
}  # fmt: skip


@pytest.mark.parametrize("told", UNKNOWN_SHAPES)
def test_a_shape_that_is_not_known_is_stored_and_acknowledged(hook, deliver, inbox, told):
    for _ in range(2):
        answer = deliver(hook, UNKNOWN_SHAPES[told])
        assert (answer.status_code, answer.data) == (200, b"")
    assert len(inbox()) <= 1


BAD_JSON = {
    "nothing": b"",
    "blanks": b" \n",
    "half of it": b'{"update_id": 1, "message": {"te',
    "NaN": b'{"update_id": NaN}',
    "infinity": b'{"update_id": -Infinity}',
    "bad UTF-8": b'{"update_id": 1, "text": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"update_id": 1, "text": "\xed\xa0\x80"}',
    "UTF-16": '{"update_id": 1}'.encode("utf-16"),
    "NUL": b'{"update_id": 1}\0',
    "two values": b"{}{}",
    "deep lists": b"[" * 30_000 + b"]" * 30_000,
    "deep mappings": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "deep and torn": b'[{"a":' * 5_000,
    "deep behind a text of brackets": b'["[[[\\"[[[", ' + b"[" * 20_000,
    "a form": b"update_id=1&message=2",
    "XML": b'<?xml version="1.0"?><a/>',
}


@pytest.mark.parametrize("told", BAD_JSON)
def test_bad_json_with_a_good_proof_is_a_400_and_stores_nothing(hook, deliver, inbox, told):
    assert deliver(hook, BAD_JSON[told]).status_code == 400
    assert inbox() == []


def test_brackets_within_a_text_are_no_depth(telegram, deliver, inbox):
    assert deliver(telegram, telegram.message(1, text="[{" * 1500 + '\\"')).status_code == 200
    assert len(inbox()) == 1


CAPS = {"telegram": 1024 * 1024, "whatsapp": 3 * 1024 * 1024, "viber": 64 * 1024}


def test_what_is_too_large_is_refused_before_it_is_read(hook, deliver, inbox):
    body = b'"' + b"x" * (CAPS[hook.platform] - 2) + b'"'
    assert deliver(hook, body).status_code == 200
    stored = len(inbox())
    answer = deliver(hook, body + b" ")
    assert (answer.status_code, answer.data) == (413, b"413\n")
    assert len(inbox()) == stored


class Endless:
    """A chunked body that never ends; it counts what is taken of it."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        assert 0 <= size <= CAPS["whatsapp"] + 1
        self.read_bytes += size
        return b"x" * size


def test_a_chunked_body_is_read_up_to_the_cap_alone(hook, app, inbox):
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    builder = EnvironBuilder(path=hook.path, method="POST", base_url=BASE_URL, headers=hook.headers(b""))
    environ = builder.get_environ()
    environ.pop("CONTENT_LENGTH", None)
    environ.update({"wsgi.input": (body := Endless()), "wsgi.input_terminated": True})
    _, status, _ = run_wsgi_app(app.wsgi_app, environ)
    assert status.startswith("413")
    assert body.read_bytes <= CAPS[hook.platform] + 65536
    assert inbox() == []


def test_a_length_is_believed_before_anything_is_read(hook, app):
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    builder = EnvironBuilder(path=hook.path, method="POST", base_url=BASE_URL, headers=hook.headers(b""))
    environ = builder.get_environ()
    environ.update({"wsgi.input": None, "CONTENT_LENGTH": str(CAPS[hook.platform] + 1)})
    _, status, _ = run_wsgi_app(app.wsgi_app, environ)
    assert status.startswith("413")


def test_the_log_of_a_delivery_holds_nothing_of_it(hook, deliver, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    body = hook.message(1, text="the inner words")
    deliver(hook, body)
    deliver(hook, body, {"X-Telegram-Bot-Api-Secret-Token": "a-guessed-secret"})
    deliver(hook, b"[the inner words")

    def fail(payload, values):
        raise ValueError(f"cannot read {payload} of {dict(values)} proved by {hook.proof(body)}")

    from portal.messengers.registry import PLATFORMS

    monkeypatch.setattr(PLATFORMS[hook.platform].inbound, "read_updates", fail)
    assert deliver(hook, body).status_code == 500
    assert "ValueError" in caplog.text
    for secret in ("inner words", "guessed-secret", *hook.values.values(), *hook.proof(body).values()):
        if len(secret) > 8:
            assert secret not in caplog.text
