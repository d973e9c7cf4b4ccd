"""Two versions of a scenario, compared for people."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scenarios.comparison.comparison import MAX_LISTED, WordDiff, compare
from portal.scenarios.document.document import ScenarioDocument
from tests.scenarios.malformed import json_values

DEMO = Path(__file__).parents[2] / "portal" / "development" / "demo"


def comparison_of(before, after):
    return compare(ScenarioDocument.from_data(before), ScenarioDocument.from_data(after))


def step_change(before, after):
    """The changes of one step as {label: (before, after)}, changed pieces in brackets."""
    comparison = comparison_of({"steps": {"a": before}}, {"steps": {"a": after}})
    fields = comparison.changed[0].fields if comparison.changed else ()
    return {field.label: (marked(field.before), marked(field.after)) for field in fields}


def marked(parts):
    return None if parts is None else "".join(f"[{part.text}]" if part.is_changed else part.text for part in parts)


def test_the_same_scenario_has_no_differences_however_it_is_written():
    step = {"message": {"text": "Hi"}, "next_step": None}
    as_object = {"start_step": "a", "steps": {"a": step, "b": {}}}
    as_list = {"steps": [{"id": "a", "message": {"text": "Hi"}}, {"id": "b"}]}
    assert comparison_of(as_object, as_object).is_empty
    assert comparison_of(as_object, as_list).is_empty


def test_the_demo_versions_differ_where_they_were_edited():
    before, after = (
        ScenarioDocument.from_text((DEMO / name).read_bytes())
        for name in ("staff_onboarding.json", "staff_onboarding_v2.json")
    )
    comparison = compare(before, after)
    assert [step.id for step in comparison.added] == ["ask_emergency_contact", "courier_intro"]
    assert [step.id for step in comparison.removed] == ["ask_languages"]
    assert "welcome" in [step.id for step in comparison.changed]
    assert comparison.start is None
    assert "Version" in [field.label for field in comparison.fields]
    assert any(field.label == "position: courier" and field.before is None for field in comparison.variables)


def test_a_changed_text_is_marked_word_by_word():
    change = step_change(
        {"message": {"text": "See you on Monday at nine"}}, {"message": {"text": "See you on Friday at ten"}}
    )
    assert change == {"Text": ("See you on [Monday] at [nine]", "See you on [Friday] at [ten]")}


def test_each_kind_of_field_is_shown_as_people_say_it():
    before = {
        "buttons": [{"text": "Yes", "value": "y"}],
        "expected_input": {"type": "number", "validation": {"min_value": 1}},
    }
    after = {
        "buttons": [{"text": "Yes", "value": "y"}, {"text": "No", "value": "n"}],
        "expected_input": {"type": "number", "validation": {"min_value": 2}},
        "next_step": {"type": "conditional", "conditions": [{"if": "x == 1", "then": "b"}], "else": "c"},
        "my_key": {"kept": True},
    }
    assert step_change(before, after) == {
        "Buttons": ("Yes → y", "Yes → y[\nNo → n]"),
        "Lowest number": ("[1]", "[2]"),
        "Next step": (None, "[If x == 1 → b\nOtherwise → c]"),
        "my_key": (None, '[{"kept": true}]'),
    }


def test_a_start_elsewhere_is_named_even_when_only_the_order_moved_it():
    moved = comparison_of({"steps": {"a": {}, "b": {}}}, {"steps": {"b": {}, "a": {}}})
    assert moved.start == ("a", "b")
    assert not moved.changed


def test_labels_and_top_fields_are_compared():
    comparison = comparison_of(
        {"name": "Old", "variables_mapping": {"x": {"1": "One", "2": "Two"}}, "metadata": {"platforms": ["a"]}},
        {"name": "New", "variables_mapping": {"x": {"1": "First"}}, "metadata": {"platforms": ["a", "b"]}},
    )
    assert [(field.label, marked(field.before), marked(field.after)) for field in comparison.fields] == [
        ("Name", "[Old]", "[New]"),
        ("Platforms", "a", "a[, b]"),
    ]
    assert [(field.label, marked(field.before), marked(field.after)) for field in comparison.variables] == [
        ("x: 1", "[One]", "[First]"),
        ("x: 2", "[Two]", None),
    ]


def test_texts_too_long_to_compare_by_word_are_shown_whole():
    before, after = "a b " * 3000, "b c " * 3000
    diff = WordDiff()
    old, new = diff.parts(before, after)
    assert (marked(old), marked(new)) == (f"[{before}]", f"[{after}]")
    assert marked(diff.parts("one two", "one six")[0]) == "one [two]"


@settings(max_examples=150)
@given(st.text(st.sampled_from("ab c\n.")), st.text(st.sampled_from("ab c\n.")))
def test_the_pieces_of_a_comparison_make_up_both_texts(before, after):
    old, new = WordDiff().parts(before, after)
    assert "".join(part.text for part in old) == before
    assert "".join(part.text for part in new) == after
    if before == after:
        assert not any(part.is_changed for part in old + new)


@settings(max_examples=150)
@given(json_values, json_values)
def test_comparing_malformed_scenarios_never_fails(before, after):
    for one, other in (
        (before, after),
        ({"steps": before}, {"steps": after}),
        ({"steps": {"a": before}}, {"steps": {"a": after}}),
    ):
        comparison_of(one, other)
        assert comparison_of(one, one).is_empty


def test_of_very_many_changed_steps_the_first_are_shown_and_the_others_counted():
    before, after = ({"steps": {f"s{n}": {"message": word} for n in range(MAX_LISTED + 7)}} for word in ("old", "new"))
    comparison = compare(ScenarioDocument.from_data(before), ScenarioDocument.from_data(after))
    assert (len(comparison.changed), comparison.unlisted) == (MAX_LISTED, 7)
    assert not comparison.is_empty
