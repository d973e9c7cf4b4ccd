"""Viber's own rules."""

import hashlib
import hmac
import json

import pytest
from werkzeug.wrappers import Response

from tests.fakes import DEMO


@pytest.fixture
def viber(start, receiver):
    fake, client = start("viber")
    client.set_webhook(receiver.url)
    fake.receipts = ()
    return fake, client


def message(**more):
    return {"receiver": "42", "type": "text", "text": "hi", "sender": {"name": "Demo"}} | more


def keyboard(count):
    return {"Type": "keyboard", "Buttons": [{"ActionBody": f"1.{n}", "Text": f"Key {n}"} for n in range(count)]}


def test_the_webhook_is_called_while_it_is_set(start, receiver):
    fake, client = start("viber")
    receiver.answers = [Response("", 403)]
    assert client.set_webhook(receiver.url).json()["status"] == 1
    assert fake.bot().webhook.url == ""
    assert client.set_webhook(receiver.url).json()["status"] == 0
    assert [payload["event"] for payload in receiver.payloads] == ["webhook", "webhook"]
    assert client.viber("get_account_info").json()["webhook"] == receiver.url
    client.set_webhook("")
    assert client.viber("get_account_info").json()["webhook"] == ""


def test_events_are_signed_with_the_token(viber, receiver):
    fake, _ = viber
    fake.user("42").says("hello").wait()
    delivery = receiver.deliveries[-1]
    expected = hmac.new(DEMO["viber"]["auth_token"].encode(), delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["X-Viber-Content-Signature"] == expected


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, 0),
        ({"text": "x" * 7001}, 3),
        ({"text": "😀" * 3501}, 3),
        ({"text": ""}, 3),
        ({"text": "\u200b\n"}, 3),
        ({"type": "picture", "media": "https://portal.example/a.webp", "text": ""}, 3),
        ({"type": "picture", "media": "https://portal.example/a.png?x=1", "text": ""}, 0),
        ({"type": "picture", "media": "https://portal.example/a.png", "text": "x" * 769}, 3),
        ({"type": "video", "media": "https://portal.example/a.mov", "size": 5}, 3),
        ({"sender": {"name": "x" * 29}}, 3),
        ({"tracking_data": "x" * 4001}, 3),
        ({"text": "€" * 7000, "tracking_data": "€" * 4000, "keyboard": keyboard(24)}, 3),
        ({"keyboard": keyboard(24)}, 0),
        ({"keyboard": keyboard(25)}, 3),
        ({"receiver": "unknown"}, 5),
        ({"receiver": ""}, 4),
        ({"type": "file", "media": "https://portal.example/a", "file_name": "a"}, 4),
        ({"type": "file", "media": "https://portal.example/a", "file_name": "a", "size": 5}, 0),
        ({"type": "hologram"}, 3),
    ],
)
def test_refusals_are_statuses_of_an_answer_with_200(viber, values, status):
    fake, client = viber
    fake.user("42")
    answer = client.viber("send_message", **message(**values))
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert len(fake.user("42").messages) == (status == 0)


def test_without_a_webhook_nothing_can_be_sent(viber):
    fake, client = viber
    fake.user("42")
    client.set_webhook("")
    assert client.viber("send_message", **message()).json()["status"] == 10


def test_a_press_is_a_message_with_the_buttons_body_and_the_last_tracking_data(viber):
    fake, client = viber
    guest = fake.user("42")
    client.viber("send_message", **message(keyboard=keyboard(2), tracking_data="turn 1"))
    pressed = guest.presses("Key 1").wait().payload
    assert (pressed["event"], pressed["message"]["text"]) == ("message", "1.1")
    assert pressed["message"]["tracking_data"] == "turn 1"


def test_who_only_opened_the_chat_gets_the_welcome_of_the_answer_and_nothing_else(viber, receiver):
    fake, client = viber
    receiver.answers = [Response(json.dumps({"type": "text", "text": "Welcome", "sender": {"name": "Demo"}}))]
    guest = fake.user("43")
    opened = guest.opens("table-5").wait().payload
    assert (opened["event"], opened["context"], opened["subscribed"]) == ("conversation_started", "table-5", False)
    assert fake.wait_for(guest, 1)[0].text == "Welcome"
    assert client.viber("send_message", **message(receiver="43")).json()["status"] == 6
    guest.says("hello").wait()
    assert client.viber("send_message", **message(receiver="43")).json()["status"] == 0


def test_who_left_is_not_subscribed_and_the_bot_is_told(viber):
    fake, client = viber
    guest = fake.user("42")
    assert guest.blocks().payload["event"] == "unsubscribed"
    assert client.viber("send_message", **message()).json()["status"] == 6
    assert guest.unblocks().payload["event"] == "subscribed"


def test_receipts_name_the_token_of_the_message(viber, receiver):
    fake, client = viber
    fake.receipts = ("delivered",)
    guest = fake.user("42")
    token = client.viber("send_message", **message()).json()["message_token"]
    guest.reads()
    fake.wait_quiet()
    told = [(payload["event"], payload["message_token"]) for payload in receiver.payloads[1:]]
    assert told == [("delivered", token), ("seen", token)]


def test_codes_tell_what_went_wrong(viber):
    fake, client = viber
    fake.user("42")
    fake.faults.throttle()
    assert client.viber("send_message", **message()).json()["status"] == 12
    fake.bot().revoke()
    assert client.viber("send_message", **message()).json()["status"] == 2


def test_a_file_of_a_person_lies_at_an_address(viber, receiver):
    fake, client = viber
    told = fake.user("42").sends_file("a.pdf", b"%PDF", "application/pdf").wait().payload["message"]
    assert (told["type"], told["file_name"], told["size"]) == ("file", "a.pdf", 4)
    assert client.get(told["media"]).content == b"%PDF"
