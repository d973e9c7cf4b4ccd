"""What can do harm in the hands of a stranger's text stands nowhere, or in few places, told with their reason."""

import ast
import re

import pytest

from tests.rules.source import ROOT, modules

# Code, programs and objects made of text; parsers that follow what a document tells them.
NEVER_CALLED = {"eval", "exec", "__import__", "system", "popen", "spawnl", "spawnv", "render_template_string"}
NEVER_IMPORTED = {
    "pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle", "xml.sax", "xml.dom", "lxml", "ldap", "memcache",
    "telnetlib", "ftplib", "pty", "tarfile",
}  # fmt: skip
# Who starts programs or runs files, and why no stranger has a word in it.
PROGRAMS = {
    "portal/auth/breached_passwords.py": "a list that comes with a locked package",
    "portal/importing/reading.py": "a reader of our own with limits; the file goes to its standard input",
    "portal/serving.py": "the command goes on as the web server, with the operator's own options",
}
RUNNERS = {"subprocess", "multiprocessing", "runpy", "ctypes"}
SERVING = [module for module in modules() if not module.name.startswith("portal/development/")]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
# What makes markup or code of text, or keeps text beyond the page.
UNSAFE_SCRIPT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setTimeout\(\s*[\"'`]|DOMParser"
    r"|localStorage|sessionStorage|indexedDB|__proto__|Object\.assign|JSON\.parse"
)
# What a script may do of it all the same, and why.
SAFE_SCRIPT = {
    # Twelve digits of the id of the session's row: they open nothing, and tell other tabs that it has changed. And what
    # the back door has kept goes when its person signs out, or somebody else comes.
    "session.js": [*["localStorage"] * 4, "indexedDB", "indexedDB", "localStorage"],
    # What somebody types at the back door and photographs there, until it has arrived: numbers and papers of goods, of
    # that person alone. Markup is the portal's own answer, of which the form is taken.
    "receiving.js": ["JSON.parse", *["localStorage"] * 2, "indexedDB", *["localStorage"] * 4, "DOMParser"],
    # What the server wrote into the page, of which the parts are taken by their names.
    "passkey.js": ["JSON.parse"],
}


@pytest.mark.parametrize("module", SERVING, ids=lambda module: module.name)
def test_no_text_becomes_code_and_no_object_is_made_of_bytes(module):
    assert {name for name, call in module.calls() if is_plain(call)} & NEVER_CALLED == set()
    imported = set(module.imported_names())
    assert [name for name in imported if begins_with(name, NEVER_IMPORTED)] == []


def test_programs_are_started_in_the_named_places_alone_and_never_by_a_shell():
    found = {m.name for m in SERVING if any(begins_with(name, RUNNERS) for name in m.imported_names()) or starts(m)}
    assert found == set(PROGRAMS)
    for module in SERVING:
        for _, call in module.calls():
            assert not any(keyword.arg == "shell" for keyword in call.keywords), module.name


def test_xml_is_parsed_by_the_parser_that_follows_nothing():
    for module in SERVING:
        names = set(module.imported_names())
        if any(begins_with(name, {"xml.etree"}) for name in names):
            called = [call for name, call in module.calls() if name in ("parse", "iterparse", "XMLParser")]
            assert any(begins_with(name, {"defusedxml"}) for name in names), module.name
            assert not [call for call in called if "ElementTree" in ast.dump(call.func)], module.name


def test_no_template_is_made_of_text():
    """Jinja reads files of the house alone."""
    for module in SERVING:
        assert not [call for name, call in module.calls() if name in ("from_string", "Template")], module.name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_makes_no_markup_or_code_of_text_and_keeps_nothing(script):
    source = script.read_text("utf-8")
    assert UNSAFE_SCRIPT.findall(source) == SAFE_SCRIPT.get(script.name, [])
    # From other windows nothing is taken; tabs of the portal hear each other on a channel that has one origin.
    assert not re.search(
        r"(?:addEventListener|\bon)\(\s*[\"']message[\"']", source.replace("signedOut.addEventListener", "")
    )


def starts(module):
    """Whether it hands the process, or a new one, to another program."""
    return any(
        is_of_system(call) and name.startswith(("exec", "spawn", "posix_spawn")) for name, call in module.calls()
    )


def is_plain(call):
    """A function by its bare name, or of the operating system; not a method that happens to be called alike."""
    return isinstance(call.func, ast.Name) or is_of_system(call)


def is_of_system(call):
    owner = getattr(call.func, "value", None)
    return isinstance(owner, ast.Name) and owner.id == "os"


def begins_with(name, parts):
    return any(f"{name}.".startswith(f"{part}.") for part in parts)
