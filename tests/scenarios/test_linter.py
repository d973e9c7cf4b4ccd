"""What the linter says about scenarios, and that it says it at the right place."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from markupsafe import escape

from portal.scenarios.checks.linter import lint
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.problems import MAX_PROBLEMS, has_errors
from tests.scenarios.malformed import json_values

DEMO = Path(__file__).parents[2] / "portal" / "development" / "demo"


def found(data, severity):
    problems = lint(ScenarioDocument.from_text(json.dumps(data)))
    return [problem.place for problem in problems if problem.severity == severity]


def errors(data):
    return found(data, "error")


def warnings(data):
    return found(data, "warning")


def notes(data):
    return found(data, "note")


def around(step, **others):
    """A scenario whose first step is the one to check; it may lead to ``b``, which ends it."""
    return {"start_step": "a", "steps": {"a": step, "b": {"message": {"text": "Bye"}}}, **others}


ASKED = {"message": {"text": "?"}, "expected_input": {"type": "text", "variable": "x"}, "next_step": "b"}


def asked(**changes):
    return {**ASKED, **changes}


def validated(kind, **rules):
    buttons = {"buttons": [{"text": "Yes", "value": "y"}]} if kind == "button" else {}
    return around(asked(expected_input={"type": kind, "variable": "x", "validation": rules}, **buttons))


def conditional(*conditions, **rest):
    return around(asked(next_step={"type": "conditional", "conditions": list(conditions), **rest}))


def test_the_demo_scenarios_have_no_problems():
    for name in ("staff_onboarding.json", "staff_onboarding_v2.json"):
        assert lint(ScenarioDocument.from_text((DEMO / name).read_bytes())) == []


def test_a_sound_scenario_has_no_problems_and_unknown_keys_are_fine():
    data = around({**ASKED, "my_note": 5}, anything={"goes": []})
    assert errors(data) == warnings(data) == []


def test_a_problem_names_place_step_line_and_advice():
    document = ScenarioDocument.from_text(
        '{\n "steps": {\n  "ask": {\n   "message": {"text": "Who?"},\n   "next_step": "gone"\n  }\n }\n}'
    )
    problem = next(problem for problem in lint(document) if problem.is_error)
    assert (problem.place, problem.step_id, problem.line) == ("steps.ask.next_step", "ask", 5)
    assert "gone" in str(problem.message)
    assert str(problem.message).count(".") >= 2


def test_without_a_source_there_are_no_lines_but_the_same_problems():
    data = around(asked(next_step="gone"))
    from_data = lint(ScenarioDocument.from_data(data))
    from_text = lint(ScenarioDocument.from_text(json.dumps(data)))
    assert [problem.line for problem in from_data] == [None] * len(from_data)
    assert {problem.place for problem in from_data} == {problem.place for problem in from_text}


def test_texts_from_the_file_do_not_pass_as_markup():
    data = around(asked(next_step="<script>alert(1)</script>"))
    message = lint(ScenarioDocument.from_data(data))[0].message
    assert "<script>" not in escape(message)
    assert "&lt;script&gt;" in escape(message)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({}, "steps"),
        ({"steps": {}}, "steps"),
        ({"steps": "none"}, "steps"),
        ({"package_name": "p", "deployment_order": []}, ""),
        (around(ASKED, start_step="gone"), "start_step"),
        (around(ASKED, start_step=5), "start_step"),
        (around(ASKED, name=["x"]), "name"),
        (around(ASKED, version={}), "version"),
        (around(ASKED, metadata=[]), "metadata"),
        (around(ASKED, metadata={"platforms": [1]}), "metadata.platforms[0]"),
        (around(ASKED, variables_mapping=[]), "variables_mapping"),
        (around(ASKED, variables_mapping={"x": {"y": 1}}), "variables_mapping.x.y"),
        (around("text"), "steps.a"),
        ({"steps": [5, {"id": "a"}]}, "steps[0]"),
        ({"steps": [{"message": {"text": "no id"}}]}, "steps[0]"),
        ({"steps": [{"id": "a"}, {"id": "a"}]}, "steps[1].id"),
        (around(asked(id="other")), "steps.a.id"),
        (around(asked(type="poem")), "steps.a.type"),
        (around(asked(type=["message"])), "steps.a.type"),
        (around(asked(next_step="gone")), "steps.a.next_step"),
        (around(asked(next_step=5)), "steps.a.next_step"),
        (around(asked(next_step="intent://")), "steps.a.next_step"),
        (around(asked(message=5)), "steps.a.message"),
        (around(asked(message={"text": {"ru": "x"}})), "steps.a.message.text"),
        (around(asked(message={"text": "x" * 50_001})), "steps.a.message.text"),
        (around(asked(message={"media": {}})), "steps.a.message.media"),
        (around(asked(message={"media": [{"type": "hologram", "file_id": "k"}]})), "steps.a.message.media[0].type"),
        (around(asked(message={"media": [{"type": "image"}]})), "steps.a.message.media[0]"),
        (
            around(asked(message={"media": [{"type": "image", "file_id": "k", "caption": "x" * 50_001}]})),
            "steps.a.message.media[0].caption",
        ),
        (around(asked(buttons={"text": "x"})), "steps.a.buttons"),
        (around(asked(buttons=["Yes"])), "steps.a.buttons[0]"),
        (around(asked(buttons=[{"value": "y"}])), "steps.a.buttons[0]"),
        (around(asked(buttons=[{"text": "Yes", "value": 1}])), "steps.a.buttons[0].value"),
        (around(asked(auto_next="yes")), "steps.a.auto_next"),
        (around(asked(auto_next_delay=-1)), "steps.a.auto_next_delay"),
        (around(asked(auto_next_delay="2")), "steps.a.auto_next_delay"),
        (around(asked(expected_input="text")), "steps.a.expected_input"),
        (around(asked(expected_input={"type": "mood", "variable": "x"})), "steps.a.expected_input.type"),
        (around(asked(expected_input={"type": "button", "variable": "x"})), "steps.a.expected_input"),
        (around(asked(expected_input={"type": "text", "variable": "my name"})), "steps.a.expected_input.variable"),
        (around({"type": "conditional_message", "next_step": "b"}), "steps.a"),
        (around({"type": "conditional_message", "conditions": [{"if": "x exists"}]}), "steps.a.conditions[0]"),
        (validated("text", required="yes"), "steps.a.expected_input.validation.required"),
        (validated("text", min_length=-1), "steps.a.expected_input.validation.min_length"),
        (validated("text", max_length="80"), "steps.a.expected_input.validation.max_length"),
        (validated("text", min_length=5, max_length=2), "steps.a.expected_input.validation.min_length"),
        (validated("text", min_length_error=5), "steps.a.expected_input.validation.min_length_error"),
        (validated("text", pattern="(["), "steps.a.expected_input.validation.pattern"),
        (validated("text", pattern="(a+)+$"), "steps.a.expected_input.validation.pattern"),
        (validated("text", pattern="((a|b*)c){2,}"), "steps.a.expected_input.validation.pattern"),
        (validated("text", pattern="a" * 201), "steps.a.expected_input.validation.pattern"),
        (validated("number", min_value="1"), "steps.a.expected_input.validation.min_value"),
        (validated("number", min_value=True), "steps.a.expected_input.validation.min_value"),
        (validated("number", min_value=9, max_value=1), "steps.a.expected_input.validation.min_value"),
        (validated("date", format="%H:%M"), "steps.a.expected_input.validation.format"),
        (validated("date", format="%Q"), "steps.a.expected_input.validation.format"),
        (validated("date", min_date="soon"), "steps.a.expected_input.validation.min_date"),
        (validated("date", max_date="2026-02-30"), "steps.a.expected_input.validation.max_date"),
        (
            validated("date", min_date="2026-02-02", max_date="2026-01-01"),
            "steps.a.expected_input.validation.min_date",
        ),
        (validated("button", allowed_values="y"), "steps.a.expected_input.validation.allowed_values"),
        (validated("file", max_size_kb=0), "steps.a.expected_input.validation.max_size_kb"),
        (validated("file", allowed_types=[5]), "steps.a.expected_input.validation.allowed_types[0]"),
        (conditional({"if": "x = 1", "then": "b"}, {"else": "b"}), "steps.a.next_step.conditions[0].if"),
        (conditional({"if": 5, "then": "b"}, {"else": "b"}), "steps.a.next_step.conditions[0].if"),
        (conditional({"if": "x == 1"}, {"else": "b"}), "steps.a.next_step.conditions[0]"),
        (conditional({"if": "x == 1", "then": "gone"}, {"else": "b"}), "steps.a.next_step.conditions[0].then"),
        (conditional({"if": "x == 1", "then": "b"}, {"else": "gone"}), "steps.a.next_step.conditions[1].else"),
        (conditional({"if": "x == 1", "then": "b"}, **{"else": "gone"}), "steps.a.next_step.else"),
        (conditional("x == 1", **{"else": "b"}), "steps.a.next_step.conditions[0]"),
        (around({"type": "action", "next_step": "a"}), "steps.a"),
    ],
)
def test_an_error_is_found_at_its_place(data, place):
    assert place in errors(data)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (around({"message": {"text": "Hi"}, "next_step": "b"}), "steps.a"),
        (around({"message": {}, "expected_input": {"variable": "x"}, "next_step": "b"}), "steps.a"),
        (around(asked(next_step=None)), "steps.b"),
        (around(asked(next_step="a")), "steps"),
        (around(asked(next_step="intent://training/kitchen/start")), "steps.a.next_step"),
        (around(asked(next_step="intent://kitchen/main")), "steps.a.next_step"),
        (around(asked(message={"text": "Hi {{nobody}}"})), "steps.a.message.text"),
        (around(asked(message={"text": "Hi {{x.name}}"})), "steps.a.message.text"),
        (around(asked(expected_input={"type": "text"})), "steps.a.expected_input"),
        (around(asked(auto_next=True)), "steps.a.expected_input"),
        (around(asked(buttons=[{"text": "Да", "value": "ж" * 33}])), "steps.a.buttons[0].value"),
        (around(asked(buttons=[{"text": "Yes"}])), "steps.a.buttons[0]"),
        (around(asked(buttons=[{"text": t, "value": "y"} for t in "ab"])), "steps.a.buttons[1].value"),
        (around(asked(buttons=[{"text": str(n), "value": str(n)} for n in range(11)])), "steps.a.buttons"),
        (validated("button", allowed_values=["n"]), "steps.a.buttons[0]"),
        (conditional({"if": "x == 1", "then": "b"}), "steps.a.next_step"),
        (conditional({"if": "x == 1", "then": "b"}, {"then": "b"}, **{"else": "a"}), "steps.a.next_step"),
        (conditional({"if": "nobody == 1", "then": "b"}, {"else": "b"}), "steps.a.next_step.conditions[0].if"),
        (
            around({"type": "conditional_message", "conditions": [{"if": "start_payload exists", "message": "x"}]}),
            "steps.a",
        ),
    ],
)
def test_a_warning_is_found_at_its_place_and_is_no_error(data, place):
    assert place in warnings(data)
    assert errors(data) == []


DISHES = ", ".join(f'<a href="https://menu.example/{"x" * 120}{n}">Блюдо {n}</a>' for n in range(30))


def test_a_text_is_measured_as_it_is_sent_and_cutting_it_is_no_error():
    data = around(asked(message={"text": DISHES}))
    assert (errors(data), warnings(data), notes(data)) == ([], [], ["steps.a.message.text"])
    # Where an address has no place of its own it stands in the text, and the text is longer.
    (note,) = [str(each.message) for each in lint(ScenarioDocument.from_data(data)) if each.severity == "note"]
    assert note.endswith("in several: WhatsApp (2).")


@pytest.mark.parametrize(
    ("data", "place", "told"),
    [
        (around(asked(message={"text": "ж" * 4097})), "steps.a.message.text", "Telegram (2), WhatsApp (2)"),
        (around(asked(message={"text": "😀" * 2049})), "steps.a.message.text", "Telegram (2), WhatsApp (2)"),
        (around(asked(message={"text": "ж" * 7001})), "steps.a.message.text", "(2), WhatsApp (2), Viber (2)"),
        (around(asked(message="ж" * 1025, buttons=[{"text": "Да", "value": "y"}])), "steps.a.message", "WhatsApp (2)."),
        (
            around(asked(message={"media": [{"type": "image", "file_id": "menu", "caption": "ж" * 600}]})),
            "steps.a.message.media[0].caption",
            "below the file on Viber",
        ),
        (
            around(asked(message={"media": [{"type": "video", "file_id": "menu", "caption": "ж" * 1100}]})),
            "steps.a.message.media[0].caption",
            "below the file on Telegram, WhatsApp",
        ),
    ],
)
def test_what_comes_in_several_messages_is_noted_for_the_messengers_where_it_does(data, place, told):
    assert errors(data) == []
    (note,) = [each for each in lint(ScenarioDocument.from_data(data)) if each.severity == "note"]
    assert (note.place, note.step_id) == (place, "a")
    assert told in str(note.message)


@pytest.mark.parametrize(
    "text", ["<b>Hi", "Hi</i>", "One<br>two", "<p class='x'>Hi</p>", "<b>" * 201 + "x" + "</b>" * 201]
)
def test_a_tag_that_people_would_read_is_warned_of(text):
    assert "steps.a.message.text" in warnings(around(asked(message={"text": text})))
    assert errors(around(asked(message={"text": text}))) == []


def test_tags_that_count_and_signs_that_are_none_are_fine():
    for text in ("<b>Hi</b> <a href='https://a.example'>there</a>", "1 < 2 and 3 > 2", "a <- b", "<3", "5 > 4"):
        assert warnings(around(asked(message={"text": text}))) == []


def test_a_text_that_fits_everywhere_is_not_noted():
    for text, buttons in (("ж" * 4096, []), ("ж" * 1024, [{"text": "Да", "value": "y"}])):
        assert notes(around(asked(message={"text": text}, buttons=buttons))) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [("Всё верно", "все верно!"), ("Да", "Да"), ("👍 Да", "👎 Да"), ("10:00 – 12:00", "10:00-12:00")],
)
def test_buttons_that_are_alike_when_typed_are_warned_of(first, second):
    buttons = [{"text": first, "value": "1"}, {"text": second, "value": "2"}]
    assert "steps.a.buttons[1].text" in warnings(around(asked(buttons=buttons)))
    assert errors(around(asked(buttons=buttons))) == []


def test_buttons_that_differ_are_not_warned_of():
    for first, second in (("Да", "Нет"), ("👍", "👎"), ("10 %", "10"), ("-5", "5")):
        buttons = [{"text": first, "value": "1"}, {"text": second, "value": "2"}]
        assert warnings(around(asked(buttons=buttons))) == []


@pytest.mark.parametrize(("length", "told"), [(201, "Viber shows"), (257, "Telegram, Viber shows")])
def test_words_that_a_messenger_cuts_off_a_button_are_warned_of(length, told):
    data = around(asked(buttons=[{"text": "ж" * length, "value": "y"}]))
    (warning,) = [each for each in lint(ScenarioDocument.from_data(data)) if each.severity == "warning"]
    assert warning.place == "steps.a.buttons[0].text"
    assert told in str(warning.message)


@pytest.mark.parametrize(
    "rules",
    [
        {"kind": "text", "pattern": r"^(\+7|8)?[0-9 ()-]{10,}$"},
        {"kind": "text", "pattern": r"^[\w.+*]+@[\w-]+(\.[a-z]{2,6})?$"},
        {"kind": "text", "pattern": r"^\(+(ab)+\)+$"},
        {"kind": "date", "format": "%d.%m.%Y", "min_date": "01.02.1990", "max_date": "2020-01-01"},
        {"kind": "number", "min_value": -1.5, "max_value": 10},
        {"kind": "button", "allowed_values": ["y"]},
    ],
)
def test_sensible_validation_is_accepted(rules):
    data = validated(rules.pop("kind"), **rules)
    assert errors(data) == warnings(data) == []


@pytest.mark.parametrize("default", [{"else": "b"}, {"then": "b"}])
def test_a_default_branch_within_the_conditions_counts(default):
    data = conditional({"if": "x == 1", "then": "b"}, default)
    assert errors(data) == warnings(data) == []


def test_an_automatic_circle_is_found_once_and_a_circle_with_a_question_is_none():
    def automatic(target):
        return {"message": {"text": "…"}, "auto_next": True, "next_step": target}

    assert errors({"steps": {"a": automatic("b"), "b": automatic("c"), "c": automatic("b")}}) == ["steps.b"]
    assert errors({"steps": {"a": automatic("b"), "b": asked(next_step="a")}}) == []


def test_a_chain_of_more_automatic_steps_than_the_engine_allows_is_warned_of():
    def chain(length):
        steps = {
            f"s{n}": {"message": {"text": "…"}, "auto_next": True, "next_step": f"s{n + 1}"} for n in range(length)
        }
        return {"steps": {**steps, f"s{length}": {"message": {"text": "Bye"}}}}

    assert warnings(chain(25)) == []
    assert warnings(chain(26)) == ["steps.s0"]


def test_variables_promised_from_outside_are_known():
    for key in ("context_requirements", "variables_mapping"):
        data = around(asked(message={"text": "{{who}} {{ start_payload }}"}), **{key: {"who": {}}})
        assert warnings(data) == []


def test_a_known_name_that_the_bot_cannot_fill_in_is_told_of():
    data = around(asked(message={"text": "{{a b}} {{who}}"}), variables_mapping={"a b": {}, "who": {}})
    assert warnings(data) == ["steps.a.message.text"]


def test_errors_come_before_warnings():
    severities = [problem.severity.value for problem in lint(ScenarioDocument.from_data(around({"next_step": "gone"})))]
    assert severities == sorted(severities)
    assert has_errors(lint(ScenarioDocument.from_data(around({"next_step": "gone"}))))


def test_a_file_full_of_mistakes_gets_a_list_that_can_be_read():
    problems = lint(ScenarioDocument.from_data({"steps": [5] * 5000}))
    assert len(problems) == MAX_PROBLEMS


def test_anything_but_an_object_is_one_error():
    for data in (None, [], "text", 5):
        assert [problem.is_error for problem in lint(ScenarioDocument.from_data(data))] == [True]


@settings(max_examples=250)
@given(json_values)
def test_the_linter_never_fails(part):
    for data in (part, {"steps": part}, {"steps": {"a": part, "b": {"next_step": part, "conditions": part}}}):
        for problem in lint(ScenarioDocument.from_data(data)):
            assert str(problem.message)
    for key in ("message", "buttons", "expected_input", "next_step", "conditions", "auto_next"):
        lint(ScenarioDocument.from_data({"steps": {"a": {"type": "conditional_message", key: part}}}))
