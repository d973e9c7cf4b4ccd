"""Checks of a package of intents as a whole: its list, what its intents need of each other."""

from collections.abc import Iterator
from typing import Any

from portal.scenarios.checks.shapes import LIST, OBJECT, TEXT, TEXT_OR_NUMBER, present
from portal.scenarios.document.document import DestinationKind, ScenarioDocument
from portal.scenarios.document.parts import Part
from portal.scenarios.document.problems import Place, ProblemList
from portal.scenarios.document.steps import as_list, as_object, as_text
from portal.scenarios.document.wording import _l, shortened

# ``{"required": ["name"], "optional": ["city"]}`` besides ``{"name": …, "city": …}``.
_GROUPS = ("required", "optional")


def required_variables(intent: dict[str, Any]) -> tuple[str, ...]:
    """Names of ``context_requirements``: what an intent needs to be known before it begins."""
    raw = as_object(intent.get("context_requirements"))
    grouped = [name for key in _GROUPS for name in as_list(raw.get(key)) if isinstance(name, str)]
    return tuple(grouped or raw)


def check_package(document: ScenarioDocument, findings: ProblemList) -> None:
    """The list of the package, then what each intent says of the others."""
    _check_manifest(document, findings)
    for index, item in enumerate(document.data["intents"]):
        if not isinstance(item, dict):
            findings.error(("intents", index), _l("Here %(shape)s is expected. Write it that way.", shape=OBJECT))
    if not document.parts:
        findings.error(("intents",), _l("There are no intents. Add at least one."))
    seen: set[str] = set()
    for part in document.parts:
        _check_id(part, seen, findings)
        _check_dependencies(document, part, findings)
        _check_entry_points(document, part, findings)
        _check_context(document, part, findings)
    written = as_text(document.data.get("start_step")) or as_text(document.head.get("start_step"))
    if written and document.destination(written).kind is not DestinationKind.STEP:
        message = _l("There is no step “%(name)s” to start with. Correct the name.", name=shortened(written))
        findings.error(("package", "start_step"), message)


def _check_manifest(document: ScenarioDocument, findings: ProblemList) -> None:
    if not present(findings, document.data, "package", OBJECT, ()):
        return findings.warning((), _l("The package says nothing of itself. Add “package” with its name and version."))
    head, place = document.head, ("package",)
    present(findings, head, "package_name", TEXT, place)
    present(findings, head, "version", TEXT_OR_NUMBER, place)
    present(findings, head, "global_context", OBJECT, place)
    present(findings, head, "variables_mapping", OBJECT, place)
    present(findings, head, "activation_groups", OBJECT, place)
    if present(findings, head, "deployment_order", LIST, place):
        _check_names(document, head["deployment_order"], (*place, "deployment_order"), findings)
    return None


def _check_id(part: Part, seen: set[str], findings: ProblemList) -> None:
    if not as_text(part.raw.get("intent_id")):
        findings.error(part.place, _l("The intent has no intent_id, so nothing can lead to it. Add one."))
    elif part.scope in seen:
        message = _l("Two intents are called “%(id)s”, only the first is used. Rename one.", id=shortened(part.scope))
        findings.error((*part.place, "intent_id"), message)
    elif "/" in part.scope or any(sign.isspace() for sign in part.scope):
        findings.error((*part.place, "intent_id"), _l("An intent_id has no spaces and no slashes. Rename it."))
    seen.add(part.scope)


def _check_dependencies(document: ScenarioDocument, part: Part, findings: ProblemList) -> None:
    if present(findings, part.raw, "dependencies", LIST, part.place):
        _check_names(document, part.raw["dependencies"], (*part.place, "dependencies"), findings)


def _check_names(document: ScenarioDocument, names: list[Any], place: Place, findings: ProblemList) -> None:
    known = {part.scope for part in document.parts}
    for index, item in enumerate(names):
        name = as_text(item) or as_text(as_object(item).get("intent_id"))
        if name not in known:
            message = _l("There is no intent “%(name)s” in the package. Add its file.", name=shortened(name or item))
            findings.error((*place, index), message)


def _check_entry_points(document: ScenarioDocument, part: Part, findings: ProblemList) -> None:
    place = (*part.place, "entry_points")
    for name, address in part.entry_points.items():
        told = shortened(name)
        if address not in document.steps_by_id:
            findings.error(place, _l("The entry point “%(name)s” leads to no step. Correct it.", name=told))
        elif part.address(name) in document.steps_by_id and part.address(name) != address:
            message = _l(
                "A step is called “%(name)s” as well, and jumps lead there. Rename the entry point.", name=told
            )
            findings.warning(place, message)


def _check_context(document: ScenarioDocument, part: Part, findings: ProblemList) -> None:
    given = {*document.initial_variables, *document.asked_variables}
    for name in _needed(part):
        if name not in given:
            message = _l("Nothing in the package asks for “%(name)s”, which this intent needs.", name=shortened(name))
            findings.warning((*part.place, "context_requirements"), message)


def _needed(part: Part) -> Iterator[str]:
    raw = as_object(part.raw.get("context_requirements"))
    optional = {name for name in as_list(raw.get("optional")) if isinstance(name, str)}
    return (name for name in required_variables(part.raw) if name not in optional)
