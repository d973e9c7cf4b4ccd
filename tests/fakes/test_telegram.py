"""Telegram's own rules."""

import threading

import pytest
from werkzeug.wrappers import Response

from tests.fakes.bots import png


@pytest.fixture
def telegram(start):
    return start("telegram", webhook_interval=0)


def description(answer):
    return answer.json()["description"]


def test_the_bot_tells_who_it_is_and_shows_its_picture(telegram):
    fake, client = telegram
    me = client.telegram("getMe").json()["result"]
    assert (me["id"], me["is_bot"]) == (100200300, True)
    photos = client.telegram("getUserProfilePhotos", user_id=me["id"]).json()["result"]["photos"]
    path = client.telegram("getFile", file_id=photos[0][-1]["file_id"]).json()["result"]["file_path"]
    assert client.get(f"/file/bot{client.demo['token']}/{path}").content == fake.bot().picture


@pytest.mark.parametrize(
    ("token", "status"), [("nonsense", 404), ("100200300:" + "a" * 35, 200), ("555000111:" + "b" * 35, 200)]
)
def test_well_formed_tokens_register_themselves(telegram, token, status):
    _, client = telegram
    assert client.post(f"/bot{token}/getMe").status_code == status


def test_deliveries_carry_the_secret_of_the_webhook(telegram, receiver):
    fake, client = telegram
    client.set_webhook(receiver.url)
    fake.user("42").says("/start@demo_bot x").wait()
    assert receiver.deliveries[0].headers["X-Telegram-Bot-Api-Secret-Token"] == "s-e_c"
    assert receiver.payloads[0]["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 15}]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"url": "http://portal.example/hook"}, "HTTPS URL must be provided"),
        ({"url": "https://portal.example:444/hook"}, "only on ports 80, 88, 443 or 8443"),
        ({"url": "https://portal.example/hook", "secret_token": "no spaces"}, "unallowed characters"),
    ],
)
def test_a_bad_webhook_is_refused(telegram, values, words):
    _, client = telegram
    assert words in description(client.telegram("setWebhook", **values))


def test_a_webhook_is_set_once_a_second_at_most(start, receiver):
    _, client = start("telegram")
    assert client.set_webhook(receiver.url).status_code == 200
    refused = client.set_webhook(receiver.url)
    assert (refused.status_code, refused.json()["parameters"]) == (429, {"retry_after": 1})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response("", 403), "Wrong response from the webhook: 403 Forbidden"),
        (Response("", 302), "Wrong response from the webhook: 302 Found"),
    ],
)
def test_the_last_error_is_told_in_telegrams_words(telegram, receiver, answer, words):
    fake, client = telegram
    client.set_webhook(receiver.url)
    receiver.answers = [answer]
    fake.user("42").says("hello").wait()
    info = client.telegram("getWebhookInfo").json()["result"]
    assert (info["last_error_message"], info["pending_update_count"]) == (words, 0)


def test_updates_wait_while_there_is_no_webhook_and_can_be_dropped(telegram, receiver):
    fake, client = telegram
    event = fake.user("42").says("hello")
    assert client.telegram("getWebhookInfo").json()["result"]["pending_update_count"] == 1
    client.set_webhook(receiver.url)
    event.wait()
    client.telegram("deleteWebhook")
    fake.user("42").says("lost")
    client.telegram("deleteWebhook", drop_pending_updates=True)
    assert client.telegram("getUpdates").json()["result"] == []


def test_kinds_that_were_not_asked_for_do_not_come(telegram, receiver):
    fake, client = telegram
    client.telegram("setWebhook", url=receiver.url, allowed_updates=["callback_query"])
    assert fake.user("42").says("hello").outcome == "ignored"


def test_polling_confirms_by_offset_and_wakes_when_something_comes(telegram):
    fake, client = telegram
    guest = fake.user("42")
    first = guest.says("one")
    assert [each["update_id"] for each in client.telegram("getUpdates").json()["result"]] == [first.number]
    answers = []

    def poll():
        answers.append(client.telegram("getUpdates", offset=first.number + 1, timeout=20).json()["result"])

    thread = threading.Thread(target=poll)
    thread.start()
    assert first.wait().outcome == "polled"
    guest.says("two")
    thread.join(10)
    assert [each["message"]["text"] for each in answers[0]] == ["two"]


