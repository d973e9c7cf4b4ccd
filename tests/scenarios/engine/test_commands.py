"""What people write with a slash before it."""

import pytest

from portal.messaging.events import Edited, MessageState, Opened, Receipt
from portal.scenarios.engine.state import DropReason
from tests.scenarios.engine.driving import Talk, asking, message, started

DATA = {"steps": {"ask": asking("Name?", following="next", variable="name"), "next": asking("Age?", variable="age")}}


def test_start_forgets_everything_and_begins_anew():
    talk = started(DATA)
    talk.say("Anna")
    turn = talk.standing.turn
    assert talk.say("/start") == ["Name?"]
    assert talk.variables == {}
    assert talk.standing.turn == turn + 1


@pytest.mark.parametrize(
    "text", ["/start promo_5", "/start@getinn_bot promo_5", "/START  promo_5 ", " /start\npromo_5"]
)
def test_the_payload_of_a_link_is_kept_as_a_variable(text):
    talk = started(DATA)
    talk.say(text)
    assert talk.variables == {"start_payload": "promo_5"}
    assert [(one.variable, one.value) for one in talk.outcome.stored] == [("start_payload", "promo_5")]


def test_reset_says_that_answers_are_cleared_and_begins_anew():
    talk = started(DATA)
    talk.say("Anna")
    assert talk.say("/reset") == ["Your answers are cleared.", "Name?"]
    assert talk.variables == {}


def test_help_moves_nothing_and_offers_the_open_buttons():
    talk = started({"steps": {"a": asking("?", "button", buttons=[("A", "a")])}})
    assert "/start" in talk.say("/help")[0]
    assert talk.buttons == ["A"]
    assert talk.standing.turn == 1


def test_help_as_the_first_word_is_followed_by_the_first_step():
    talk = Talk(DATA)
    assert talk.say("/help")[1:] == ["Name?"]


@pytest.mark.parametrize("text", ["/a/b", "/", "//x", "and/or", "/ 5"])
def test_a_slash_alone_makes_no_command(text):
    talk = started(DATA)
    talk.say(text)
    assert talk.variables == {"name": text}


def test_the_first_message_of_any_kind_opens_the_conversation():
    for event in (Opened(), Opened("link")):
        talk = Talk(DATA)
        assert talk.hear(event) == ["Name?"]
    assert talk.variables == {"start_payload": "link"}
    assert talk.hear(Opened("again")) == []
    assert talk.outcome.dropped is DropReason.ALREADY_OPEN


def test_edits_and_receipts_move_nothing():
    talk = started(DATA)
    before = talk.standing
    for event in (Edited("5", "new words"), Receipt("5", MessageState.READ)):
        assert talk.hear(event) == []
        assert talk.outcome.dropped is DropReason.NOT_A_MOVE
        assert talk.standing == before


def test_a_wait_goes_on_beside_edits():
    talk = started({"steps": {"a": message("A", auto_next=True, auto_next_delay=60, next_step="b"), "b": message("B")}})
    talk.hear(Edited("5", "new words"), after=10)
    assert talk.outcome.wake_after == 50
