"""What ``docs/security.md`` says of limits, cryptography, files and components is what the program does."""

import hashlib
import importlib
import re
from datetime import timedelta

import pytest

from portal.media.content_types import TYPES
from tests.rules.source import ROOT, modules

DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE
CRYPTOGRAPHY = {
    "argon2", "bcrypt", "cryptography", "hashlib", "hmac", "itsdangerous", "secrets", "ssl", "webauthn", "pyotp",
}  # fmt: skip


def section(title):
    """The text below a heading."""
    return re.split(r"^## ", DOCUMENT.partition(f"## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text):
    """The cells of each row of the tables in a text, their heads left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row, after in zip(cells, [*cells[1:], [""]], strict=True) if "---" not in row[0] + after[0]]


def limits():
    """(what the document says, the name of the constant)"""
    return [(row[1], row[2].strip("`")) for row in rows(section("Limits"))]


def value_of(name):
    """What a dotted name stands for: the longest part of it that is a module, and attributes of that."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute)
        return found
    raise LookupError(name)


def spellings(value):
    """How the document may say a value."""
    if isinstance(value, timedelta):
        whole = [(value // unit, word) for unit, word in UNITS if not value % unit]
        return {f"{count} {word}{'s' * (count != 1)}" for count, word in whole}
    number = int(value)
    said = {f"{number:,}".replace(",", " ")}
    if number and not number % GIGABYTE:
        return said | {f"{number // GIGABYTE} GB"}
    return said | {f"{number // MEGABYTE} MB"} if number and not number % MEGABYTE else said


@pytest.mark.parametrize(("said", "name"), limits(), ids=lambda part: part if part.startswith("portal.") else "")
def test_a_limit_is_what_the_program_holds_to(said, name):
    value = value_of(name)
    assert any(re.search(rf"(?<![\d ]){re.escape(each)}(?!\d)", said) for each in spellings(value)), f"{said}: {value}"


def test_the_limits_are_found():
    assert len(limits()) > 20


def test_every_place_of_cryptography_is_in_the_inventory_and_no_other():
    told = set(re.findall(r"`((?:portal|config)[\w/]*\.py)`", section("Cryptography")))
    found = {module.name for module in modules("portal", "config") if uses_cryptography(module)}
    if (ROOT / "config.py").exists():
        found.add("config.py")
    assert {name for name in found if not name.startswith("portal/development/")} == told


def uses_cryptography(module):
    imported = {name for name in module.imported_names() if not name.startswith("portal")}
    return any(name.split(".")[0] in CRYPTOGRAPHY for name in imported)


def test_every_type_of_file_that_is_taken_is_named_and_no_other():
    [told] = [row[1] for row in rows(section("Files")) if row[0].startswith("a bot's library")]
    assert set(re.findall(r"\w+", told)) == {each.extension for each in TYPES.values()}


def test_every_file_of_others_that_browsers_get_is_named_with_its_fingerprint():
    told = {row[0].strip("`"): row[3].strip("`") for row in rows(section("Components")) if len(row) == 4}
    for path in sorted((ROOT / "static" / "vendor").rglob("*.js")):
        name = path.relative_to(ROOT).as_posix()
        assert told[name] == hashlib.sha256(path.read_bytes()).hexdigest(), name


def test_packages_come_from_one_registry_alone():
    for file in ROOT.glob("requirements*"):
        assert not re.search(r"--(extra-)?index-url|--find-links|://|^-e ", file.read_text("utf-8"), re.M), file.name
