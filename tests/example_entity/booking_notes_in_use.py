"""Notes on table bookings: what a person does with them, and what another chain's person cannot."""

import csv
import io
import re

import pytest
from flask_migrate import check

PATH = "booking-notes"


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


def write(browser, name, restaurant_id, text=None):
    form = {"name": name, "restaurant_id": str(restaurant_id), "text": text or ""}
    return browser.post(browser.account(f"{PATH}/new"), form)


@pytest.fixture
def note_id(world, owner):
    """The id of a note at the first restaurant."""
    answer = write(owner, "Anna at seven", world.pelmenya.restaurant_id, "Window, a child's chair")
    assert answer.status_code == 303
    return answer.location.rpartition("/")[2]


def test_the_migration_makes_what_the_class_says(app, database):
    with app.app_context():
        check()


def test_a_note_is_added_shown_edited_and_found(world, owner, note_id):
    page = owner.get(owner.account(f"{PATH}/{note_id}")).text
    assert "Anna at seven" in page
    assert "zqpelmenya on Main street" in page
    changed = {"name": "Boris at eight", "restaurant_id": str(world.pelmenya.restaurant_id), "text": ""}
    assert owner.post(owner.account(f"{PATH}/{note_id}/edit"), changed).status_code == 303
    assert "Boris at eight" in owner.get(owner.account(f"{PATH}?q=boris")).text
    assert "Nothing matches" in owner.get(owner.account(f"{PATH}?q=anna")).text


def test_what_two_people_change_in_one_note_is_asked_about(world, owner, browse, note_id):
    url = owner.account(f"{PATH}/{note_id}/edit")
    read = re.search('name="_read" value="([^"]+)"', owner.get(url).text)[1]
    note = {"restaurant_id": str(world.pelmenya.restaurant_id), "text": "Window, a child's chair", "_read": read}
    assert browse(world.pelmenya.manager).post(url, {**note, "name": "Anna at eight"}).status_code == 303
    asked = owner.post(url, {**note, "name": "Anna at nine", "text": "Terrace"})
    assert asked.status_code == 409
    assert 'name="_take-name"' in asked.text
    assert 'name="_take-text"' not in asked.text


def test_what_is_missing_is_said_beside_the_field(owner):
    answer = owner.post(owner.account(f"{PATH}/new"), {"name": " "})
    assert answer.status_code == 422
    assert "Fill this in." in answer.text
    assert "Choose the restaurant." in answer.text


def test_several_are_archived_filtered_and_restored(world, owner, note_id):
    for method, state, told in (("post", "archived", "Moved to the archive"), ("delete", "", "Back from the archive")):
        answer = getattr(owner, method)(owner.account(f"{PATH}/archival"), {"ids": note_id})
        assert f"{told}: 1 booking note." in owner.get(answer.location).text
        assert "Anna at seven" in owner.get(owner.account(f"{PATH}?state={state}")).text


def test_the_csv_has_a_column_for_each_field(owner, note_id):
    text = owner.get(owner.account(f"{PATH}/export")).get_data().decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert list(row) == ["Name", "Restaurant", "Text", "Active", "Last changed (UTC)"]
    assert (row["Restaurant"], row["Active"]) == ("zqpelmenya on Main street", "yes")


def test_the_log_tells_of_it_in_words(world, owner, note_id):
    changed = {"name": "Anna at seven", "restaurant_id": str(world.pelmenya.id_of("restaurant", 3)), "text": "Window"}
    owner.post(owner.account(f"{PATH}/{note_id}/edit"), changed)
    page = owner.get(owner.account("audit?entity=booking_note")).text
    event_id = re.findall(r'<tr id="e-([0-9a-f-]+)">', page)[0]
    page = owner.get(owner.account(f"audit/{event_id}")).text
    for told in ("Booking note", "Restaurant", "zqpelmenya on Main street", "zqpelmenya on River street"):
        assert told in page
    assert owner.account(f"{PATH}/{note_id}") in page
    changes = page[page.index('class="table diff"') :].partition("</table>")[0]
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|booking_note|restaurant_id", changes)


def test_nothing_of_it_leaves_the_chain(world, browse, note_id):
    stranger = browse(world.vareniki.owner)
    for path in (f"{PATH}/{note_id}", f"{PATH}/{note_id}/edit"):
        assert stranger.get(stranger.account(path)).status_code == 404
        assert stranger.get(f"/accounts/pelmenya/{path}").status_code == 404
    assert stranger.post(stranger.account(f"{PATH}/archival"), {"ids": note_id}).status_code == 404
    assert "Anna" not in stranger.get(stranger.account(PATH)).text
    assert write(stranger, "Mine", world.pelmenya.restaurant_id).status_code == 422


def test_a_manager_of_one_restaurant_knows_the_notes_of_that_one(world, browse, owner, note_id):
    write(owner, "Vera at nine", world.pelmenya.assigned_restaurant_id)
    manager = browse(world.pelmenya.assigned_manager)
    page = manager.get(manager.account(PATH)).text
    assert "Vera" in page
    assert "Anna" not in page
    assert manager.get(manager.account(f"{PATH}/{note_id}")).status_code == 404
    assert write(manager, "Elsewhere", world.pelmenya.restaurant_id).status_code == 422


def test_it_speaks_russian(owner, note_id):
    owner.post("/language", {"locale": "ru", "next": "/"})
    page = owner.get(owner.account(PATH)).text
    assert "Заметки к броням" in page
    assert "1 заметка" in page
