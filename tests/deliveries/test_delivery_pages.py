"""The back door and the pages of deliveries, as people's browsers send and see them."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from portal.db.types import utc_now
from tests.documents.test_documents import png

S = "getinn_ops"


class DoorBrowser:
    """One person's browser at the back door of the first chain's store."""

    def __init__(self, browser, chain, sql, number=1):
        self.browser, self.chain, self.sql = browser, chain, sql
        [row] = sql(f"SELECT name FROM {S}.inventory_item WHERE id = %s", [chain.id_of("inventory_item")])
        self.item = row.name
        [row] = sql(f"SELECT symbol FROM {S}.unit WHERE id = %s", [chain.id_of("unit", 3)])
        self.pack = row.symbol
        self.order_id, self.line_id = chain.id_of("purchase_order", number), chain.id_of("purchase_order_item", number)

    def get(self, path, **options):
        return self.browser.get(self.browser.account(f"deliveries{path}"), **options)

    def post(self, path, data=None, **options):
        return self.browser.post(self.browser.account(f"deliveries{path}"), data, **options)

    def rows(self, quantity="8", **more):
        """The form of the order with its one line."""
        texts = {
            "order_line_id": str(self.line_id),
            "inventory_item_id": self.item,
            "quantity": quantity,
            "unit_id": self.pack,
        }
        form = {"lines": ["o1"], "lines-stamp": "none", "request_key": str(uuid4())}
        return form | {f"lines-o1-{name}": value for name, value in (texts | more).items()}

    def receive(self, quantity="8", head=None, **more):
        return self.post(f"/orders/{self.order_id}", self.rows(quantity, **more) | (head or {}))

    def received(self):
        [row] = self.sql(f"SELECT received_quantity FROM {S}.purchase_order_item WHERE id = %s", [self.line_id])
        return row.received_quantity

    def count(self):
        [row] = self.sql(f"SELECT count(*) AS num FROM {S}.delivery WHERE account_id = %s", [self.chain.account_id])
        return row.num

    def order_is(self, status):
        self.sql(f"UPDATE {S}.purchase_order SET status = %s WHERE id = %s", [status, self.order_id])


def id_in(answer):
    assert answer.status_code == 303, answer.text
    return UUID(re.search(r"deliveries/([0-9a-f-]{36})", answer.location)[1])


@pytest.fixture
def people(browse, world, superuser_sql):
    def person(role="owner", number=1):
        return DoorBrowser(browse(getattr(world.pelmenya, role)), world.pelmenya, superuser_sql, number)

    return person


@pytest.fixture
def chef(people):
    return people("chef")


def test_an_order_says_as_ordered_before_anything_is_typed(chef):
    assert f"/deliveries/orders/{chef.order_id}" in chef.get("/expected").text
    page = chef.get(f"/orders/{chef.order_id}").text
    # 12 were ordered, 4 came before.
    assert re.search(r'name="lines-o1-quantity"[^>]*value="8"|value="8"[^>]*name="lines-o1-quantity"', page)
    assert chef.item in page


def test_what_is_sent_is_received_with_comma_or_point_and_shown(chef):
    delivery_id = id_in(chef.receive("7,5", {"paper_number": "УТ-5"}))
    assert chef.received() == Decimal("11.5")
    page = chef.get(f"/{delivery_id}").text
    assert "УТ-5" in page
    assert "7.5" in page


@pytest.mark.parametrize("change", ["is_active = false", "name = name || ' of today'"])
def test_what_was_ordered_is_received_whatever_became_of_its_item(chef, change):
    chef.sql(f"UPDATE {S}.inventory_item SET {change} WHERE id = %s", [chef.chain.id_of("inventory_item")])
    assert chef.get(f"/orders/{chef.order_id}").status_code == 200
    id_in(chef.receive("8", unit_id=""))
    # Where nobody says the unit it is the order's.
    assert chef.received() == 12


def test_a_row_is_added_without_scripts(chef):
    answer = chef.receive("2", {"lines-command": "add"})
    assert answer.status_code == 200
    assert answer.text.count('name="lines" value="') == 2


def test_a_row_of_a_line_that_the_order_lost_names_its_item_itself(chef):
    answer = chef.receive("2", order_line_id=str(uuid4()), inventory_item_id="Unknown thing")
    assert answer.status_code == 422
    assert re.search(
        r'<input[^>]*value="Unknown thing"[^>]*type="text"|type="text"[^>]*value="Unknown thing"', answer.text
    )


@pytest.mark.parametrize(
    ("waited", "hours"),
    [("7200", 2), ("30", 0), ("", 0), ("-7200", 0), ("1e9", 0), ("999999999", 168), ("9" * 400, 0), ("\u0663600", 0)],
)
def test_what_waited_for_a_connection_came_when_it_was_pressed(chef, waited, hours):
    delivery_id = id_in(chef.receive("1", {"waited": waited}))
    [row] = chef.sql(
        f"SELECT extract(epoch FROM d.created_at - d.received_at) AS late, m.happened_at = d.received_at AS is_booked"
        f" FROM {S}.delivery d JOIN {S}.stock_movement m ON m.group_id = d.id WHERE d.id = %s",
        [delivery_id],
    )
    assert (round(row.late / 3600), row.is_booked) == (hours, True)


def test_the_same_form_sent_twice_is_one_delivery(chef):
    form, before = chef.rows(), chef.count()
    first, second = (chef.post(f"/orders/{chef.order_id}", form) for _time in range(2))
    assert id_in(first) == id_in(second)
    assert (chef.count(), chef.received()) == (before + 1, 12)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"rejected_quantity": "9", "rejection_reason": "warm"}, "No more can be sent back than came."),
        ({"rejected_quantity": "1"}, "Say why."),
        ({"quantity": "1e400"}, "Write a number"),
        ({"quantity": "0,00001"}, "At most 4 decimals"),
        ({"quantity": "0"}, "Nothing came"),
        ({"unit_id": "parsec"}, "There is no unit like this."),
        ({"expiry_date": "yesterday"}, ""),
    ],
)
def test_what_cannot_be_is_told_beside_the_field_and_nothing_typed_is_lost(chef, more, words):
    before = chef.count()
    answer = chef.receive(**({"lot_number": "LOT-77"} | more))
    assert answer.status_code == 422
    assert words in answer.text
    assert "LOT-77" in answer.text
    assert chef.count() == before


def test_a_closed_order_asks_and_goes_on_either_way(chef):
    chef.order_is("closed")
    form = chef.rows("2")
    asked = chef.post(f"/orders/{chef.order_id}", form)
    assert asked.status_code == 422
    assert "Receive without it" in asked.text
    assert chef.received() == 4
    delivery_id = id_in(chef.post(f"/orders/{chef.order_id}", form | {"over": "without"}))
    [row] = chef.sql(f"SELECT purchase_order_id FROM {S}.delivery WHERE id = %s", [delivery_id])
    assert (row.purchase_order_id, chef.received()) == (None, 4)
    id_in(chef.receive("2", {"over": "reopen"}))
    assert chef.received() == 6


def test_without_an_order_it_takes_a_supplier_and_a_store(chef):
    form = chef.rows("3") | {"supplier_id": str(chef.chain.id_of("supplier")), "store_id": str(chef.chain.store_id)}
    form.pop("lines-o1-order_line_id")
    id_in(chef.post("/new", form))
    form |= {"supplier_id": "", "request_key": str(uuid4())}
    assert "Choose the supplier." in chef.post("/new", form).text


def test_a_manager_reverses_what_came_today_and_an_owner_what_came_before(people):
    owner, manager = people(number=2), people("manager", 2)
    delivery_id = id_in(owner.receive("1"))
    yesterday = utc_now() - timedelta(days=2)
    owner.sql(f"UPDATE {S}.delivery SET received_at = %s WHERE id = %s", [yesterday.replace(tzinfo=None), delivery_id])
    assert "an owner can reverse it" in manager.get(f"/{delivery_id}").text
    manager.post(f"/{delivery_id}/reversal", {"reason": "Twice"})
    assert owner.received() == 5
    assert owner.post(f"/{delivery_id}/reversal", {"reason": "Twice"}).status_code == 303
    assert owner.received() == 4
    today = id_in(owner.receive("1"))
    assert manager.post(f"/{today}/reversal", {"reason": "Twice"}).status_code == 303
    assert owner.received() == 4
    assert people("chef", 2).post(f"/{today}/reversal", {"reason": "Twice"}).status_code == 403


def test_what_a_delivery_brought_is_taken_back_by_reversing_it_alone(people):
    owner = people(number=2)
    delivery_id = id_in(owner.receive("1"))

    def movements():
        query = f"SELECT id, kind, quantity FROM {S}.stock_movement WHERE delivery_item_id IN"
        return owner.sql(
            f"{query} (SELECT id FROM {S}.delivery_item WHERE delivery_id = %s) ORDER BY id", [delivery_id]
        )

    [came] = movements()
    journal = owner.browser.account(f"stock/movements/{came.id}")
    page = owner.browser.get(journal).text
    assert "It came by a delivery" in page
    assert page.count(f"deliveries/{delivery_id}") == 2
    assert "Take it back" not in page
    owner.browser.post(f"{journal}/undoing")
    assert (len(movements()), owner.received()) == (1, 5)
    owner.post(f"/{delivery_id}/reversal", {"reason": "Twice"})
    assert owner.received() == 4
    assert sum(row.quantity for row in movements()) == 0
    assert sorted(row.kind for row in movements()) == ["receipt", "undo"]


def test_what_was_sent_back_becomes_a_draft_of_a_credit_note_once(people):
    owner = people()
    delivery_id = id_in(owner.receive("8", rejected_quantity="2", rejection_reason="warm"))
    first, second = (owner.post(f"/{delivery_id}/credit-note") for _time in range(2))
    assert first.location == second.location
    [row] = owner.sql(
        f"SELECT n.kind, n.status, n.total_amount FROM {S}.delivery d JOIN {S}.invoice n ON n.id = d.credit_note_id"
        " WHERE d.id = %s",
        [delivery_id],
    )
    assert (row.kind, row.status) == ("credit_note", "draft")
    assert row.total_amount < 0


def pictures(*marks):
    return {"files": [(io.BytesIO(png(mark.encode())), f"{mark}.png") for mark in marks]}


def photos_of(chef, delivery_id):
    query = (
        f"SELECT d.id, d.file_name FROM {S}.delivery_document s JOIN {S}.document d ON d.id = s.document_id"
        " WHERE s.delivery_id = %s ORDER BY s.position"
    )
    return {row.file_name: row.id for row in chef.sql(query, [delivery_id])}


def test_a_sixth_photo_is_refused_beside_the_field_and_nothing_is_received(chef):
    form, before = chef.rows("3", lot_number="LOT-77"), chef.count()
    answer = chef.post(f"/orders/{chef.order_id}", form | pictures(*"abcdef"))
    assert answer.status_code == 422
    assert re.search(r'id="files-errors".{0,300}At most 5 photos of one paper', answer.text, re.DOTALL)
    assert "Photos have to be chosen once more" in answer.text
    assert ("LOT-77" in answer.text, chef.count()) == (True, before)
    # The same photo twice is one.
    delivery_id = id_in(chef.post(f"/orders/{chef.order_id}", form | pictures(*"abcdea")))
    assert list(photos_of(chef, delivery_id)) == ["a.png", "b.png", "c.png", "d.png", "e.png"]
    answer = chef.post(f"/{delivery_id}/photos", pictures("f"), htmx=True)
    assert re.search(r'id="photo-errors".{0,300}At most 5 photos of one paper', answer.text, re.DOTALL)
    assert len(photos_of(chef, delivery_id)) == 5


def test_a_photo_is_removed_by_whoever_took_it_or_edits_stock_and_the_log_tells_it(people):
    chef, owner = people("chef"), people()
    delivery_id = id_in(chef.post(f"/orders/{chef.order_id}", chef.rows("3") | pictures("a", "b")))
    owner.post(f"/{delivery_id}/photos", pictures("c"))
    kept = photos_of(owner, delivery_id)
    assert (
        chef.browser.delete(chef.browser.account(f"deliveries/{delivery_id}/photos/{kept['c.png']}")).status_code == 303
    )
    assert chef.browser.delete(chef.browser.account(f"deliveries/{delivery_id}/photos/{uuid4()}")).status_code == 404
    assert list(photos_of(chef, delivery_id)) == ["a.png", "b.png", "c.png"]
    chef.browser.delete(chef.browser.account(f"deliveries/{delivery_id}/photos/{kept['a.png']}"))
    owner.browser.delete(owner.browser.account(f"deliveries/{delivery_id}/photos/{kept['b.png']}"))
    assert list(photos_of(chef, delivery_id)) == ["c.png"]
    told = owner.sql(
        f"SELECT before->>'photo' AS was FROM {S}.audit_event WHERE entity_id = %s AND before ? 'photo' ORDER BY id",
        [delivery_id],
    )
    assert sorted(row.was for row in told) == ["a.png", "b.png"]
    # The next one stands last, whatever was removed.
    owner.post(f"/{delivery_id}/photos", pictures("d"))
    assert list(photos_of(chef, delivery_id)) == ["c.png", "d.png"]


def test_an_invoice_shows_the_photos_of_what_came_by_it(people):
    owner, viewer = people(), people("viewer")
    delivery_id = id_in(owner.post(f"/orders/{owner.order_id}", owner.rows("3") | pictures("a")))
    invoice_id = owner.chain.id_of("invoice")
    photo = f"documents/{photos_of(owner, delivery_id)['a.png']}/file"
    place = f"UPDATE {S}.delivery SET invoice_id = %s WHERE id = %s"
    page = viewer.browser.account(f"invoices/{invoice_id}")
    assert photo not in viewer.browser.get(page).text
    owner.sql(place, [invoice_id, delivery_id])
    assert photo in viewer.browser.get(page).text
    assert f"deliveries/{delivery_id}" in viewer.browser.get(page).text


def test_what_was_received_meanwhile_is_told_before_the_same_is_received_again(people):
    chef, owner = people("chef"), people()
    known = re.search(r'name="known"[^>]*value="(\d+)"', chef.get(f"/orders/{chef.order_id}").text)[1]
    id_in(owner.receive("8", {"known": known}))
    form = chef.rows("8", lot_number="LOT-77") | {"known": known}
    asked = chef.post(f"/orders/{chef.order_id}", form)
    assert (asked.status_code, chef.received()) == (422, 12)
    assert "of this order meanwhile" in asked.text
    assert "LOT-77" in asked.text
    sure = re.search(r'name="_sure"\s+value="([^"]*)"', asked.text)[1]
    id_in(chef.post(f"/orders/{chef.order_id}", form | {"_sure": sure}))
    assert chef.received() == 20


def rest_of(chef, delivery_id, data):
    return chef.post(f"/{delivery_id}/rest", data)


def order_of(chef):
    [row] = chef.sql(
        f"SELECT status, expected_delivery_date AS day, closed_reason FROM {S}.purchase_order WHERE id = %s",
        [chef.order_id],
    )
    return row


def test_the_rest_comes_on_a_day_that_one_tap_says(chef):
    delivery_id = id_in(chef.receive("3"))
    page = chef.get(f"/{delivery_id}").text
    assert "When does the rest come?" in page
    [tomorrow, *_more] = re.findall(r'name="day"\s+value="([^"]+)"', page)
    assert rest_of(chef, delivery_id, {"day": tomorrow}).status_code == 303
    assert str(order_of(chef).day) == tomorrow
    assert "It is to come on" in chef.get(f"/{delivery_id}").text
    for wrong, told in (({"expected_delivery_date": "01.01.2020"}, "This day is over."), ({}, "Say on which day.")):
        answer = rest_of(chef, delivery_id, wrong)
        assert (answer.status_code, told in answer.text) == (422, True)
    for wrong in ("soon", "2020-01-01", "2999-01-01"):
        answer = rest_of(chef, delivery_id, {"day": wrong})
        assert (answer.status_code, str(order_of(chef).day)) == (422, tomorrow)


def test_the_rest_that_does_not_come_closes_the_order_with_its_reason(chef):
    delivery_id = id_in(chef.receive("3"))
    assert rest_of(chef, delivery_id, {"over": "other", "reason": " "}).status_code == 422
    assert order_of(chef).status == "partially_received"
    assert rest_of(chef, delivery_id, {"over": "sold_out"}).status_code == 303
    assert (order_of(chef).status, order_of(chef).closed_reason) == ("closed", "The supplier has none")
    assert "When does the rest come?" not in chef.get(f"/{delivery_id}").text
    # Said once more by a page that is older, it changes nothing.
    assert rest_of(chef, delivery_id, {"day": "2099-01-01"}).status_code == 303
    assert order_of(chef).status == "closed"


def test_nothing_is_asked_where_all_came_or_it_is_not_theirs_to_say(people):
    chef, manager, viewer = people("chef"), people("manager"), people("viewer")
    part = id_in(chef.receive("3"))
    assert "When does the rest come?" not in viewer.get(f"/{part}").text
    assert rest_of(viewer, part, {"over": "sold_out"}).status_code == 403
    chef.sql(f"UPDATE {S}.delivery SET received_at = received_at - interval '2 days' WHERE id = %s", [part])
    assert "When does the rest come?" not in chef.get(f"/{part}").text
    assert rest_of(chef, part, {"over": "sold_out"}).status_code == 303
    assert order_of(chef).status == "partially_received"
    assert "When does the rest come?" in manager.get(f"/{part}").text
    whole = id_in(chef.receive("5"))
    assert "When does the rest come?" not in chef.get(f"/{whole}").text


def test_a_row_is_added_without_scripts_and_nothing_typed_is_lost(chef):
    form = chef.rows("3", lot_number="LOT-77") | {"lines-command": "add"}
    answer = chef.post(f"/orders/{chef.order_id}", form)
    assert (answer.status_code, chef.received()) == (200, 4)
    assert answer.text.count('class="line door-line"') == 2
    assert "LOT-77" in answer.text


def test_those_who_only_look_receive_nothing(people):
    viewer = people("viewer")
    assert viewer.get("").status_code == 200
    assert viewer.get("/expected").status_code == 403
    assert viewer.receive().status_code == 403


def test_the_list_is_searched_and_taken_along(people):
    owner = people()
    marker = f"{owner.chain.marker}-D-1"
    assert marker in owner.get(f"?q={marker}").text
    assert marker in owner.get(f"/export?q={marker}").text


def test_the_money_at_stake_explains_itself(people):
    owner = people()
    paper = owner.chain.id_of("invoice")
    evidence = (
        '{"ordered": "10", "accepted": "9", "invoiced": "10", "part": "9", "price": "95", "price_ordered": "91",'
        f' "unit": "kg", "currency": "RUB", "orders": ["{owner.order_id}"], "deliveries": []}}'
    )
    owner.sql(
        f"INSERT INTO {S}.invoice_exception (account_id, invoice_id, kind, evidence, money_at_stake)"
        " VALUES (%s, %s, 'price_above_order', %s, 36)",
        [owner.chain.account_id, paper, evidence],
    )
    page = owner.browser.get(owner.browser.account(f"invoices/{paper}")).text.replace("\u00a0", " ")
    assert "(RUB 95.00 − RUB 91.00) × 9 kg = RUB 36.00" in page
    assert f"/purchase-orders/{owner.order_id}" in page or f"/orders/{owner.order_id}" in page


def test_the_key_of_a_delivery_elsewhere_tells_nothing_and_makes_nothing(people):
    """A form that was tampered with: its key is of a delivery of a restaurant that the person does not work in."""
    manager = people("assigned_manager", 2)
    former = manager.count()
    answer = manager.receive("4", {"request_key": str(manager.chain.id_of("delivery", 101))})
    assert (answer.status_code, manager.count()) == (409, former)
    assert f"{manager.chain.marker}-D-1" not in answer.text
