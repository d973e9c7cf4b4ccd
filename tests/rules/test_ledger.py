"""``docs/asvs.md`` names every item of ASVS 5.0.0 of level 1 and 2 once, and what it names is there."""

import ast
import re
from functools import cache

import pytest

from tests.rules.source import ROOT

DOCUMENT = (ROOT / "docs" / "asvs.md").read_text("utf-8")
# The levels of the items of each section, in their order: ``1.2`` has ten, of which the first five are of level 1.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
ITEMS = {f"{section}.{place}": level for section, levels in LEVELS.items() for place, level in enumerate(levels, 1)}
WORDS = {"met", "by the platform", "accepted", "not applicable"}
FEWEST_WORDS_OF_A_REASON = 6


def rows(cells):
    """Rows of tables of so many cells that begin with numbers of items."""
    lines = [line for line in DOCUMENT.splitlines() if re.match(r"\| \d+\.\d+\.\d+", line)]
    split = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]
    return [row for row in split if len(row) == cells]


ENTRIES = rows(5)
FURTHER = rows(3)
EVERY = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[0].split(",")[0])


def named_tests(text):
    """(file, function or ``None``) of each test that a text names."""
    return [(file, name or None) for file, name in re.findall(r"`([\w/]+/test_\w+\.py)(?:::(test_\w+))?`", text)]


def reason_of(text):
    """What is said besides the tests and documents that are named."""
    return re.sub(r"\[[^]]*\]\([^)]*\)|`[^`]*`|[;,()]", " ", text).split()


def anchors_of(file):
    """The addresses of a document's headings, as they are made of their words."""
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / file).read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def functions_of(file):
    """The names of the tests in a file below ``tests``."""
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_item_of_the_two_levels_stands_exactly_once():
    assert (len(ITEMS), sum(level != "3" for level in ITEMS.values())) == (345, 253)
    told = [number for entry in ENTRIES for number in entry[0].split(", ")]
    assert sorted(told) == sorted(number for number, level in ITEMS.items() if level != "3")


def test_what_is_met_beyond_them_is_of_the_third_level():
    assert [number for number, *_ in FURTHER if ITEMS[number] != "3"] == []
    assert FURTHER


@EVERY
def test_its_level_is_the_standards(entry):
    assert {ITEMS[number] for number in entry[0].split(", ")} == set(entry[1].split(", "))


@EVERY
def test_it_has_a_word_and_what_holds_it(entry):
    _, _, asks, word, held_by = entry
    assert word in WORDS
    assert 3 <= len(asks.split()) <= 14, asks
    documents = re.findall(r"\]\((\w+\.md)#", held_by)
    if word == "met":
        assert named_tests(held_by) or documents, "what is met has a test, or is a document"
    else:
        assert len(reason_of(held_by)) >= FEWEST_WORDS_OF_A_REASON, "what has no test has a reason"
        assert held_by.endswith("."), "a reason is a sentence"


@pytest.mark.parametrize("entry", [*ENTRIES, *FURTHER], ids=lambda entry: entry[0].split(",")[0])
def test_what_it_names_is_there(entry):
    for file, name in named_tests(entry[-1]):
        assert (ROOT / "tests" / file).is_file(), file
        found = functions_of(file)
        assert name is None or name in found, f"{file}: {name}"
        assert any(each.startswith("test_") for each in found), file
    for document, anchor in re.findall(r"\]\((\w+\.md)#([\w-]+)\)", entry[-1]):
        assert anchor in anchors_of(document), f"{document}#{anchor}"
