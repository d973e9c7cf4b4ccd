"""Messengers and calls to the outside import one way, in functions and for the type checker too."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("portal/http", "portal/messengers")


def imports_of(text):
    """Every module and name that a source imports, wherever it stands."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def graph_of(sources):
    """Which of the modules import which others of them."""
    return {
        name: {found for found in imports_of(text) if found in sources and found != name}
        for name, text in sources.items()
    }


@pytest.fixture(scope="module")
def sources():
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return {
        str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__"): path.read_text()
        for path in paths
    }


def test_no_import_leads_in_a_circle(sources):
    assert len(sources) > 20
    TopologicalSorter(graph_of(sources)).prepare()


def test_the_protocol_does_not_know_the_caller_nor_the_caller_the_protocol(sources):
    graph = graph_of(sources)
    assert "portal.messengers.calls" not in graph["portal.messengers.protocol"]
    assert "portal.messengers.protocol" not in graph["portal.messengers.calls"] | graph["portal.messengers.call"]


def test_a_circle_for_the_type_checker_or_inside_a_function_would_be_found():
    sources = {
        "a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import thing\n",
        "b": "def later():\n    import a\n",
    }
    with pytest.raises(CycleError):
        TopologicalSorter(graph_of(sources)).prepare()
