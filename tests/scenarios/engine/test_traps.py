"""The thirteen traps that a first implementation falls into."""

import time

from portal.messaging.events import Blocked, FileKind, Opened, Pressed, SentFile, Typed, Unblocked
from portal.scenarios.checks.linter import lint
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.state import ConversationState, ConversationStatus, DropReason, Tick
from tests.scenarios.engine.driving import Talk, asking, message, question, started

PHOTO = SentFile(FileKind.IMAGE, "secret-reference", "a.jpg", "image/jpeg", 2048)
TWO_MENUS = {
    "steps": {
        "first": asking("Where?", "button", "second", "place", [("Kitchen", "k"), ("Hall", "h")]),
        "second": asking("When?", "button", "third", "time", [("Now", "n"), ("Later", "l")]),
        "third": asking("Name?", "text", "end", "name"),
        "end": message("Bye"),
    }
}


def test_trap_1_validation_is_enforced_with_the_authors_words_and_nothing_moves():
    talk = question(min_length=3, error_message="Three letters.")
    before = talk.standing
    assert talk.say("ab") == ["Three letters."]
    assert (talk.standing.step, talk.standing.turn, talk.standing.variables) == (before.step, before.turn, {})
    assert talk.outcome.outgoing_messages[0].is_notice
    assert talk.say("abc") == ["Done"]


def test_trap_2_there_is_one_way_into_a_step():
    welcome = {
        "type": "conditional_message",
        "conditions": [{"if": "who exists", "message": "Hello {{who}}"}, {"message": "Hello guest"}],
        "auto_next": True,
        "next_step": "ask",
    }
    data = {"steps": {"a": welcome, "ask": asking("Name?", variable="who", following="a")}}
    talks = [Talk(data) for _ in range(4)]
    talks[0].say("hi")
    talks[1].say("/start")
    talks[2].hear(Opened())
    talks[3].put_on("a")
    assert [talk.said for talk in talks] == [["Hello guest"]] * 4
    assert {talk.outcome.wake_after for talk in talks} == {1.5}
    assert {(talk.standing.step, talk.standing.turn) for talk in talks} == {("a", 1)}
    talks[0].tick()
    assert talks[0].say("Anna") == ["Hello Anna"]
    assert talks[0].outcome.wake_after == 1.5


def test_trap_3_a_step_that_asks_nothing_holds_nobody_and_the_linter_says_so():
    data = {"steps": {"a": message("Read this.", next_step="b"), "b": message("Bye")}}
    talk = started(data)
    assert talk.said == ["Read this."]
    assert talk.hear(PHOTO) == ["Bye"]
    assert talk.standing.state is ConversationStatus.FINISHED
    assert [problem.place for problem in lint(ScenarioDocument.from_data(data))] == ["steps.a"]


def test_trap_4_texts_and_ways_on_agree_about_operators_and_defaults():
    for operator, value, holds in [("==", "5", True), (">", "9", False), (">=", "5.0", True), ("contains", "5", True)]:
        condition = f"x {operator} {value}"
        data = {
            "steps": {
                "ask": asking(kind="number", following="tell"),
                "tell": {
                    "type": "conditional_message",
                    "conditions": [{"if": condition, "message": "yes"}, {"message": "no"}],
                    "next_step": {"conditions": [{"if": condition, "then": "yes"}], "else": "no"},
                    "auto_next": True,
                },
                "yes": message("went yes"),
                "no": message("went no"),
            }
        }
        talk = started(data)
        word = "yes" if holds else "no"
        assert talk.say("5") == [word]
        assert talk.tick() == [f"went {word}"]


def test_trap_5_an_unknown_command_gets_the_help():
    talk = question()
    assert "/start" in talk.say("/nonsense")[0]
    assert talk.say("/nonsense@some_bot and more") == talk.said
    assert talk.standing.step == "ask"
    assert "x" not in talk.variables


def test_trap_6_a_circle_of_automatic_steps_ends():
    circle = {name: message(name, auto_next=True, next_step=other) for name, other in ("ab", "bc", "ca")}
    talk = started({"steps": circle})
    said = list(talk.said)
    while talk.outcome.wake_after is not None:
        said += talk.tick()
    assert said[:3] == ["a", "b", "c"]
    assert len(said) == 4
    assert talk.standing.state is ConversationStatus.FAILED
    assert "circle" in str(talk.outcome.failure)


