"""Stores: matched by restaurant and name, choices by their labels."""

import pytest

from tests.importing.spreadsheets import csv_file

HEADINGS = ("Name", "Restaurant", "Kind", "Address")


@pytest.fixture
def send(importing, world):
    """Upload stores as a person of the chain."""
    return lambda rows, person=None: importing(person, "store").send_rows(rows, HEADINGS)


def test_a_store_is_added_to_the_restaurant_of_that_name(send, world, superuser_sql):
    chain = world.pelmenya
    owner = send([("Blini bar", f"  {chain.marker.upper()} on main street ", "Bar", "Yard")])
    assert set(owner.results().values()) == {"New"}
    assert owner.apply().location.endswith("/stores")
    (row,) = superuser_sql("SELECT * FROM getinn_ops.store WHERE name = 'Blini bar'")
    assert (row.restaurant_id, row.kind, row.address) == (chain.restaurant_id, "bar", "Yard")


@pytest.mark.parametrize(("cell", "kind"), [("бар", "bar"), ("COLD", "cold"), ("Cold room", "cold"), ("", "kitchen")])
def test_a_kind_is_read_by_its_label_in_both_languages(send, world, superuser_sql, cell, kind):
    send([("Blini bar", f"{world.pelmenya.marker} on Main street", cell, "")]).apply()
    assert [row.kind for row in superuser_sql("SELECT kind FROM getinn_ops.store WHERE name = 'Blini bar'")] == [kind]


def test_an_unknown_kind_is_answered_with_those_there_are(send, world):
    owner = send([("Blini bar", f"{world.pelmenya.marker} on Main street", "Cellar", "")])
    assert "Kind: “Cellar” is not known. Write one of: Kitchen, Bar, " in owner.page().replace("</strong>", "")


def test_a_name_is_looked_for_within_its_restaurant(send, world):
    chain = world.pelmenya
    owner = send(
        [
            (f"{chain.marker} store 1", f"{chain.marker} on Main street", "", "Elsewhere"),
            (f"{chain.marker} store 1", f"{chain.marker} on River street", "", "Elsewhere"),
        ]
    )
    assert owner.results() == {
        f"{chain.marker} store 1 · {chain.marker} on Main street": "Changes",
        f"{chain.marker} store 1 · {chain.marker} on River street": "New",
    }


def test_a_restaurant_that_is_not_there_or_not_theirs_is_told_in_the_same_words(send, world):
    chain = world.pelmenya
    rows = [("Blini bar", "Nowhere", "", ""), ("Blini cold", f"{chain.marker} on Main street", "", "")]
    told = [
        text.replace("Nowhere", "X").replace(f"{chain.marker} on Main street", "X")
        for text in send(rows, chain.assigned_manager).details().values()
    ]
    assert told[0] == told[1]
    assert told[0].startswith("Restaurant: “X” is not among yours.")
    foreign = send([("Blini bar", f"{world.vareniki.marker} on Main street", "", "")])
    assert set(foreign.results().values()) == {"Error"}


def test_an_archived_restaurant_gets_no_new_store_and_its_old_ones_may_be_changed(send, world, superuser_sql):
    chain = world.pelmenya
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false WHERE id = %s", [chain.restaurant_id])
    place = f"{chain.marker} on Main street"
    owner = send([("Blini bar", place, "", ""), (f"{chain.marker} store 1", place, "", "Elsewhere")])
    assert owner.results() == {f"Blini bar · {place}": "Error", f"{chain.marker} store 1 · {place}": "Changes"}
    assert f"“{place}” is archived. Restore it first." in owner.page()


def test_two_restaurants_of_one_name_are_never_guessed_between(send, world, superuser_sql):
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET name = %s WHERE id = %s",
        [f"{chain.marker} on Main street", chain.assigned_restaurant_id],
    )
    owner = send([("Blini bar", f"{chain.marker} on Main street", "", "")])
    assert "2 are called" in owner.page()


def test_an_assigned_manager_adds_stores_to_their_restaurants(send, world, superuser_sql):
    chain = world.pelmenya
    manager = send([("Blini bar", f"{chain.marker} on River street", "bar", "")], chain.assigned_manager)
    manager.apply()
    (row,) = superuser_sql("SELECT * FROM getinn_ops.store WHERE name = 'Blini bar'")
    assert row.restaurant_id == chain.assigned_restaurant_id
    manager.undo()
    (row,) = superuser_sql("SELECT * FROM getinn_ops.store WHERE name = 'Blini bar'")
    assert not row.is_active


def test_without_the_restaurant_s_column_it_is_asked_for(importing):
    owner = importing(noun="store")
    owner.send(csv_file([("Name", "Kind"), ("Blini bar", "bar")]))
    assert owner.browser.get(owner.here).location.endswith("/columns")
