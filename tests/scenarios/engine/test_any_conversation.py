"""Whatever a scenario holds and whoever says what: the engine never raises and keeps its promises."""

import json
import math
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.messaging.events import (
    Blocked,
    Edited,
    FileKind,
    MessageState,
    Opened,
    Pressed,
    Receipt,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unblocked,
    Unsupported,
    button_marker,
)
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.advance import LIMITS, advance, enter
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationState, ConversationStatus, Tick
from tests.scenarios.malformed import json_values

NAMES = st.sampled_from(["a", "b", "c", "d"])
TARGETS = NAMES | st.sampled_from(["gone", None, "intent://i/a", "intent://t/i/b", "intent://x/y", "", 5])
CONDITIONS = st.sampled_from(["x == 1", "x exists", "y > 3", "not x contains a", "broken (", None, 7])
SAID = st.sampled_from(["", "1", "3.5", "a", "Yes", "{{x}}", "2026-01-01", "a@b.ru", "+7 900 123-45-67", "1,2"])
COMMANDS = st.sampled_from(["/start", "/start p", "/reset", "/help", "/x@y", "/"])


def usually(sound):
    """Mostly as it should be, sometimes anything."""
    return sound | sound | sound | json_values


messages = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from(["Hi", "{{x}} {{y}}", ""]),
        "media": st.lists(st.fixed_dictionaries({"type": st.just("image"), "file_id": st.just("k")}), max_size=2),
    },
)
rules = st.dictionaries(
    st.sampled_from(
        ["required", "min_length", "max_length", "pattern", "min_value", "format", "min_date", "allowed_values",
         "allowed_types", "max_size_kb", "error_message", "type_error"]
    ),
    usually(st.sampled_from([1, 0, True, "(a|b)+c*", "%d.%m.%Y", "2026-01-01", ["1"], "{{x}} no"])),
    max_size=3,
)  # fmt: skip
inputs = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["text", "button", "number", "date", "phone", "email", "file", "location", "mood"]),
        "variable": st.sampled_from(["x", "y", ""]),
    },
    optional={"validation": usually(rules)},
)
conditionals = st.fixed_dictionaries(
    {"conditions": st.lists(st.fixed_dictionaries({"if": CONDITIONS, "then": TARGETS}), max_size=3)},
    optional={"else": TARGETS},
)
steps = st.fixed_dictionaries(
    {"next_step": usually(TARGETS | conditionals)},
    optional={
        "message": usually(messages),
        "type": st.sampled_from(["message", "action", "conditional_message"]),
        "buttons": usually(st.lists(st.fixed_dictionaries({"text": SAID, "value": SAID}), max_size=3)),
        "expected_input": usually(inputs),
        "auto_next": usually(st.booleans()),
        "auto_next_delay": usually(st.sampled_from([0, 2, 1e300])),
        "conditions": usually(
            st.lists(st.fixed_dictionaries({"if": CONDITIONS, "message": usually(messages)}), max_size=2)
        ),
    },
)
sets_of_steps = st.dictionaries(NAMES, usually(steps), min_size=1, max_size=4)
intents = st.fixed_dictionaries(
    {"intent_id": st.sampled_from(["i", "j"]), "steps": sets_of_steps}, optional={"entry_points": usually(NAMES)}
)
scenarios = (
    st.fixed_dictionaries({"steps": sets_of_steps}, optional={"start_step": TARGETS, "variables_mapping": json_values})
    | st.fixed_dictionaries({"package": json_values, "intents": st.lists(intents, max_size=3)})
    | json_values
)
events = st.one_of(
    SAID.map(Typed),
    SAID.map(Typed),
    COMMANDS.map(Typed),
    st.text(max_size=30).map(Typed),
    st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda place: ("press", *place)),
    st.text(max_size=8).map(Pressed),
    st.sampled_from(["tick", "enter", "take over"]).map(lambda word: (word,)),
    st.builds(
        SentFile, st.sampled_from(FileKind), st.just("reference"), st.text(max_size=5), st.text(max_size=9),
        st.none() | st.integers(0),
    ),
    st.builds(SharedContact, st.text(max_size=15)),
    st.builds(SharedLocation, st.floats(), st.floats()),
    st.sampled_from([Opened(), Opened("p"), Blocked(), Unblocked(), Edited("1", "x"), Unsupported("sticker")]),
    st.sampled_from([Receipt("1", MessageState.READ), Tick(0), Tick(10**9)]),
)  # fmt: skip


def happen(program, standing, event, now):
    match event:
        case ("press", back, index):
            event = Pressed(button_marker(max(standing.turn - back, 0), index), "?", "m")
        case ("tick",):
            event = Tick(standing.turn)
        case ("enter",):
            return enter(program, standing, next(iter(program.step_addresses()), "gone"), now=now)
        case ("take over",):
            event = Typed("")
            standing = ConversationState(
                standing.step, ConversationStatus.TAKEN_OVER, standing.turn, standing.variables, standing.memory
            )
    return advance(program, standing, event, now=now)


@settings(max_examples=300)
@given(scenarios, st.lists(st.tuples(events, st.sampled_from([0.0, 1.0, 3.0, 90.0])), max_size=25))
def test_no_conversation_ever_fails(data, happenings):
    program = Program.of(ScenarioDocument.from_data(data))
    standing, now = ConversationState.fresh(), datetime(2026, 1, 1, tzinfo=UTC)
    for event, seconds in happenings:
        now += timedelta(seconds=seconds)
        outcome = happen(program, standing, event, now)
        after = outcome.standing
        assert 0 <= after.turn - standing.turn <= LIMITS.hops + 1
        assert after.state in ConversationStatus
        memory = json.dumps(after.memory, allow_nan=False)
        assert len(memory) < 8000
        assert "\\u0000" not in json.dumps(after.variables, allow_nan=False)
        assert "reference" not in memory + json.dumps(after.variables)
        assert outcome.wake_after is None or (outcome.wake_after >= 0 and math.isfinite(outcome.wake_after))
        assert all(str(one.as_json()) and one.turn <= after.turn for one in outcome.outgoing_messages)
        assert all(
            choice.label and len(choice.marker) <= 24 for one in outcome.outgoing_messages for choice in one.choices
        )
        assert str(outcome.failure)
        # Through the database and back.
        standing = ConversationState(
            after.step, after.state, after.turn, *json.loads(json.dumps([after.variables, after.memory]))
        )


@settings(max_examples=150)
@given(scenarios, st.dictionaries(st.sampled_from(["press", "window", "chain", "wake_at", "before"]), json_values))
def test_a_damaged_memory_reads_as_forgotten(data, memory):
    program = Program.of(ScenarioDocument.from_data(data))
    for event in (Typed("x"), Pressed("1.0"), Tick(1), Unblocked()):
        standing = ConversationState(program.start, ConversationStatus.BLOCKED, 1, {}, memory)
        advance(program, standing, event, now=datetime(2026, 1, 1, tzinfo=UTC))
