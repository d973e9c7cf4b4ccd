"""WhatsApp's own rules."""

import hashlib
import hmac

import pytest

from tests.fakes import DEMO

OTHER = "100000000000009"


@pytest.fixture
def whatsapp(start):
    fake, client = start("whatsapp")
    fake.receipts = ()
    return fake, client


def code(answer):
    return answer.json()["error"]["code"]


def text_message(to="42", text="hi", **more):
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}} | more


def interactive(kind, action, body="?"):
    content = {"type": kind, "body": {"text": body}, "action": action}
    return {"messaging_product": "whatsapp", "to": "42", "type": "interactive", "interactive": content}


def replies(*titles):
    return {"buttons": [{"type": "reply", "reply": {"id": f"1.{n}", "title": t}} for n, t in enumerate(titles)]}


def rows(count, **more):
    listed = [{"id": f"1.{n}", "title": f"Row {n}"} | more for n in range(count)]
    return {"button": "Choose", "sections": [{"rows": listed}]}


def statuses(receiver):
    values = [change["value"] for payload in receiver.payloads for change in payload["entry"][0]["changes"]]
    return [status for value in values for status in value.get("statuses", ())]


def test_the_callback_of_a_number_is_verified_while_it_is_set(whatsapp, receiver):
    fake, client = whatsapp
    wrong = {"override_callback_uri": receiver.url, "verify_token": "wrong"}
    assert code(client.whatsapp("", json={"webhook_configuration": wrong})) == 2200
    assert client.set_webhook(receiver.url).json() == {"success": True}
    shown = client.whatsapp("", "GET", params={"fields": "webhook_configuration"}).json()
    assert shown["webhook_configuration"] == {"phone_number": receiver.url}
    client.set_webhook("")
    assert fake.webhook_url(fake.bot()) == ""


def test_deliveries_are_signed_with_the_apps_secret(whatsapp, receiver):
    fake, client = whatsapp
    client.set_webhook(receiver.url)
    fake.user("42").says("hello").wait()
    delivery = receiver.deliveries[0]
    expected = hmac.new(DEMO["whatsapp"]["app_secret"].encode(), delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["X-Hub-Signature-256"] == f"sha256={expected}"


def test_events_of_several_numbers_come_batched_to_the_callback_of_the_app(whatsapp, receiver):
    fake, _ = whatsapp
    fake.set_app_callback(receiver.url, "verify-me")
    with fake.deliveries.held(batch=True):
        fake.user("42").says("one")
        fake.user("42", bot=OTHER).says("two")
    entries = receiver.wait(1)[0].payload["entry"]
    numbers = [entry["changes"][0]["value"]["metadata"]["phone_number_id"] for entry in entries]
    assert numbers == [DEMO["whatsapp"]["phone_number_id"], OTHER]


def test_statuses_bring_back_the_senders_own_id(whatsapp, receiver):
    fake, client = whatsapp
    client.set_webhook(receiver.url)
    fake.receipts = ("sent", "delivered")
    guest = fake.user("42")
    sent = client.whatsapp(json=text_message(biz_opaque_callback_data="row-7")).json()["messages"][0]["id"]
    guest.reads()
    fake.wait_quiet()
    assert [(each["id"], each["status"], each["biz_opaque_callback_data"]) for each in statuses(receiver)] == [
        (sent, state, "row-7") for state in ("sent", "delivered", "read")
    ]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (text_message(text="x" * 4097), 131009),
        (text_message(text=""), 131009),
        (text_message(text="😀" * 2049), 131009),
        (text_message(text="\u200b "), 131009),
        (text_message(type="reaction"), 131051),
        (text_message(to="Anna"), 131009),
        (text_message(messaging_product="sms"), 100),
        (interactive("button", replies("a", "b", "c", "d")), 131009),
        (interactive("button", replies("x" * 21)), 131009),
        (interactive("button", replies("😀" * 11)), 131009),
        (interactive("button", replies(" ")), 131009),
        (interactive("button", replies("two\nlines")), 131009),
        (interactive("button", replies("same", "same")), 131009),
        (interactive("button", replies("yes"), body="x" * 1025), 131009),
        (interactive("list", rows(11)), 131009),
        (interactive("list", rows(1, title="x" * 25)), 131009),
        (interactive("list", rows(1, description="x" * 73)), 131009),
    ],
)
def test_what_meta_would_refuse_is_refused(whatsapp, message, problem):
    fake, client = whatsapp
    fake.user("42")
    answer = client.whatsapp(json=message)
    assert (answer.status_code, code(answer)) == (400, problem)


