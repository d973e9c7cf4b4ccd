"""Applying and undoing: each in one transaction, each once, nobody's work overwritten."""

import threading

import pytest

from portal.db.base import SCHEMA
from tests.importing.spreadsheets import restaurants


def names(rows):
    return [row.name for row in rows]


def change_of(chain, number=1, address="Elsewhere, 7"):
    street = {1: "Main street", 3: "River street"}[number]
    return (f"{chain.marker} on {street}", address, "", "", "")


@pytest.fixture
def address_of(superuser_sql, world):
    """The stored address of one of the cast's restaurants."""

    def read(number=1):
        row_id = world.pelmenya.id_of("restaurant", number)
        return superuser_sql("SELECT address FROM getinn_ops.restaurant WHERE id = %s", [row_id])[0].address

    return read


@pytest.fixture
def log(superuser_sql, world):
    """(action, entity, label) of what was noted, the oldest first."""

    def read():
        return superuser_sql(
            "SELECT action, entity, entity_label, after, actor_email FROM getinn_ops.audit_event"
            " WHERE account_id = %s AND id <> %s ORDER BY at, entity_label",
            [world.pelmenya.account_id, world.pelmenya.event_id],
        )

    return read


def test_new_rows_are_added_and_changed_ones_changed_with_lines_in_the_log(
    importing, world, restaurants_named, address_of, log
):
    owner = importing().send_rows([*restaurants(2), change_of(world.pelmenya)])
    assert owner.apply().status_code == 303
    first, second = restaurants_named("Blini%")
    assert (first.address, first.phone, first.email, first.timezone, first.is_active) == (
        "Tverskaya, 1", "+7 495 123-45-01", "blini1@example.com", "Europe/Moscow", True,
    )  # fmt: skip
    assert second.account_id == world.pelmenya.account_id
    assert address_of() == "Elsewhere, 7"
    lines = [(line.action, line.entity, line.entity_label) for line in log()]
    assert sorted(lines) == [
        ("created", "restaurant", "Blini 1"),
        ("created", "restaurant", "Blini 2"),
        ("edited", "restaurant", f"{world.pelmenya.marker} on Main street"),
        ("imported", "import_batch", "restaurants.csv"),
    ]
    (imported,) = [line for line in log() if line.action == "imported"]
    assert imported.after == {"list": "restaurants", "created": 2, "edited": 1}
    assert {line.actor_email for line in log()} == {world.pelmenya.owner.email}


def test_it_is_applied_once_however_often_the_button_is_pressed(importing, restaurants_named, log):
    owner = importing().send_rows(restaurants(3))
    owner.apply()
    again = owner.apply()
    assert again.status_code == 303
    assert "applied already" in owner.page()
    assert len(restaurants_named("Blini%")) == 3
    assert [line.action for line in log()].count("imported") == 1


