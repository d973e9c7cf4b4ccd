"""Every key of a step does what the format says."""

import pytest

from portal.messaging.events import FileKind, Opened, Typed
from portal.scenarios.engine.state import ConversationState, ConversationStatus, DropReason
from tests.scenarios.engine.driving import Talk, asking, message, question, started


def parts(outgoing):
    return [(span.text, span.typed) for span in outgoing.spans]


def test_without_a_start_step_the_first_one_is_it_in_both_forms_of_steps():
    assert started({"steps": {"b": message("B"), "a": message("A")}}).said == ["B"]
    assert started({"steps": [{"id": "b", **message("B")}, {"id": "a", **message("A")}]}).said == ["B"]
    assert started({"start_step": "a", "steps": {"b": message("B"), "a": message("A")}}).said == ["A"]


def test_names_are_replaced_once_and_what_people_typed_is_marked():
    steps = {
        "ask": asking(variable="name", following="tell"),
        "tell": message("{{name}}, {{ name }} and {{unknown}}, {{name.first}}, {{ }} {name}"),
    }
    talk = started({"steps": steps})
    assert talk.say("{{name}}<b>") == ["{{name}}<b>, {{name}}<b> and {{unknown}}, {{name.first}}, {{ }} {name}"]
    assert parts(talk.outcome.outgoing_messages[0]) == [
        ("{{name}}<b>", True),
        (", ", False),
        ("{{name}}<b>", True),
        (" and {{unknown}}, {{name.first}}, {{ }} {name}", False),
    ]


def test_labels_are_shown_and_raw_values_stored():
    steps = {
        "ask": asking(kind="button", buttons=[("Kitchen", "k")], following="rate", variable="place"),
        "rate": asking(kind="number", variable="stars", following="tell"),
        "tell": message("{{place}}: {{stars}}"),
    }
    mapping = {"place": {"k": "the kitchen"}, "stars": {"5": "excellent"}}
    talk = started({"steps": steps, "variables_mapping": mapping})
    talk.press("Kitchen")
    assert talk.say("5.0") == ["the kitchen: excellent"]
    assert talk.variables == {"place": "k", "stars": 5}
    assert parts(talk.outcome.outgoing_messages[0]) == [("the kitchen: excellent", False)]


def test_values_are_shown_as_people_read_them():
    shown = {
        "number": 1.5, "whole": 4.0, "list": ["a", 1], "place": {"latitude": 1.5, "longitude": 2.5},
        "file": {"file": {"kind": "image", "name": "a.jpg"}}, "none": None, "odd": {"a": 1},
    }  # fmt: skip
    talk = Talk(
        {"steps": {"a": message("|".join(f"{{{{{name}}}}}" for name in shown))}}, ConversationState(variables=shown)
    )
    assert talk.put_on("a") == ['1.5|4|a, 1|1.5, 2.5|a.jpg||{"a": 1}']


@pytest.mark.parametrize(
    "following",
    [
        {"type": "conditional", "conditions": [{"if": "x == 1", "then": "one"}], "else": "other"},
        {"type": "conditional", "conditions": [{"if": "x == 1", "then": "one"}, {"else": "other"}]},
        {"type": "conditional", "conditions": [{"if": "x == 1", "then": "one", "else": "other"}]},
        {"type": "conditional", "conditions": [{"if": "x == 1", "then": "one"}, {"then": "other"}]},
    ],
)
def test_the_default_branch_works_in_every_spelling(following):
    steps = {"ask": asking(following=following), "one": message("One"), "other": message("Other")}
    assert started({"steps": steps}).say("1") == ["One"]
    assert started({"steps": steps}).say("2") == ["Other"]


def test_no_branch_that_holds_is_the_end_and_so_is_null():
    for following in (None, {"conditions": [{"if": "x == 1", "then": "ask"}]}, {"else": None}):
        talk = started({"steps": {"ask": asking(following=following)}})
        assert talk.say("2") == []
        assert talk.standing.state is ConversationStatus.FINISHED


