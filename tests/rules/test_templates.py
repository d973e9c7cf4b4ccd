"""Every template compiles, has a title, and keeps to what the content security policy allows."""

import re

import pytest

from portal.web.bundles import BUNDLES
from tests.rules.source import ROOT, files
from tests.rules.templates import named, read, templates

EVERY = pytest.mark.parametrize("path", templates(), ids=named)
# The start of the tree itself, and of what replaces it.
LAYOUTS = ("layouts/",)


@EVERY
def test_it_compiles(app, path):
    app.jinja_env.get_template(named(path))


@EVERY
def test_a_page_has_a_title(path):
    source = path.read_text("utf-8")
    if "{% extends" in source and not named(path).startswith(LAYOUTS) and not path.name.startswith("_"):
        assert re.search(r"{%-? block title -?%}\s*\S", source), "a page needs a title"


@EVERY
def test_it_holds_no_inline_script_or_style(app, path):
    assert read(app.jinja_env, path).inline == []


@EVERY
def test_it_trusts_no_text_unseen(path):
    assert "| safe" not in path.read_text("utf-8").replace("|safe", "| safe")


@EVERY
def test_what_it_fetches_by_htmx_works_without(path):
    """Every ``hx-get`` stands on a link or form, every ``hx-post`` on a form or a button within one."""
    for tag in re.findall(r"<(\w+)[^<>]*\bhx-(?:get|post|delete|put)\b", path.read_text("utf-8")):
        assert tag in {"a", "form", "button", "input", "textarea", "select", "div", "section"}, tag


@EVERY
def test_every_form_that_posts_proves_itself(path):
    source = path.read_text("utf-8")
    for form in re.findall(r'<form\b[^>]*method="post"[\s\S]*?</form>', source):
        assert "csrf" in form, form[:120]


def test_every_template_is_used():
    sources = "\n".join(path.read_text("utf-8") for path in [*templates(), *files("portal", ".py")])
    unused = [named(path) for path in templates() if not is_named(named(path), sources)]
    assert unused == []


def is_named(name, sources):
    folder, _, file = name.rpartition("/")
    # A list's partial is found beside its page, an error's page by how it was asked for.
    found_beside = file == "_list.html" and f'"{folder}/index.html"' in sources
    return f'"{name}"' in sources or f"'{name}'" in sources or found_beside


def test_every_file_that_a_page_asks_for_is_there_and_every_style_and_script_is_asked_for():
    asked = {
        name for path in templates() for name in re.findall(r"""asset\(["']([^"']+)["']\)""", path.read_text("utf-8"))
    }
    sent = {part for name in asked for part in BUNDLES.get(name, [name])}
    assert asked >= BUNDLES.keys()
    assert [name for name in sent if not (ROOT / "static" / name).exists()] == []
    written = [*files("static/css", ".css"), *files("static/js", ".js")]
    assert {path.relative_to(ROOT / "static").as_posix() for path in written} <= sent


def test_nothing_is_loaded_from_elsewhere():
    for path in [*templates(), *files("static/css", ".css"), *files("static/js", ".js")]:
        found = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(https?:)?//""", path.read_text("utf-8"))
        assert found == [], named(path) if path.suffix == ".html" else path.name


def test_colours_are_named_in_the_tokens_alone():
    for path in files("static/css", ".css"):
        if path.name != "tokens.css":
            found = re.findall(r"(?<![\w-])(?:#[0-9a-fA-F]{3,8}|rgba?\(|hsla?\(|oklch\()", path.read_text("utf-8"))
            assert found == [], path.name
