"""What is said after a question that never arrived is no answer to it: the bot asks again."""

import itertools
import json

import pytest

from bench.deliveries import Hook
from portal.messengers.errors import OutsideWindow, PersonBlocked, Rejected, Unclear
from tests.conftest import SECRET_KEY
from tests.fakes import DEMO

CHAT = "1001"
ASKING = {
    "name": {"message": "Your name?", "expected_input": {"type": "text", "variable": "name"}, "next_step": "drink"},
    "drink": {
        "message": "Tea or coffee?",
        "buttons": [{"text": "Tea", "value": "tea"}],
        "expected_input": {"type": "button", "variable": "drink"},
        "next_step": "done",
    },
    "done": {"message": "Thank you"},
}


def membership(status):
    person = {"id": int(CHAT), "first_name": "Ann", "is_bot": False}
    bot = {"id": 123456789, "first_name": "Bot", "is_bot": True}
    change = {"chat": {"id": int(CHAT), "type": "private"}, "from": person, "date": 1700000000}
    change |= {"old_chat_member": {"user": bot, "status": "kicked"}, "new_chat_member": {"user": bot, "status": status}}
    return {"update_id": 800, "my_chat_member": change}


@pytest.fixture
def asked(traffic, messenger):
    """``asked(error)``: the first question goes out, and the platform's answer to it is this."""

    def ask(error):
        traffic.publish(ASKING)
        traffic.says(CHAT, "hello")
        traffic.drain()
        messenger.answers = [error]
        traffic.send()

    return ask


@pytest.mark.parametrize("tells", [True, False], ids=["the platform tells of it", "nobody tells"])
@pytest.mark.parametrize("error", [PersonBlocked("person_blocked"), Rejected("bad_request")])
def test_the_first_word_after_a_lost_question_makes_the_bot_ask_again(traffic, messenger, asked, error, tells):
    asked(error)
    if tells:
        traffic.delivers(membership("member"))
        traffic.turn()
    traffic.says(CHAT, "I am back")
    traffic.turn()
    assert messenger.said_to(CHAT) == ["Your name?"]
    assert traffic.dialog(CHAT).collected_data == {}
    word = next(row for row in traffic.messages(CHAT) if row.text == "I am back")
    assert (word.state, word.error, word.variable) == ("ignored", "question_unseen", None)
    traffic.says(CHAT, "Anna")
    traffic.turn()
    assert traffic.dialog(CHAT).collected_data == {"name": "Anna"}
    assert messenger.said_to(CHAT) == ["Your name?", "Tea or coffee?"]


def test_a_question_that_is_still_on_its_way_is_answered_by_what_is_said(traffic, messenger, asked):
    asked(Unclear())
    traffic.says(CHAT, "Anna")
    traffic.drain()
    assert traffic.dialog(CHAT).collected_data == {"name": "Anna"}


def test_a_block_after_the_question_arrived_loses_no_answer(traffic, messenger, asked):
    asked(None)
    for status in ("kicked", "member"):
        traffic.delivers(membership(status) | {"update_id": 801 + len(status)})
        traffic.turn()
    traffic.says(CHAT, "Anna")
    traffic.turn()
    assert traffic.dialog(CHAT).collected_data == {"name": "Anna"}
    assert messenger.said_to(CHAT) == ["Your name?", "Tea or coffee?"]


def test_a_command_after_a_lost_question_begins_anew(traffic, messenger, asked):
    asked(PersonBlocked("person_blocked"))
    traffic.says(CHAT, "/start")
    traffic.turn()
    assert messenger.said_to(CHAT) == ["Your name?"]
    assert traffic.dialog(CHAT).turn == 2


class Elsewhere:
    """A guest of another messenger than Telegram, whose deliveries and receipts are its own."""

    CHATS = {"whatsapp": "7001", "viber": "viber-person-7001=="}

    def __init__(self, key, credential_id, traffic):
        self.key, self.traffic, self.chat = key, traffic, self.CHATS[key]
        self.hook = Hook(key, credential_id, DEMO[key], SECRET_KEY)
        self.numbers = itertools.count(1)

    def says(self, text):
        self.traffic.delivers(json.loads(self.hook.message(next(self.numbers), text)), self.hook.credential_id)
        self.traffic.drain()

    def tells_of_failure(self, reference):
        """What the messenger says later of a message that it had taken."""
        if self.key == "viber":
            told = {"event": "failed", "timestamp": 1760000000999, "message_token": reference, "desc": "not arrived"}
            told["user_id"] = self.chat
        else:
            problem = {"code": 131026, "title": "Message undeliverable"}
            status = {"id": reference, "status": "failed", "timestamp": "1760000009", "recipient_id": self.chat}
            number = {"display_phone_number": "1", "phone_number_id": self.hook.values["phone_number_id"]}
            value = {"messaging_product": "whatsapp", "metadata": number, "statuses": [status | {"errors": [problem]}]}
            told = {"entry": [{"id": "1", "changes": [{"value": value, "field": "messages"}]}]}
        self.traffic.delivers(told, self.hook.credential_id)
        self.traffic.drain()


@pytest.fixture(params=Elsewhere.CHATS)
def elsewhere(request, traffic, switch_on):
    traffic.publish(ASKING)
    return Elsewhere(request.param, switch_on(request.param), traffic)


@pytest.mark.parametrize(
    "error", [PersonBlocked("person_blocked"), Rejected("bad_request"), OutsideWindow("outside_window"), None],
    ids=["blocked", "refused", "outside the window", "told later"],
)  # fmt: skip
def test_every_messenger_asks_again_after_a_question_that_was_lost(traffic, messenger, elsewhere, error):
    elsewhere.says("hello")
    messenger.answers = [error]
    traffic.send()
    if error is None:
        elsewhere.tells_of_failure("ref-1000")
        messenger.sent.clear()
    assert traffic.states(elsewhere.chat) == ["failed"]
    elsewhere.says("I am back")
    traffic.send()
    assert messenger.said_to(elsewhere.chat) == ["Your name?"]
    assert traffic.dialog(elsewhere.chat).collected_data == {}
    word = next(row for row in traffic.messages(elsewhere.chat) if row.text == "I am back")
    assert (word.state, word.error, word.variable) == ("ignored", "question_unseen", None)
    elsewhere.says("Anna")
    traffic.send()
    assert traffic.dialog(elsewhere.chat).collected_data == {"name": "Anna"}
    assert messenger.said_to(elsewhere.chat) == ["Your name?", "Tea or coffee?"]