@pytest.mark.parametrize(
    "message", [interactive("button", replies("a", "b", "c")), interactive("list", rows(10, description="x" * 72))]
)
def test_buttons_and_rows_within_the_limits_are_shown(whatsapp, receiver, message):
    fake, client = whatsapp
    client.set_webhook(receiver.url)
    guest = fake.user("42")
    client.whatsapp(json=message).raise_for_status()
    event = guest.presses(guest.buttons[1]).wait()
    kind = {"button": "button_reply", "list": "list_reply"}[message["interactive"]["type"]]
    assert event.payload["messages"][0]["interactive"][kind]["id"] == "1.1"


def test_after_a_day_of_silence_only_templates_are_accepted(whatsapp):
    fake, client = whatsapp
    guest = fake.user("42")
    fake.pass_time(hours=25)
    assert code(client.whatsapp(json=text_message())) == 131047
    assert client.whatsapp(json=text_message(type="template", template={"name": "hello_world"})).is_success
    guest.says("back again")
    assert client.whatsapp(json=text_message()).is_success


def test_a_refusal_may_come_late_as_a_status(whatsapp, receiver):
    fake, client = whatsapp
    client.set_webhook(receiver.url)
    fake.answers_late = True
    guest = fake.user("42")
    guest.blocks()
    assert client.whatsapp(json=text_message()).is_success
    receiver.wait(1)
    assert [each["errors"][0]["code"] for each in statuses(receiver)] == [131026]
    assert guest.messages == []


def test_media_are_uploaded_sent_by_id_and_fetched_for_five_minutes(whatsapp):
    fake, client = whatsapp
    guest = fake.user("42")
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    uploaded = client.whatsapp("/media", data=form, files={"file": ("a.png", b"\x89PNG", "image/png")}).json()["id"]
    client.whatsapp(json=text_message(type="image", image={"id": uploaded, "caption": "look"})).raise_for_status()
    assert (guest.last.text, guest.last.file.data) == ("look", b"\x89PNG")
    assert code(client.whatsapp(json=text_message(type="video", video={"id": uploaded}))) == 131053
    described = client.whatsapp(f"{fake.base_url}/v23.0/{uploaded}", "GET").json()
    assert client.whatsapp(described["url"], "GET").content == b"\x89PNG"
    assert client.get(described["url"]).status_code == 401
    fake.pass_time(minutes=6)
    assert client.whatsapp(described["url"], "GET").status_code == 404


def test_the_number_tells_its_name_and_picture(whatsapp):
    fake, client = whatsapp
    shown = client.whatsapp("", "GET", params={"fields": "verified_name,display_phone_number"}).json()
    assert (shown["verified_name"], shown["id"]) == (fake.bot().name, fake.bot().public_id)
    profile = client.whatsapp("/whatsapp_business_profile", "GET", params={"fields": "profile_picture_url"}).json()
    assert client.get(profile["data"][0]["profile_picture_url"]).content == fake.bot().picture


def test_codes_tell_what_went_wrong(whatsapp):
    fake, client = whatsapp
    fake.user("42")
    fake.faults.throttle()
    assert code(client.whatsapp(json=text_message())) == 130429
    fake.limits.per_chat, fake.limits.per_chat_burst = 0.001, 1
    client.whatsapp(json=text_message())
    assert code(client.whatsapp(json=text_message())) == 131056
    fake.bot().revoke()
    assert code(client.whatsapp(json=text_message())) == 190


def test_a_message_can_be_marked_as_read(whatsapp, receiver):
    fake, client = whatsapp
    client.set_webhook(receiver.url)
    number = fake.user("42").says("hi").wait().payload["messages"][0]["id"]
    answer = client.whatsapp(json={"messaging_product": "whatsapp", "status": "read", "message_id": number})
    assert answer.json() == {"success": True}
    assert [ack.reference for ack in fake.acks] == [number]