def test_the_first_text_whose_condition_holds_is_said():
    tell = {
        "type": "conditional_message",
        "conditions": [
            {"if": "x > 10", "message": {"text": "much"}},
            {"if": "this cannot be read", "message": "broken"},
            {"if": "x > 5", "message": "some"},
            {"if": "x exists", "message": "little"},
        ],
        "message": {"text": "nothing"},
    }
    steps = {"ask": asking(kind="number", following="tell"), "tell": tell}
    assert [started({"steps": steps}).say(number)[0] for number in ("11", "6", "1")] == ["much", "some", "little"]
    assert started({"steps": {"tell": tell}}).said == ["nothing"]
    assert started({"steps": {"tell": {**tell, "conditions": [], "message": {}}}}).said == []


def test_an_action_sends_nothing_and_goes_on_at_once():
    steps = {
        "ask": asking(following="decide"),
        "decide": {"type": "action", "message": {"text": "never"}, "next_step": "end"},
        "end": message("Done"),
    }
    talk = started({"steps": steps})
    assert talk.say("x") == ["Done"]
    assert talk.outcome.wake_after is None
    steps["decide"] |= {"auto_next": True, "auto_next_delay": 7}
    talk = started({"steps": steps})
    assert (talk.say("x"), talk.outcome.wake_after) == ([], 7)


@pytest.mark.parametrize(
    ("keys", "delay"),
    [
        ({}, 1.5),
        ({"auto_next_delay": 0}, 0),
        ({"auto_next_delay": 0.5}, 0.5),
        ({"auto_next_delay": -1}, 1.5),
        ({"auto_next_delay": "2"}, 1.5),
        ({"auto_next_delay": 10**400}, 30 * 24 * 3600),
    ],
)
def test_an_automatic_step_waits_as_long_as_it_says(keys, delay):
    talk = started({"steps": {"a": message(auto_next=True, next_step="b", **keys), "b": message("B")}})
    assert talk.outcome.wake_after == delay
    assert talk.tick() == ["B"]
    assert talk.standing.state is ConversationStatus.FINISHED


def test_an_automatic_step_without_a_next_one_is_the_end():
    talk = started({"steps": {"a": message(auto_next=True)}})
    assert (talk.outcome.wake_after, talk.standing.state) == (None, ConversationStatus.FINISHED)


def test_a_message_after_the_wait_goes_on_where_the_timer_was_lost():
    talk = started({"steps": {"a": message(auto_next=True, next_step="b"), "b": message("B")}})
    assert talk.say("hello?", after=60) == ["B"]
    adopted = Talk({"steps": {"a": message(auto_next=True, next_step="b"), "b": message("B")}}, ConversationState("a"))
    assert adopted.say("hello?") == ["B"]


def test_media_come_first_and_buttons_stand_under_the_text():
    media = [
        {"type": "image", "file_id": "k1", "caption": "One"},
        {"type": "hologram", "file_id": "k2", "description": "d"},
        {"type": "video"},
    ]
    step = {"message": {"text": "Choose", "media": media}, "buttons": [{"text": "A", "value": "a"}]}
    first, second, text = started({"steps": {"a": step}}).outcome.outgoing_messages
    assert (first.attachment.kind, first.attachment.key, first.text) == (FileKind.IMAGE, "k1", "One")
    assert (second.attachment.kind, second.attachment.description) == (FileKind.DOCUMENT, "d")
    assert (text.attachment, text.text, [choice.label for choice in text.choices]) == (None, "Choose", ["A"])


@pytest.mark.parametrize("kind", ["image", "photo", "video", "audio", "document", "animation"])
def test_every_type_of_media_is_sent(kind):
    said = started({"steps": {"a": {"message": {"media": [{"type": kind, "file_id": "k"}]}}}}).outcome.outgoing_messages
    wanted = {"photo": "image"}.get(kind, kind)
    assert [one.attachment.kind.value for one in said] == [wanted]