def test_trap_6_a_chain_of_automatic_steps_is_cut_off_after_25_hops():
    def chain(length):
        steps = {f"s{n}": message(str(n), auto_next=True, next_step=f"s{n + 1}") for n in range(length)}
        talk = started({"steps": {**steps, f"s{length}": message("Bye")}})
        while talk.outcome.wake_after is not None:
            talk.tick()
        return talk

    assert chain(25).standing.state is ConversationStatus.FINISHED
    assert chain(26).standing.state is ConversationStatus.FAILED


def test_trap_6_a_circle_of_actions_ends_within_one_event():
    steps = {name: {"type": "action", "next_step": other} for name, other in ("ab", "ba")}
    talk = started({"steps": steps})
    assert talk.standing.state is ConversationStatus.FAILED


def test_trap_6_markers_of_buttons_cannot_be_typed():
    talk = started(TWO_MENUS)
    marker = talk.outcome.outgoing_messages[-1].choices[0].marker
    talk.say(marker)
    assert talk.standing.step == "first"
    assert talk.buttons == ["Kitchen", "Hall"]
    assert talk.variables == {}


def test_trap_7_everything_the_bot_says_is_in_the_outcome_with_its_place():
    talk = question()
    assert [(one.text, one.step_id, one.turn, one.is_notice) for one in talk.outcome.outgoing_messages] == [
        ("?", "ask", 1, False)
    ]
    talk.hear(PHOTO)
    assert [(one.step_id, one.turn, one.is_notice) for one in talk.outcome.outgoing_messages] == [("ask", 1, True)]


def test_trap_8_a_button_of_an_old_menu_moves_nothing_and_is_answered():
    talk = started(TWO_MENUS)
    talk.press("Kitchen")
    talk.press("Hall")
    assert talk.outcome.dropped is DropReason.STALE_PRESS
    assert str(talk.outcome.acknowledge) == "This menu is old."
    assert talk.standing.step == "second"
    assert talk.variables == {"place": "k"}
    assert talk.buttons == ["Now", "Later"]


def test_trap_8_where_a_platform_shows_no_short_texts_the_chat_says_that_the_menu_is_old():
    talk = started(TWO_MENUS)
    talk.press("Kitchen")
    assert talk.press("Hall", callback=None)[0] == "This menu is old."


def test_trap_8_a_menu_from_before_a_new_start_is_old():
    talk = started(TWO_MENUS)
    first = talk.shown[0].choices[0]
    talk.say("/start")
    talk.hear(Pressed(first.marker, first.label, "0", "c"))
    assert talk.outcome.dropped is DropReason.STALE_PRESS
    for marker in ("", "0.0", "999.0", f"{talk.standing.turn}.7", "-1.0", "x" * 500):
        talk.hear(Pressed(marker, "?", "1", "c"))
        assert talk.outcome.dropped is DropReason.STALE_PRESS
    assert talk.standing.step == "first"


def test_trap_9_a_double_click_counts_once_and_is_silent():
    talk = started(TWO_MENUS)
    talk.press("Kitchen")
    standing = talk.standing
    assert talk.press("Kitchen", after=1.9) == []
    assert talk.outcome.dropped is DropReason.DUPLICATE_PRESS
    assert talk.outcome.acknowledge is None
    assert (talk.standing.step, talk.standing.turn, talk.variables) == (
        standing.step,
        standing.turn,
        standing.variables,
    )
    talk.press("Kitchen", after=2.1)
    assert talk.outcome.dropped is DropReason.STALE_PRESS


def test_trap_9_another_button_within_two_seconds_is_no_double_click():
    talk = started(TWO_MENUS)
    talk.press("Kitchen")
    talk.press("Now", after=0.5)
    assert talk.standing.step == "third"


def test_trap_9_more_than_thirty_messages_a_minute_are_dropped_with_one_notice():
    talk = Talk({"steps": {"ask": asking(following="ask")}})
    outcomes = []
    for _number in range(40):
        talk.say("x", after=1.0)
        outcomes.append(talk.outcome)
    assert [outcome.dropped for outcome in outcomes] == [None] * 30 + [DropReason.TOO_MANY] * 10
    assert [len(outcome.outgoing_messages) for outcome in outcomes[30:]] == [1] + [0] * 9
    talk.say("x", after=30)
    assert talk.outcome.dropped is None


