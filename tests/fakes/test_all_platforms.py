"""What holds of all three stand-ins."""

import threading

import httpx
import pytest
from werkzeug.wrappers import Response

from tests.fakes import DEMO, FAKES
from tests.fakes.platform import NotOffered
from tests.fakes.records import Event

pytestmark = pytest.mark.parametrize("key", FAKES)


@pytest.fixture
def connected(key, start, receiver):
    fake, client = start(key)
    client.set_webhook(receiver.url).raise_for_status()
    receiver.deliveries.clear()
    if key != "telegram":
        fake.receipts = ()
    return fake, client


def body_of(payload, key):
    if key == "telegram":
        return payload["message"]["text"]
    if key == "viber":
        return payload["message"]["text"]
    return payload["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"]


def test_the_demo_credentials_suit_the_forms_of_the_portal(key):
    from portal.messengers.registry import platform

    assert platform(key).check(DEMO[key]) == {}


def test_a_persons_texts_arrive_in_order_although_the_bot_stumbles(key, connected, receiver):
    fake, _ = connected
    receiver.answers = [Response("", 500), Response("", 503, {"Retry-After": "0"})]
    for text in ("one", "two", "three"):
        fake.user("42").says(text)
    fake.wait_quiet()
    assert [body_of(payload, key) for payload in receiver.payloads] == ["one", "one", "one", "two", "three"]


def test_a_button_of_the_bot_can_be_pressed_and_its_value_arrives(key, connected, receiver):
    fake, client = connected
    guest = fake.user("42")
    client.send("42", "Yes or no?", "Yes", "No").raise_for_status()
    assert fake.wait_for(guest, 1)[0].text == "Yes or no?"
    assert guest.buttons == ["Yes", "No"]
    guest.presses("No").wait()
    assert '"1.1"' in receiver.wait(1)[0].body.decode()


def test_nothing_else_can_be_pressed(key, connected):
    fake, _ = connected
    with pytest.raises(AssertionError, match="No button"):
        fake.user("42").presses("Yes")


@pytest.mark.parametrize("accepted", [False, True])
def test_a_cut_connection_comes_before_or_after_the_message_was_accepted(key, connected, accepted):
    fake, client = connected
    guest = fake.user("42")
    fake.faults.cut(accepted=accepted, on="send")
    with pytest.raises(httpx.RemoteProtocolError):
        client.send("42", "hello")
    assert guest.texts == (["hello"] if accepted else [])
    assert [call.status for call in fake.calls_of("send")] == [0]
    assert client.send("42", "again").is_success
    assert guest.last.text == "again"


def test_a_hung_call_ends_when_it_is_released_and_was_not_accepted(key, connected):
    fake, client = connected
    fake.user("42")
    fake.faults.hang(on="send", chat="42")
    ended = []

    def call():
        try:
            client.send("42", "hello")
        except httpx.RemoteProtocolError:
            ended.append(True)

    thread = threading.Thread(target=call)
    thread.start()
    fake.wait_until(lambda: fake.calls_of("send"))
    assert client.set_webhook("").status_code in (200, 429)
    fake.faults.release()
    thread.join(10)
    assert ended == [True]
    assert fake.user("42").messages == []


def test_faults_of_one_bot_are_no_faults_of_another(key, connected):
    fake, client = connected
    fake.user("42")
    fake.faults.fail(bot="somebody else", times=None, status=502)
    assert client.send("42", "hello").is_success
    fake.faults.fail(times=2, status=502)
    assert [client.send("42", "hello").status_code for _ in range(3)] == [502, 502, 200]


def test_a_blocked_bot_cannot_write_until_it_is_unblocked(key, connected):
    fake, client = connected
    guest = fake.user("42")
    guest.blocks()
    client.send("42", "hello")
    assert guest.messages == []
    guest.unblocks()
    client.send("42", "hello")
    assert guest.texts == ["hello"]


