"""The linter: everything that is wrong with a scenario, by place, with advice."""

from typing import Any

from portal.scenarios.checks.answers import check_answer
from portal.scenarios.checks.graph import check_graph
from portal.scenarios.checks.package import check_package, required_variables
from portal.scenarios.checks.route_checks import check_routes
from portal.scenarios.checks.shapes import LIST, OBJECT, TEXT, TEXT_OR_NUMBER, fits, present
from portal.scenarios.checks.steps import check_step
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.parts import Part
from portal.scenarios.document.problems import Place, Problem, ProblemList
from portal.scenarios.document.wording import _l, shortened

# What a link to the bot carries behind /start is kept under this name, without a step asking for it.
START_PAYLOAD_VARIABLE = "start_payload"


def lint(document: ScenarioDocument) -> list[Problem]:
    """All problems of a document, errors first, then in the order of the file. Unknown keys are fine."""
    findings = ProblemList(document.line_of)
    if not isinstance(document.data, dict):
        findings.error((), _l("A scenario is an object in braces { }. This is something else."))
        return findings.problems
    if document.is_bundle:
        check_package(document, findings)
    known = known_variables(document)
    has_steps = False
    for part in document.parts:
        _check_head(part, findings)
        _check_mapping(part.raw, part.place, findings)
        if _has_steps(part, findings):
            has_steps = True
            _check_steps(document, part, known, findings)
    if has_steps:
        check_graph(document, findings)
    return findings.problems


def known_variables(document: ScenarioDocument) -> frozenset[str]:
    """Names a text or a condition may use: asked for, mapped, or promised by the file's surroundings."""
    promised = (name for part in document.parts for name in required_variables(part.raw))
    names = document.asked_variables.union(document.variables_mapping, document.initial_variables, promised)
    return names.union([START_PAYLOAD_VARIABLE])


def _check_head(part: Part, findings: ProblemList) -> None:
    raw, place = part.raw, part.place
    for key in ("name", "description", "start_step", "intent_id", "intent_name", "intent_type"):
        present(findings, raw, key, TEXT, place)
    present(findings, raw, "version", TEXT_OR_NUMBER, place)
    if not present(findings, raw, "metadata", OBJECT, place):
        return
    metadata = raw["metadata"]
    if present(findings, metadata, "platforms", LIST, (*place, "metadata")):
        for index, platform in enumerate(metadata["platforms"]):
            if not isinstance(platform, str):
                message = _l("Here %(shape)s is expected. Write it that way.", shape=TEXT)
                findings.error((*place, "metadata", "platforms", index), message)


def _check_mapping(raw: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if not present(findings, raw, "variables_mapping", OBJECT, place):
        return
    mapping = raw["variables_mapping"]
    for variable in mapping:
        if present(findings, mapping, variable, OBJECT, (*place, "variables_mapping")):
            for value in mapping[variable]:
                present(findings, mapping[variable], value, TEXT, (*place, "variables_mapping", variable))


def _has_steps(part: Part, findings: ProblemList) -> bool:
    steps = part.raw.get("steps")
    if "package_name" in part.raw and steps is None:
        message = _l("This is the list of a package, not a scenario. Upload the package as a ZIP file.")
        findings.error(part.place, message)
    elif not isinstance(steps, dict | list):
        findings.error((*part.place, "steps"), _l("The steps are missing. Add “steps” with at least one step."))
    elif not steps:
        findings.error((*part.place, "steps"), _l("There are no steps. Add at least one."))
    else:
        return True
    return False


def _check_steps(document: ScenarioDocument, part: Part, known: frozenset[str], findings: ProblemList) -> None:
    if part.start_step is not None and part.start_step not in document.steps_by_id:
        name = shortened(part.raw.get("start_step"))
        message = _l("There is no step “%(name)s” to start with. Correct the name.", name=name)
        findings.error((*part.place, "start_step"), message)
    _check_list(part, findings)
    steps = part.raw["steps"]
    for step in part.steps:
        inner = findings.within(step.id)
        if step.raw or isinstance(steps, list) or steps[step.written_id] == {}:
            check_step(step, known, inner)
            check_answer(step, inner)
            check_routes(document, step, known, inner)
        else:
            inner.error(step.place, _l("Here %(shape)s is expected. Write it that way.", shape=OBJECT))


def _check_list(part: Part, findings: ProblemList) -> None:
    steps = part.raw["steps"]
    seen: set[str] = set()
    for index, item in enumerate(steps if isinstance(steps, list) else ()):
        place = (*part.place, "steps", index)
        if not fits(item, OBJECT):
            findings.error(place, _l("Here %(shape)s is expected. Write it that way.", shape=OBJECT))
        elif not item.get("id"):
            findings.error(place, _l("The step has no id, so nothing can lead to it. Add one."))
        elif isinstance(item["id"], str) and item["id"] in seen:
            message = _l("Two steps are called “%(id)s”, only the first is used. Rename one.", id=shortened(item["id"]))
            findings.error((*place, "id"), message)
        else:
            seen.add(str(item["id"]))
