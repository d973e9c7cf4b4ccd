"""Looking for words in a list: every word, anywhere, in any case, and signs that mean themselves."""

import pytest
from sqlalchemy import text

from portal.db.base import db
from portal.restaurants.listing import RESTAURANTS
from portal.tenancy.scope import enter_account
from portal.web.listing import read_page
from portal.web.listing.declaration import COUNT_CAP

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
        ("дуб елка", {"ЁЛКА и дуб"}),
        ("пЁльмен", {"Пельменная № 1"}),
        ("е\u0308лка", {"ЁЛКА и дуб"}),
        ("№", {"Пельменная № 1"}),
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


def test_a_word_of_one_or_two_letters_is_found_anywhere_among_few_rows(found):
    assert found("ду") == found("уб") == {"ЁЛКА и дуб"}
    assert found("b") == {"a_b place", "axb place", "back\\slash"}


def test_among_many_rows_such_a_word_is_found_where_words_begin(found, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'row ' || n FROM generate_series(0, %s) n",
        [world.pelmenya.account_id, 3 * COUNT_CAP],
    )
    assert found("ду") == {"ЁЛКА и дуб"}
    assert found("уб") == set()
    assert found("b") == {"a_b place", "back\\slash"}


NUMBERS = ("+7 495 555-03-12", "8 (495) 555-03-13", "74955550314", "(495) 555\u201103\u201115", "+375 29 123-45-67")


@pytest.fixture
def called(browse, world, superuser_sql):
    """``called(words)`` are the telephone numbers that a search shows."""
    for place, number in enumerate(NUMBERS):
        superuser_sql(
            "INSERT INTO getinn_ops.restaurant (account_id, name, address, phone) VALUES (%s, %s, 'дом 5', %s)",
            [world.pelmenya.account_id, f"Number {place}", number],
        )
    browser = browse(world.pelmenya.owner)

    def search(words):
        text = browser.get(browser.account("restaurants"), query_string={"q": words}).text
        return [number for number in NUMBERS if number in text]

    return search


@pytest.mark.parametrize(
    "typed",
    ["74955550312", "+74955550312", "4955550312", "84955550312", "8 (495) 555-03-12", "+7 495 555 03 12", "5550312"],
)
def test_a_telephone_number_is_found_however_it_is_typed(called, typed):
    assert called(typed) == [NUMBERS[0]]
    assert called(f"number {typed}") == [NUMBERS[0]]


@pytest.mark.parametrize(("typed", "place"), [("+7 495 555-03-13", 1), ("8 495 555 03 14", 2), ("+74955550315", 3)])
def test_a_number_is_found_however_it_was_kept(called, typed, place):
    assert called(typed) == [NUMBERS[place]]


def test_a_part_of_a_number_and_one_of_another_country_are_found(called):
    assert called("8495555") == called("+7 495 555") == list(NUMBERS[:4])
    assert called("375291234567") == called("+375 (29) 123 45 67") == [NUMBERS[4]]


@pytest.mark.parametrize("typed", ["number 5 4955550312x", "5 74955550319", "12345678"])
def test_digits_that_stand_in_no_row_are_not_found(called, typed):
    assert called(typed) == []


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
