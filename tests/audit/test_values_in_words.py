"""The log tells of changes in the words of the pages: names instead of ids, labels instead of stored words."""

import json
import re

import pytest

from portal.audit.fields import changes_in_words

UUID_LIKE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


@pytest.fixture
def changes_of(world, owner, superuser_sql):
    """The table of changes on the page of a line with these values."""

    def show(entity, before, after):
        [row] = superuser_sql(
            "INSERT INTO getinn_ops.audit_event (account_id, at, action, entity, entity_label, as_superuser, before,"
            " after) VALUES (%s, now(), 'edited', %s, 'zqpelmenya', false, %s, %s) RETURNING id",
            [world.pelmenya.account_id, entity, json.dumps(before), json.dumps(after)],
        )
        page = owner.get(owner.account(f"audit/{row.id}")).text
        return page[page.index('class="table diff"') :].partition("</table>")[0] if "table diff" in page else ""

    return show


def last_change(owner):
    page = owner.get(owner.account("audit?action=edited")).text
    event_id = re.findall(r'<tr id="e-([0-9a-f-]+)">', page)[0]
    page = owner.get(owner.account(f"audit/{event_id}")).text
    return page[page.index('class="table diff"') :].partition("</table>")[0]


def test_a_store_that_moves_is_told_by_the_names_of_its_restaurants_and_kinds(world, owner):
    chain = world.pelmenya
    form = {"name": "Cellar", "restaurant_id": str(chain.assigned_restaurant_id), "kind": "cold"}
    assert owner.post(owner.account(f"stores/{chain.store_id}/edit"), form).status_code == 303
    table = last_change(owner)
    for told in ("zqpelmenya on Main street", "zqpelmenya on River street", "Kitchen", "Cold room", "Restaurant"):
        assert told in table, told
    assert not UUID_LIKE.search(table)
    assert "restaurant_id" not in table


def test_a_line_of_an_older_writer_that_holds_ids_is_told_by_names(world, changes_of):
    chain = world.pelmenya
    gone = "00000000-0000-4000-8000-000000000000"
    table = changes_of("store", {"restaurant_id": str(chain.restaurant_id)}, {"restaurant_id": gone})
    assert "zqpelmenya on Main street" in table
    assert "no longer there" in table
    assert not UUID_LIKE.search(table)


def test_an_id_of_another_chain_is_told_by_no_name(world, changes_of):
    table = changes_of("store", {}, {"restaurant_id": str(world.vareniki.restaurant_id)})
    assert "no longer there" in table
    assert "zqvareniki" not in table


def test_what_has_no_label_is_not_shown(changes_of):
    assert "secret_plan" not in changes_of("store", {"name": "a"}, {"name": "b", "secret_plan": "x"})
    assert changes_of("store", {"secret_plan": "y"}, {"secret_plan": "x"}) == ""


@pytest.mark.parametrize("value", [1e300, [], {"a": ["b"]}, "9" * 4000, "\u202e", [None, {}], 5])
def test_a_value_of_any_shape_is_shown_without_fault(changes_of, value):
    for key in ("kind", "restaurant_id", "is_active", "iiko_last_synced_at"):
        assert "<tbody" in changes_of("store", {key: None}, {key: value})


def test_a_line_about_something_unknown_has_a_page(owner, changes_of):
    assert changes_of("a_table_that_is_gone", {"name": "a"}, {"name": "b"}) == ""
    assert "a_table_that_is_gone" not in owner.get(owner.account("audit")).text


def test_a_card_of_the_last_changes_says_what_changed_and_leads_to_the_line(world, owner):
    path = owner.account(f"restaurants/{world.pelmenya.restaurant_id}")
    form = {"name": "zqpelmenya on Main street", "phone": "+7 495 555-03-12"}
    assert owner.post(f"{path}/edit", form).status_code == 303
    for page in (path, owner.account(), owner.account("audit")):
        shown = owner.get(page).text
        assert re.search(r"Phone: [^<·]*\+7 495 555-03-12", shown), page
    card = owner.get(path).text.split('id="history"')[1]
    assert re.search(r'<a href="[^"]*/audit/[0-9a-f-]{36}">Edited</a>', card)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"phone": "1"}, {"phone": "2"}, ["Phone: 1 → 2"]),
        ({"phone": None}, {"phone": "2"}, ["Phone: 2"]),
        ({"phone": "1"}, {"phone": None}, ["Phone: 1 → —"]),
        ({"name": "x" * 60}, {"name": "y"}, [f"Name: {'x' * 39}… → y"]),
        ({"is_active": True}, {"is_active": False}, ["Active: yes → no"]),
        ({"restaurant_id": "9e1e0a00-0008-4000-8000-000000000001"}, {"restaurant_id": "A"}, ["Restaurant"]),
        ({"secret_plan": "a"}, {"secret_plan": "b"}, []),
        ({}, {"name": "a", "phone": "b", "address": "c", "email": "d"}, ["Name: a", "Phone: b", "Address: c", "…"]),
        ({"name": []}, {"name": {"a": ["b"]}}, ["Name: — → a → b"]),
        (None, None, []),
    ],
)
def test_a_line_says_what_changed_without_reading_anything(app, before, after, told):
    with app.test_request_context():
        table = "store" if "restaurant_id" in (before or {}) else "restaurant"
        assert changes_in_words(table, before, after) == told
