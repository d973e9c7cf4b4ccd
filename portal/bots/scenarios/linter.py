"""The linter: everything that is wrong with a scenario, by place, with advice."""

from portal.bots.scenarios.answer_checks import check_answer
from portal.bots.scenarios.document import ScenarioDocument
from portal.bots.scenarios.graph_checks import check_graph
from portal.bots.scenarios.problems import Findings, Problem
from portal.bots.scenarios.route_checks import check_routes
from portal.bots.scenarios.shape_checks import LIST, OBJECT, TEXT, TEXT_OR_NUMBER, fits, present
from portal.bots.scenarios.step_checks import check_step
from portal.bots.scenarios.steps import as_object
from portal.bots.scenarios.wording import _l, shortened

# What a link to the bot carries behind /start is kept under this name, without a step asking for it.
START_PAYLOAD_VARIABLE = "start_payload"


def lint(document: ScenarioDocument) -> list[Problem]:
    """All problems of a document, errors first, then in the order of the file. Unknown keys are fine."""
    findings = Findings(document.line_of)
    if not isinstance(document.data, dict):
        findings.error((), _l("A scenario is an object in braces { }. This is something else."))
        return findings.problems
    _check_head(document, findings)
    _check_mapping(document, findings)
    if _has_steps(document, findings):
        _check_steps(document, findings)
    return findings.problems


def known_variables(document: ScenarioDocument) -> frozenset[str]:
    """Names a text or a condition may use: asked for, mapped, or promised by the file's surroundings."""
    promised = (as_object(document.data.get(key)) for key in ("context_requirements", "global_context"))
    return document.asked_variables.union(document.variables_mapping, *promised, [START_PAYLOAD_VARIABLE])


def _check_head(document: ScenarioDocument, findings: Findings) -> None:
    for key in ("name", "description", "start_step", "intent_id", "intent_name", "intent_type"):
        present(findings, document.data, key, TEXT, ())
    present(findings, document.data, "version", TEXT_OR_NUMBER, ())
    if not present(findings, document.data, "metadata", OBJECT, ()):
        return
    metadata = document.data["metadata"]
    if present(findings, metadata, "platforms", LIST, ("metadata",)):
        for index, platform in enumerate(metadata["platforms"]):
            if not isinstance(platform, str):
                message = _l("Here %(shape)s is expected. Write it that way.", shape=TEXT)
                findings.error(("metadata", "platforms", index), message)


def _check_mapping(document: ScenarioDocument, findings: Findings) -> None:
    if not present(findings, document.data, "variables_mapping", OBJECT, ()):
        return
    mapping = document.data["variables_mapping"]
    for variable in mapping:
        if present(findings, mapping, variable, OBJECT, ("variables_mapping",)):
            for value in mapping[variable]:
                present(findings, mapping[variable], value, TEXT, ("variables_mapping", variable))


def _has_steps(document: ScenarioDocument, findings: Findings) -> bool:
    steps = document.data.get("steps")
    if "package_name" in document.data and steps is None:
        message = _l("This is the list of a package, not a scenario. Upload the files of its intents one by one.")
        findings.error((), message)
    elif not isinstance(steps, dict | list):
        findings.error(("steps",), _l("The steps are missing. Add “steps” with at least one step."))
    elif not steps:
        findings.error(("steps",), _l("There are no steps. Add at least one."))
    else:
        return True
    return False


def _check_steps(document: ScenarioDocument, findings: Findings) -> None:
    start = document.start_step
    if start is not None and start not in document.steps_by_id:
        message = _l("There is no step “%(name)s” to start with. Correct the name.", name=shortened(start))
        findings.error(("start_step",), message)
    _check_list(document, findings)
    known = known_variables(document)
    for step in document.steps:
        inner = findings.within(step.id)
        if step.raw or isinstance(document.data["steps"], list) or document.data["steps"][step.id] == {}:
            check_step(step, known, inner)
            check_answer(step, inner)
            check_routes(document, step, known, inner)
        else:
            inner.error(step.place, _l("Here %(shape)s is expected. Write it that way.", shape=OBJECT))
    check_graph(document, findings)


def _check_list(document: ScenarioDocument, findings: Findings) -> None:
    steps = document.data["steps"]
    seen: set[str] = set()
    for index, item in enumerate(steps if isinstance(steps, list) else ()):
        place = ("steps", index)
        if not fits(item, OBJECT):
            findings.error(place, _l("Here %(shape)s is expected. Write it that way.", shape=OBJECT))
        elif not item.get("id"):
            findings.error(place, _l("The step has no id, so nothing can lead to it. Add one."))
        elif isinstance(item["id"], str) and item["id"] in seen:
            message = _l("Two steps are called “%(id)s”, only the first is used. Rename one.", id=shortened(item["id"]))
            findings.error((*place, "id"), message)
        else:
            seen.add(str(item["id"]))
