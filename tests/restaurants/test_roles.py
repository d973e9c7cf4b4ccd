"""Who sees and changes which restaurants."""

import csv
import io

import pytest

SEEING = ["owner", "manager", "chef", "viewer"]
EDITING = ["owner", "manager"]
FILLED_IN = {"name": "Pelmenya on the Moyka", "timezone": "Europe/Moscow"}


def people(world, names):
    return [getattr(world.pelmenya, name) for name in names]


def names_in(response):
    """The names in a CSV export."""
    rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    return {row[0] for row in rows[1:]}


@pytest.mark.parametrize("role", SEEING)
def test_every_role_sees_the_restaurants_of_the_chain_and_none_of_another(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    page = browser.get(browser.account("restaurants")).text
    assert "zqpelmenya on Main street" in page
    assert "zqpelmenya on River street" in page
    assert "zqvareniki" not in page


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_those_who_only_see_get_no_buttons_and_no_way_around_them(world, browse, superuser_sql, role):
    browser = browse(getattr(world.pelmenya, role))
    shown = browser.get(browser.account(f"restaurants/{world.pelmenya.restaurant_id}")).text
    listed = browser.get(browser.account("restaurants")).text
    assert "/edit" not in shown
    assert "archival" not in shown + listed
    assert "restaurants/new" not in listed
    for path in ("restaurants/new", f"restaurants/{world.pelmenya.restaurant_id}/edit"):
        assert browser.get(browser.account(path)).status_code == 403
        assert browser.post(browser.account(path), FILLED_IN).status_code == 403
    chosen = {"ids": str(world.pelmenya.restaurant_id)}
    assert browser.post(browser.account("restaurants/archival"), chosen).status_code == 403
    assert browser.delete(browser.account("restaurants/archival"), chosen).status_code == 403
    row = superuser_sql(
        "SELECT name, is_active FROM getinn_ops.restaurant WHERE id = %s", [world.pelmenya.restaurant_id]
    )[0]
    assert (row.name, row.is_active) == ("zqpelmenya on Main street", True)


@pytest.mark.parametrize("role", EDITING)
def test_owners_and_managers_add_and_edit_restaurants(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    added = browser.post(browser.account("restaurants/new"), FILLED_IN)
    assert added.status_code == 303
    edited = browser.post(added.location + "/edit", {**FILLED_IN, "name": "Pelmenya on the Neva"})
    assert edited.status_code == 303
    assert "Pelmenya on the Neva" in browser.get(edited.location).text


def test_an_assigned_manager_sees_only_the_assigned_restaurants_in_list_search_filter_and_export(world, browse):
    browser = browse(world.pelmenya.assigned_manager)
    for query in ("", "?q=zqpelmenya", "?q=Main", "?state=all", "?state=archived", "?sync=failed", "?page=last"):
        listed = browser.get(browser.account(f"restaurants{query}")).text
        assert "Main street" not in listed, query
        assert "Old street" not in listed, query
    assert "zqpelmenya on River street" in browser.get(browser.account("restaurants?state=all")).text
    exported = browser.get(browser.account("restaurants/export?state=all"))
    assert names_in(exported) == {"zqpelmenya on River street"}


def test_an_assigned_manager_finds_no_other_restaurant_by_its_id(world, browse, superuser_sql):
    browser = browse(world.pelmenya.assigned_manager)
    other = world.pelmenya.restaurant_id
    for path in (f"restaurants/{other}", f"restaurants/{other}/edit"):
        assert browser.get(browser.account(path)).status_code == 404
    assert browser.post(browser.account(f"restaurants/{other}/edit"), FILLED_IN).status_code == 404
    mixed = {"ids": [str(other), str(world.pelmenya.assigned_restaurant_id)]}
    assert browser.post(browser.account("restaurants/archival"), mixed).status_code == 404
    rows = superuser_sql(
        "SELECT is_active FROM getinn_ops.restaurant WHERE id = ANY(%s)",
        [[other, world.pelmenya.assigned_restaurant_id]],
    )
    assert [row.is_active for row in rows] == [True, True]


def test_an_assigned_manager_edits_and_archives_the_assigned_restaurant_and_adds_none(world, browse):
    browser = browse(world.pelmenya.assigned_manager)
    own = world.pelmenya.assigned_restaurant_id
    assert browser.post(browser.account(f"restaurants/{own}/edit"), FILLED_IN).status_code == 303
    assert browser.post(browser.account("restaurants/archival"), {"ids": str(own)}).status_code == 303
    assert browser.post(browser.account("restaurants/new"), FILLED_IN).status_code == 403
    assert "restaurants/new" not in browser.get(browser.account("restaurants")).text


def test_another_chains_restaurant_answers_like_one_that_does_not_exist(world, browse):
    browser = browse(world.pelmenya.owner)
    absent = "00000000-0000-4000-8000-000000000000"
    for suffix in ("", "/edit"):
        foreign = browser.get(browser.account(f"restaurants/{world.vareniki.restaurant_id}{suffix}"))
        missing = browser.get(browser.account(f"restaurants/{absent}{suffix}"))
        assert foreign.status_code == missing.status_code == 404
        assert "zqvareniki" not in foreign.text


def test_the_owner_sees_who_is_assigned_and_others_do_not(world, browse):
    path = f"restaurants/{world.pelmenya.assigned_restaurant_id}"
    owner = browse(world.pelmenya.owner)
    assert world.pelmenya.assigned_manager.full_name in owner.get(owner.account(path)).text
    for person in people(world, ["manager", "chef", "viewer"]):
        browser = browse(person)
        assert world.pelmenya.assigned_manager.full_name not in browser.get(browser.account(path)).text


def test_a_deactivated_assigned_manager_is_not_shown_as_somebody_who_works_there(world, browse, superuser_sql):
    superuser_sql('UPDATE getinn_ops."user" SET is_active = false WHERE id = %s', [world.pelmenya.assigned_manager.id])
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account(f"restaurants/{world.pelmenya.assigned_restaurant_id}")).text
    assert world.pelmenya.assigned_manager.full_name not in page


def test_a_superuser_on_a_visit_works_like_an_owner(world, browse, superuser_sql):
    browser = browse(world.superuser, visiting=world.pelmenya)
    added = browser.post(browser.account("restaurants/new"), FILLED_IN)
    assert added.status_code == 303
    event = superuser_sql(
        "SELECT as_superuser, actor_email FROM getinn_ops.audit_event WHERE entity_label = %s", [FILLED_IN["name"]]
    )[0]
    assert (event.as_superuser, event.actor_email) == (True, world.superuser.email)
