"""Checks of the ways from step to step: targets, conditions, circles, steps nobody reaches."""

from typing import Any

from portal.scenarios.checks.shapes import TEXT, objects_of, one_of, present
from portal.scenarios.document.conditions import ConditionError, parse_condition, variables_of
from portal.scenarios.document.document import DestinationKind, ScenarioDocument
from portal.scenarios.document.parts import read_jump
from portal.scenarios.document.problems import Place, ProblemList
from portal.scenarios.document.steps import INTENT_SCHEME, Route, Step, as_list, as_object, has_condition
from portal.scenarios.document.wording import _l, shortened


def check_routes(document: ScenarioDocument, step: Step, known: frozenset[str], findings: ProblemList) -> None:
    """The ways out of one step and every condition in it."""
    following = step.raw.get("next_step")
    place = (*step.place, "next_step")
    if isinstance(following, dict):
        _check_conditional(step, following, place, findings)
    elif following is not None and not isinstance(following, str):
        shape = _l("the name of a step in quotes, a conditional object, or null")
        findings.error(place, _l("Here %(shape)s is expected. Write it that way.", shape=shape))
    for route in step.routes:
        _check_target(document, route, findings)
    for item_place, item in _conditions_of(step):
        _check_condition(item, item_place, known, findings)


def _check_conditional(step: Step, following: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if present(findings, following, "type", TEXT, place):
        one_of(findings, following["type"], ("conditional",), (*place, "type"))
    items = objects_of(findings, following, "conditions", place)
    present(findings, following, "else", TEXT, place)
    defaults = int("else" in following)
    for index, item in items:
        here = (*place, "conditions", index)
        present(findings, item, "then", TEXT, here)
        present(findings, item, "else", TEXT, here)
        defaults += ("else" in item) + (not has_condition(item) and "then" in item)
        if "then" not in item and not ("else" in item and not has_condition(item)):
            findings.error(here, _l("This condition leads nowhere. Add “then” with the name of a step."))
    if not step.has_default:
        findings.warning(place, _l("When no condition holds, the conversation ends here. Add “else” with a step."))
    elif defaults > 1:
        findings.warning(place, _l("Where to go otherwise is said more than once. Keep one, the first counts."))


def _check_target(document: ScenarioDocument, route: Route, findings: ProblemList) -> None:
    destination = document.destination(route.target)
    name = shortened(destination.name)
    if destination.kind is DestinationKind.OUTSIDE:
        findings.warning(
            route.place,
            _l("This leads to “%(name)s”, outside this file. Make sure that scenario is there.", name=name),
        )
    elif destination.kind is DestinationKind.MISSING and _is_half_a_jump(destination.name):
        findings.error(
            route.place,
            _l(
                "The jump “%(name)s” is incomplete. Write intent://intent/entry or intent://type/intent/step.",
                name=name,
            ),
        )
    elif destination.kind is DestinationKind.MISSING:
        findings.error(route.place, _l("There is no step “%(name)s”. Correct the name or add the step.", name=name))


def _is_half_a_jump(target: str) -> bool:
    return target.startswith(INTENT_SCHEME) and read_jump(target) is None


def _conditions_of(step: Step) -> list[tuple[Place, dict[str, Any]]]:
    following = as_object(step.raw.get("next_step"))
    holders = [((*step.place, "next_step", "conditions"), following), ((*step.place, "conditions"), step.raw)]
    return [
        ((*place, index), item)
        for place, holder in holders
        for index, item in enumerate(as_list(holder.get("conditions")))
        if isinstance(item, dict)
    ]


def _check_condition(item: dict[str, Any], place: Place, known: frozenset[str], findings: ProblemList) -> None:
    if not present(findings, item, "if", TEXT, place):
        return None
    place = (*place, "if")
    try:
        condition = parse_condition(item["if"])
    except ConditionError as error:
        message = _l(
            "The condition “%(text)s” cannot be read: %(reason)s",
            text=shortened(item["if"]),
            reason=error.message,
        )
        return findings.error(place, message)
    for name in sorted(variables_of(condition) - known):
        message = _l("No step asks for “%(name)s”, so it is never set. Check the spelling.", name=shortened(name))
        findings.warning(place, message)
    return None
