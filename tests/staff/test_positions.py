"""Positions and what scenarios call restaurants: who sets them up, codes that are there once."""

import html
import re

import pytest


def error_of(page, field):
    found = re.search(rf'<ul class="field__errors" id="{field}-errors">(.*?)</ul>', page, re.DOTALL)
    return found and html.unescape(re.sub(r"\s+", " ", found[1]))


def test_owners_add_edit_and_archive_positions(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    new = browser.account("staff/positions/new")
    assert browser.post(new, {"name": "Бармен", "code": "barman"}).status_code == 303
    (row,) = superuser_sql("SELECT * FROM getinn_ops.staff_position WHERE code = 'barman'")
    assert (row.name, row.is_kitchen, row.account_id) == ("Бармен", False, world.pelmenya.account_id)
    here = browser.account(f"staff/positions/{row.id}")
    assert browser.post(f"{here}/edit", {"name": "Бармен", "code": "bar", "is_kitchen": "y"}).status_code == 303
    assert "bar" in browser.get(here).text
    archival = browser.account("staff/positions/archival")
    assert browser.post(archival, {"ids": str(row.id)}).status_code == 303
    assert "Бармен" not in browser.get(browser.account("staff/positions")).text


@pytest.mark.parametrize("code", ["zqpelmenya-cook", "ZQPELMENYA-COOK"])
def test_a_code_is_one_positions_however_it_is_spelled(world, browse, code):
    browser = browse(world.pelmenya.owner)
    answer = browser.post(browser.account("staff/positions/new"), {"name": "Другой", "code": code})
    assert answer.status_code == 422
    assert "belongs to zqpelmenya cook" in error_of(answer.text, "code")
    # Its own code is no fault of a position, and the other chain's is another matter.
    cook = browser.account(f"staff/positions/{world.pelmenya.id_of('staff_position')}/edit")
    assert browser.post(cook, {"name": "Повар", "code": code}).status_code == 303
    other = browse(world.vareniki.owner)
    assert other.post(other.account("staff/positions/new"), {"name": "Повар", "code": code}).status_code == 303


def test_codes_of_restaurants_are_listed_added_and_removed(world, browse, superuser_sql):
    browser = browse(world.pelmenya.owner)
    codes = browser.account("staff/codes")
    assert "zqpelmenya-main" in browser.get(codes).text
    assert "zqpelmenya-main" in browser.get(f"{codes}?q=main").text
    taken = {"code": "ZQpelmenya-MAIN", "restaurant_id": str(world.pelmenya.assigned_restaurant_id)}
    answer = browser.post(f"{codes}/new", taken)
    assert answer.status_code == 422
    assert "belongs to zqpelmenya on Main street" in error_of(answer.text, "code")
    assert browser.post(f"{codes}/new", {**taken, "code": "luna"}).status_code == 303
    (row,) = superuser_sql("SELECT * FROM getinn_ops.restaurant_code WHERE code = 'luna'")
    page = browser.get(codes).text
    assert f'action="{codes}/{row.id}"' in page
    assert browser.delete(f"{codes}/{row.id}").status_code == 303
    assert superuser_sql("SELECT id FROM getinn_ops.restaurant_code WHERE code = 'luna'") == []
    events = superuser_sql("SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at", [row.id])
    assert [each.action for each in events] == ["created", "removed"]
    foreign = world.vareniki.id_of("restaurant_code")
    assert browser.delete(f"{codes}/{foreign}").status_code == 404


@pytest.mark.parametrize("role", ["manager", "chef", "viewer"])
def test_others_see_positions_and_set_nothing_up(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    assert "zqpelmenya cook" in browser.get(browser.account("staff/positions")).text
    assert browser.post(browser.account("staff/positions/new"), {"name": "x", "code": "x"}).status_code == 403
    assert browser.get(browser.account("staff/codes")).status_code == 403
    code = world.pelmenya.id_of("restaurant_code")
    assert browser.delete(browser.account(f"staff/codes/{code}")).status_code == 403
