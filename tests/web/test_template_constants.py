"""What is constant in a template is worked out when it is compiled, and the page is the same."""

import re

import pytest
from flask import Flask
from jinja2 import DictLoader

from portal.web.cookies import cookie_name
from tests.rules.site.targets import targets

PROOF = re.compile(r'value="\.?[\w-]+\.[\w-]+\.[\w-]+"')


def compiled(app: Flask, **sources: str) -> dict[str, str]:
    """The Python of templates in Russian, by name."""
    environment = app.jinja_env.overlay(loader=DictLoader({f"{name}.html": text for name, text in sources.items()}))
    environment.speak("ru")
    return {name: environment.compile(text, f"{name}.html", f"{name}.html", raw=True) for name, text in sources.items()}


@pytest.fixture
def in_app(app):
    with app.test_request_context():
        yield app


def test_a_text_is_part_of_the_compiled_template_in_its_language(in_app):
    code = compiled(in_app, page='<p>{{ _("Restaurants") }}</p>')["page"]
    assert "'<p>Рестораны</p>'" in code


def test_of_a_text_with_values_only_their_insertion_is_left_and_they_are_escaped(in_app):
    environment = in_app.jinja_env.overlay()
    environment.speak("ru")
    source = '{{ _("%(name)s was saved.", name=name) }}'
    assert "was saved" not in environment.compile(source, raw=True)
    assert environment.from_string(source).render(name="<b>") == "Сохранено: &lt;b&gt;."


def test_a_macro_of_its_arguments_alone_is_called_when_the_template_is_compiled(in_app):
    code = compiled(
        in_app,
        part="{% macro mark(name) %}<i>{{ name }}</i>{% endmacro %}",
        page='{% from "part.html" import mark as draw %}{{ draw("x") }}{{ draw(y) }}',
    )["page"]
    assert "<i>x</i>" in code
    assert "'y'" in code


@pytest.mark.parametrize(
    "body", ["{{ csrf_token() }}", "{{ now | when }}", "{{ may(name) }}", '{% include "a.html" %}', "{{ caller() }}"]
)
def test_a_macro_that_depends_on_the_page_is_called_by_the_page(in_app, body):
    part = f"{{% macro mark(name, now=none) %}}{body}{{% endmacro %}}"
    code = compiled(in_app, part=part, page='{% from "part.html" import mark %}<p>{{ mark("x") }}</p>')["page"]
    assert "context.call" in code


def test_a_name_that_a_template_uses_in_its_own_way_is_left_alone(in_app):
    code = compiled(in_app, page='{% macro said(locale) %}{{ locale }}{% endmacro %}{{ said("xx") }}')["page"]
    assert "'ru'" not in code


def test_every_page_is_the_page_that_jinja_makes_unaided(app, browse, world, monkeypatch):
    browser = browse(world.pelmenya.owner)
    with app.app_context():
        browser.client.set_cookie(cookie_name("locale"), "ru", domain="localhost", secure=True)
    pages = [each for each in targets(app) if each.is_safe and not each.rule.endpoint.endswith(".export")]
    paths = [each.path(each.values(world.pelmenya)) for each in pages]
    # Whoever opens a paper is noted, once in a while, where others look.
    for path in paths:
        if "/papers/" in path:
            shown(browser, path)
    ours = {path: shown(browser, path) for path in paths}
    monkeypatch.setattr(app.jinja_env, "auto_reload", True)
    other = [path for path in paths if shown(browser, path) != ours[path]]
    # A page with a new secret is never the same twice.
    assert [path for path in other if shown(browser, path) == shown(browser, path)] == []
    assert len(other) < len(pages) / 10


def shown(browser, path):
    answer = browser.get(path)
    return answer.status_code, PROOF.sub("", answer.get_data(as_text=True)) if answer.mimetype == "text/html" else ""
