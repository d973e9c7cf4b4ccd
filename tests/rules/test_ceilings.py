"""Nothing grows beyond what one reader takes in at once."""

import re

import pytest

from tests.rules.source import ROOT, count_lines, files, modules

# What is one table or one statement, however many lines the formatter gives it.
LONG_FUNCTIONS = {
    "portal/overview/first_steps.py: first_steps": "a table of four steps",
    "portal/overview/overview.py: read_figures": "one statement with a column a figure",
}
MAX_LINES = {"routes.py": 150}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_no_module_outgrows_its_ceiling(module):
    assert module.lines <= MAX_LINES.get(module.path.name, 300)


def test_no_function_is_longer_than_thirty_lines():
    long = {
        f"{module.name}: {function.name}"
        for module in modules()
        for function in module.functions()
        if (function.end_lineno or 0) - function.lineno + 1 > 30
    }
    assert long == set(LONG_FUNCTIONS)


def test_functions_are_short_on_the_whole():
    lengths = sorted(
        (function.end_lineno or 0) - function.lineno + 1 for module in modules() for function in module.functions()
    )
    assert lengths[len(lengths) // 2] <= 8


@pytest.mark.parametrize(("folder", "suffix", "most"), [("templates", ".html", 120), ("static/css", ".css", 250)])
def test_no_template_or_stylesheet_outgrows_its_ceiling(folder, suffix, most):
    found = files(folder, suffix)
    long = {path.relative_to(ROOT).as_posix(): lines for path in found if (lines := count_lines(path)) > most}
    assert found
    assert long == {}


def test_a_decision_record_fits_on_a_page():
    long = [path.name for path in files("docs/decisions", ".md") if count_lines(path) > 30]
    assert long == []


def test_no_line_of_a_template_or_stylesheet_is_wider_than_a_screen():
    wide = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in [*files("templates", ".html"), *files("static/css", ".css")]
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        # A sentence is one text for its translators, however long.
        if len(re.sub(r'_\("[^"]+"', "", line)) > 160
    ]
    assert wide == []
