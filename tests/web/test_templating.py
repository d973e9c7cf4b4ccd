"""Templates print by a function of ours, and print what Jinja would."""

from enum import StrEnum
from typing import Any

import pytest
from flask import Flask
from flask.templating import Environment
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from portal.web.templating import PortalEnvironment, printed


class Tone(StrEnum):
    LOUD = "<loud>"


class Picture:
    def __html__(self) -> str:
        return "<img>"


VALUES = ["<b>'\"&", "plain text", "", Markup("<b>"), 5, -0.5, True, None, Tone.LOUD, Picture(), [1, "<"]]
SOURCE = """{% macro cell(x) %}<td>{{ x }}{{ caller() if caller }}</td>{% endmacro %}
{% set kept %}<i>{{ x }}</i>{% endset %}{{ x }}{{ kept }}{{ cell(x) }}{% call cell(x) %}{{ x }}&{% endcall %}"""


@pytest.fixture(scope="module")
def environments() -> list[Environment]:
    app = Flask(__name__)
    return [environment(app, autoescape=True) for environment in (PortalEnvironment, Environment)]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_page_holds_what_jinja_would_print(environments: list[Environment], value: Any) -> None:
    ours, plain = (environment.from_string(SOURCE).render(x=value) for environment in environments)
    assert ours == plain


@given(st.text())
def test_any_text_is_escaped_as_markupsafe_does(text: str) -> None:
    assert printed(text) == str(escape(text))


def test_what_is_printed_goes_through_our_function(environments: list[Environment]) -> None:
    template = environments[0].from_string("{{ x }}")
    module = template.root_render_func.__globals__
    assert module["escape"] is printed
    module["escape"] = lambda value: f"({value})"
    assert template.render(x="a") == "(a)"
