"""Conditions: one parser, one evaluator."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scenarios.document.conditions import Comparison, ConditionError, evaluate, parse_condition, variables_of

VARIABLES = {
    "position": "cook",
    "age": 20,
    "size": "44",
    "score": 4.0,
    "agreed": True,
    "empty": "",
    "nothing": None,
    "languages": ["ru", "en"],
    "full_name": "Anna Petrova",
}


@pytest.mark.parametrize(
    "text",
    [
        "position == cook",
        "position == 'cook'",
        'position=="cook"',
        "  position  ==  cook  ",
        "position != waiter",
        "absent != anything",
        "age == 20",
        "age > 9",
        "age >= 20",
        "size < 100",
        "size <= 44.0",
        "age > -5",
        "score == 4",
        "agreed == true",
        "empty == ''",
        "empty exists",
        "nothing exists",
        "exists position",
        "exists(position)",
        "full_name contains Petr",
        "languages contains en",
        "full_name == Anna Petrova",
        "not absent exists",
        "not (age > 30 or size > 50)",
        "position == waiter or position == cook and age >= 18",
        "(position == waiter or position == cook) AND age >= 18",
        "full_name == 'O\\'Hara' or age == 20",
        "position == 'cook'and age==20",
    ],
)
def test_a_condition_that_holds(text):
    assert evaluate(parse_condition(text), VARIABLES)


@pytest.mark.parametrize(
    "text",
    [
        "position == Cook",
        "absent == ''",
        "absent > 1",
        "absent < 1",
        "position > 1",
        "position < 1",
        "age > abc",
        "agreed > 0",
        "absent exists",
        "absent contains x",
        "languages contains e",
        "nothing == null",
        "position == waiter or position == cook and age < 18",
        "not position == cook",
        "age > 30 and absent exists",
    ],
)
def test_a_condition_that_does_not_hold(text):
    assert not evaluate(parse_condition(text), VARIABLES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "position",
        "position ==",
        "== cook",
        "position = cook",
        "position === cook",
        "position == 'cook",
        "'cook' == position",
        "(position == cook",
        "position == cook)",
        "position == cook and",
        "and position == cook",
        "position is cook",
        "{{position}} == cook",
        "age > 5 < 7",
        "not",
        "exists",
        "exists(",
        "!position",
        "__import__('os')",
        "(" * 500 + "a == 1" + ")" * 400,
        "not " * 240 + "a == 1",
        "a == " + "x" * 2000,
    ],
)
def test_a_broken_condition_is_named_in_words(text):
    with pytest.raises(ConditionError) as broken:
        parse_condition(text)
    assert str(broken.value.message).endswith(".")
    assert 0 <= broken.value.position <= len(text)


def test_quotes_protect_signs_and_keywords():
    assert parse_condition("food == 'bread and (butter) == x'") == Comparison("food", "==", "bread and (butter) == x")
    assert parse_condition("answer == Yes!") == Comparison("answer", "==", "Yes!")


def test_the_variables_of_a_condition_are_listed():
    assert variables_of(parse_condition("not (a == 1 or b exists) and c > 2")) == {"a", "b", "c"}


PIECES = [*"ab1 ()'\"\\=!<>&{}\n", "and ", "or ", "not ", " exists ", " == "]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_text_is_a_condition_or_refused(text):
    try:
        condition = parse_condition(text)
    except ConditionError:
        return
    assert evaluate(condition, {"a": 1, "b": "x"}) in (True, False)
