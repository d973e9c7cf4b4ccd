"""Adding and changing restaurants."""

import re

import pytest

GOOD = {
    "name": "Pelmenya on the Fontanka",
    "address": "Fontanka 12\nYard, second door",
    "phone": "+7 812 555-01-02",
    "email": "fontanka@pelmenya.example",
    "timezone": "Europe/Moscow",
}
FAULTS = {
    "name": ["", "   ", "x" * 201, "null\x00byte"],
    "address": ["x" * 1001],
    "phone": ["call me", "12", "+7" + "1" * 60],
    "email": ["nobody", "a@b", "a b@pelmenya.example"],
    "timezone": ["Europe/Atlantis", "UTC+3"],
}


def error_of(page, field):
    """The error that stands beside a field, if any."""
    found = re.search(rf'<ul class="field__errors" id="{field}-errors">(.*?)</ul>', page, re.DOTALL)
    return found and found[1]


def stored(superuser_sql, name):
    return superuser_sql("SELECT * FROM getinn_ops.restaurant WHERE name = %s", [name])


def test_a_new_restaurant_is_stored_as_typed_and_told_in_the_log(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    response = browser.post(browser.account("restaurants/new"), GOOD)
    (row,) = stored(superuser_sql, GOOD["name"])
    assert response.location.endswith(f"/restaurants/{row.id}")
    assert {key: getattr(row, key) for key in GOOD} == GOOD
    assert (row.account_id, row.is_active) == (world.pelmenya.account_id, True)
    (event,) = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE entity_id = %s", [row.id])
    assert (event.action, event.actor_id, event.after["phone"]) == ("created", world.pelmenya.owner.id, GOOD["phone"])
    page = browser.get(response.location).text
    assert f"{GOOD['name']} was added." in page


def test_a_name_is_enough(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    empty = dict.fromkeys(GOOD, "") | {"name": "Only a name"}
    assert browser.post(browser.account("restaurants/new"), empty).status_code == 303
    (row,) = stored(superuser_sql, "Only a name")
    assert (row.address, row.phone, row.email, row.timezone) == (None, None, None, None)


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in FAULTS.items() for value in values])
def test_a_fault_is_told_beside_its_field_and_nothing_typed_is_lost(world, browse, superuser_sql, field, value):
    browser = browse(world.pelmenya.owner)
    before = superuser_sql("SELECT count(*) AS n FROM getinn_ops.restaurant")[0].n
    response = browser.post(browser.account("restaurants/new"), GOOD | {field: value})
    assert response.status_code == 422
    assert error_of(response.text, field)
    assert [other for other in GOOD if other != field and error_of(response.text, other)] == []
    assert all(kept in response.text for key, kept in GOOD.items() if key not in (field, "address"))
    assert superuser_sql("SELECT count(*) AS n FROM getinn_ops.restaurant")[0].n == before


def test_an_edit_stores_and_tells_only_what_changed(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    path = browser.account(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    kept = superuser_sql("SELECT * FROM getinn_ops.restaurant WHERE id = %s", [world.pelmenya.restaurant_id])[0]
    data = {key: getattr(kept, key) for key in GOOD} | {"phone": "+7 495 000-00-01"}
    assert browser.post(path, data).status_code == 303
    events = superuser_sql(
        "SELECT * FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at DESC", [world.pelmenya.restaurant_id]
    )
    assert (events[0].before, events[0].after) == ({"phone": kept.phone}, {"phone": "+7 495 000-00-01"})


def test_an_edit_that_changes_nothing_leaves_no_line_in_the_log(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    kept = superuser_sql("SELECT * FROM getinn_ops.restaurant WHERE id = %s", [world.pelmenya.restaurant_id])[0]
    before = superuser_sql("SELECT count(*) AS n FROM getinn_ops.audit_event")[0].n
    data = {key: getattr(kept, key) for key in GOOD}
    assert browser.post(browser.account(f"restaurants/{kept.id}/edit"), data).status_code == 303
    assert superuser_sql("SELECT count(*) AS n FROM getinn_ops.audit_event")[0].n == before


def test_a_zone_of_an_older_writer_stays_until_somebody_chooses_another(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.restaurant SET timezone = 'MSK' WHERE id = %s", [world.pelmenya.restaurant_id])
    browser = browse(world.pelmenya.owner)
    path = browser.account(f"restaurants/{world.pelmenya.restaurant_id}")
    assert "MSK" in browser.get(path).text
    assert re.search(r'<option selected value="MSK">', browser.get(path + "/edit").text)
    assert browser.post(path + "/edit", GOOD | {"timezone": "MSK"}).status_code == 303
    assert stored(superuser_sql, GOOD["name"])[0].timezone == "MSK"
    assert browser.post(path + "/edit", GOOD | {"timezone": ""}).status_code == 303
    assert stored(superuser_sql, GOOD["name"])[0].timezone is None


def test_the_zones_on_offer_are_the_real_ones(world, browse):
    page = browse(world.pelmenya.owner)
    form = page.get(page.account("restaurants/new")).text
    offered = re.findall(r'<option (?:selected )?value="([^"]*)"', form)
    assert {"", "UTC", "Europe/Moscow", "Asia/Vladivostok"} <= set(offered)
    assert len(offered) > 300
    assert "Etc/GMT+3" not in offered


def test_while_a_person_types_only_the_field_is_answered_and_nothing_is_stored(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    path = browser.account("restaurants/new")
    bad = browser.post(path, GOOD | {"email": "nobody", "_validate": "email"}, htmx=True)
    assert bad.status_code == 200
    assert bad.text.strip().startswith("<div")
    assert 'id="field-email"' in bad.text
    assert error_of(bad.text, "email")
    assert 'value="nobody"' in bad.text
    assert "field-name" not in bad.text
    good = browser.post(path, GOOD | {"_validate": "email"}, htmx=True)
    assert not error_of(good.text, "email")
    assert stored(superuser_sql, GOOD["name"]) == []


def test_what_no_field_is_called_cannot_be_checked(world, browse):
    browser = browse(world.pelmenya.owner)
    assert browser.post(browser.account("restaurants/new"), GOOD | {"_validate": "is_active"}).status_code == 400


def test_fields_that_the_form_lacks_change_nothing(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    sneaked = {"iiko_id": "stolen", "account_id": str(world.vareniki.account_id), "is_active": "", "id": "1"}
    browser.post(browser.account(f"restaurants/{world.pelmenya.restaurant_id}/edit"), GOOD | sneaked)
    (row,) = stored(superuser_sql, GOOD["name"])
    assert (row.iiko_id, row.account_id, row.is_active) == ("zqpelmenya-iiko-1", world.pelmenya.account_id, True)


def test_markup_in_a_name_is_text_everywhere(world, browse):
    browser = browse(world.pelmenya.owner)
    name = "<script>alert(1)</script> \"quoted\" & 'more'"
    added = browser.post(browser.account("restaurants/new"), GOOD | {"name": name})
    for path in (added.location, added.location + "/edit", browser.account("restaurants")):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_without_the_proof_of_the_form_nothing_happens(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    assert browser.post(browser.account("restaurants/new"), GOOD, csrf=False).status_code == 400
    assert stored(superuser_sql, GOOD["name"]) == []


def test_line_breaks_in_a_name_become_blanks(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    browser.post(browser.account("restaurants/new"), GOOD | {"name": "Two\r\nlines\u2028of text"})
    assert stored(superuser_sql, "Two lines of text")
