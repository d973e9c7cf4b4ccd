"""Today: every number is that of the list it leads to; what is claimed; what the page costs."""

import html
import re

import pytest

from tests.staff.crowd import make_crowd
from tests.staff.test_people_list import people

CELLS = 5


def cells(page):
    """(address, number) of every cell of the table of restaurants that leads anywhere."""
    table = re.search(r'id="places".*?</table>', page, re.DOTALL)[0]
    found = re.findall(r'<td class="table__number"><a\s+href="([^"]*)">(\d+)</a>', table)
    return [(html.unescape(url), int(number)) for url, number in found]


@pytest.mark.parametrize(("role", "seed"), [("owner", 11), ("owner", 12), ("assigned_manager", 13), ("viewer", 14)])
def test_every_number_leads_to_as_many(world, browse, superuser_sql, role, seed):
    make_crowd(superuser_sql, world.pelmenya, seed)
    browser = browse(getattr(world.pelmenya, role))
    page = browser.get(browser.account("staff/today")).text
    found = cells(page)
    assert len([number for _url, number in found if number]) >= CELLS
    for url, number in found:
        query = url.partition("?")[2]
        assert len(people(browser, f"?{query}")) == number, url
    total = {url.partition("?")[2]: number for url, number in found if "restaurant_id" not in url}
    rows = [(url, number) for url, number in found if "restaurant_id" in url]
    for query, number in total.items():
        assert sum(count for url, count in rows if url.endswith(query)) == number


def test_the_sections_name_who_starts_and_what_they_lack(world, browse, superuser_sql):
    make_crowd(superuser_sql, world.pelmenya, seed=15)
    browser = browse(world.pelmenya.owner)
    page = browser.get(browser.account("staff/today")).text
    for part, queries in (
        ("starting", ("starts=today", "starts=tomorrow")),
        ("late", ("standing=late",)),
        ("papers", ("papers=expired", "papers=expiring")),
    ):
        section = re.search(rf'id="{part}".*?</section>', page, re.DOTALL)[0]
        named = [html.unescape(name) for name in re.findall(r'class="today__name"[^>]*>([^<]*)<', section)]
        assert named
        listed = {name for query in queries for name in people(browser, f"?{query}")}
        assert set(named) <= listed
        assert len(named) == min(len(listed), 20)
    late = re.search(r'id="late".*?</section>', page, re.DOTALL)[0]
    assert "zqpelmenya step" in late


def test_whose_standing_nobody_may_know_is_not_counted_for_them(world, browse, superuser_sql):
    make_crowd(superuser_sql, world.pelmenya, seed=16)
    viewer = browse(world.pelmenya.viewer)
    page = viewer.get(viewer.account("staff/today")).text
    assert "Expired papers" not in page
    assert 'id="papers"' not in page
    assert people(viewer, "?papers=expired") == people(viewer)
    assert people(viewer, "?questions=open") == people(viewer)
    chef = browse(world.pelmenya.chef)
    assert 'id="papers"' not in chef.get(chef.account("staff/today")).text


def test_nothing_to_do_is_said(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.staff_onboarding SET status = 'completed', start_date = '2020-01-01'")
    superuser_sql("UPDATE getinn_ops.staff_document SET expires_on = NULL")
    superuser_sql("UPDATE getinn_ops.staff_question SET answered_at = now()")
    browser = browse(world.pelmenya.owner)
    page = browser.get(browser.account("staff/today")).text
    assert "Nothing waits for you" in page
    assert 'id="places"' not in page


def test_it_costs_few_statements_however_many_there_are(world, browse, superuser_sql, statements):
    browser = browse(world.pelmenya.owner)
    path = browser.account("staff/today")
    browser.get(path)
    with statements() as few:
        browser.get(path)
    make_crowd(superuser_sql, world.pelmenya, seed=17)
    with statements() as many:
        browser.get(path)
    assert few.total == many.total <= 8


def test_who_belongs_to_no_restaurant_is_a_number_for_those_of_some(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.staff_member SET restaurant_id = NULL WHERE phone = '+79001110001'")
    browser = browse(world.pelmenya.assigned_manager)
    page = browser.get(browser.account("staff/today")).text
    assert "1 person belongs to no restaurant yet" in page
    assert "employee 1" not in page
    assert 'href="/accounts/pelmenya/questions/unassigned"' in page
    owner = browse(world.pelmenya.owner)
    assert "belongs to no restaurant yet" not in owner.get(owner.account("staff/today")).text
