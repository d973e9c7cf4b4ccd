"""Walking a list by keyset: forward, backward, from the end, over ties, in every order."""

import pytest
from werkzeug.datastructures import ImmutableMultiDict

from portal.restaurants.listing import RESTAURANTS
from portal.tenancy.scope import enter_account
from portal.web.listing import read_page
from portal.web.listing.declaration import COUNT_CAP, PAGE_SIZE

PATH = "/accounts/pelmenya/restaurants"
COUNT = 137


@pytest.fixture
def reading(app, world):
    """``reading(query)`` is the page that a query string asks of the restaurants."""

    def read(address=PATH):
        with app.test_request_context(address) as context:
            enter_account(world.pelmenya.account_id)
            page = read_page(RESTAURANTS, context.request.args, PATH)
            return page, {
                name: getattr(page, f"{name}_url") for name in ("first", "previous", "next", "last", "export", "reset")
            }

    return read


@pytest.fixture
def many(world, superuser_sql):
    """137 more restaurants, whose names come in threes."""
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name, updated_at)"
        " SELECT %s, 'tie ' || lpad((n / 3)::text, 3, '0'), timestamp '2026-01-01' + (n / 5) * interval '1 hour'"
        " FROM generate_series(1, %s) n",
        [world.pelmenya.account_id, COUNT],
    )


def walk(read, address, step):
    """The ids of every page from one address on, following one link."""
    pages = []
    while address:
        page, links = read(address)
        pages.append([row.id for row in page.rows])
        address = links[step]
        assert len(pages) < 20
    return pages


@pytest.mark.parametrize("sort", ["name", "-name", "updated", "-updated"])
def test_walking_on_shows_every_row_once_in_order(reading, many, sort):
    pages = walk(reading, f"{PATH}?sort={sort}", "next")
    seen = [row_id for page in pages for row_id in page]
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, COUNT + 2 - 2 * PAGE_SIZE]
    assert len(set(seen)) == COUNT + 2


@pytest.mark.parametrize("sort", ["name", "-name", "updated", "-updated"])
def test_walking_back_from_the_end_shows_the_same_rows(reading, many, sort):
    forward = [row_id for page in walk(reading, f"{PATH}?sort={sort}", "next") for row_id in page]
    pages = walk(reading, f"{PATH}?sort={sort}&page=last", "previous")
    backward = [row_id for page in reversed(pages) for row_id in page]
    assert backward == forward


@pytest.mark.parametrize("sort", ["name", "updated"])
def test_one_order_is_the_other_turned_round(reading, many, sort):
    up, down = (
        [row_id for page in walk(reading, f"{PATH}?sort={order}", "next") for row_id in page]
        for order in (sort, f"-{sort}")
    )
    assert up == down[::-1]


def test_one_page_on_and_one_back_is_where_one_was(reading, many):
    first, links = reading(PATH)
    _, there = reading(links["next"])
    back, _ = reading(there["previous"])
    assert [row.id for row in back.rows] == [row.id for row in first.rows]


def test_the_first_page_leads_nowhere_back_and_the_last_nowhere_on(reading, many):
    _, first = reading(PATH)
    assert (first["first"], first["previous"]) == (None, None)
    assert first["next"]
    assert first["last"]
    _, last = reading(first["last"])
    assert (last["next"], last["last"]) == (None, None)
    assert last["first"]
    assert last["previous"]


def test_a_list_of_one_page_leads_nowhere(reading):
    _, links = reading(PATH)
    assert {links[name] for name in ("first", "previous", "next", "last")} == {None}


def test_a_row_added_before_shifts_no_row_on_the_next_page(reading, many, world, superuser_sql):
    _, links = reading(PATH)
    expected, _ = reading(links["next"])
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) VALUES (%s, ' before all')", [world.pelmenya.account_id]
    )
    found, _ = reading(links["next"])
    assert [row.id for row in found.rows] == [row.id for row in expected.rows]


def test_when_the_rows_after_a_place_are_gone_the_first_page_is_shown(reading, many, superuser_sql):
    _, links = reading(f"{PATH}?sort=-name")
    superuser_sql("DELETE FROM getinn_ops.restaurant WHERE name LIKE 'tie %%'")
    page, _ = reading(links["next"])
    assert {row.name.split()[0] for row in page.rows} == {"zqpelmenya"}


def test_filters_search_and_order_go_along_to_the_next_page(reading, many):
    _, links = reading(f"{PATH}?q=tie&state=all&sort=-name")
    assert "q=tie" in links["next"]
    assert "state=all" in links["next"]
    assert "sort=-name" in links["next"]
    assert links["export"].startswith(f"{PATH}/export?")
    assert "after" not in links["export"]
    assert links["reset"] == PATH


def test_the_count_is_exact_up_to_the_cap_and_then_says_more(reading, many, world, superuser_sql):
    page, _ = reading(PATH)
    assert page.total == COUNT + 2
    assert page.count_label == f"{COUNT + 2} restaurants"
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'n' || n FROM generate_series(1, %s) n",
        [world.pelmenya.account_id, COUNT_CAP],
    )
    page, _ = reading(PATH)
    assert page.count_label == "1\u202f000+ restaurants"


def test_the_order_is_told_to_the_headings(reading):
    page, _ = reading(f"{PATH}?sort=-name")
    assert (page.sort_state("name"), page.sort_state("updated")) == ("descending", None)
    assert "sort" not in page.sort_url("name").split("?")[-1]
    assert page.sort_url("updated").endswith("?sort=-updated")


@pytest.mark.parametrize("order", ["", "-", "--name", "name-", "-nonsense", "NAME", "name,id", "name; DROP"])
def test_an_order_that_is_none_is_the_lists_own(reading, order):
    page, _ = reading(f"{PATH}?sort={order}")
    assert page.sort == "name"


def test_of_a_key_given_twice_the_first_counts(app, world):
    with app.test_request_context(PATH):
        enter_account(world.pelmenya.account_id)
        page = read_page(RESTAURANTS, ImmutableMultiDict([("sort", "-name"), ("sort", "name")]), PATH)
    assert page.sort == "-name"