def test_a_revoked_credential_is_refused_and_another_one_of_the_bot_is_not(key, connected):
    fake, client = connected
    guest = fake.user("42")
    fake.bot().revoke()
    client.send("42", "hello")
    assert guest.messages == []
    name = {"telegram": "token", "whatsapp": "access_token", "viber": "auth_token"}[key]
    client.demo = client.demo | {name: client.demo[name][:-2] + "Zz"}
    fake.bot().accepts(client.demo[name])
    client.send("42", "hello")
    assert guest.texts == ["hello"]


def test_deliveries_are_repeated_lost_and_broken_as_planned(key, connected, receiver):
    fake, _ = connected
    guest = fake.user("42")
    fake.deliveries.duplicate(copies=3)
    guest.says("thrice").wait()
    fake.deliveries.drop()
    assert guest.says("never").wait().outcome == "dropped"
    fake.deliveries.fail(times=2)
    late = guest.says("late").wait()
    assert late.tries == ["Connection refused", "Connection refused", 200]
    assert [body_of(payload, key) for payload in receiver.payloads] == ["thrice"] * 3 + ["late"]
    assert fake.bot().webhook.last_error == "Connection refused"


def test_held_updates_come_in_another_order_and_several_times(key, connected, receiver):
    fake, _ = connected
    with fake.deliveries.held(reverse=True, copies=2):
        for text in ("one", "two"):
            fake.user("42").says(text)
    receiver.wait(4)
    assert [body_of(payload, key) for payload in receiver.payloads] == ["two", "two", "one", "one"]


def test_whatever_is_posted_is_rightly_signed(key, connected, receiver):
    fake, _ = connected
    fake.deliveries.post(fake.bot(), {"strange": ["\x00", "\ud800"]}).wait()
    assert "strange" in receiver.deliveries[0].body.decode()


def test_another_tool_takes_the_webhook_and_the_bot_hears_nothing(key, connected, receiver):
    fake, _ = connected
    fake.bot().steal_webhook("http://127.0.0.1:9/hook")
    event = fake.user("42").says("hello")
    fake.wait_until(lambda: event.tries)
    assert receiver.deliveries == []


def test_files_contacts_and_places_are_told(key, connected, receiver):
    fake, _ = connected
    guest = fake.user("42")
    events = [
        guest.sends_file("cv.pdf", b"%PDF-1", "application/pdf"),
        guest.sends_file("me.jpg", b"\xff\xd8\xff", "image/jpeg", caption="me"),
        guest.shares_contact("+79991234567"),
        guest.shares_location(55.75, 37.61),
        guest.sends_sticker(),
        guest.opens("table-5"),
    ]
    for event in events:
        event.wait()
    texts = [delivery.body.decode() for delivery in receiver.wait(6)]
    assert "cv.pdf" in texts[0]
    assert "79991234567" in texts[2]
    assert "37.61" in texts[3]
    assert "table-5" in texts[5]
    assert isinstance(events[0], Event)


def test_limits_are_off_unless_they_are_set(key, connected):
    fake, client = connected
    guest = fake.user("42")
    for _ in range(8):
        client.send("42", "hello")
    assert len(guest.messages) == 8
    fake.limits.per_chat, fake.limits.per_chat_burst = 0.001, 1
    client.send("42", "one more")
    refused = client.send("42", "too much")
    assert refused.status_code != 200 or refused.json()["status"] == 12
    assert guest.last.text == "one more"


def test_a_platform_that_is_stopped_refuses_connections(key, connected):
    fake, client = connected
    fake.stop()
    with pytest.raises(httpx.TransportError):
        client.send("42", "hello")


def test_what_a_platform_does_not_have_is_said(key, connected):
    fake, _ = connected
    missing = {"telegram": "subscribes", "whatsapp": "subscribes", "viber": "moves_to"}[key]
    arguments = ("43",) if missing == "moves_to" else ()
    with pytest.raises(NotOffered):
        getattr(fake.user("42"), missing)(*arguments)
