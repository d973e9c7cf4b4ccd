"""Stores: who sees and changes them, editing, archiving, the list."""

import csv
import html
import io
import re

import pytest

from tests.world_supply import FORGET_STOCK, IN_PLACES

GOOD = {"name": "Cold room on the left", "kind": "cold", "address": "Behind the kitchen"}
ABSENT = "00000000-0000-4000-8000-000000000000"


def good(chain, **changes):
    return {**GOOD, "restaurant_id": str(chain.restaurant_id), **changes}


def names(page):
    return [html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)]


def offered(page):
    """The restaurants on offer in a form."""
    select = re.search(r'<select[^>]*name="restaurant_id".*?</select>', page, re.DOTALL)[0]
    return [value for value in re.findall(r'value="([^"]*)"', select) if value]


def error_of(page, field):
    found = re.search(rf'<ul class="field__errors" id="{field}-errors">(.*?)</ul>', page, re.DOTALL)
    return found and found[1]


def stored(superuser_sql, name=GOOD["name"]):
    return superuser_sql("SELECT * FROM getinn_ops.store WHERE name = %s", [name])


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_owners_and_managers_add_and_edit_stores(world, browse, superuser_sql, role):
    browser = browse(getattr(world.pelmenya, role))
    added = browser.post(browser.account("stores/new"), good(world.pelmenya))
    assert added.status_code == 303
    (row,) = stored(superuser_sql)
    assert (row.kind, row.restaurant_id, row.account_id) == (
        "cold",
        world.pelmenya.restaurant_id,
        world.pelmenya.account_id,
    )
    moved = good(world.pelmenya, restaurant_id=str(world.pelmenya.assigned_restaurant_id), kind="bar")
    assert browser.post(added.location + "/edit", moved).status_code == 303
    (row,) = stored(superuser_sql)
    assert (row.kind, row.restaurant_id) == ("bar", world.pelmenya.assigned_restaurant_id)
    actions = superuser_sql("SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at", [row.id])
    assert [each.action for each in actions] == ["created", "edited"]
    assert "zqpelmenya on River street" in browser.get(added.location).text


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_those_who_only_see_change_nothing(world, browse, superuser_sql, role):
    browser = browse(getattr(world.pelmenya, role))
    here = browser.account(f"stores/{world.pelmenya.store_id}")
    shown, listed = browser.get(here), browser.get(browser.account("stores"))
    assert shown.status_code == listed.status_code == 200
    assert not re.search(r"archival|stores/new|/edit", shown.text + listed.text)
    for path in (here + "/edit", browser.account("stores/new")):
        assert browser.get(path).status_code == 403
        assert browser.post(path, good(world.pelmenya)).status_code == 403
    assert browser.post(browser.account("stores/archival"), {"ids": str(world.pelmenya.store_id)}).status_code == 403
    assert stored(superuser_sql) == []
    assert stored(superuser_sql, "zqpelmenya store 1")[0].is_active


def test_an_assigned_manager_sees_only_the_stores_of_the_assigned_restaurants(world, browse):
    browser = browse(world.pelmenya.assigned_manager)
    others = world.pelmenya.restaurant_id
    for query in ("", "?state=all", "?q=zqpelmenya", "?q=store", "?kind=kitchen", "?page=last"):
        assert names(browser.get(browser.account(f"stores{query}")).text) == ["zqpelmenya store 3"], query
    assert names(browser.get(browser.account(f"stores?restaurant_id={others}&state=all")).text) == []
    for query in ("?state=all", f"?restaurant_id={others}&state=all"):
        exported = browser.get(browser.account(f"stores/export{query}")).get_data().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(exported)))[1:]
        assert [row[0] for row in rows] == (["zqpelmenya store 3"] if "restaurant_id" not in query else [])


def test_an_assigned_manager_can_put_a_store_into_no_other_restaurant(world, browse, superuser_sql):
    browser = browse(world.pelmenya.assigned_manager)
    own, other = world.pelmenya.assigned_restaurant_id, world.pelmenya.restaurant_id
    here = browser.account(f"stores/{world.pelmenya.assigned_store_id}/edit")
    for path in (browser.account("stores/new"), browser.account(f"stores/new?restaurant_id={other}"), here):
        assert offered(browser.get(path).text) == [str(own)]
        refused = browser.post(path, good(world.pelmenya))
        assert refused.status_code == 422
        assert error_of(refused.text, "restaurant_id")
        assert GOOD["name"] in refused.text
    assert stored(superuser_sql) == []
    allowed = good(world.pelmenya, restaurant_id=str(own))
    assert browser.post(browser.account("stores/new"), allowed).status_code == 303
    assert browser.post(here, {**allowed, "name": "Renamed"}).status_code == 303


