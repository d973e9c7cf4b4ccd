"""The drawn flow and its list."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.flow.cards import CARD_WIDTH, PADDING, wrap
from portal.scenarios.flow.flow import MAX_DRAWN_STEPS, STEPS_PER_PAGE, build_flow
from tests.scenarios.malformed import json_values

DEMO = Path(__file__).parents[2] / "portal" / "development" / "demo"


def flow_of(steps, page=1, **rest):
    return build_flow(ScenarioDocument.from_data({"steps": steps, **rest}), page)


def demo_flow():
    return build_flow(ScenarioDocument.from_text((DEMO / "staff_onboarding.json").read_bytes()))


def assert_tidy(flow):
    """No cards overlap, and everything lies within the picture."""
    for one, other in combinations(flow.nodes, 2):
        apart = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y
    for node in flow.nodes:
        assert node.x >= 0
        assert node.y >= 0
        assert node.x + node.width <= flow.width
        assert node.y + node.height <= flow.height
    for edge in flow.edges:
        assert edge.label_x + edge.label_width / 2 <= flow.width


def test_the_demo_is_drawn_with_a_card_for_every_step_and_one_end():
    flow = demo_flow()
    assert len(flow.nodes) == 19
    assert [node.kind for node in flow.nodes].count("end") == 1
    assert [node.title for node in flow.nodes if node.is_start] == ["1. welcome"]
    assert_tidy(flow)


def test_the_picture_is_the_same_every_time():
    assert demo_flow() == demo_flow()


def test_steps_stand_below_those_that_lead_to_them():
    flow = flow_of({"a": {"next_step": "b"}, "c": {}, "b": {"next_step": "c"}})
    top = {node.title: node.y for node in flow.nodes}
    assert top["1. a"] < top["2. b"] < top["3. c"] < top["End"]


def test_a_way_back_runs_beside_and_straight_ways_do_not():
    flow = flow_of({"a": {"next_step": "b"}, "b": {"next_step": "a"}})
    assert [edge.is_beside for edge in flow.edges] == [False, True]
    assert_tidy(flow)


def test_missing_steps_and_other_scenarios_are_drawn_as_such():
    flow = flow_of({"a": {"next_step": {"conditions": [{"if": "x == 1", "then": "gone"}], "else": "intent://i/e"}}})
    assert {node.kind for node in flow.nodes} == {"message", "missing", "outside"}
    assert [edge.kind for edge in flow.edges] == ["broken", "otherwise"]
    assert [way.kind for way in flow.steps[0].exits] == ["missing", "outside"]
    assert not any(node.anchor for node in flow.nodes if node.kind in ("missing", "outside"))


def test_arrows_carry_the_text_of_the_button_or_the_label_or_the_condition():
    asked = {
        "buttons": [{"text": "Kitchen", "value": "k"}],
        "expected_input": {"type": "button", "variable": "place"},
        "next_step": {
            "conditions": [
                {"if": "place == 'k'", "then": "b"},
                {"if": "role == chef", "then": "c"},
                {"if": "age > 5", "then": "d"},
            ]
        },
    }
    flow = flow_of({"a": asked, "b": {}, "c": {}, "d": {}}, variables_mapping={"role": {"chef": "Chef"}})
    assert [edge.label for edge in flow.edges[:4]] == ["Kitchen", "role = Chef", "age > 5", "Otherwise"]


def test_ways_between_the_same_two_steps_share_an_arrow():
    both = {"conditions": [{"if": "x == 1", "then": "b"}, {"if": "x == 2", "then": "b"}], "else": "b"}
    flow = flow_of({"a": {"next_step": both}, "b": {}})
    assert [edge.label for edge in flow.edges] == ["x = 1 / x = 2 / Otherwise", ""]
    assert len(flow.steps[0].exits) == 3


def test_labels_of_a_fan_do_not_cover_each_other():
    conditions = [{"if": f"answer == option_number_{n}", "then": f"s{n}"} for n in range(8)]
    flow = flow_of({"a": {"next_step": {"conditions": conditions, "else": None}}, **{f"s{n}": {} for n in range(8)}})
    labels = [edge for edge in flow.edges if edge.label]
    for one, other in combinations(labels, 2):
        beside = abs(one.label_x - other.label_x) >= (one.label_width + other.label_width) / 2
        assert beside or abs(one.label_y - other.label_y) >= one.label_height


def test_the_list_keeps_branches_together_and_marks_what_nobody_reaches():
    flow = flow_of(
        {
            "island": {},
            "start": {"next_step": {"conditions": [{"if": "x == 1", "then": "left"}], "else": "right"}},
            "right": {"next_step": "join"},
            "left": {"next_step": "left2"},
            "left2": {"next_step": "join"},
            "join": {},
        },
        start_step="start",
    )
    assert [step.id for step in flow.steps] == ["start", "left", "left2", "right", "join", "island"]
    assert [step.id for step in flow.steps if not step.is_reachable] == ["island"]


def test_the_list_says_what_the_drawing_says():
    flow = demo_flow()
    position = next(step for step in flow.steps if step.id == "ask_position")
    assert position.answers == ("Повар", "Пельменный мастер", "Официант", "Бармен", "Менеджер смены")
    assert position.variable == "position"
    medical = next(step for step in flow.steps if step.id == "ask_medical_book")
    assert [(way.label, way.name) for way in medical.exits] == [
        ("Да, есть", "medical_book_photo"),
        ("Otherwise", "medical_book_help"),
    ]
    rules = next(step for step in flow.steps if step.id == "rules")
    assert rules.texts[-1].condition == ""
    assert len(rules.texts) == 3


def test_every_card_links_to_its_entry_however_odd_the_ids():
    ids = ["a", "a b", "a\tb", "a_20b", "шаг", "x" * 500, '"><script>']
    flow = flow_of({step_id: {} for step_id in ids})
    anchors = [step.anchor for step in flow.steps]
    assert len(set(anchors)) == len(ids)
    assert all(re.fullmatch(r"step-[\w-]+", anchor) for anchor in anchors)
    assert {node.anchor for node in flow.nodes if node.anchor} == set(anchors)


@pytest.mark.parametrize("count", [1, 2, 60, MAX_DRAWN_STEPS])
def test_a_chain_of_any_drawable_length_is_tidy(count):
    flow = flow_of({f"s{n}": {"next_step": f"s{n + 1}" if n + 1 < count else None} for n in range(count)})
    assert len(flow.nodes) == count + 1
    assert_tidy(flow)


def test_what_is_too_large_to_draw_is_listed_page_by_page():
    steps = {f"s{n}": {"next_step": f"s{n + 1}"} for n in range(STEPS_PER_PAGE + 20)}
    pages = [flow_of(steps, page=number) for number in (1, 2, 3)]
    assert not any(flow.is_drawn for flow in pages)
    assert [(flow.page, flow.pages, len(flow.steps)) for flow in pages] == [
        (1, 2, STEPS_PER_PAGE),
        (2, 2, 20),
        (2, 2, 20),
    ]
    assert len({step.id for flow in pages[:2] for step in flow.steps}) == STEPS_PER_PAGE + 20


def test_a_way_to_a_step_on_another_page_leads_to_that_page():
    steps = {f"s{n}": {"next_step": f"s{n + 1}"} for n in range(STEPS_PER_PAGE + 1)}
    exits = [step.exits[0].href for step in flow_of(steps).steps]
    assert exits[:-1] == [f"#step-s{n + 1}" for n in range(STEPS_PER_PAGE - 1)]
    assert exits[-1] == f"?steps=2#step-s{STEPS_PER_PAGE}"


def test_an_empty_scenario_has_an_empty_flow():
    flow = flow_of({})
    assert not flow.is_drawn
    assert flow.steps == ()


def test_texts_wrap_to_the_card_and_end_in_an_ellipsis():
    width = CARD_WIDTH - 2 * PADDING
    lines = wrap("word " * 40, width, 13, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert wrap("short text", width, 13, 3) == ["short text"]
    assert wrap("", width, 13, 3) == []
    assert "".join(wrap("x" * 60, width, 13, 3)) == "x" * 60


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 11), max_size=3), min_size=1, max_size=12))
def test_any_graph_is_drawn_tidily(targets):
    steps = {
        f"s{n}": {"next_step": {"conditions": [{"if": f"x == {t}", "then": f"s{t}"} for t in ends], "else": None}}
        for n, ends in enumerate(targets)
    }
    flow = flow_of(steps)
    assert flow.is_drawn
    assert_tidy(flow)


@settings(max_examples=150)
@given(json_values)
def test_a_flow_of_malformed_data_never_fails(part):
    for steps in (
        part,
        {"a": part},
        {"a": {"next_step": part}},
        [part, {"id": "x", "conditions": part, "buttons": part}],
    ):
        flow = flow_of(steps)
        assert all(step.exits for step in flow.steps)


def test_a_plain_flow_names_neither_steps_nor_variables():
    steps = {
        "ask_dish": {
            "message": {"text": "{{guest_name}}, which dish?"},
            "buttons": [{"text": "Soup", "value": "soup"}],
            "expected_input": {"type": "button", "variable": "dish"},
            "next_step": {"conditions": [{"if": "guest_mood == 'good'", "then": "thanks_all"}], "default": "ask_dish"},
        },
        "thanks_all": {"message": {"text": "Thank you"}},
    }
    document = ScenarioDocument.from_data({"steps": steps})
    plain, usual = build_flow(document, plain=True), build_flow(document)
    told = repr([plain.edges, [(n.title, n.lines, n.badges) for n in plain.nodes]])
    told += repr([(s.name, s.texts, s.variable, [(e.label, e.name) for e in s.exits]) for s in plain.steps])
    for inner in ("ask_dish", "thanks_all", "guest_name", "guest_mood", "{{"):
        assert inner not in told, inner
        assert inner in repr(usual), inner
    assert [step.name for step in plain.steps] == ["…, which dish?", "Thank you"]
    assert [step.name for step in usual.steps] == ["ask_dish", "thanks_all"]
