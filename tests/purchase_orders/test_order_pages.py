"""Orders as people meet them: the form with what it proposes, sending, ending, who may do what."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.db.types import utc_now
from portal.web.times import typed_day

S = "getinn_ops"


def test_an_order_is_typed_with_a_comma_and_is_a_draft_under_its_own_number(owner):
    order_id = owner.order((owner.item, "1,5", "pack", ""), notes="by the yard")
    row, [line] = owner.row(order_id), owner.lines(order_id)
    assert (row.status, row.currency, row.notes) == ("draft", "RUB", "by the yard")
    assert row.po_number.startswith("PO-")
    assert (line.quantity, line.base_quantity) == (Decimal("1.5"), Decimal("1.365"))
    page = owner.get(f"orders/{order_id}").text
    assert row.po_number in page
    assert owner.item in page


def test_a_price_that_nobody_types_is_the_agreed_or_the_last_one(owner):
    owner.sql(f"DELETE FROM {S}.inventory_item_price_history")
    owner.sql(
        f"UPDATE {S}.supplier_item SET agreed_price = 88, agreed_from = NULL, unit_id = %s"
        " WHERE inventory_item_id = %s",
        [owner.chain.id_of("unit", 3), owner.item_id],
    )
    form = owner.form((owner.item, "2", "pack", "")) | {"lines-command": "recount"}
    assert "as agreed" in owner.post("orders/new", form, htmx=True).text
    [line] = owner.lines(owner.order((owner.item, "2", "", "")))
    assert (line.unit_price, line.unit_id) == (88, owner.chain.id_of("unit", 3))
    assert line.supplier_item_id == owner.chain.id_of("supplier_item")
    [typed] = owner.lines(owner.order((owner.item, "2", "pack", "90,5")))
    assert typed.unit_price == Decimal("90.5")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("", "1", "", ""), "Fill this in."),
        (("No such thing", "1", "", ""), "There is no item of this name."),
        (("ITEM", "0", "", ""), "more than"),
        (("ITEM", "1e400", "", ""), "Write a number"),
        (("ITEM", "NaN", "", ""), "Write a number"),
        (("ITEM", "1.00001", "", ""), "At most 4 decimals."),
        (("ITEM", "-1", "", ""), "more than"),
        (("ITEM", "1", "furlong", ""), "There is no unit like this."),
        (("ITEM", "1", "", "-5"), "less than"),
    ],
)
def test_what_cannot_be_ordered_is_told_beside_its_field_and_nothing_typed_is_lost(owner, row, told):
    item, *rest = (owner.item if each == "ITEM" else each for each in row)
    answer = owner.post("orders/new", owner.form((item, *rest), notes="kept note"))
    assert answer.status_code == 422
    assert told in answer.text
    assert "kept note" in answer.text


def test_an_order_of_nothing_or_for_a_day_that_is_over_is_refused(owner):
    assert "Write at least one row." in owner.post("orders/new", owner.form()).text
    for day in ("01.01.2020", "01.01.2099"):
        answer = owner.post("orders/new", owner.form((owner.item, "1", "", ""), expected_delivery_date=day))
        assert answer.status_code == 422


def test_as_last_time_fills_the_rows_with_the_last_order(owner):
    owner.order((owner.item, "7", "pack", "91"))
    form = owner.form(("", "", "", "")) | {"lines-command": "last"}
    rows = owner.post("orders/new", form, htmx=True).text
    assert f'value="{owner.item}"' in rows
    assert 'value="7"' in rows
    unchosen = owner.post("orders/new", form | {"supplier_id": ""}, htmx=True).text
    assert "Choose the supplier and the store first." in unchosen


def test_rows_that_are_proposed_never_take_the_place_of_those_that_are_there(owner):
    owner.order((owner.item, "7", "pack", "91"))
    form = owner.form() | {"lines-command": "last", "lines": ["p1x1"]}
    # The second of two rows that were proposed, once the first was removed.
    other = {"lines-p1x1-inventory_item_id": "Typed by hand", "lines-p1x1-quantity": "3"}
    rows = owner.post("orders/new", form | other, htmx=True).text
    assert 'value="Typed by hand"' in rows
    assert len(set(re.findall(r'name="lines" value="([0-9a-z]+)"', rows))) == 2


def test_an_order_like_a_long_one_is_read_together(owner, statements):
    costs = []
    for number in (1, 20):
        items = [f"Spice {each}" for each in range(number)]
        for item in items:
            owner.sql(
                f"INSERT INTO {S}.inventory_item (account_id, name, default_unit_id) SELECT account_id, %s, id"
                f" FROM {S}.unit WHERE id = %s AND NOT EXISTS (SELECT FROM {S}.inventory_item WHERE name = %s)",
                [item, owner.chain.id_of("unit"), item],
            )
        order_id = owner.order(*[(item, "4", "kg", "") for item in items])
        with statements() as counted:
            page = owner.get(f"orders/new?like={order_id}").text
        assert all(f'value="{item}"' in page for item in items)
        costs.append(counted.total)
    assert costs[1] <= costs[0]


def test_what_ran_low_is_ordered_in_whole_packs_up_to_the_reorder_level(owner):
    form = owner.form(("", "", "", "")) | {"lines-command": "low"}
    owner.sql(f"UPDATE {S}.inventory_item SET reorder_level = NULL")
    assert "Nothing in this store is below its reorder level." in owner.post("orders/new", form, htmx=True).text
    owner.sql(f"UPDATE {S}.inventory_item SET reorder_level = 10 WHERE id = %s", [owner.item_id])
    held = f"SELECT sum(quantity) AS held FROM {S}.inventory_stock WHERE store_id = %s AND inventory_item_id = %s"
    assert owner.sql(held, [owner.store_id, owner.item_id])[0].held == Decimal("3.64")
    owner.sql(f"DELETE FROM {S}.inventory_item_price_history")
    owner.sql(
        f"UPDATE {S}.supplier_item SET agreed_price = 91, agreed_from = NULL, unit_id = %s"
        " WHERE inventory_item_id = %s",
        [owner.chain.id_of("unit", 3), owner.item_id],
    )
    rows = owner.post("orders/new", form, htmx=True).text
    # 6.36 kg are missing: 6.99 packs of 0.91 kg.
    assert 'value="7"' in rows
    page = owner.get(f"orders/new?from=low&store_id={owner.store_id}").text
    assert f'value="{owner.item}"' in page
    # Without a supplier nothing is known of packs.
    assert 'value="6.36"' in page


def test_a_mail_is_kept_as_it_was_written_and_sent_by_the_worker(owner):
    order_id = owner.order()
    form = {"way": "hand", "email": "", "text": "Four packs of it"}
    assert "Please deliver our order" in owner.get(f"orders/{order_id}/sending").text
    assert owner.post(f"orders/{order_id}/sending", form).status_code == 303
    row = owner.row(order_id)
    assert (row.status, row.sent_text, row.sent_to) == ("sent", "Four packs of it", None)
    assert "Four packs of it" in owner.get(f"orders/{order_id}").text
    [line] = owner.sql(f"SELECT after FROM {S}.audit_event WHERE action = 'order_sent'")
    assert line.after["sent_text"] == "Four packs of it"


def test_changing_a_sent_order_asks_first_and_then_says_that_it_is_to_be_sent_anew(owner):
    order_id = owner.order()
    owner.post(f"orders/{order_id}/sending", {"way": "hand", "text": "Four"})
    form = owner.form((owner.item, "5", "pack", "91"))
    asked = owner.post(f"orders/{order_id}/edit", form)
    assert asked.status_code == 422
    assert "Send it once more" in asked.text
    sure = re.search(r'name="_sure"\s+value="([^"]*)"', asked.text)[1]
    assert owner.row(order_id).sent_text == "Four"
    assert owner.post(f"orders/{order_id}/edit", form | {"_sure": sure}).status_code == 303
    assert owner.row(order_id).sent_text is None
    assert "Send it anew." in owner.get(f"orders/{order_id}").text


def test_what_the_supplier_was_told_each_time_stays_on_the_order(owner):
    order_id = owner.order()
    for text in ("Four packs of it", "Four packs, please"):
        owner.post(f"orders/{order_id}/sending", {"way": "hand", "text": text})
    owner.sql(f"UPDATE {S}.purchase_order SET sent_text = NULL WHERE id = %s", [order_id])
    page = owner.get(f"orders/{order_id}").text
    for text in ("Four packs of it", "Four packs, please"):
        assert page.count(f'<pre class="order-text">{text}</pre>') == 1


def test_a_price_that_is_not_the_suppliers_is_told_beside_it(owner):
    owner.sql(f"DELETE FROM {S}.inventory_item_price_history")
    owner.sql(
        f"UPDATE {S}.supplier_item SET agreed_price = 88, agreed_from = NULL, unit_id = %s"
        " WHERE inventory_item_id = %s",
        [owner.chain.id_of("unit", 3), owner.item_id],
    )
    form = owner.form((owner.item, "2", "pack", "90,5")) | {"lines-command": "recount"}
    assert "agreed: RUB\u00a088.00" in owner.post("orders/new", form, htmx=True).text
    dearer, same = owner.order((owner.item, "2", "pack", "90,5")), owner.order((owner.item, "2", "pack", "88"))
    assert "agreed: RUB\u00a088.00" in owner.get(f"orders/{dearer}").text
    assert "agreed:" not in owner.get(f"orders/{same}").text


def test_the_sheet_to_print_names_what_where_and_how_many(owner):
    page = owner.get(f"orders/{owner.sent_id}/sheet").text
    assert owner.item in page
    assert "1\u00a0092.00" in page or "1,092.00" in page


def test_ending_takes_a_reason_and_opening_again_a_question(owner):
    here = f"orders/{owner.sent_id}"
    owner.sql(f"UPDATE {S}.purchase_order SET status = 'partially_received' WHERE id = %s", [owner.sent_id])
    assert owner.post(f"{here}/closing", {"reason": " "}).status_code == 422
    assert owner.post(f"{here}/cancellation", {"reason": "no"}).status_code == 303
    assert owner.row(owner.sent_id).status == "partially_received"
    assert owner.post(f"{here}/closing", {"reason": "out of stock"}).status_code == 303
    assert (owner.row(owner.sent_id).status, owner.row(owner.sent_id).closed_reason) == ("closed", "out of stock")
    assert "out of stock" in owner.get(f"{here}/reopening").text
    assert owner.post(f"{here}/reopening").status_code == 303
    assert owner.row(owner.sent_id).status == "partially_received"


def test_the_rest_is_expected_on_another_day(owner):
    here, day = f"orders/{owner.sent_id}/expectation", utc_now().date() + timedelta(days=3)
    assert owner.post(here, {"expected_delivery_date": typed_day(day)}).status_code == 303
    assert owner.row(owner.sent_id).expected_delivery_date == day


def test_a_chef_drafts_and_others_send(people):
    chef = people("chef")
    order_id = chef.order()
    assert chef.get(f"orders/{order_id}/sending").status_code == 403
    assert chef.post(f"orders/{order_id}/cancellation", {"reason": "twice"}).status_code == 303
    assert chef.row(order_id).status == "cancelled"
    assert chef.post(f"orders/{chef.sent_id}/edit", chef.form((chef.item, "1", "", ""))).status_code == 303
    assert chef.post(f"orders/{chef.sent_id}/cancellation", {"reason": "twice"}).status_code == 303
    assert chef.row(chef.sent_id).status == "sent"
    assert people("viewer").get("orders/new").status_code == 403


def test_the_list_finds_what_is_late_and_pages_say_what_is_expected(owner):
    owner.sql(f"UPDATE {S}.purchase_order SET expected_delivery_date = current_date - 3 WHERE id = %s", [owner.sent_id])
    number = owner.row(owner.sent_id).po_number
    assert number in owner.get("orders?when=late").text
    assert number not in owner.get("orders?when=today").text
    assert number not in owner.get("orders?status=draft").text
    assert number in owner.get(f"stores/{owner.store_id}").text
    assert number in owner.get(f"restaurants/{owner.chain.restaurant_id}").text
    assert number in owner.get("orders/export?format=csv").text