def test_a_second_poller_and_a_webhook_end_the_first(telegram, receiver):
    fake, client = telegram
    answers = []

    def poll():
        answers.append(description(client.telegram("getUpdates", timeout=20)))

    for disturb in (lambda: client.telegram("getUpdates"), lambda: client.set_webhook(receiver.url)):
        thread = threading.Thread(target=poll)
        thread.start()
        fake.wait_until(lambda: fake.pollers)
        disturb()
        thread.join(10)
    assert "other getUpdates request" in answers[0]
    assert "setWebhook" in answers[1]
    assert "while webhook is active" in description(client.telegram("getUpdates"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "<b>bold", "parse_mode": "HTML"}, "Can't find end tag"),
        ({"text": "<x>", "parse_mode": "HTML"}, 'Unsupported start tag "x" at byte offset 0'),
        ({"text": "ж</i>", "parse_mode": "HTML"}, "Unexpected end tag at byte offset 2"),
        ({"text": "hi", "chat_id": 43}, "chat not found"),
    ],
)
def test_a_text_that_telegram_would_refuse_is_refused(telegram, values, words):
    fake, client = telegram
    fake.user("42")
    answer = client.telegram("sendMessage", **{"chat_id": 42} | values)
    assert answer.status_code == 400
    assert words in description(answer)


def test_markup_is_taken_out_of_what_people_read(telegram):
    fake, client = telegram
    guest = fake.user("42")
    client.telegram("sendMessage", chat_id=42, text="<b>a</b> &lt;b&gt; &amp; c", parse_mode="HTML")
    assert guest.texts == ["a <b> & c"]


@pytest.mark.parametrize(("data", "status"), [("я" * 32, 200), ("я" * 32 + "x", 400), ("", 400)])
def test_callback_data_is_measured_in_bytes(telegram, data, status):
    fake, client = telegram
    fake.user("42")
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    answer = client.telegram("sendMessage", chat_id=42, text="?", reply_markup=markup)
    assert answer.status_code == status
    assert status == 200 or description(answer) == "Bad Request: BUTTON_DATA_INVALID"


def test_a_press_is_acknowledged_once(telegram, receiver):
    fake, client = telegram
    client.set_webhook(receiver.url)
    guest = fake.user("42")
    client.send("42", "?", "Yes")
    query = guest.presses("Yes").wait().payload["callback_query"]
    assert client.telegram("answerCallbackQuery", callback_query_id=query["id"], text="Noted").status_code == 200
    assert "query is too old" in description(client.telegram("answerCallbackQuery", callback_query_id=query["id"]))
    assert [ack.text for ack in fake.acks] == ["Noted"]
    late = guest.presses("Yes").payload["callback_query"]
    fake.pass_time(hours=1)
    assert "query is too old" in description(client.telegram("answerCallbackQuery", callback_query_id=late["id"]))


def test_a_message_that_is_edited_to_the_same_is_not_modified(telegram):
    fake, client = telegram
    guest = fake.user("42")
    number = client.send("42", "one").json()["result"]["message_id"]
    same = client.telegram("editMessageText", chat_id=42, message_id=number, text="one")
    assert "message is not modified" in description(same)
    client.telegram("editMessageText", chat_id=42, message_id=number, text="two")
    assert (guest.last.text, guest.last.versions) == ("two", ["one"])


def test_a_file_is_uploaded_once_and_sent_again_by_its_id(telegram):
    fake, client = telegram
    guest = fake.user("42")
    sent = client.telegram("sendPhoto", files={"photo": ("a.png", png(b"abc"))}, chat_id="42", caption="one")
    reference = sent.json()["result"]["photo"][-1]["file_id"]
    assert client.telegram("sendPhoto", chat_id=42, photo=reference).status_code == 200
    assert [message.file.read() for message in guest.messages] == [png(b"abc")] * 2
    assert "can't use file of type" in description(client.telegram("sendVideo", chat_id=42, video=reference))
    assert "wrong file identifier" in description(client.telegram("sendPhoto", chat_id=42, photo="other"))
    no_image = client.telegram("sendPhoto", files={"photo": ("a.png", b"text")}, chat_id="42")
    assert "IMAGE_PROCESS_FAILED" in description(no_image)


