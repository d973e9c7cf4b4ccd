"""Looking for words in a list: every word, anywhere, in any case, and signs that mean themselves."""

import pytest
from sqlalchemy import text

from portal.db.base import db
from portal.restaurants.listing import RESTAURANTS
from portal.tenancy.scope import enter_account
from portal.web.listing import read_page
from portal.web.listing.declaration import COUNT_CAP
from portal.web.listing.reading import SHORTEST_TRIGRAM

NAMES = ("100% fresh", "100 fresh", "a_b place", "axb place", "Пельменная № 1", "back\\slash", "o'clock", "ЁЛКА и дуб")


@pytest.fixture
def found(browse, world, superuser_sql):
    """``found(words)`` is the set of names that a search shows."""
    for name in NAMES:
        superuser_sql(
            "INSERT INTO getinn_ops.restaurant (account_id, name, address) VALUES (%s, %s, 'улица Роз')",
            [world.pelmenya.account_id, name],
        )
    browser = browse(world.pelmenya.owner)

    def search(words, **more):
        answer = browser.get(browser.account("restaurants/export"), query_string={"q": words, **more})
        assert answer.status_code == 200
        lines = answer.get_data(as_text=True).lstrip("\ufeff").splitlines()[1:]
        return {name for name in NAMES if any(line.startswith((f"{name},", f'"{name}"')) for line in lines)}

    return search


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("fresh", {"100% fresh", "100 fresh"}),
        ("100%", {"100% fresh"}),
        ("100% fr", {"100% fresh"}),
        ("a_b", {"a_b place"}),
        ("_", {"a_b place"}),
        ("%", {"100% fresh"}),
        ("k\\s", {"back\\slash"}),
        ("\\", {"back\\slash"}),
        ("o'clock", {"o'clock"}),
        ("ПЕЛЬМЕН", {"Пельменная № 1"}),
        ("ёлка", {"ЁЛКА и дуб"}),
        ("дуб елка", set()),
        ("дуб ёл", {"ЁЛКА и дуб"}),
        ("роз пельм", {"Пельменная № 1"}),
        ("nothing of the kind", set()),
    ],
)
def test_every_word_is_found_anywhere_and_signs_mean_themselves(found, words, names):
    assert found(words) == names


@pytest.mark.parametrize("words", ["", "   ", "\t", "\0"])
def test_a_search_for_nothing_shows_all(found, words):
    assert found(words) == set(NAMES)


def test_a_word_that_more_rows_hold_than_the_cap_is_found_all_the_same(found, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'fresh ' || n FROM generate_series(0, %s) n",
        [world.pelmenya.account_id, COUNT_CAP],
    )
    assert found("fresh") == {"100% fresh", "100 fresh"}


@pytest.mark.parametrize("sort", ["name", "-name", "-updated"])
def test_the_planner_is_as_before_after_a_search_for_a_common_word(app, world, superuser_sql, sort):
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'fresh ' || n FROM generate_series(0, %s) n",
        [world.pelmenya.account_id, COUNT_CAP],
    )
    settings = text("SELECT name, setting FROM pg_settings WHERE category LIKE 'Query Tuning%' ORDER BY name")
    with app.test_request_context():
        enter_account(world.pelmenya.account_id)
        before = db.session.execute(settings).all()
        assert read_page(RESTAURANTS, {"q": "fresh", "sort": sort}, "/").rows
        assert db.session.execute(settings).all() == before


def test_a_word_too_short_for_trigrams_is_found(found):
    assert len("ду") < SHORTEST_TRIGRAM
    assert found("ду") == {"ЁЛКА и дуб"}


def test_a_search_and_a_filter_narrow_together(found, superuser_sql):
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false WHERE name = '100 fresh'")
    assert found("fresh") == {"100% fresh"}
    assert found("fresh", state="archived") == {"100 fresh"}


def test_a_renamed_row_is_found_by_its_new_name_alone(found, superuser_sql):
    superuser_sql("UPDATE getinn_ops.restaurant SET name = 'o''clock', address = NULL WHERE name = '100 fresh'")
    assert found("100 fresh") == {"100% fresh"}


def test_the_words_of_another_chain_are_not_found(browse, world):
    browser = browse(world.pelmenya.owner)
    page = browser.get(browser.account("restaurants?q=zqvareniki"))
    assert "zqvareniki on" not in page.text
    assert "Nothing matches" in page.text
