"""The guide ``docs/add-an-entity.md`` keeps its word: its example is whole, and a part left out is told with its file.

The example (``tests/example_entity``) is laid into a copy of the tree and used there.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.rules.source import ROOT, count_lines, files

EXAMPLE = ROOT / "tests" / "example_entity"
ROOM = "portal/booking_notes"
MIGRATION = "migrations/versions/9999_booking_notes.py"
RUSSIAN = "portal/translations/ru/LC_MESSAGES/messages.po"
COPIED = ("config", "pyproject.toml", "portal", "templates", "migrations", "tests")
MAX_FILES, MAX_LINES = 6, 160

# What is taken out of which file, and what a failing test then says. Parts whose absence hides no other's are left
# out together: each is told for itself.
LEFT_OUT = {
    "words, limits, search, lists, pages and the form's class": [
        (MIGRATION, r"        search=.*\n", "migrations/versions: tenant_table(op, "),
        (f"{ROOM}/models.py", r"    label=.*\n", f"{ROOM}/models.py: class BookingNote(…, label="),
        (f"{ROOM}/models.py", r"    plural=.*\n", f"{ROOM}/models.py: class BookingNote(…, plural="),
        (f"{ROOM}/models.py", r"    count=.*\n", f"{ROOM}/models.py: class BookingNote(…, count="),
        (f"{ROOM}/models.py", r"    __restaurant_limit__.*\n", f"{ROOM}/models.py: BookingNote: __restaurant_limit__"),
        (f"{ROOM}/forms.py", r"    entity = .*\n", f"{ROOM}/forms.py: a form with entity = BookingNote"),
        (f"{ROOM}/routes.py", r"archivable_routes\(.*\n", f"{ROOM}/routes.py: no view called archive"),
        (f"{ROOM}/routes.py", r"@\w+\.get\([\s\S]*?EDIT\)\n", f"{ROOM}/routes.py: no view called show"),
    ],
    "the migration and a field of the form": [
        (MIGRATION, r"[\s\S]+", "migrations/versions: no migration makes booking_note"),
        (f"{ROOM}/forms.py", r"    text = .*\n", f"{ROOM}/forms.py: a field text"),
    ],
    "its place in the sitemap": [
        ("portal/sitemap.py", r".*booking_notes.*\n", "portal/sitemap.py: booking_notes of"),
    ],
    "its Russian": [(RUSSIAN, r'msgid "Booking note"\n.*\n', f"{RUSSIAN}: Booking note ")],
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree with the example in it."""
    folder = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    (folder / "static").symlink_to(ROOT / "static")
    lay_in(folder)
    return folder


def lay_in(folder: Path) -> None:
    """Do what the guide says."""
    shutil.copytree(EXAMPLE / "portal/booking_notes", folder / ROOM)
    migration = (EXAMPLE / MIGRATION).read_text("utf-8")
    (folder / MIGRATION).write_text(migration.replace('"0000"', f'"{latest_migration()}"'), "utf-8")
    imported, listed = (EXAMPLE / "portal/sitemap.lines").read_text("utf-8").splitlines()
    edit(folder / "portal/sitemap.py", r"(?m)^from portal.bots.routes", f"{imported}\n\\g<0>")
    edit(folder / "portal/sitemap.py", r"(?m)^    stores,$", f"\\g<0>\n{listed}")
    add_russian(folder / RUSSIAN)
    (folder / "tests/booking_notes").mkdir()
    shutil.copy2(EXAMPLE / "booking_notes_in_use.py", folder / "tests/booking_notes/test_booking_notes.py")


def latest_migration() -> str:
    return max(path.name for path in files("migrations/versions", ".py"))[:4]


def edit(path: Path, pattern: str, by: str) -> None:
    text, count = re.subn(pattern, by, path.read_text("utf-8"))
    assert count, f"{path.name} has no {pattern}"
    path.write_text(text, "utf-8")


def add_russian(path: Path) -> None:
    added = (EXAMPLE / "portal/messages.po").read_text("utf-8")
    path.write_text(path.read_text("utf-8").rstrip() + "\n\n" + added, "utf-8")
    with path.open("rb") as source, path.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="ru"))


@pytest.fixture(scope="module")
def trying(tree):
    """``trying(*arguments)`` runs pytest in the copy: the result and what was said."""
    command = [sys.executable, str(ROOT / "tests/records/trying.py"), str(tree)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:

        def run(*arguments):
            process.stdin.write(json.dumps([*arguments, "-n", "0", "-q", "-p", "no:cacheprovider"]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def test_the_example_is_as_small_as_the_guide_says():
    parts = [path for path in EXAMPLE.rglob("*") if path.is_file() and path.suffix in {".py", ".po", ".lines"}]
    told = {path.name: count_lines(path) for path in parts if path.name != "booking_notes_in_use.py"}
    assert len(told) == MAX_FILES, told
    assert sum(told.values()) <= MAX_LINES, told


def test_the_example_does_all_that_a_person_asks_of_it(trying):
    result, said = trying("tests/booking_notes", "tests/rules/test_entities.py", "tests/rules/test_words.py")
    assert result == 0, said[-6000:]


@pytest.mark.parametrize("parts", LEFT_OUT)
def test_a_part_that_is_left_out_is_told_with_its_file(tree, trying, parts):
    names = {name for name, _pattern, _told in LEFT_OUT[parts]}
    whole = {name: (tree / name).read_bytes() for name in names}
    try:
        for name, pattern, _told in LEFT_OUT[parts]:
            edit(tree / name, pattern, "")
        result, said = trying(f"tests/rules/{'test_words.py' if RUSSIAN in names else 'test_entities.py'}")
    finally:
        for name, content in whole.items():
            (tree / name).write_bytes(content)
    assert result == 1, said[-3000:]
    assert [told for _name, _pattern, told in LEFT_OUT[parts] if told not in said] == []
