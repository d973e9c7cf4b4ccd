"""Every table at eight widths, in both languages, with long names: no word broken, no row of two lines too high.

The pages are found by the site's own addresses, so that a new list is measured without being told of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from portal.auth.cookie import PLAIN_NAME
from portal.db.base import SCHEMA
from tests.browser.conftest import session_of
from tests.browser.crawling import is_page
from tests.browsing import Browser
from tests.database import Database
from tests.rules.site.targets import targets
from tests.world import Person, World, make_world

WIDTHS = (320, 360, 412, 768, 1024, 1180, 1440, 1920)
LOCALES = ("en-GB", "ru-RU")
# A phone's row is two lines, however many columns the table has.
MAX_ROW = 72
LONG = {
    "name": "Пельменная «Достопримечательность» на Большой Преображенской набережной",
    "address": "Санкт-Петербург, Краснопутиловская улица, 12, вход со стороны Достоевского",
    "full_name": "Константин Преображенский-Нижегородский",
    "entity_label": "Пельменная «Достопримечательность» на Большой Преображенской набережной",
    "actor_name": "Константин Преображенский-Нижегородский",
    "actor_email": "konstantin.preobrazhenskiy@pelmennaya-na-naberezhnoy.example",
    "file_name": "рестораны-сети-достопримечательность-последний-вариант.xlsx",
    "comment": "Холодильник с самооттаиванием, обслуживается по четвергам",
}
EMAIL = "konstantin.preobrazhenskiy.#@pelmennaya-na-naberezhnoy.example"
# A word is what stands between blanks, hyphens and slashes; <wbr> parts an address by parting the text.
MEASURE = r"""(most) => {
  const found = { words: 0, broken: [], wide: [], tall: [] };
  for (const table of document.querySelectorAll("table.table")) {
    if (!table.checkVisibility()) continue;
    if (table.scrollWidth > table.parentElement.clientWidth + 1) found.wide.push(table.caption?.textContent ?? "");
    const texts = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      for (const { 0: word, index } of text.data.matchAll(/[^\s\u00a0\u202f\/–—-]+/g)) {
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
        found.words += lines.length > 0;
        if (lines.some(({ top }) => Math.abs(top - lines[0].top) > lines[0].height / 2)) found.broken.push(word);
      }
    }
    for (const row of table.matches(".table--list") ? table.tBodies[0].rows : []) {
      if (getComputedStyle(row).display === "block" && row.offsetHeight > most) found.tall.push(row.offsetHeight);
    }
  }
  return found;
}"""


@dataclass
class Measured:
    """What one page showed at one width in one language."""

    place: str
    words: int
    broken: list[str]
    wide: list[str]
    tall: list[int]


@pytest.fixture(scope="module")
def measured(app: Flask, chromium: Chromium, portal_address: str, database: Database) -> list[Measured]:
    """Every page with a table: opened once in each language, measured at every width."""
    world = make_world()
    database.restore()
    paths = {person: list(pages_with_tables(app, database, person, world)) for person in readers(world)}
    lengthen(database)
    found = []
    for person, locale in ((person, locale) for person in paths for locale in LOCALES):
        context = chromium.new_context(base_url=portal_address, locale=locale, reduced_motion="reduce")
        context.add_cookies([{"name": PLAIN_NAME, "value": session_of(database, person), "url": portal_address}])
        page = context.new_page()
        for path in paths[person]:
            found += list(measure(page, path, locale))
        context.close()
    return found


def readers(world: World) -> tuple[Person, Person]:
    """Who sees all lists between them."""
    return world.pelmenya.owner, world.superuser


def pages_with_tables(app: Flask, database: Database, person: Person, world: World) -> Iterator[str]:
    """The addresses of all pages that show the person a table."""
    browser = Browser(app, database, person)
    for target in targets(app):
        is_theirs = ("account_slug" in target.rule.arguments) == (person.chain is not None)
        if target.is_safe and is_theirs and is_page(target.rule.endpoint):
            path = target.path(target.values(world.pelmenya))
            answer = browser.get(path)
            if answer.mimetype == "text/html" and '<table class="table' in answer.text:
                yield path


def lengthen(database: Database) -> None:
    """Give all rows long names, past triggers and unique keys."""
    columns = database.sql(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING"
        " (table_schema, table_name) WHERE table_schema = %s AND table_type = 'BASE TABLE' AND column_name = ANY(%s)"
        # Its names are words of the portal.
        " AND table_name <> 'unit_category'",
        [SCHEMA, list(LONG)],
    )
    database.sql("SET session_replication_role = replica")
    try:
        for table, column in columns:
            database.sql(f"""UPDATE {SCHEMA}."{table}" SET "{column}" = %s || ' ' || ctid""", [LONG[column]])
        number = "left(id::text, 8) || right(id::text, 2)"
        database.sql(f"UPDATE {SCHEMA}.\"user\" SET email = replace(%s, '#', {number})", [EMAIL])
    finally:
        # The connection is the whole run's: without its triggers no later test would find what it looks for.
        database.sql("RESET session_replication_role")


def measure(page: Page, path: str, locale: str) -> Iterator[Measured]:
    """One page at every width."""
    page.goto(path)
    page.evaluate("document.fonts.ready")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if width == WIDTHS[0]:
            # From a desk's width to a phone's: the page is laid out anew, its scripts included.
            page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        told: dict[str, Any] = page.evaluate(MEASURE, MAX_ROW)
        yield Measured(f"{path} {locale} {width}", **told)


def test_no_word_of_a_table_is_broken_at_any_width(measured: list[Measured]) -> None:
    assert sum(each.words for each in measured) > 5000
    assert {each.place: each.broken for each in measured if each.broken} == {}


def test_no_table_is_wider_than_its_place(measured: list[Measured]) -> None:
    assert [each.place for each in measured if each.wide] == []


def test_no_row_of_a_list_is_higher_than_two_lines_on_a_phone(measured: list[Measured]) -> None:
    assert {each.place: each.tall for each in measured if each.tall} == {}
