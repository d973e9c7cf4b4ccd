"""The list of restaurants: filters, order, search, pages, export and what it costs."""

import csv
import html
import io
import re

import pytest

from tests.world_supply import FORGET_STOCK, IN_PLACES


@pytest.fixture
def many(world, superuser_sql):
    """120 more restaurants, named so that their order is known; every tenth is archived."""
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name, is_active)"
        " SELECT %s, 'Spot ' || lpad(n::text, 3, '0'), n %% 10 <> 0 FROM generate_series(1, 120) n",
        [world.pelmenya.account_id],
    )


def names(page):
    """The names on a page, in its order."""
    return [html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)]


def link(page, text):
    """Where a link of the pager leads, if it is there."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*aria-label="{text}"', page)
    return found and html.unescape(found[1])


def exported(response):
    return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))


def test_the_list_shows_the_active_ones_by_name_unless_asked_otherwise(world, browse):
    browser = browse(world.pelmenya.viewer)
    main, old, river = (f"zqpelmenya on {street} street" for street in ("Main", "Old", "River"))
    for query, expected in {
        "": [main, river],
        "?sort=-name": [river, main],
        "?state=archived": [old],
        "?state=all": [main, old, river],
        "?state=all&sort=-updated": [main, old, river],
        "?state=all&sort=updated": [river, old, main],
        "?sync=failed": [main],
        "?sync=none": [river],
        "?sync=synced": [],
        "?q=RIVER": [river],
        "?q=street zqpelmenya": [main, river],
        "?q=45-03": [river],
        "?q=place1@": [main],
        "?q=%": [],
        "?state=rubbish&sort=rubbish&after=rubbish&page=rubbish&sync=rubbish": [main, river],
    }.items():
        assert names(browser.get(browser.account(f"restaurants{query}")).text) == expected, query


def test_the_pages_hold_every_row_once_forwards_and_backwards(world, browse, many):
    browser = browse(world.pelmenya.owner)
    page = browser.get(browser.account("restaurants?q=Spot")).text
    seen = names(page)
    pages = [seen]
    while following := link(page, "Next page"):
        page = browser.get(following).text
        pages.append(names(page))
    expected = [f"Spot {number:03}" for number in range(1, 121) if number % 10]
    assert [name for part in pages for name in part] == expected
    assert [len(part) for part in pages] == [50, 50, 8]
    backwards = [names(page)]
    while former := link(page, "Previous page"):
        page = browser.get(former).text
        backwards.insert(0, names(page))
    assert backwards == pages


def test_the_export_holds_all_that_the_filter_shows_on_every_page(world, browse, many):
    browser = browse(world.pelmenya.owner)
    rows = exported(browser.get(browser.account("restaurants/export?q=Spot&state=archived")))
    assert [row[0] for row in rows[1:]] == [f"Spot {number:03}" for number in range(10, 121, 10)]
    assert all(len(row) == len(rows[0]) for row in rows)


def test_the_export_defuses_formulas_and_is_noted_in_the_log(world, browse, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET name = '=HYPERLINK(1)', address = E'\\tx', phone = '+7', email = '@a'"
        " WHERE id = %s",
        [world.pelmenya.restaurant_id],
    )
    browser = browse(world.pelmenya.viewer)
    answer = browser.get(browser.account("restaurants/export"))
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    row = next(row for row in exported(answer) if "HYPERLINK" in row[0])
    assert row[:4] == ["'=HYPERLINK(1)", "'\tx", "'+7", "'@a"]
    (event,) = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'exported'")
    assert event.after == {"list": "restaurants", "rows": 2}
    assert event.actor_id == world.pelmenya.viewer.id


def test_for_htmx_only_the_list_is_answered(world, browse):
    browser = browse(world.pelmenya.owner)
    answer = browser.get(browser.account("restaurants?q=River"), htmx=True)
    assert answer.text.strip().startswith('<section id="restaurants"')
    assert "<html" not in answer.text
    assert names(answer.text) == ["zqpelmenya on River street"]
    assert "HX-Request" in answer.headers["Vary"]


def test_an_empty_list_leads_on(world, browse, superuser_sql):
    superuser_sql(FORGET_STOCK)
    for table in (*IN_PLACES, "staff_question", "staff_onboarding", "staff_member", "restaurant_code", "store"):
        superuser_sql(f"DELETE FROM getinn_ops.{table} WHERE account_id = %s", [world.pelmenya.account_id])
    superuser_sql("DELETE FROM getinn_ops.restaurant WHERE account_id = %s", [world.pelmenya.account_id])
    owner, chef = browse(world.pelmenya.owner), browse(world.pelmenya.chef)
    assert "Add a restaurant" in owner.get(owner.account("restaurants")).text
    assert "Add a restaurant" not in chef.get(chef.account("restaurants")).text
    assert "Nothing matches" in owner.get(owner.account("restaurants?q=nowhere")).text


@pytest.mark.parametrize(
    "query",
    [
        "?q=" + "a" * 5000,
        "?q=%00",
        "?q=%ED%A0%80",
        "?q=%5C",
        "?q=_%25",
        "?after=" + "A" * 3000,
        "?after=WyJuYW1lIiwgMSwgMl0",
        "?state=%00&sync=%FF",
        "?sort=-",
        "?page=last&before=x",
    ],
)
def test_malformed_queries_are_answered_with_a_list(world, browse, query):
    browser = browse(world.pelmenya.owner)
    assert browser.get(browser.account(f"restaurants{query}")).status_code == 200
    assert browser.get(browser.account(f"restaurants/export{query}")).status_code == 200


def test_pages_keep_to_their_number_of_statements(world, browse, statements, many):
    browser = browse(world.pelmenya.owner)
    own = f"restaurants/{world.pelmenya.assigned_restaurant_id}"
    limits = {
        "restaurants": 3,
        "restaurants?q=Spot": 3,
        "restaurants?page=last": 3,
        # Who works there is one more, what it buys, whether iiko is read for it, what is to come, what came, what it
        # keeps.
        own: 10,
        f"{own}/edit": 4,
        "restaurants/new": 4,
    }
    for path, most in limits.items():
        with statements() as counted:
            assert browser.get(browser.account(path)).status_code == 200
        assert counted.total <= most, (path, counted.statements)
