"""People who are assigned to some restaurants meet the others nowhere, in lists, pages, forms or exports."""

import pytest
from werkzeug.exceptions import NotFound

from portal.equipment.listing import EQUIPMENT
from portal.tenancy.scope import enter_account
from portal.web.listing.reading import read_all, read_page
from tests.rules.site.pages import read_offers
from tests.rules.site.targets import targets

# Signs of the restaurants that are not theirs, and of the stores in them.
SIGNS = ("Main street", "Old street", "store 1", "store 2", "fridge 1", "fridge 2", "place1@", "place2@")


@pytest.fixture
def manager(browse, world):
    return browse(world.pelmenya.assigned_manager)


def pages(app, world):
    for target in targets(app):
        if target.is_safe and not target.access.superuser:
            yield target, target.path(target.values(world.pelmenya))


def test_no_page_mentions_a_restaurant_that_is_not_theirs(app, manager, world):
    chain = world.pelmenya
    hidden = [*SIGNS, str(chain.restaurant_id), str(chain.archived_restaurant_id), str(chain.store_id)]
    for target, path in pages(app, world):
        for query in ("", "?state=all", "?q=zqpelmenya", f"?restaurant_id={chain.restaurant_id}&state=all"):
            answer = manager.get(path + query)
            # What was asked for may be repeated.
            signs = [sign for sign in hidden if sign not in query]
            if answer.status_code == 200:
                assert [sign for sign in signs if sign in answer.text] == [], f"{target} {query}"


def test_their_own_restaurant_is_there(manager, world):
    for path in ("restaurants", "restaurants/export"):
        assert "River street" in manager.get(manager.account(path)).text
    assert manager.get(manager.account(f"restaurants/{world.pelmenya.assigned_restaurant_id}")).status_code == 200
    assert manager.get(manager.account(f"stores/{world.pelmenya.assigned_store_id}")).status_code == 200


def test_the_others_answer_like_rows_that_do_not_exist(app, manager, world):
    for target, path in pages(app, world):
        if {"restaurant_id", "store_id"} & set(target.rule.arguments):
            assert manager.get(path).status_code == 404, target


def test_nothing_of_the_others_changes(app, manager, browse, world, superuser_sql):
    chain = world.pelmenya
    offers = read_offers(app, [browse(chain.owner)], chain)
    # A store that they add to their own restaurant is theirs; the cast's ids are recognised by their form.
    cast = "id <> ALL (%s) AND id::text LIKE '%%-4000-8000-00000000000_'"
    state = f"SELECT id, name, updated_at FROM getinn_ops.{{}} WHERE {cast} ORDER BY id"
    theirs = [chain.assigned_restaurant_id, chain.assigned_store_id, chain.id_of("store_equipment", 3)]
    tables = ("restaurant", "store", "store_equipment")
    before = [superuser_sql(state.format(table), [theirs]) for table in tables]
    for target in targets(app):
        if not target.is_safe and {"restaurants", "stores", "equipment"} & set(target.rule.endpoint.split(".")):
            for ids in (chain.restaurant_id, chain.store_id):
                form = {**offers.form(target, chain), "name": "changed", "ids": str(ids)}
                manager.open(target.path(target.values(chain)), target.method, data=form, csrf=True)
    assert [superuser_sql(state.format(table), [theirs]) for table in tables] == before


def test_they_add_no_restaurant_for_it_would_not_be_theirs(manager):
    answer = manager.post(manager.account("restaurants/new"), {"name": "another"})
    assert answer.status_code == 403


def test_they_move_no_store_into_a_restaurant_of_others(manager, world):
    chain = world.pelmenya
    answer = manager.post(
        manager.account(f"stores/{chain.assigned_store_id}/edit"),
        {"name": "moved", "kind": "kitchen", "restaurant_id": str(chain.restaurant_id)},
    )
    assert answer.status_code == 422
    assert "Main street" not in answer.text


def test_people_without_assignments_work_in_all(browse, world):
    manager = browse(world.pelmenya.manager)
    page = manager.get(manager.account("restaurants")).text
    assert "Main street" in page
    assert "River street" in page


def test_the_equipment_of_their_own_store_is_theirs_and_that_of_others_is_not_there(manager, world):
    for store_id, status in ((world.pelmenya.assigned_store_id, 200), (world.pelmenya.store_id, 404)):
        for page in ("edit", "export"):
            assert manager.get(manager.account(f"stores/{store_id}/equipment/{page}")).status_code == status
    own = manager.get(manager.account(f"stores/{world.pelmenya.assigned_store_id}/equipment/export")).text
    assert "fridge 3" in own


def test_a_list_of_lines_is_limited_by_the_restaurants_of_their_parents(app, world):
    """The reader of lists by itself: no view has looked for the store before."""
    chain = world.pelmenya
    with app.test_request_context():
        enter_account(chain.account_id, (chain.assigned_restaurant_id,))
        names = [row.name for row in read_page(EQUIPMENT, {}, "/", chain.assigned_store_id).rows]
        assert names == ["zqpelmenya fridge 3"]
        with pytest.raises(NotFound):
            read_page(EQUIPMENT, {}, "/", chain.store_id)
        with read_all(EQUIPMENT, {}, chain.store_id) as rows:
            assert rows.fetchall() == []
        with read_all(EQUIPMENT, {}, chain.assigned_store_id) as rows:
            assert [row.name for row in rows] == ["zqpelmenya fridge 3"]
