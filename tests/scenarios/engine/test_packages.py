"""Packages of intents: jumps, entry points, context, and what is wrong with them."""

import json

import pytest

from portal.scenarios.checks.linter import lint
from portal.scenarios.document.document import DestinationKind, ScenarioDocument
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationStatus
from portal.scenarios.flow.flow import build_flow
from tests.scenarios.engine.driving import asking, message, started

WELCOME = {
    "intent_id": "welcome",
    "intent_name": "Welcome",
    "intent_type": "core",
    "version": "1.0",
    "dependencies": ["kitchen"],
    "entry_points": ["hello"],
    "exit_points": ["ask"],
    "context_requirements": {},
    "start_step": "hello",
    "steps": {
        "hello": asking(
            "Welcome to {{chain}}. Your post?", "button", "route", "post", [("Cook", "cook"), ("Bar", "bar")]
        ),
        "route": {
            "type": "action",
            "next_step": {
                "type": "conditional",
                "conditions": [{"if": "post == cook", "then": "intent://training/kitchen/start"}],
                "else": "intent://bar/main",
            },
        },
    },
}
KITCHEN = {
    "intent_id": "kitchen",
    "intent_type": "training",
    "dependencies": [],
    "entry_points": {"main": "start"},
    "context_requirements": {"post": {"type": "string"}},
    "start_step": "start",
    "steps": {
        "start": message("Knives, {{post}}.", next_step="hello", auto_next=True),
        "hello": message("Kitchen done"),
    },
}
BAR = {
    "intent_id": "bar",
    "entry_points": [{"name": "main", "step": "mix"}],
    "steps": [{"id": "first", **message("First")}, {"id": "mix", **message("Shakers.")}],
}
PACKAGE = {
    "package_name": "Onboarding",
    "version": "2.1",
    "deployment_order": ["welcome", "kitchen", "bar"],
    "activation_groups": {"all": ["welcome", "kitchen", "bar"]},
    "variables_mapping": {"post": {"cook": "chef"}},
    "global_context": {"chain": "Dumplings"},
}


def bundle(*intents, **package):
    return {"package": {**PACKAGE, **package}, "intents": list(intents or (KITCHEN, WELCOME, BAR))}


def places(data, severity="error"):
    return [problem.place for problem in lint(ScenarioDocument.from_data(data)) if problem.severity == severity]


def test_a_package_loads_unchanged_and_names_itself():
    source = json.dumps(bundle(), indent=1)
    document = ScenarioDocument.from_text(source)
    assert document.source == source
    assert document.data == bundle()
    assert (document.name, document.version) == ("Onboarding", "2.1")
    assert lint(document) == []


def test_a_package_begins_with_the_first_intent_that_is_deployed():
    talk = started(bundle())
    assert talk.said == ["Welcome to Dumplings. Your post?"]
    assert talk.standing.step == "intent://welcome/hello"
    assert started(bundle(deployment_order=[])).said == ["Knives, {{post}}."]
    assert started(bundle(deployment_order=[{"intent_id": "gone"}, {"intent_id": "bar"}])).said == ["First"]
    assert started({**bundle(), "start_step": "intent://bar/main"}).said == ["Shakers."]


def test_a_jump_by_type_intent_and_step_keeps_names_apart():
    talk = started(bundle())
    assert talk.press("Cook") == ["Knives, chef."]
    assert talk.tick() == ["Kitchen done"]
    assert talk.standing.step == "intent://kitchen/hello"
    assert talk.standing.state is ConversationStatus.FINISHED


def test_a_jump_by_intent_and_entry_point_finds_its_step():
    talk = started(bundle())
    assert talk.press("Bar") == ["Shakers."]
    assert talk.standing.step == "intent://bar/mix"


