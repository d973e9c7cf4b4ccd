"""Packages that come as ZIP files: made one text, and never more than is safe."""

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scenarios.document.document import MAX_SOURCE_BYTES
from portal.scenarios.document.packages import MAX_FILES, bundle_of, read_file
from portal.scenarios.document.problems import ScenarioUnreadable

PACKAGE = '{"package_name": "P", "version": 1.50}'
INTENT = '{\n  "intent_id": "a",\n  "steps": {"s": {"message": {"text": "Привет"}}}\n}'


def packed(files, method=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def fault(content):
    with pytest.raises(ScenarioUnreadable) as refused:
        read_file(content)
    return refused.value.problem


def test_a_package_becomes_one_text_with_each_file_unchanged_in_it():
    content = packed({"p/b.json": INTENT.replace('"a"', '"b"'), "p/package.json": PACKAGE, "p/a.json": INTENT})
    document = read_file(content)
    assert document.is_bundle
    assert INTENT in document.source
    assert PACKAGE in document.source
    assert [part.intent_id for part in document.parts] == ["a", "b"]
    assert document.data["package"] == json.loads(PACKAGE)


def test_what_systems_add_of_their_own_is_left_out():
    files = {
        "package.json": PACKAGE,
        "a.json": INTENT,
        "__MACOSX/._a.json": "x",
        ".hidden.json": "x",
        "readme.txt": "x",
    }
    assert len(read_file(packed(files)).parts) == 1


def test_a_scenario_that_is_no_zip_reads_as_before():
    assert read_file(INTENT.encode()).intent_id == "a"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.json": INTENT}, "package.json"),
        ({"package.json": PACKAGE, "x/package.json": PACKAGE, "a.json": INTENT}, "package.json"),
        ({"package.json": PACKAGE}, "no intent"),
        ({"package.json": PACKAGE, "bad.json": '{"a": }'}, "bad.json: "),
        ({"package.json": PACKAGE, "list.json": "[]"}, "list.json: "),
        ({"package.json": "", "a.json": INTENT}, "package.json: "),
        ({"package.json": PACKAGE, "a.json": b"\xff\xfe"}, "a.json: "),
        ({"package.json": PACKAGE, **{f"{n}.json": "{}" for n in range(MAX_FILES)}}, "files"),
        ({"package.json": PACKAGE, "bomb.json": " " * (40 * MAX_SOURCE_BYTES)}, "Unpacked"),
        ({"package.json": PACKAGE, **{f"{n}.json": "[" + " " * 20_000 + "]" for n in range(3)}}, "0.json: "),
    ],
)
def test_what_is_wrong_is_told_by_the_name_of_the_file(files, told):
    assert told in str(fault(packed(files)).message)


def test_the_place_of_a_mistake_within_its_file_is_told():
    problem = fault(packed({"package.json": PACKAGE, "bad.json": '{\n "a": 1,\n}'}))
    assert (problem.place, problem.line) == ("bad.json", 3)


def test_many_files_that_are_large_together_are_refused():
    half = json.dumps({"intent_id": "a", "steps": {}, "note": " " * (MAX_SOURCE_BYTES // 2)})
    files = {"package.json": PACKAGE, "a.json": half, "b.json": half.replace('"a"', '"b"')}
    assert "Unpacked" in str(fault(packed(files)).message)


def test_unusual_packing_is_refused_before_it_is_unpacked():
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "unusual" in str(fault(packed({"package.json": PACKAGE, "a.json": INTENT}, method)).message)


def test_a_large_or_damaged_zip_file_is_refused():
    content = packed({"package.json": PACKAGE, "a.json": INTENT})
    assert "larger" in str(fault(content + b" " * MAX_SOURCE_BYTES).message)
    assert "damaged" in str(fault(content[:-30]).message)


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_zip_file_is_read_or_refused_and_nothing_else(data):
    content = bytearray(packed({"package.json": PACKAGE, "a.json": INTENT}))
    for _change in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        bundle_of(bytes(content))
    except ScenarioUnreadable:
        return