def test_a_single_file_takes_a_short_text_as_its_caption_unless_there_are_buttons():
    media = [{"type": "image", "file_id": "k"}]
    short, long = ({"message": {"text": text, "media": media}} for text in ("Hi", "x" * 501))
    assert [one.text for one in started({"steps": {"a": short}}).outcome.outgoing_messages] == ["Hi"]
    assert len(started({"steps": {"a": long}}).outcome.outgoing_messages) == 2
    assert len(started({"steps": {"a": {**short, "buttons": [{"text": "A"}]}}}).outcome.outgoing_messages) == 2


def test_buttons_without_a_text_get_one():
    talk = started({"steps": {"a": {"buttons": [{"text": "A"}, {"value": "b"}, {"text": " "}, 5]}}})
    assert talk.said == ["Choose an answer:"]
    assert talk.buttons == ["A", "b"]


def test_buttons_without_an_expected_input_are_waited_for():
    step = message("?", buttons=[{"text": "A", "value": 1}], next_step="b")
    talk = started({"steps": {"a": step, "b": message("B")}})
    assert talk.say("something else") == ["Choose one of the answers."]
    assert talk.say("1") == ["B"]


def test_a_finished_conversation_says_so_and_begins_again_on_demand():
    talk = question()
    talk.say("x")
    assert talk.standing.state is ConversationStatus.FINISHED
    turn = talk.standing.turn
    assert "/start" in talk.say("one more thing")[0]
    assert talk.hear(Opened()) == []
    assert talk.outcome.dropped is DropReason.ALREADY_OPEN
    assert talk.hear(Opened("link")) == ["?"]
    assert talk.variables == {"start_payload": "link"}
    assert talk.standing.turn > turn


def test_who_stands_on_the_last_step_as_running_is_told_that_it_is_the_end():
    talk = Talk({"steps": {"a": message("A")}}, ConversationState("a", ConversationStatus.BLOCKED, 1))
    assert "/start" in talk.say("I am back")[0]
    assert talk.standing.state is ConversationStatus.FINISHED


@pytest.mark.parametrize("target", ["gone", "intent://other/main", "intent://"])
def test_a_way_that_leads_nowhere_fails_in_words_and_start_begins_again(target):
    talk = started({"steps": {"ask": asking(following=target)}})
    assert talk.say("x") == ["The conversation cannot go on here. Write /start to begin again."]
    assert talk.standing.state is ConversationStatus.FAILED
    assert target in str(talk.outcome.failure)
    assert talk.standing.step == "ask"
    talk.say("hello")
    assert talk.outcome.failure is None
    assert talk.say("/start") == ["?"]
    assert talk.standing.state is ConversationStatus.RUNNING


def test_standing_on_a_step_that_is_gone_is_a_failure_and_no_crash():
    for event in (Typed("hi"), Opened()):
        talk = Talk({"steps": {"a": message("A")}}, ConversationState("gone", turn=3))
        talk.hear(event)
        assert talk.standing.turn == 3
    talk = Talk({"steps": {"a": message("A")}}, ConversationState("gone", turn=3, memory={"wake_at": 1.0}))
    talk.outcome = talk.program and type("Due", (), {"wake_after": 0.0})
    talk.tick()
    assert "gone" in str(talk.outcome.failure)
    assert talk.put_on("missing") == ["The conversation cannot go on here. Write /start to begin again."]


@pytest.mark.parametrize("data", [{}, {"steps": {}}, {"steps": []}, [], None, {"start_step": "a"}])
def test_without_steps_nothing_is_said(data):
    talk = started(data)
    assert (talk.said, talk.outcome.dropped) == ([], DropReason.NO_SCENARIO)


def test_a_start_that_is_not_there_is_a_failure():
    talk = started({"start_step": "gone", "steps": {"a": message("A")}})
    assert talk.standing.state is ConversationStatus.FAILED


def test_a_program_speaks_the_language_of_its_texts():
    assert Talk({"steps": {"a": message("Привет, world")}}).program.language == "ru"
    assert Talk({"steps": {"a": message("Hello мир")}}).program.language == "en"
    assert Talk({}).program.language == "en"


def test_texts_cannot_grow_without_end():
    talk = Talk({"steps": {"a": message("{{x}}" * 5000)}}, ConversationState(variables={"x": "y" * 50_000}))
    assert len(talk.put_on("a")[0]) < 100_000
