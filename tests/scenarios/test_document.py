"""Reading scenarios: what restaurants have, and what nobody should send."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scenarios.document.document import MAX_SOURCE_BYTES, DestinationKind, ScenarioDocument
from portal.scenarios.document.problems import ScenarioUnreadable
from portal.scenarios.document.steps import RouteKind
from tests.scenarios.malformed import TEXT, json_values

DEMO = Path(__file__).parents[2] / "portal" / "development" / "demo"


def read(data: object) -> ScenarioDocument:
    return ScenarioDocument.from_text(json.dumps(data))


def step_of(raw: dict) -> object:
    return read({"steps": {"a": raw}}).steps_by_id["a"]


def test_a_document_keeps_data_and_source_unchanged():
    source = '{ "name": "Привет",\r\n "unknown": {"kept": [1, 2.5, null, true]},\n"steps": {} }\n'
    document = ScenarioDocument.from_text(source)
    assert document.source == source
    assert document.data == json.loads(source)
    assert ScenarioDocument.from_text(source.encode()).source == source


def test_the_demo_scenarios_load_and_name_themselves():
    for name, version in (("staff_onboarding.json", "1.0"), ("staff_onboarding_v2.json", "1.1")):
        raw = (DEMO / name).read_bytes()
        document = ScenarioDocument.from_text(raw)
        assert document.data == json.loads(raw)
        assert document.version == version
        assert document.start_step == "welcome"
        assert 15 <= len(document.steps) <= 20


def test_steps_load_as_an_object_and_as_a_list():
    as_object = read({"steps": {"b": {"type": "action"}, "a": {}}})
    as_list = read({"steps": [{"id": "b", "type": "action"}, {"id": "a"}]})
    assert [step.id for step in as_object.steps] == [step.id for step in as_list.steps] == ["b", "a"]
    assert as_list.steps[0].kind == "action"
    assert as_list.steps[1].kind == "message"


def test_without_a_start_step_the_first_in_the_file_is_it_however_long_its_name():
    assert read({"steps": {"a_very_long_name": {}, "a": {}}}).start_step == "a_very_long_name"
    assert read({"start_step": "a", "steps": {"b": {}, "a": {}}}).start_step == "a"
    assert read({"steps": {}}).start_step is None


def test_an_intent_file_reads_like_a_scenario():
    document = read(
        {
            "intent_id": "kitchen",
            "intent_name": "Kitchen training",
            "version": 2,
            "entry_points": [{"name": "main", "step": "second"}],
            "start_step": "first",
            "steps": {"first": {}, "second": {}, "third": {}},
        }
    )
    assert (document.name, document.version) == ("Kitchen training", "2")
    assert document.entry_steps == ("first", "second")


def test_a_jump_leads_outside_in_both_spellings_and_inside_for_the_own_intent():
    document = read({"intent_id": "own", "steps": {"a": {}}})
    for target in ("intent://training/kitchen/start", "intent://kitchen/main"):
        assert document.destination(target).kind is DestinationKind.OUTSIDE
    assert document.destination("intent://training/own/a").name == "a"
    assert document.destination("intent://own/a").kind is DestinationKind.STEP
    assert document.destination("intent://").kind is DestinationKind.MISSING
    assert document.destination("b").kind is DestinationKind.MISSING
    assert document.destination(None).kind is DestinationKind.END


@pytest.mark.parametrize(
    "following",
    [
        {"conditions": [{"if": "x == 1", "then": "b"}], "else": "c"},
        {"conditions": [{"if": "x == 1", "then": "b"}, {"else": "c"}]},
        {"conditions": [{"if": "x == 1", "then": "b", "else": "c"}]},
        {"conditions": [{"if": "x == 1", "then": "b"}, {"then": "c"}]},
    ],
)
def test_the_default_branch_reads_the_same_in_every_spelling(following):
    step = step_of({"next_step": {"type": "conditional", **following}})
    assert [(route.kind, route.target) for route in step.routes] == [
        (RouteKind.CONDITION, "b"),
        (RouteKind.OTHERWISE, "c"),
    ]
    assert step.has_default


def test_no_next_step_is_the_end_and_a_conditional_without_default_has_none():
    assert [route.target for route in step_of({"next_step": None}).routes] == [None]
    assert [route.target for route in step_of({}).routes] == [None]
    open_ended = step_of({"next_step": {"conditions": [{"if": "x == 1", "then": "b"}]}})
    assert not open_ended.has_default
    assert [route.target for route in open_ended.routes] == ["b", None]


def test_a_step_shows_its_parts_as_typed_views():
    step = step_of(
        {
            "message": {"text": "Hi", "media": [{"type": "image", "file_id": "k", "caption": "c"}]},
            "buttons": [{"text": "Yes", "value": "y"}, {"text": "No"}],
            "expected_input": {"variable": "answer", "validation": {"required": True}},
            "auto_next": True,
        }
    )
    assert step.text == "Hi"
    assert (step.media[0].kind, step.media[0].file_id, step.media[0].caption) == ("image", "k", "c")
    assert [button.value for button in step.buttons] == ["y", "No"]
    assert (step.expected_input.kind, step.expected_input.variable) == ("button", "answer")
    assert step.auto_next
    assert step.auto_next_delay == 1.5
    assert step_of({"auto_next_delay": 3}).auto_next_delay == 3.0


def test_the_default_text_of_a_conditional_message_comes_last():
    step = step_of(
        {
            "type": "conditional_message",
            "conditions": [{"message": {"text": "else"}}, {"if": "x exists", "message": {"text": "first"}}],
        }
    )
    assert [(variant.condition, variant.text) for variant in step.variants] == [
        ("x exists", "first"),
        (None, "else"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("   \n ", 1, 1),
        (b"\xff\xfe{\x00}\x00", 1, 1),
        ('{"name": "Привет"}'.encode("cp1251"), 1, 11),
        ("[]", 1, 1),
        ("null", 1, 1),
        ('"text"', 1, 1),
        ('{"a": 1,\n "b": 2,\n}', 3, 1),
        ('{"a": 1}\n{}', 2, 1),
        ('{"a": [1, 2,]}', 1, 13),
        ('{"a" 1}', 1, 6),
        ("{a: 1}", 1, 2),
        ('{"a": 1\n "b": 2}', 2, 2),
        ('{"a": "no end}', 1, 7),
        ('{"a": "x\ny"}', 1, 9),
        ('{"a": "\\q"}', 1, 8),
        ('{"a": 1} // note', 1, 10),
        ('{"a": NaN}', 1, 7),
        ('{"a": -Infinity}', 1, 7),
        ('{"a": 1e400}', 1, 7),
        ('{"a": ' + "9" * 5000 + "}", 1, 7),
        ('{"a": 01}', 1, 8),
        ('{"a": "\\u0000"}', 1, 7),
        ('{"a": "\\ud800"}', 1, 7),
        ('{"\\udfff": 1}', 1, 2),
        ("{\x00}", 1, 2),
        ('{"a": "\ud800"}', 1, 8),
        ('{"a": 1,\n "a": 2}', 2, 2),
        ("[" * 100_000, 1, 102),
        ('{"a":' * 100_000, 1, 506),
        ('{"a": {"b": [', 1, 14),
    ],
)
def test_what_is_no_scenario_is_refused_with_its_place(text, line, column):
    with pytest.raises(ScenarioUnreadable) as refused:
        ScenarioDocument.from_text(text)
    problem = refused.value.problem
    assert (problem.line, problem.column) == (line, column)
    assert str(problem.message).endswith(".")


@pytest.mark.parametrize("text", ["x" * (MAX_SOURCE_BYTES + 1), b" " * (MAX_SOURCE_BYTES + 1), "ж" * 600_000])
def test_a_text_above_the_size_cap_is_refused_by_bytes(text):
    with pytest.raises(ScenarioUnreadable) as refused:
        ScenarioDocument.from_text(text)
    assert "1024" in str(refused.value)


def test_a_byte_order_mark_is_no_obstacle():
    document = ScenarioDocument.from_text(b'\xef\xbb\xbf{"name": "x"}')
    assert document.name == "x"
    assert document.source == '\ufeff{"name": "x"}'


def test_escaped_pairs_and_large_numbers_within_reason_are_kept():
    document = ScenarioDocument.from_text('{"a": "\\ud83e\\udd5f", "b": 12345678901234567890123, "c": -1.5e3}')
    assert document.data == {"a": "🥟", "b": 12345678901234567890123, "c": -1500.0}


def test_lines_are_found_for_places_and_for_the_part_around_absent_ones():
    document = ScenarioDocument.from_text(
        '{\n "steps": {\n  "a": {\n   "buttons": [\n    {"text": "x"},\n    {"text": "y"}\n   ]\n  }\n }\n}'
    )
    assert document.line_of(()) == 1
    assert document.line_of(("steps", "a")) == 3
    assert document.line_of(("steps", "a", "buttons", 1, "text")) == 6
    assert document.line_of(("steps", "a", "buttons", 1, "value")) == 6
    assert document.line_of(("steps", "b", "x")) == 2
    assert ScenarioDocument.from_data({"steps": {}}).line_of(("steps",)) is None


SYNTAX = st.text(st.sampled_from('{}[]":,\\u0dD8 \n1eE+-.tfnNaul/\x00\ud800й'), max_size=40)


@settings(max_examples=120)
@given(
    st.dictionaries(
        TEXT,
        json_values,
        max_size=4,
    )
)
def test_valid_json_reads_as_the_standard_reader_reads_it(data):
    for text in (json.dumps(data), json.dumps(data, ensure_ascii=False, indent=1)):
        assert ScenarioDocument.from_text(text).data == data


@settings(max_examples=200)
@given(SYNTAX | st.binary(max_size=20))
def test_any_input_either_reads_or_is_refused_in_words(text):
    try:
        document = ScenarioDocument.from_text(text)
    except ScenarioUnreadable as refused:
        assert str(refused.problem.message)  # noqa: PT017 -- either way must hold
    else:
        assert document.data == json.loads(text.lstrip("\ufeff") if isinstance(text, str) else text)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["steps", "start_step", "metadata", "entry_points"]), json_values) | json_values)
def test_reading_malformed_data_never_fails(data):
    document = ScenarioDocument.from_data(data)
    assert isinstance(document.platforms, tuple)
    assert isinstance(document.variables_mapping, dict)
    for step in document.steps:
        assert step.routes
        assert isinstance((step.text, step.kind, step.media, step.buttons, step.variants, step.auto_next_delay), tuple)
