"""Every text goes through translation, and every text has its Russian."""

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.rules.source import ROOT, Module, files, modules
from tests.rules.templates import named, read, templates, words

CATALOGUE = ROOT / "portal" / "translations" / "ru" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2),
    "counted": (1, 2),
}  # fmt: skip
# Names of products and of formats, spelt alike in every language.
SAME_EVERYWHERE = {"GET", "INN", "iiko", "JSON", "CSV", "Telegram", "WhatsApp", "Viber", "BotFather", "English", "id"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
# Calls whose text people read.
SPEAKING_CALLS = {"toast", "flash", "ValidationError", "StopValidation", "AtMost", "Sort", "Filter", "Export"}
SPEAKING_ARGUMENTS = {"message", "label", "description", "title", "placeholder", "help", "search_label"}


@pytest.mark.parametrize("path", templates(), ids=named)
def test_a_template_says_nothing_that_bypasses_translation(app, path):
    said = [text.strip() for text in read(app.jinja_env, path).texts if set(words(text)) - SAME_EVERYWHERE]
    assert said == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_says_nothing_that_bypasses_translation(module):
    assert list(bare_texts(module)) == []


def bare_texts(module: Module) -> Iterator[str]:
    """Literal sentences that stand where people will read them."""
    for name, call in module.calls():
        told = [*call.args] if name in SPEAKING_CALLS else []
        if name not in NOT_FOR_PEOPLE:
            told += [each.value for each in call.keywords if each.arg in SPEAKING_ARGUMENTS]
        for node in told:
            if isinstance(node, ast.Constant | ast.JoinedStr) and re.search(r"[A-Z][a-z]+ [a-z]+", ast.unparse(node)):
                yield f"line {node.lineno}: {ast.unparse(node)}"


# What these are told is read by those who run the portal.
NOT_FOR_PEOPLE = {"option", "command", "argument", "ConfigurationError", "ArgumentParser", "add_argument"}


def texts() -> dict[str | tuple[str, ...], str]:
    """Every text of templates and modules, with a place where it stands."""
    found: dict[str | tuple[str, ...], str] = {}
    options = {"trimmed": "false", "silent": "false"}
    for path in [*templates(), *files("templates", ".txt")]:
        for line, text, *_ in extract_from_file("jinja2.ext:babel_extract", str(path), KEYWORDS, options=options):
            found.setdefault(text, f"{named(path)}:{line}")
    for module in modules():
        for line, text, *_ in extract_from_file("python", str(module.path), KEYWORDS):
            found.setdefault(text, f"{module.name}:{line}")
    return found


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ru")


@pytest.fixture(scope="module")
def spoken():
    return texts()


def test_the_texts_are_found(spoken):
    assert len(spoken) > 300
    assert "Restaurants" in spoken


def test_every_text_has_its_russian(catalogue, spoken):
    missing = []
    for text, place in spoken.items():
        message = catalogue.get(text[0] if isinstance(text, tuple) else text)
        if message is None or not done(message):
            missing.append(f"{CATALOGUE.relative_to(ROOT).as_posix()}: {text} ({place})")
    assert not missing, "\n".join(missing)


def done(message):
    """Translated in every form, and looked at."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy


def test_no_translation_is_left_over(catalogue, spoken):
    known = {text[0] if isinstance(text, tuple) else text for text in spoken}
    left = [message.id for message in catalogue if message.id]
    assert [text for text in left if (text[0] if isinstance(text, tuple) else text) not in known] == []


def test_every_translation_keeps_the_placeholders(catalogue):
    for message in catalogue:
        if message.id and done(message):
            texts_of = [message.id] if isinstance(message.id, str) else list(message.id)
            wanted = set(PLACEHOLDER.findall(" ".join(texts_of)))
            forms = [message.string] if isinstance(message.string, str) else list(message.string)
            for form in forms:
                assert set(PLACEHOLDER.findall(form)) <= wanted, message.id
            assert set(PLACEHOLDER.findall(" ".join(forms))) == wanted, message.id


def test_russian_counts_in_three_forms(catalogue):
    assert catalogue.num_plurals == 3
    plural = [message for message in catalogue if isinstance(message.id, tuple)]
    assert plural
    assert [message.id for message in plural if len(message.string) != 3] == []


def forms(string):
    """A translation as a list: one text, or its plural forms in whatever sequence the reader gives them."""
    return [string] if isinstance(string, str) else list(string)


def test_the_compiled_catalogue_says_what_the_source_says(catalogue):
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    for message in catalogue:
        if message.id and done(message):
            found = compiled.get(message.id if isinstance(message.id, str) else message.id[0])
            assert found is not None, message.id
            assert forms(found.string) == forms(message.string), message.id


def test_russian_is_spoken_where_it_is_asked_for(browse):
    page = browse().get("/login", headers={"Accept-Language": "ru"})
    assert '<html lang="ru"' in page.text
    assert re.search("[а-яё]{3,}", page.text)