def test_blocked_deleted_and_moved_chats_say_so(telegram):
    fake, client = telegram
    guest = fake.user("42")
    blocked = guest.blocks().payload["my_chat_member"]
    assert blocked["new_chat_member"]["status"] == "kicked"
    assert description(client.send("42", "hi")) == "Forbidden: bot was blocked by the user"
    fake.user("43").leaves()
    assert description(client.send("43", "hi")) == "Forbidden: user is deactivated"
    fake.user("-44").moves_to("-10044")
    assert client.send("-44", "hi").json()["parameters"] == {"migrate_to_chat_id": -10044}
    assert client.send("-10044", "hi").status_code == 200


def test_an_answer_to_a_delivery_that_is_a_method_call_is_carried_out(telegram, receiver):
    fake, client = telegram
    client.set_webhook(receiver.url)
    receiver.answers = [Response('{"method": "sendMessage", "chat_id": 42, "text": "from the answer"}')]
    guest = fake.user("42")
    guest.says("hello")
    assert fake.wait_for(guest, 1)[0].text == "from the answer"


def test_gone_for_23_hours_takes_the_webhook_away(telegram, receiver):
    fake, client = telegram
    client.set_webhook(receiver.url)
    receiver.answers = [Response("", 410) for _ in range(50)]
    event = fake.user("42").says("hello")
    fake.wait_until(lambda: event.tries)
    fake.pass_time(hours=23)
    fake.wait_until(lambda: not fake.bot().webhook.url)
    assert not event.settled.is_set()


def test_an_edited_message_keeps_its_number(telegram, receiver):
    fake, client = telegram
    client.set_webhook(receiver.url)
    guest = fake.user("42")
    said = guest.says("one")
    edited = guest.edits(said, "two").wait()
    assert edited.payload["edited_message"]["message_id"] == said.payload["message"]["message_id"]
    assert edited.payload["update_id"] == said.payload["update_id"] + 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "\u200b \u2060"}, "message text is empty"),
        ({"text": f'<a href="https://menu.example/{"x" * 33_000}">Menu</a>', "parse_mode": "HTML"}, "text is too long"),
        ({"text": "<b>bold<i>both</b></i>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "1 < 2", "parse_mode": "HTML"}, "can't parse entities"),
        (
            {"text": "yes", "reply_markup": {"inline_keyboard": [[{"text": "Да", "callback_data": "ж" * 33}]]}},
            "BUTTON_DATA",
        ),
        (
            {"text": "yes", "reply_markup": {"inline_keyboard": [[{"text": " ", "callback_data": "1.0"}]]}},
            "BUTTON_TEXT",
        ),
        (
            {
                "text": "yes",
                "reply_markup": {
                    "inline_keyboard": [[{"text": "ж" * 200, "callback_data": str(n)}] for n in range(30)]
                },
            },
            "reply markup is too long",
        ),
        ({"text": "yes", "reply_parameters": {"message_id": 4711}}, "message to be replied not found"),
        ({"text": "yes", "chat_id": 4711}, "chat not found"),
    ],
)
def test_what_telegram_does_not_take_is_refused(telegram, values, words):
    fake, client = telegram
    fake.user("42")
    assert words in description(client.telegram("sendMessage", **({"chat_id": 42} | values)))


def test_what_is_just_short_enough_for_telegram_is_taken(telegram):
    fake, client = telegram
    fake.user("42")
    link = f'<a href="https://menu.example/{"x" * 2000}">Menu</a>'
    for text in ("😀" * 2048, link * 15, "&lt;b&gt; &amp; <b>bold</b>"):
        assert client.telegram("sendMessage", chat_id=42, text=text, parse_mode="HTML").json()["ok"], text[:40]
    reply = {"message_id": 4711, "allow_sending_without_reply": True}
    assert client.telegram("sendMessage", chat_id=42, text="yes", reply_parameters=reply).json()["ok"]