def test_two_tabs_that_press_at_once_apply_it_once(importing, browse, world, restaurants_named):
    owner = importing().send_rows(restaurants(5))
    browsers = [browse(world.pelmenya.owner) for _ in range(2)]
    for browser in browsers:
        browser.prove()
    start, answers = threading.Barrier(2), []

    def press(browser):
        start.wait()
        answers.append(browser.post(owner.here + "/application").status_code)

    threads = [threading.Thread(target=press, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    assert len(restaurants_named("Blini%")) == 5


def test_the_same_file_twice_adds_nothing_the_second_time(importing, restaurants_named):
    importing().send_rows(restaurants(3)).apply()
    second = importing().send_rows(restaurants(3))
    assert set(second.results().values()) == {"Unchanged"}
    assert second.apply().status_code == 409
    assert len(restaurants_named("Blini%")) == 3


def test_rows_that_cannot_be_taken_are_left_out_only_when_the_person_says_so(importing, restaurants_named):
    owner = importing().send_rows([*restaurants(2), ("Blini of no phone", "", "call me", "", "")])
    assert owner.apply().location == owner.here
    assert restaurants_named("Blini%") == []
    assert "tick that they are left out" in owner.page()
    owner.apply(leave_out="y")
    assert names(restaurants_named("Blini%")) == ["Blini 1", "Blini 2"]
    assert owner.results()["Blini of no phone"] == "Error"


def test_what_others_changed_since_the_preview_is_told_and_not_overwritten(
    importing, world, superuser_sql, restaurants_named, address_of
):
    chain = world.pelmenya
    owner = importing().send_rows([*restaurants(2), change_of(chain), change_of(chain, 3)])
    superuser_sql("UPDATE getinn_ops.restaurant SET address = 'By hand' WHERE id = %s", [chain.restaurant_id])
    added = owner.browser.post(owner.browser.account("restaurants/new"), {"name": "BLINI 2"})
    assert added.status_code == 303
    assert owner.apply().location == owner.here
    assert "2 rows were left" in owner.page()
    assert address_of(1) == "By hand"
    assert address_of(3) == "Elsewhere, 7"
    assert names(restaurants_named("Blini%")) == ["Blini 1"]
    results = owner.results()
    assert results["Blini 2"] == results[f"{chain.marker} on Main street"] == "Left: changed after the preview"
    assert next(iter(results)) in {"Blini 2", f"{chain.marker} on Main street"}


def test_a_row_archived_since_the_preview_is_left(importing, world, superuser_sql, address_of):
    owner = importing().send_rows([change_of(world.pelmenya)])
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false WHERE id = %s", [world.pelmenya.restaurant_id])
    owner.apply()
    assert address_of() == f"{world.pelmenya.marker}, Main street 1"


def test_undoing_archives_what_was_added_and_restores_what_was_changed(
    importing, world, restaurants_named, address_of, log
):
    owner = importing().send_rows([*restaurants(2), change_of(world.pelmenya)])
    owner.apply()
    assert owner.undo().status_code == 303
    assert [row.is_active for row in restaurants_named("Blini%")] == [False, False]
    assert address_of() == f"{world.pelmenya.marker}, Main street 1"
    assert "3 rows were taken back." in owner.page()
    assert set(owner.results().values()) == {"Undone"}
    actions = [line.action for line in log()]
    assert (actions.count("archived"), actions.count("edited"), actions.count("import_undone")) == (2, 2, 1)


def test_undoing_keeps_and_names_what_people_have_changed_since(importing, world, superuser_sql, restaurants_named):
    chain = world.pelmenya
    owner = importing().send_rows([*restaurants(2), change_of(chain), change_of(chain, 3)])
    owner.apply()
    superuser_sql("UPDATE getinn_ops.restaurant SET phone = '+7 1 2 3 4 5' WHERE name = 'Blini 1'")
    superuser_sql("UPDATE getinn_ops.restaurant SET timezone = 'Asia/Omsk' WHERE id = %s", [chain.restaurant_id])
    owner.undo()
    assert [row.is_active for row in restaurants_named("Blini%")] == [True, False]
    assert "2 rows were kept" in owner.page()
    assert owner.results() == {
        "Blini 1": "Kept: changed after the import",
        f"{chain.marker} on Main street": "Kept: changed after the import",
        f"{chain.marker} on River street": "Undone",
        "Blini 2": "Undone",
    }


def test_it_is_undone_once_and_never_applied_again(importing, restaurants_named, log):
    owner = importing().send_rows(restaurants(1))
    owner.apply()
    owner.undo()
    superfluous = owner.undo()
    assert superfluous.status_code == 303
    assert "cannot be undone" in owner.page()
    owner.apply()
    assert [row.is_active for row in restaurants_named("Blini%")] == [False]
    assert [line.action for line in log()].count("import_undone") == 1


def test_it_is_undone_within_a_week_and_not_later(importing, superuser_sql, restaurants_named):
    owner = importing().send_rows(restaurants(1))
    owner.apply()
    move = "UPDATE getinn_ops.import_batch SET applied_at = applied_at - %s * interval '1 hour' WHERE state = 'applied'"
    superuser_sql(move, [7 * 24 - 1])
    assert "It can be undone until" in owner.page()
    superuser_sql(move, [1])
    page = owner.page()
    assert "It can no longer be undone." in page
    assert 'value="DELETE"' not in page
    owner.undo()
    assert [row.is_active for row in restaurants_named("Blini%")] == [True]


def test_a_fault_in_the_middle_leaves_nothing(importing, superuser_sql, restaurants_named, database):
    owner = importing().send_rows(restaurants(3))
    database.sql(
        f"CREATE FUNCTION {SCHEMA}.refuse_blini() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22000'; END $$;"
        f" CREATE TRIGGER refuse_blini BEFORE INSERT ON {SCHEMA}.audit_event FOR EACH ROW"
        f" WHEN (NEW.entity_label = 'Blini 2') EXECUTE FUNCTION {SCHEMA}.refuse_blini()"
    )
    try:
        assert owner.apply().status_code == 422
    finally:
        database.sql(f"DROP FUNCTION {SCHEMA}.refuse_blini() CASCADE")
    assert restaurants_named("Blini%") == []
    assert set(owner.results().values()) == {"New"}
    owner.apply()
    assert len(restaurants_named("Blini%")) == 3


def test_the_toast_after_the_import_undoes_it(importing, restaurants_named):
    owner = importing().send_rows(restaurants(2))
    page = owner.browser.get(owner.apply().location).text
    assert f'action="{owner.here}/application"' in page.replace("https://localhost", "")
    answer = owner.browser.post(owner.here + "/application", {"_method": "DELETE"})
    assert answer.status_code == 303
    assert [row.is_active for row in restaurants_named("Blini%")] == [False, False]


def test_imports_are_listed_with_who_when_how_much_and_their_state(importing):
    owner = importing().send_rows(restaurants(2))
    owner.apply()
    page = owner.browser.get(owner.url).text
    row = page[page.index("restaurants.csv") - 200 : page.index("restaurants.csv") + 1200]
    assert "Imported" in row
    assert "Owner Zqpelmenya" in row
    assert "<td>2</td>" in row
