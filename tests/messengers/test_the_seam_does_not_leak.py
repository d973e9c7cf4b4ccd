"""Only an adapter and the registry know a platform by its name."""

import re
from pathlib import Path

from portal.messengers.registry import PLATFORM_KEYS

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "portal/messengers"
# Words that people make passwords of are no code.
ALLOWED = (ROOT / "portal/development/demo", ROOT / "portal/translations", ROOT / "portal/auth/common_passwords.txt")
NAMES = re.compile("|".join(PLATFORM_KEYS), re.IGNORECASE)


def leaks(path, text):
    """The platform names in a file's path or text that it has no right to."""
    if path == ADAPTERS / "registry.py":
        return set()
    own = path.relative_to(ADAPTERS).parts[0].removesuffix(".py") if path.is_relative_to(ADAPTERS) else None
    return {found.lower() for found in NAMES.findall(f"{path.name}\n{text}")} - {own}


def scanned_files():
    for folder in (ROOT / "portal", ROOT / "templates"):
        for path in sorted(folder.rglob("*")):
            allowed = any(path.is_relative_to(place) for place in ALLOWED)
            if path.is_file() and "__pycache__" not in path.parts and not allowed:
                yield path


def test_no_other_file_names_a_platform():
    found = {
        str(path.relative_to(ROOT)): names
        for path in scanned_files()
        if (names := leaks(path, path.read_bytes().decode("utf-8", "replace")))
    }
    assert found == {}


def test_the_scan_sees_the_adapters():
    assert {path.parent.name for path in scanned_files() if path.name == "outbound.py"} >= set(PLATFORM_KEYS)


def test_a_leak_would_be_found():
    one, other = PLATFORM_KEYS[:2]
    assert leaks(ROOT / "portal/bots/routes.py", f'if key == "{one}":') == {one}
    assert leaks(ROOT / "templates/bots/show.html", f"<p>{one.title()}</p>") == {one}
    assert leaks(ROOT / f"templates/bots/_{other}.html", "") == {other}
    assert leaks(ADAPTERS / f"{one}.py", f"{one} {other}") == {other}
    assert leaks(ADAPTERS / one / "outbound.py", f"{one} {other}") == {other}
    assert leaks(ADAPTERS / "protocol.py", one) == {one}