def test_trap_10_delays_are_handed_to_the_caller_and_never_slept(monkeypatch):
    monkeypatch.setattr(time, "sleep", None)
    data = {"steps": {"a": message("One", auto_next=True, auto_next_delay=60, next_step="b"), "b": message("Two")}}
    talk = started(data)
    assert (talk.said, talk.outcome.wake_after) == (["One"], 60)
    assert talk.say("hurry", after=20) == []
    assert talk.outcome.dropped is DropReason.NOT_AWAITED
    assert talk.outcome.wake_after == 40
    talk.hear(Tick(talk.standing.turn - 1))
    assert talk.outcome.dropped is DropReason.OLD_TICK
    assert talk.tick() == ["Two"]
    assert talk.outcome.wake_after is None


def test_trap_11_text_where_buttons_are_expected_is_asked_again_with_buttons_that_stay_valid():
    talk = started(TWO_MENUS)
    first = talk.outcome.outgoing_messages[-1].choices
    assert talk.say("the garden") == ["Choose one of the answers."]
    assert talk.outcome.outgoing_messages[-1].choices == first
    talk.press("Hall")
    assert talk.variables == {"place": "h"}


def test_trap_11_the_typed_words_or_value_of_a_button_are_that_button():
    for typed in ("kitchen", " KITCHEN ", "K"):
        talk = started(TWO_MENUS)
        talk.say(typed)
        assert talk.variables == {"place": "k"}


def test_trap_11_a_press_where_text_is_expected_is_asked_again():
    talk = started(TWO_MENUS)
    talk.press("Kitchen")
    talk.press("Now")
    assert talk.press("Later") == ["Answer with a text."]
    assert talk.standing.step == "third"
    assert "name" not in talk.variables


def test_trap_12_a_photo_is_a_file_and_no_text():
    talk = question("text")
    assert talk.hear(PHOTO) == ["Answer with a text."]
    talk = question("file", allowed_types=["photo"], max_size_kb=10)
    talk.hear(PHOTO)
    kept = {"file": {"kind": "image", "name": "a.jpg", "content_type": "image/jpeg", "size": 2048}}
    assert talk.variables == {"x": kept}
    assert "secret-reference" not in repr(talk.standing)


def test_trap_13_who_blocked_the_bot_is_left_alone_until_they_are_back():
    data = {"steps": {"a": message("One", auto_next=True, next_step="b"), "b": asking(following="b")}}
    talk = started(data)
    wait = talk.outcome.wake_after
    assert talk.hear(Blocked(), after=0.5) == []
    assert (talk.standing.state, talk.outcome.wake_after) == (ConversationStatus.BLOCKED, None)
    assert talk.hear(Tick(1), after=0) == []
    assert talk.outcome.dropped is DropReason.OLD_TICK
    assert talk.hear(Unblocked()) == []
    assert (talk.standing.state, talk.standing.step) == (ConversationStatus.RUNNING, "a")
    assert talk.outcome.wake_after == 0
    assert wait == 1.5
    assert talk.tick() == ["?"]
    talk.hear(Blocked())
    talk.hear(Typed("I am back"))
    assert talk.standing.state is ConversationStatus.RUNNING


def test_who_is_taken_over_hears_nothing_from_the_bot():
    taken = ConversationState("ask", ConversationStatus.TAKEN_OVER, 4)
    for event in (Typed("/start"), Typed("hi"), Opened("p"), Pressed("4.0"), PHOTO, Tick(4)):
        talk = Talk({"steps": {"ask": asking()}}, taken)
        assert talk.hear(event) == []
        assert talk.outcome.dropped is DropReason.TAKEN_OVER
        assert (talk.standing.step, talk.standing.turn, talk.variables) == ("ask", 4, {})
    talk = Talk({"steps": {"ask": asking()}}, taken)
    talk.hear(Blocked())
    talk.hear(Typed("back"))
    assert talk.standing.state is ConversationStatus.TAKEN_OVER
    talk.put_on("ask")
    assert talk.standing.state is ConversationStatus.RUNNING
