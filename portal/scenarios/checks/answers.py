"""Checks of the answer a step waits for and of how it is validated."""

from datetime import date
from typing import Any

from portal.scenarios.checks.shapes import (
    LIST,
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_NUMBER,
    WHOLE_NUMBER,
    YES_OR_NO,
    fits,
    one_of,
    present,
)
from portal.scenarios.document.answer_dates import DEFAULT_DATE_FORMAT, holds_a_date, read_limit
from portal.scenarios.document.patterns import pattern_fault
from portal.scenarios.document.placeholders import BAD_NAME, VARIABLE_NAME
from portal.scenarios.document.problems import Place, ProblemList
from portal.scenarios.document.steps import INPUT_TYPES, Step
from portal.scenarios.document.wording import _l, shortened


def check_answer(step: Step, findings: ProblemList) -> None:
    """What the step expects from the person, and whether it waits for anything at all."""
    place = (*step.place, "expected_input")
    if present(findings, step.raw, "expected_input", OBJECT, step.place):
        _check_input(step, place, findings)
    elif not (step.buttons or step.goes_on_alone) and any(route.target for route in step.routes):
        findings.warning(
            step.place,
            _l("Nothing is asked here, so any message goes on. Add expected_input, buttons or auto_next."),
        )


def _check_input(step: Step, place: Place, findings: ProblemList) -> None:
    raw = step.raw["expected_input"]
    expected = step.expected_input
    if present(findings, raw, "type", TEXT, place):
        one_of(findings, raw["type"], INPUT_TYPES, (*place, "type"))
    _check_variable(raw, place, findings)
    if expected and expected.kind == "button" and not step.buttons:
        findings.error(place, _l("A button is expected, but the step has none. Add buttons or expect a text."))
    if step.auto_next:
        findings.warning(place, _l("The step goes on by itself and waits for no answer. Remove one of the two."))
    if expected and present(findings, raw, "validation", OBJECT, place):
        _check_validation(step, expected.kind, raw["validation"], (*place, "validation"), findings)


def _check_variable(raw: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if not present(findings, raw, "variable", TEXT, place):
        if raw.get("variable") is None:
            findings.warning(place, _l("The answer is not kept. Name a variable for it."))
    elif not VARIABLE_NAME.fullmatch(raw["variable"]):
        findings.error((*place, "variable"), BAD_NAME)


def _check_validation(step: Step, kind: str, rules: dict[str, Any], place: Place, findings: ProblemList) -> None:
    present(findings, rules, "required", YES_OR_NO, place)
    for key in rules:
        if key == "error_message" or key.endswith("_error"):
            present(findings, rules, key, TEXT, place)
    match kind:
        case "text":
            _check_range(rules, "min_length", "max_length", place, findings)
            _check_pattern(rules, place, findings)
        case "number":
            _check_range(rules, "min_value", "max_value", place, findings)
        case "date":
            _check_dates(rules, place, findings)
        case "button":
            _check_allowed_values(step, rules, place, findings)
        case "file":
            _check_file_rules(rules, place, findings)


def _check_range(rules: dict[str, Any], low: str, high: str, place: Place, findings: ProblemList) -> None:
    shape = WHOLE_NUMBER if low.endswith("length") else NUMBER
    present_both = [present(findings, rules, key, shape, place) for key in (low, high)]
    if all(present_both) and rules[low] > rules[high]:
        findings.error(
            (*place, low), _l("%(low)s is above %(high)s, so no answer fits. Swap them.", low=low, high=high)
        )


def _check_pattern(rules: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if present(findings, rules, "pattern", TEXT, place):
        fault = pattern_fault(rules["pattern"])
        if fault:
            findings.error((*place, "pattern"), fault)


def _check_dates(rules: dict[str, Any], place: Place, findings: ProblemList) -> None:
    template = DEFAULT_DATE_FORMAT
    if present(findings, rules, "format", TEXT, place):
        template = rules["format"]
        if not holds_a_date(template):
            message = _l(
                "This format cannot hold a whole date. Use day, month and year, for example %(example)s.",
                example="%d.%m.%Y",
            )
            return findings.error((*place, "format"), message)
    limits = [_limit(rules, key, template, place, findings) for key in ("min_date", "max_date")]
    if limits[0] and limits[1] and limits[0] > limits[1]:
        findings.error((*place, "min_date"), _l("min_date is after max_date, so no answer fits. Swap them."))
    return None


def _limit(rules: dict[str, Any], key: str, template: str, place: Place, findings: ProblemList) -> date | None:
    if not present(findings, rules, key, TEXT, place):
        return None
    limit = read_limit(rules[key], template)
    if limit is not None:
        return limit
    message = _l("“%(value)s” is no date. Write it like 2026-01-31.", value=shortened(rules[key]))
    findings.error((*place, key), message)
    return None


def _check_allowed_values(step: Step, rules: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if not present(findings, rules, "allowed_values", LIST, place):
        return
    allowed = set()
    for index, value in enumerate(rules["allowed_values"]):
        if fits(value, TEXT_OR_NUMBER):
            allowed.add(str(value))
        else:
            message = _l("Here %(shape)s is expected. Write it that way.", shape=TEXT_OR_NUMBER)
            findings.error((*place, "allowed_values", index), message)
    for index, button in enumerate(step.buttons):
        if button.value not in allowed:
            message = _l(
                "The answer “%(value)s” is not among allowed_values and is always refused. Add it there.",
                value=shortened(button.value),
            )
            findings.warning((*step.place, "buttons", index), message)


def _check_file_rules(rules: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if present(findings, rules, "allowed_types", LIST, place):
        for index, value in enumerate(rules["allowed_types"]):
            if not isinstance(value, str):
                message = _l("Here %(shape)s is expected. Write it that way.", shape=TEXT)
                findings.error((*place, "allowed_types", index), message)
    if present(findings, rules, "max_size_kb", NUMBER, place) and rules["max_size_kb"] <= 0:
        findings.error((*place, "max_size_kb"), _l("No file is that small. Write a size above 0."))
