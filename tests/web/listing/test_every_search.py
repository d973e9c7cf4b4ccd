"""Every search reads е and ё alike, and telephone numbers by their digits; no list is looked through in another way."""

import gc
import re
from urllib.parse import quote

import pytest

from portal.web.listing.declaration import Listing
from portal.web.searching import anywhere, patterns_of
from tests.browsing import HTMX

RENAMED = "UPDATE getinn_ops.{table} SET {column} = 'Ёлка +7 495 555-03-12' WHERE account_id = %s"
# Of each list: its address, and the table and column that are given the name.
LISTS = {
    "restaurants": ("restaurants?state=all", "restaurant", "name"),
    "stores": ("stores?state=all", "store", "name"),
    "people": ("users?state=all", '"user"', "full_name"),
    "bots": ("bots?state=all", "bot_instance", "description"),
    "versions": ("bots/{bot}/scenarios?state=all", "bot_scenario", "name"),
    "media": ("bots/{bot}/media?state=all", "bot_media", "name"),
    "conversations": ("dialogs?state=", "bot_dialog_state", "current_step"),
    "conversations of a bot": ("bots/{bot}/dialogs?state=", "bot_dialog_state", "current_step"),
    "needs attention": ("bots/{bot}/attention?state=", "bot_message", "text"),
    "checklist": ("users/restaurants?state=", "restaurant", "name"),
}


@pytest.mark.parametrize("place", LISTS)
@pytest.mark.parametrize("typed", ["ЁЛКА", "елка 8 (495) 555-03-12"])
def test_a_search_reads_letters_and_numbers_alike(world, browse, superuser_sql, place, typed):
    path, table, column = LISTS[place]
    superuser_sql(RENAMED.format(table=table, column=column), [world.pelmenya.account_id])
    owner = browse(world.pelmenya.owner)
    base = owner.account(path.format(bot=world.pelmenya.bot_id))
    key = "restaurant_q" if place == "checklist" else "q"
    headers = HTMX if place == "checklist" else {}

    def rows(words):
        text = owner.get(f"{base}&{key}={quote(words)}", headers=headers).text
        return len(re.findall(r'<tr id=|name="restaurant_ids"', text))

    assert rows(typed) == rows("") > 0
    assert rows("елки") == 0


def test_the_log_is_searched_alike(world, browse, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event (account_id, at, action, entity, entity_label, as_superuser)"
        " VALUES (%s, now(), 'edited', 'restaurant', 'Ёлка на Тверской', false)",
        [world.pelmenya.account_id],
    )
    owner = browse(world.pelmenya.owner)
    assert "Ёлка на Тверской" in owner.get(owner.account("audit?q=елка")).text
    assert "Ёлка на Тверской" not in owner.get(owner.account("audit?q=елки")).text


def test_chains_are_searched_alike(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.account SET name = 'Ёлка' WHERE id = %s", [world.pelmenya.account_id])
    root = browse(world.superuser)
    for url in ("/accounts?q=елка", "/accounts/switcher?q=елка"):
        text = root.get(url, htmx=True).text
        assert "Ёлка" in text, url
        assert "vareniki" not in text, url


def test_every_list_that_is_searched_has_entries_or_few_rows(app, superuser_sql):
    lists = [each for each in gc.get_objects() if isinstance(each, Listing)]
    tables = superuser_sql(
        "SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname = 'keep_search' AND tgenabled = 'O'"
    )
    kept = {row.name.removeprefix("getinn_ops.").strip('"') for row in tables}
    asked = {each.search_entity for each in lists if each.search_entity and each.find is None}
    assert asked <= kept
    # A conversation's messages, a store's equipment, what waits for somebody, the rows of a file or of a run, runs, and
    # what is bought and counted, which is found by the names of others.
    assert {each.name for each in lists if not each.search_entity} == {
        "transcript", "equipment", "undelivered", "unprocessed", "import_rows",
        "iiko_changes", "iiko_runs", "exceptions", "reconciliations", "statement_rows",
        "purchase_orders", "deliveries", "stocktakes",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "patterns"),
    [
        ("Ёж", ["% еж%"]),
        ("пёс", ["%пес%"]),
        ("a_b", ["%a \\_ b%"]),
        ("5", ["% 5%"]),
        ("+7 495 555-03-12", ["%4955550312%"]),
        ("8495555", ["%495555%"]),
        ("кафе 8 (495) 555 03 12", ["%4955550312%", "%кафе%"]),
        ("12 345 678", ["% 12%", "%345%", "%678%"]),
        ("2024-11-29", ["%20241129%"]),
        ("AB1234567", ["%ab1234567%"]),
        ("375 29 123-45-67", ["%375291234567%"]),
    ],
)
def test_what_is_typed_is_read_as_texts_are_kept(typed, patterns):
    assert sorted(patterns_of(typed)) == sorted(patterns)


def test_among_few_rows_short_words_are_looked_for_anywhere():
    assert anywhere(["% a%", "%abc%"]) == ["%a%", "%abc%"]
