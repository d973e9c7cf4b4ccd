"""The fragments that show a scenario's flow, problems and differences."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.scenarios.checks.linter import lint
from portal.scenarios.comparison.comparison import compare
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.flow.flow import build_flow

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "portal" / "development" / "demo"
HOSTILE = '<b title="x">{{nobody}}</b>'


@pytest.fixture
def render():
    """Renders a fragment of scenarios without the app."""
    templates = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: text, lambda one, many, count: one if count == 1 else many, newstyle=True
    )
    return lambda name, **values: templates.get_template(f"scenarios/{name}.html").render(**values)


@pytest.fixture
def demo():
    """Both versions of the demo scenario."""
    names = ("staff_onboarding.json", "staff_onboarding_v2.json")
    return [ScenarioDocument.from_text((DEMO / name).read_bytes()) for name in names]


@pytest.fixture
def hostile():
    """A scenario with markup wherever a text can stand."""
    step = {
        "type": HOSTILE,
        "message": {"text": HOSTILE, "media": [{"type": HOSTILE, "caption": HOSTILE}]},
        "buttons": [{"text": HOSTILE, "value": HOSTILE}],
        "expected_input": {"type": HOSTILE, "variable": HOSTILE},
        "next_step": {"type": HOSTILE, "conditions": [{"if": HOSTILE, "then": HOSTILE}], "else": HOSTILE},
    }
    return ScenarioDocument.from_data(
        {"name": HOSTILE, "steps": {HOSTILE: step}, "variables_mapping": {"x": {"y": HOSTILE}}}
    )


def test_every_link_of_the_flow_has_its_target(render, demo):
    html = render("_flow", flow=build_flow(demo[1]))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    assert html.count('class="flow__link"') == html.count('class="flow-step"') == 19


def test_the_picture_has_a_name_and_holds_nothing_focusable(render, demo):
    html = render("_flow", flow=build_flow(demo[0]))
    picture, rest = re.search(r'(<g role="img".*?)<g aria-hidden="true">(.*?)</svg>', html, re.DOTALL).groups()
    assert "<title id=" in picture
    assert "<a " not in picture
    assert rest.count("<a ") == rest.count('tabindex="-1"')


def test_fragments_need_no_inline_style_and_escape_what_the_file_says(render, demo, hostile):
    pages = [
        render("_flow", flow=build_flow(hostile)),
        render("_problems", problems=lint(hostile)),
        render("_comparison", comparison=compare(demo[0], hostile)),
        render("_comparison", comparison=compare(hostile, demo[0])),
    ]
    for html in pages:
        assert HOSTILE not in html
        assert "&lt;b title=" in html
        assert " style=" not in html


def test_each_fragment_has_one_root_with_its_id(render, demo):
    for html, name in (
        (render("_flow", flow=build_flow(demo[0])), "scenario-flow"),
        (render("_problems", problems=[]), "scenario-problems"),
        (render("_comparison", comparison=compare(*demo)), "scenario-comparison"),
    ):
        assert re.match(rf'\s*<(div|section) id="{name}"', html)


def test_two_equal_versions_and_a_sound_scenario_say_so(render, demo):
    assert "Both versions say the same." in render("_comparison", comparison=compare(demo[0], demo[0]))
    assert "No problems" in render("_problems", problems=lint(demo[0]))