@pytest.mark.parametrize(
    "points",
    [
        ["mix"],
        [{"name": "main", "step": "mix"}],
        [{"id": "main", "step_id": "mix"}],
        {"main": "mix"},
        {"main": {"step": "mix"}},
    ],
)
def test_entry_points_may_be_written_in_several_ways(points):
    document = ScenarioDocument.from_data(bundle(WELCOME, KITCHEN, {**BAR, "entry_points": points}))
    name = "mix" if points == ["mix"] else "main"
    assert document.destination(f"intent://bar/{name}").name == "intent://bar/mix"
    assert "intent://bar/mix" in document.entry_steps


def test_a_conversation_can_be_put_on_any_step_of_a_package():
    talk = started(bundle())
    addresses = talk.program.step_addresses()
    assert addresses[0] == "intent://kitchen/start"
    assert len(addresses) == 6
    assert talk.put_on("intent://bar/first") == ["First"]


def test_an_intent_on_its_own_runs_like_a_scenario():
    talk = started(KITCHEN)
    assert talk.standing.step == "start"
    assert started(BAR).said == ["First"]
    document = ScenarioDocument.from_data(BAR)
    assert document.destination("intent://bar/main").name == "mix"
    assert document.destination("intent://kitchen/main").kind is DestinationKind.OUTSIDE
    assert document.destination("intent://bar/gone").kind is DestinationKind.MISSING


def test_a_new_start_forgets_answers_but_not_what_the_package_knows():
    talk = started(bundle())
    talk.press("Bar")
    talk.say("/start link")
    assert talk.variables == {"chain": "Dumplings", "start_payload": "link"}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (bundle({**WELCOME, "dependencies": ["kitchen", "gone"]}, KITCHEN, BAR), "intents[0].dependencies[1]"),
        (bundle(deployment_order=["welcome", "gone"]), "package.deployment_order[1]"),
        (bundle({**BAR, "steps": {"mix": message(next_step="intent://x/main")}}), "intents[0].steps.mix.next_step"),
        (bundle({**BAR, "steps": {"mix": message(next_step="intent://bar/gone")}}), "intents[0].steps.mix.next_step"),
        (bundle({**BAR, "steps": {"mix": message(next_step="gone")}}), "intents[0].steps.mix.next_step"),
        (bundle({**BAR, "entry_points": ["gone"]}), "intents[0].entry_points"),
        (bundle({**BAR, "start_step": "gone"}), "intents[0].start_step"),
        (bundle(BAR, BAR), "intents[1].intent_id"),
        (bundle({**BAR, "intent_id": ""}), "intents[0]"),
        (bundle({**BAR, "intent_id": "a b"}), "intents[0].intent_id"),
        (bundle(5), "intents[0]"),
        ({"package": PACKAGE, "intents": []}, "intents"),
        ({**bundle(), "package": []}, "package"),
        ({**bundle(), "start_step": "gone"}, "package.start_step"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_package_is_found_at_its_place(data, place):
    assert place in places(data)


def test_what_an_intent_needs_and_nobody_asks_for_is_warned_of():
    for needed in ({"shift": {}}, {"required": ["shift"], "optional": ["mood"]}):
        data = bundle({**BAR, "context_requirements": needed}, WELCOME, KITCHEN)
        assert places(data, "warning") == ["intents[0].context_requirements"]


def test_lines_of_problems_are_found_within_a_package():
    text = json.dumps(bundle({**BAR, "start_step": "gone"}), indent=1)
    problem = next(one for one in lint(ScenarioDocument.from_text(text)) if one.place == "intents[0].start_step")
    assert "gone" in text.splitlines()[problem.line - 1]


def test_the_flow_shows_the_steps_of_all_intents():
    flow = build_flow(ScenarioDocument.from_data(bundle()))
    assert len(flow.steps) == 6
    assert not any(edge.kind == "broken" for edge in flow.edges)
    assert [node.title for node in flow.nodes if node.is_start] == ["1. welcome/hello"]


def test_the_language_of_a_package_is_that_of_all_its_texts():
    assert Program.of(ScenarioDocument.from_data(bundle())).language == "en"
