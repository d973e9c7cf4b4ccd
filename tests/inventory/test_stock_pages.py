"""Stock as people meet it: lists, an item in a store, the journal, writing off, bringing elsewhere."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

S = "getinn_ops"


def rows_of(page):
    """Whether the list holds rows, and its text."""
    return page.text.count("<tr id=")


def test_the_list_says_how_much_there_is_and_filters_by_what_is_low_below_zero_or_about_to_expire(owner):
    owner.sql(f"DELETE FROM {S}.inventory_stock WHERE store_id <> %s", [owner.store_id])
    today = f"(SELECT {S}.local_day(timezone('utc', now()), timezone) FROM {S}.restaurant LIMIT 1)"
    owner.sql(f"UPDATE {S}.restaurant SET timezone = 'Pacific/Honolulu'")
    owner.move(5, lot="old", expiry=f"{today} - 1")
    owner.move(2, lot="today", expiry=today)
    owner.move(6, lot="soon", expiry=f"{today} + 3")
    owner.move(7, lot="later", expiry=f"{today} + 4")
    owner.move(-2, kind="write_off")
    assert "3.64" in owner.get("stock").text
    found = {
        query: owner.get(f"stock?{query}") for query in ("level=below", "expires=over", "expires=soon", "level=low")
    }
    assert "\u22122" not in found["expires=over"].text
    assert [rows_of(page) for page in found.values()] == [1, 1, 2, 0]
    assert ">old<" in found["expires=over"].text
    assert {lot for lot in ("today", "soon", "later") if f">{lot}<" in found["expires=soon"].text} == {"today", "soon"}
    owner.sql(f"UPDATE {S}.inventory_item SET reorder_level = 21.65 WHERE id = %s", [owner.item_id])
    assert rows_of(owner.get("stock?level=low")) == 1
    owner.sql(f"UPDATE {S}.inventory_item SET reorder_level = 21.64 WHERE id = %s", [owner.item_id])
    assert rows_of(owner.get("stock?level=low")) == 0


def test_what_is_used_up_in_all_its_lots_is_still_told_as_low_and_once(owner):
    owner.sql(f"UPDATE {S}.inventory_item SET reorder_level = 1 WHERE id = %s", [owner.item_id])
    owner.move(-owner.balances().popitem()[1], lot="zqpelmenya-lot", expiry="'2026-12-31'", kind="write_off")
    owner.move(4, lot="B")
    owner.move(-4, lot="B", kind="write_off")
    page = owner.get(f"stock?level=low&store_id={owner.store_id}")
    assert rows_of(page) == 1


def test_an_item_in_a_store_explains_its_number_by_the_kinds_of_movements_and_each_opens_its_rows(owner):
    owner.move(10)
    owner.move(-4, kind="write_off")
    page = owner.get(f"stock/{owner.stock_id}").text
    assert "13.64 \u2212 4 = 9.64\u00a0kg" in page
    assert f"item_id={owner.item_id}&amp;kind=write_off" in page
    journal = owner.get(f"stock/movements?store_id={owner.store_id}&item_id={owner.item_id}&kind=write_off")
    assert rows_of(journal) == 1


def test_the_movement_that_took_a_lot_below_zero_is_named(owner):
    owner.move(2, lot="B")
    movement = owner.move(-5, lot="B", kind="write_off")
    page = owner.get(f"stock/{owner.stock_id}").text
    assert page.count("below zero from here") == 1
    row = page.split(f"movements/{movement}")[-1].split("</tr>")[0]
    assert "B: below zero from here" in row


def test_a_write_off_is_typed_with_a_comma_in_packs_and_takes_the_oldest_lot(owner):
    answer = owner.write_off((owner.item, "1,5", "pack", ""), note="fell down")
    movement = owner.latest()
    assert answer.status_code == 303, answer.text
    assert (movement.quantity, movement.kind, movement.reason) == (Decimal("-1.365"), "write_off", "spoiled")
    assert movement.lot_number == "zqpelmenya-lot"
    [line] = owner.sql(f"SELECT * FROM {S}.audit_event WHERE action = 'written_off'")
    assert line.entity_label == owner.item
    assert line.after["reason"] == "spoiled"


@pytest.mark.parametrize(
    ("row", "head", "told"),
    [
        (("Nothing of that name", "1", "", ""), {}, "no item of this name"),
        (("{item}", "", "", ""), {}, "Fill this in."),
        (("{item}", "0", "", ""), {}, "must be more than 0"),
        (("{item}", "-1", "", ""), {}, "must be more than 0"),
        (("{item}", "1e400", "", ""), {}, "Write a number"),
        (("{item}", "NaN", "", ""), {}, "Write a number"),
        (("{item}", "1.00001", "", ""), {}, "At most 4 decimals"),
        (("{item}", "1", "barrel", ""), {}, "no unit like this"),
        (("{item}", "1", "tray", ""), {}, "Nothing says how much"),
        (("{item}", "1", "", "2026-01-01|of elsewhere"), {}, "not in the store any more"),
        (("{item}", "1", "", ""), {"store_id": ""}, "Choose the store"),
        (("{item}", "1", "", ""), {"happened_on": "01.01.2100"}, "lies in the future"),
        (("{item}", "1", "", ""), {"happened_on": "04.05.1926"}, "more than a year ago"),
        (("{item}", "1", "", ""), {"happened_on": "soon"}, "Write a day"),
        (("{item}", "1", "", ""), {"happened_at": "25:00"}, "Write a time"),
        (("{item}", "1", "", ""), {"reason": "other", "note": ""}, "Say why."),
        (("", "", "", ""), {}, "Write at least one row."),
    ],
)  # fmt: skip
def test_what_cannot_be_written_off_is_told_beside_its_field_and_nothing_typed_is_lost(owner, row, head, told):
    tray = f"INSERT INTO {S}.unit (account_id, name, symbol, unit_category_id) VALUES (%s, 'Tray', 'tray', %s)"
    owner.sql(tray, [owner.chain.account_id, owner.chain.id_of("unit_category", 2)])
    row = tuple(each.replace("{item}", owner.item) for each in row)
    answer = owner.write_off(row, **({"note": "typed by hand"} | head))
    assert answer.status_code == 422
    assert told in answer.text
    assert head.get("note") == "" or 'value="typed by hand"' in answer.text
    assert owner.latest().kind == "receipt"


def test_stores_of_others_are_not_on_offer(owner, world):
    for store_id in (world.vareniki.store_id, "not an id"):
        assert owner.write_off((owner.item, "1", "", ""), store_id=str(store_id)).status_code == 422
    other = world.vareniki
    for path in (
        f"stock/{other.id_of('inventory_stock')}",
        f"stock/write-offs/new?stock_id={other.id_of('inventory_stock')}",
    ):
        assert owner.get(path).status_code == 404


def test_what_was_counted_since_is_asked_about_and_written_off_when_it_is_sent_again(owner):
    count_id = owner.start()
    owner.count(count_id, "3")
    owner.post(f"counts/{count_id}/posting")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%d.%m.%Y")
    answer = owner.write_off((owner.item, "1", "", ""), happened_on=yesterday)
    assert answer.status_code == 422
    assert "counted after that" in answer.text
    sure = answer.text.split('name="_sure" value="')[1].split('"')[0]
    assert owner.write_off((owner.item, "1", "", ""), happened_on=yesterday, _sure=sure).status_code == 303
    assert sum(owner.balances().values()) == 2


def test_a_form_that_is_sent_twice_is_booked_once_and_says_so(owner):
    page = owner.get(f"stock/write-offs/new?stock_id={owner.stock_id}").text
    key = page.split('name="request_key"')[1].split('value="')[1].split('"')[0]
    owner.write_off((owner.item, "1", "", ""), request_key=key)
    answer = owner.write_off((owner.item, "2", "", ""), request_key=key)
    assert f"movements/{owner.latest().id}" in answer.location
    assert "sent twice" in owner.browser.get(answer.location).text
    assert sum(owner.balances().values()) == Decimal("2.64")


def test_a_button_of_the_rows_adds_one_and_says_what_is_left(owner):
    form = owner.entry((owner.item, "1", "", "")) | {"lines-command": "add"}
    page = owner.post("stock/write-offs/new", form).text
    assert page.count('<li class="line stock-line"') == 2
    assert "3.64\u00a0kg less 1\u00a0kg leaves 2.64\u00a0kg" in page
    assert "zqpelmenya-lot" in page


def test_a_transfer_reaches_a_store_of_another_restaurant_of_the_person(owner, world):
    there = world.pelmenya.assigned_store_id
    answer = owner.transfer((owner.item, "1", "", ""), to_store_id=str(there))
    assert answer.status_code == 303, answer.text
    assert (sum(owner.balances().values()), sum(owner.balances(there).values())) == (Decimal("2.64"), Decimal("4.64"))
    answer = owner.transfer((owner.item, "1", "", ""), to_store_id=str(owner.store_id))
    assert answer.status_code == 422
    assert "Choose another store" in answer.text


def test_a_manager_of_one_restaurant_brings_nothing_to_a_store_of_another(people):
    manager = people("assigned_manager")
    manager.store_id = manager.chain.assigned_store_id
    answer = manager.transfer((manager.item, "1", "", ""), to_store_id=str(manager.chain.store_id))
    assert answer.status_code == 422
    assert manager.get(f"stock/{manager.stock_id}").status_code == 404


def test_taking_back_books_the_opposite_once_and_leads_to_it(owner):
    owner.write_off((owner.item, "1", "", ""))
    movement = owner.latest()
    page = owner.get(f"stock/movements/{movement.id}").text
    assert "Take it back" in page
    assert owner.post(f"stock/movements/{movement.id}/undoing").status_code == 303
    assert sum(owner.balances().values()) == Decimal("3.64")
    page = owner.get(f"stock/movements/{movement.id}").text
    assert "The opposite movement" in page
    assert "Take it back" not in page
    owner.post(f"stock/movements/{movement.id}/undoing")
    assert sum(owner.balances().values()) == Decimal("3.64")


def test_a_manager_takes_back_what_was_entered_today_and_an_owner_any(people, owner):
    movement = owner.move(-1, kind="write_off")
    old = owner.move(-1, kind="write_off")
    disable = f"ALTER TABLE {S}.stock_movement DISABLE TRIGGER refuse_change"
    owner.sql(disable)
    owner.sql(f"UPDATE {S}.stock_movement SET created_at = now() - interval '3 days' WHERE id = %s", [old])
    owner.sql(disable.replace("DISABLE", "ENABLE"))
    manager = people("manager")
    manager.post(f"stock/movements/{old}/undoing")
    assert sum(owner.balances().values()) == Decimal("1.64")
    assert "another day" in manager.get(f"stock/movements/{old}").text
    manager.post(f"stock/movements/{movement}/undoing")
    assert sum(owner.balances().values()) == Decimal("2.64")
    owner.post(f"stock/movements/{old}/undoing")
    assert sum(owner.balances().values()) == Decimal("3.64")


def test_what_came_by_a_delivery_is_reversed_there(owner):
    movement = owner.chain.id_of("stock_movement")
    assert "reverse that" in owner.get(f"stock/movements/{movement}").text
    owner.post(f"stock/movements/{movement}/undoing")
    assert sum(owner.balances().values()) == Decimal("3.64")


def test_a_chef_and_a_viewer_see_stock_and_take_nothing_out(people):
    for role in ("chef", "viewer"):
        person = people(role)
        assert person.get("stock").status_code == 200
        assert "Write off" not in person.get(f"stock/{person.stock_id}").text
        assert person.write_off((person.item, "1", "", "")).status_code == 403
        assert person.post(f"stock/movements/{person.latest().id}/undoing").status_code == 403


def test_the_files_hold_plain_numbers(owner):
    owner.move(-5, kind="write_off")
    told = owner.get("stock/movements/export").text
    assert ",-5," in told.replace(";", ",").replace("-5.000000", "-5") or ",-5\r" in told
    assert "3.64" in owner.get("stock/export").text


def test_a_search_finds_what_its_filters_show_however_much_else_is_called_so(owner):
    owner.sql(
        f"INSERT INTO {S}.stock_movement (account_id, restaurant_id, store_id, inventory_item_id, quantity, kind,"
        " happened_at, group_id) SELECT %s, %s, %s, %s, 1, 'receipt', now(), gen_random_uuid()"
        " FROM generate_series(1, 1002)",
        [owner.chain.account_id, owner.chain.restaurant_id, owner.store_id, owner.item_id],
    )
    owner.move(-1, kind="write_off", at="now() - interval '9 days'")
    word = owner.item.split()[0]
    assert rows_of(owner.get(f"stock/movements?q={word}&kind=write_off")) == 1
    assert owner.get(f"stock/movements/export?q={word}").text.count("\n") > 1003
    assert rows_of(owner.get(f"stock?q={word}&store_id={owner.store_id}")) == 2
    assert rows_of(owner.get("stock?q=nothing-of-that-name")) == 0


def test_a_transfer_asks_when_the_other_store_was_counted_since(owner, world):
    there = world.pelmenya.assigned_store_id
    here, owner.store_id = owner.store_id, there
    count_id = owner.start()
    owner.count(count_id, "3")
    owner.post(f"counts/{count_id}/posting")
    owner.store_id = here
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%d.%m.%Y")
    answer = owner.transfer((owner.item, "1", "", ""), happened_on=yesterday, to_store_id=str(there))
    assert answer.status_code == 422
    assert "The other store was counted after that" in answer.text
    sure = answer.text.split('name="_sure" value="')[1].split('"')[0]
    again = {"happened_on": yesterday, "to_store_id": str(there), "_sure": sure}
    assert owner.transfer((owner.item, "1", "", ""), **again).status_code == 303
    assert sum(owner.balances(there).values()) == 4


def test_the_page_of_a_movement_says_when_it_was_counted_since(owner):
    movement = owner.move(-1, kind="write_off")
    assert "It was counted after that" not in owner.get(f"stock/movements/{movement}").text
    count_id = owner.start()
    owner.count(count_id, "3")
    owner.post(f"counts/{count_id}/posting")
    page = owner.get(f"stock/movements/{movement}").text
    assert "It was counted after that" in page
    assert "Take it back" in page
    assert "It was counted after that" not in owner.get(f"stock/movements/{owner.latest().id}").text


def test_a_lot_below_zero_leads_to_the_movement_that_took_it_there_however_old_it_is(owner):
    movement = owner.move(-5, lot="B", kind="write_off", at="now() - interval '9 days'")
    for _time in range(30):
        owner.move(1)
    page = owner.get(f"stock/{owner.stock_id}").text
    assert "below zero from here" not in page
    assert f"movements/{movement}" in page


def test_each_of_the_latest_movements_says_what_there_was_after_it(owner):
    for quantity in (10, -4, 2):
        owner.move(quantity)
    page = owner.get(f"stock/{owner.stock_id}").text.split("Then there was")[1]
    shown = re.findall(r'nowrap">([^<]+)</td>', page)
    assert shown[:6] == [each + "\u00a0kg" for each in ("+2", "11.64", "\u22124", "9.64", "+10", "13.64")]


def test_the_list_of_items_says_what_there_is_now_and_finds_what_a_store_has_too_little_of(people, owner, world):
    owner.sql(f"DELETE FROM {S}.inventory_stock WHERE store_id <> %s", [owner.store_id])
    level = f"UPDATE {S}.inventory_item SET reorder_level = %s WHERE id = %s"
    for reorder, found in ((3, 0), (4, 1)):
        owner.sql(level, [reorder, owner.item_id])
        assert rows_of(owner.get("items?stock=low")) == found
    assert "3.64" in owner.get("items").text
    # Another store has plenty, and this one still too little; elsewhere is no business of who works in one restaurant.
    other = world.pelmenya.assigned_store_id
    insert = (
        f"INSERT INTO {S}.stock_movement (account_id, restaurant_id, store_id, inventory_item_id, quantity, kind,"
        f" happened_at, group_id) SELECT account_id, restaurant_id, id, %s, 100, 'receipt', now(), %s FROM {S}.store"
        " WHERE id = %s"
    )
    owner.sql(insert, [owner.item_id, uuid4(), other])
    assert "103.64" in owner.get("items").text
    assert rows_of(owner.get("items?stock=low")) == 1
    assigned = people("assigned_manager")
    assert "103.64" not in assigned.get("items").text
    assert "103.64" in owner.get("items/export").text
