"""What is said after a question that never arrived is no answer to it: the bot asks again."""

import pytest

from portal.messengers.errors import PersonBlocked, Rejected, Unclear

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
