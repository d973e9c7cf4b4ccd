"""Archiving and restoring, one or several at once."""

import html
import re

import pytest
from sqlalchemy.orm.exc import StaleDataError

from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import enter_account


@pytest.fixture
def states(world, superuser_sql):
    """Which of the chain's restaurants are active, by number."""

    def read(chain=None):
        chain = chain or world.pelmenya
        rows = superuser_sql("SELECT id, is_active FROM getinn_ops.restaurant ORDER BY id")
        found = {row.id: row.is_active for row in rows}
        return [found[chain.id_of("restaurant", number)] for number in (1, 2, 3)]

    return read


def undo_form(page):
    """Address and fields of the undo form in a toast."""
    toast = re.search(r'<div class="toast .*?</form>', page, re.DOTALL)
    assert toast, "no toast offers to undo"
    address = re.search(r'action="([^"]+)"', toast[0])
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', toast[0])
    return html.unescape(address[1]), {name: value for name, value in fields if name != "csrf_token"}


def test_several_are_archived_at_once_and_undo_brings_back_just_those(world, browse, states):
    browser = browse(world.pelmenya.owner)
    ids = [str(world.pelmenya.id_of("restaurant", number)) for number in (1, 2, 3)]
    answer = browser.post(browser.account("restaurants/archival"), {"ids": ids})
    assert answer.status_code == 303
    assert states() == [False, False, False]
    page = browser.get(answer.location).text
    assert "Moved to the archive: 2 restaurants." in page
    address, fields = undo_form(page)
    assert browser.post(address, fields).status_code == 303
    # The second one had been archived before.
    assert states() == [True, False, True]


def test_restoring_can_be_undone_too(world, browse, states):
    browser = browse(world.pelmenya.owner)
    chosen = {"ids": str(world.pelmenya.archived_restaurant_id)}
    answer = browser.delete(browser.account("restaurants/archival"), chosen)
    assert states() == [True, True, True]
    address, fields = undo_form(browser.get(answer.location).text)
    browser.post(address, fields)
    assert states() == [True, False, True]


def test_a_plain_form_restores_with_a_hidden_method(world, browse, states):
    browser = browse(world.pelmenya.manager)
    fields = {"ids": str(world.pelmenya.archived_restaurant_id), "_method": "DELETE"}
    assert browser.post(browser.account("restaurants/archival"), fields).status_code == 303
    assert states() == [True, True, True]


def test_a_second_time_changes_nothing_and_is_not_told_in_the_log(world, browse, superuser_sql, states):
    browser = browse(world.pelmenya.owner)
    chosen = {"ids": str(world.pelmenya.restaurant_id)}
    for _ in range(2):
        assert browser.post(browser.account("restaurants/archival"), chosen).status_code == 303
    assert states() == [False, False, True]
    events = superuser_sql(
        "SELECT 1 FROM getinn_ops.audit_event WHERE action = 'archived' AND entity_id = %s",
        [world.pelmenya.restaurant_id],
    )
    assert len(events) == 1


@pytest.mark.parametrize("method", ["post", "delete"])
def test_with_a_foreign_id_among_them_none_changes(world, browse, states, method):
    browser = browse(world.pelmenya.owner)
    ids = [str(world.pelmenya.restaurant_id), str(world.pelmenya.archived_restaurant_id)]
    for other in (str(world.vareniki.restaurant_id), "00000000-0000-4000-8000-000000000000", "rubbish"):
        answer = getattr(browser, method)(browser.account("restaurants/archival"), {"ids": [*ids, other]})
        assert answer.status_code == 404
    assert states() == states(world.vareniki) == [True, False, True]


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize("ids", ["", ","])
def test_choosing_none_changes_nothing_and_the_list_says_so(world, browse, states, ids, method):
    browser = browse(world.pelmenya.owner)
    answer = getattr(browser, method)(browser.account("restaurants/archival"), {"ids": ids})
    assert (answer.status_code, answer.location) == (303, browser.account("restaurants"))
    assert "Choose at least one row first." in browser.get(answer.location).text
    assert states() == [True, False, True]


def test_a_choice_of_nonsense_changes_nothing(world, browse, states):
    browser = browse(world.pelmenya.owner)
    assert browser.post(browser.account("restaurants/archival"), {"ids": " "}).status_code == 404
    assert states() == [True, False, True]


def test_one_archives_from_the_page_and_stays_there(world, browse):
    browser = browse(world.pelmenya.owner)
    page = browser.account(f"restaurants/{world.pelmenya.restaurant_id}")
    answer = browser.post(
        browser.account("restaurants/archival"),
        {"ids": str(world.pelmenya.restaurant_id)},
        headers={"Referer": f"https://localhost{page}"},
    )
    assert answer.location == page
    shown = browser.get(page).text
    assert "Archived" in shown
    assert "Restore" in shown


def test_a_referrer_elsewhere_leads_to_the_list(world, browse):
    browser = browse(world.pelmenya.owner)
    answer = browser.post(
        browser.account("restaurants/archival"),
        {"ids": str(world.pelmenya.restaurant_id)},
        headers={"Referer": "https://elsewhere.example/accounts/pelmenya/restaurants"},
    )
    assert answer.location == browser.account("restaurants")


def test_for_htmx_the_answer_leads_back_to_the_page_it_came_from(world, browse):
    browser = browse(world.pelmenya.owner)
    here = browser.account("restaurants") + "?state=all"
    answer = browser.post(
        browser.account("restaurants/archival"),
        {"ids": str(world.pelmenya.restaurant_id)},
        htmx=True,
        headers={"HX-Current-URL": f"https://localhost{here}"},
    )
    # htmx follows it within the page: the list is swapped, place and focus stay.
    assert (answer.status_code, answer.location) == (303, here)


def test_many_are_archived_with_the_statements_of_two_and_a_line_for_each(world, browse, statements, superuser_sql):
    browser = browse(world.pelmenya.owner)
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'joint ' || n FROM generate_series(1, 42) n",
        [world.pelmenya.account_id],
    )
    rows = superuser_sql("SELECT id FROM getinn_ops.restaurant WHERE name LIKE 'joint %%' ORDER BY id")
    ids = [str(row.id) for row in rows]
    costs = []
    for chosen in (ids[:2], ids[2:]):
        with statements() as counted:
            browser.post(browser.account("restaurants/archival"), {"ids": chosen})
        costs.append(counted.total)
    assert costs[0] == costs[1] <= 5
    [told] = superuser_sql(
        "SELECT count(*) AS lines, count(DISTINCT e.entity_id) AS rows, bool_or(r.is_active) AS is_active"
        " FROM getinn_ops.audit_event e JOIN getinn_ops.restaurant r ON r.id = e.entity_id"
        " WHERE r.name LIKE 'joint %%' AND e.action = 'archived'"
    )
    assert tuple(told) == (42, 42, False)


def test_rows_that_are_gone_meanwhile_are_missed(world, app):
    ids = [world.pelmenya.id_of("restaurant", number) for number in (1, 3)]
    with app.app_context():
        enter_account(world.pelmenya.account_id)
        rows = [db.session.get(Restaurant, row_id) for row_id in ids]
        for row in rows:
            row.archive()
        # Row security shows none of them any more.
        db.session.connection().exec_driver_sql("SELECT set_config('getinn.account_id', '', true)")
        with pytest.raises(StaleDataError):
            db.session.flush()