def test_an_assigned_manager_finds_no_other_store_by_its_id(world, browse, superuser_sql):
    browser = browse(world.pelmenya.assigned_manager)
    other = browser.account(f"stores/{world.pelmenya.store_id}")
    assert browser.get(other).status_code == browser.get(other + "/edit").status_code == 404
    assert browser.post(other + "/edit", good(world.pelmenya)).status_code == 404
    mixed = {"ids": [str(world.pelmenya.store_id), str(world.pelmenya.assigned_store_id)]}
    assert browser.post(browser.account("stores/archival"), mixed).status_code == 404
    rows = superuser_sql("SELECT is_active FROM getinn_ops.store WHERE account_id = %s", [world.pelmenya.account_id])
    assert sorted(row.is_active for row in rows) == [False, True, True]


def test_a_foreign_restaurant_in_query_or_form_answers_like_an_absent_one(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    answers = []
    for other in (str(world.vareniki.restaurant_id), ABSENT):
        form = browser.get(browser.account(f"stores/new?restaurant_id={other}"))
        refused = browser.post(
            browser.account(f"stores/new?restaurant_id={other}"), good(world.pelmenya) | {"restaurant_id": other}
        )
        listed = browser.get(browser.account(f"stores?restaurant_id={other}"))
        assert (form.status_code, refused.status_code, listed.status_code) == (200, 422, 200)
        assert "zqvareniki" not in form.text + refused.text + listed.text
        answers.append((offered(form.text), error_of(refused.text, "restaurant_id"), names(listed.text)))
    assert answers[0] == answers[1]
    assert stored(superuser_sql) == []


def test_a_foreign_store_answers_like_an_absent_one(world, browse):
    browser = browse(world.pelmenya.owner)
    for store in (world.vareniki.store_id, ABSENT):
        assert browser.get(browser.account(f"stores/{store}")).status_code == 404
        assert browser.post(browser.account(f"stores/{store}/edit"), good(world.pelmenya)).status_code == 404


def test_the_form_chooses_the_restaurant_that_the_link_names(world, browse):
    browser = browse(world.pelmenya.owner)
    form = browser.get(browser.account(f"stores/new?restaurant_id={world.pelmenya.assigned_restaurant_id}")).text
    assert re.search(rf'<option selected value="{world.pelmenya.assigned_restaurant_id}">', form)
    rubbish = browser.get(browser.account("stores/new?restaurant_id=rubbish"))
    assert rubbish.status_code == 200
    assert str(world.pelmenya.archived_restaurant_id) not in offered(rubbish.text)


def test_a_store_of_an_archived_restaurant_keeps_it_when_edited(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false WHERE id = %s", [world.pelmenya.restaurant_id])
    browser = browse(world.pelmenya.owner)
    path = browser.account(f"stores/{world.pelmenya.store_id}/edit")
    assert re.search(rf'<option selected value="{world.pelmenya.restaurant_id}">', browser.get(path).text)
    assert browser.post(path, good(world.pelmenya)).status_code == 303
    assert stored(superuser_sql)[0].restaurant_id == world.pelmenya.restaurant_id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("restaurant_id", ""),
        ("restaurant_id", "rubbish"),
        ("kind", "palace"),
        ("kind", ""),
        ("address", "x" * 1001),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_typed_is_lost(world, browse, superuser_sql, field, value):
    browser = browse(world.pelmenya.owner)
    typed = good(world.pelmenya, **{field: value})
    response = browser.post(browser.account("stores/new"), typed)
    assert response.status_code == 422
    assert error_of(response.text, field)
    assert all(typed[other] in response.text for other in ("name", "address") if other != field)
    assert superuser_sql("SELECT count(*) AS n FROM getinn_ops.store")[0].n == 6


def test_while_a_person_types_only_the_field_is_answered(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    answer = browser.post(
        browser.account("stores/new"), good(world.pelmenya, restaurant_id="", _validate="restaurant_id"), htmx=True
    )
    assert answer.status_code == 200
    assert 'id="field-restaurant_id"' in answer.text
    assert error_of(answer.text, "restaurant_id")
    assert "field-name" not in answer.text
    assert stored(superuser_sql) == []


def test_several_are_archived_and_undone(world, browse, superuser_sql):
    browser = browse(world.pelmenya.manager)
    ids = [str(world.pelmenya.id_of("store", number)) for number in (1, 2, 3)]
    page = browser.get(browser.post(browser.account("stores/archival"), {"ids": ids}).location).text
    assert "Moved to the archive: 2 stores." in page
    toast = re.search(r'<div class="toast .*?</form>', page, re.DOTALL)[0]
    undone = re.search(r'name="ids" value="([^"]*)"', toast)[1]
    assert browser.post(browser.account("stores/archival"), {"ids": undone, "_method": "DELETE"}).status_code == 303
    rows = superuser_sql(
        "SELECT is_active FROM getinn_ops.store WHERE account_id = %s ORDER BY id", [world.pelmenya.account_id]
    )
    assert [row.is_active for row in rows] == [True, False, True]


def test_with_a_foreign_store_among_them_none_changes(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    ids = [str(world.pelmenya.store_id), str(world.vareniki.store_id)]
    assert browser.post(browser.account("stores/archival"), {"ids": ids}).status_code == 404
    assert browser.delete(browser.account("stores/archival"), {"ids": ids}).status_code == 404
    rows = superuser_sql("SELECT is_active FROM getinn_ops.store")
    assert sorted(row.is_active for row in rows) == [False, False, True, True, True, True]


def test_the_list_filters_sorts_and_searches(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.store SET kind = 'bar' WHERE id = %s", [world.pelmenya.assigned_store_id])
    browser = browse(world.pelmenya.viewer)
    for query, numbers in {
        "": [1, 3],
        "?sort=-name": [3, 1],
        "?state=archived": [2],
        "?state=all": [1, 2, 3],
        "?kind=bar": [3],
        "?kind=cold": [],
        "?q=yard 3": [3],
        f"?restaurant_id={world.pelmenya.restaurant_id}": [1],
        "?restaurant_id=rubbish&kind=rubbish&state=rubbish&sort=rubbish": [1, 3],
        "?sort=-updated&after=rubbish": [3, 1],
    }.items():
        page = browser.get(browser.account(f"stores{query}")).text
        assert names(page) == [f"zqpelmenya store {number}" for number in numbers], query


def test_the_export_tells_kind_and_restaurant_in_words(world, browse):
    browser = browse(world.pelmenya.chef)
    text = browser.get(browser.account("stores/export?state=all")).get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][:3] == ["zqpelmenya store 1", "zqpelmenya on Main street", "Kitchen"]
    assert len(rows) == 4


def test_a_restaurants_page_shows_its_stores_and_offers_one_more(world, browse):
    browser = browse(world.pelmenya.owner)
    page = browser.get(browser.account(f"restaurants/{world.pelmenya.restaurant_id}")).text
    assert "zqpelmenya store 1" in page
    assert "zqpelmenya store 2" not in page
    assert "zqpelmenya store 3" not in page
    assert f"stores/new?restaurant_id={world.pelmenya.restaurant_id}" in page


def test_pages_keep_to_their_number_of_statements(world, browse, statements):
    browser = browse(world.pelmenya.owner)
    here = f"stores/{world.pelmenya.store_id}"
    for path, most in {"stores": 3, "stores?q=store": 3, here: 10, f"{here}/edit": 4, "stores/new": 4}.items():
        with statements() as counted:
            assert browser.get(browser.account(path)).status_code == 200
        assert counted.total <= most, (path, counted.statements)


def test_an_empty_list_offers_what_it_hides_and_nothing_to_search_or_take_out(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    superuser_sql(FORGET_STOCK)
    for table in (*IN_PLACES, "store"):
        which = "AND is_active" if table == "store" else ""
        superuser_sql(f"DELETE FROM getinn_ops.{table} WHERE account_id = %s {which}", [world.pelmenya.account_id])
    page = owner.get(owner.account("stores")).text
    assert 'name="state"' in page
    assert 'type="search"' not in page
    assert "/stores/export" not in page
    assert 'type="search"' in owner.get(owner.account("stores?state=archived")).text
