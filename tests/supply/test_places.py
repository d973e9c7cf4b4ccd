"""What the overview and the pages of restaurants and stores tell of supply."""

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.db.types import utc_now
from tests.world_supply import FORGET_STOCK


@pytest.fixture
def yesterday():
    return utc_now().date() - timedelta(days=1)


def content_of(page):
    return page.text.split('id="supply"')[1].split("</section>")[0].replace("\u00a0", " ")


def test_a_restaurant_tells_what_it_bought_and_what_waits(browse, world, buying, yesterday):
    chain = world.pelmenya
    supplier = buying.supplier("Север")
    buying.invoice(supplier, "1", Decimal(1500), invoice_date=yesterday)
    buying.invoice(supplier, "2", Decimal(9000), invoice_date=yesterday, status="cancelled")
    buying.invoice(supplier, "3", Decimal(9000), invoice_date=yesterday - timedelta(days=30))
    buying.invoice(
        supplier, "4", Decimal(9000), invoice_date=yesterday, at=(chain.assigned_restaurant_id, chain.assigned_store_id)
    )
    for path, narrowed in (
        (f"restaurants/{chain.restaurant_id}", f"restaurant_id={chain.restaurant_id}"),
        (f"stores/{chain.store_id}", f"store_id={chain.store_id}"),
    ):
        told = content_of(browse(chain.owner).get(f"/accounts/pelmenya/{path}"))
        assert "1,500.00" in told
        assert "1 invoice in 30 days" in told
        assert "1 exception to decide" in told
        assert "109.20 at stake" in told
        assert f"/invoices/exceptions?{narrowed}" in told


def test_the_lists_are_narrowed_to_a_store(browse, world):
    chain = world.pelmenya
    owner = browse(chain.owner)
    page = owner.get(f"/accounts/pelmenya/invoices?store_id={chain.store_id}").text
    assert (str(chain.id_of("invoice", 1)) in page, str(chain.id_of("invoice", 2)) in page) == (True, False)
    page = owner.get(f"/accounts/pelmenya/invoices/exceptions?store_id={chain.assigned_store_id}").text
    assert (f"{chain.marker}-2" in page, f"{chain.marker}-1<" in page) == (True, False)


def test_a_place_where_nothing_was_bought_says_so(browse, world, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.invoice_exception")
    told = content_of(browse(world.pelmenya.chef).get(f"/accounts/pelmenya/stores/{world.pelmenya.store_id}"))
    assert "Nothing was bought for it in 30 days." in told


def test_the_overview_counts_what_waits_where_the_person_works(browse, world, buying, yesterday):
    chain = world.pelmenya
    waiting = buying.invoice(buying.supplier("Север"), "1", Decimal(1500), invoice_date=yesterday)
    buying.add("invoice_exception", invoice_id=waiting, kind="vat", money_at_stake=Decimal("0.80"))
    told = content_of(browse(chain.owner).get("/accounts/pelmenya/"))
    assert "<b>3</b> to decide" in told
    assert "219.20" in told
    assert "<b>2</b> open statements" in told
    limited = content_of(browse(chain.assigned_manager).get("/accounts/pelmenya/"))
    assert "<b>1</b> to decide" in limited
    assert "109.20" in limited
    assert "<b>1</b> open statements" in limited
    assert "open statements" not in content_of(browse(chain.chef).get("/accounts/pelmenya/"))


@pytest.fixture
def receiving(world, superuser_sql):
    """Of two orders one is to come today and one is late; of what is kept one lot is over, and there is too little."""
    chain = world.pelmenya
    ids = [chain.id_of("purchase_order", number) for number in (1, 2)]
    today = "(now() AT TIME ZONE 'Europe/Moscow')::date"
    day = f"UPDATE getinn_ops.purchase_order SET expected_delivery_date = {today} - %s WHERE id = %s"
    for number, row_id in enumerate(ids):
        superuser_sql(day, [number * 2, row_id])
    superuser_sql("UPDATE getinn_ops.restaurant SET timezone = 'Europe/Moscow'")
    superuser_sql("UPDATE getinn_ops.inventory_stock SET expiry_date = current_date - 3")
    return chain


def told_of_receiving(page):
    if 'id="receiving"' not in page.text:
        return {}
    content = page.text.split('id="receiving"')[1].split("</section>")[0]
    return {label: int(count) for count, label in re.findall(r"<b>(\d+)</b> ([^<]+)</a>", content)}


def test_the_overview_counts_what_is_to_come_late_low_and_over_where_the_person_works(browse, receiving, superuser_sql):
    told = told_of_receiving(browse(receiving.owner).get("/accounts/pelmenya/"))
    assert told == {"expected today": 1, "late": 1, "below the reorder level": 2, "expired": 2}
    limited = told_of_receiving(browse(receiving.assigned_manager).get("/accounts/pelmenya/"))
    assert limited == {"expected today": 0, "late": 1, "below the reorder level": 1, "expired": 1}
    superuser_sql("UPDATE getinn_ops.inventory_stock SET quantity = -1")
    superuser_sql("UPDATE getinn_ops.inventory_item SET reorder_level = NULL")
    told = told_of_receiving(browse(receiving.owner).get("/accounts/pelmenya/"))
    assert told == {"expected today": 1, "late": 1, "below zero": 2}


def test_each_number_of_the_overview_is_that_of_the_list_behind_it(browse, receiving):
    owner = browse(receiving.owner)
    page = owner.get("/accounts/pelmenya/").text
    links = re.findall(r'href="([^"]+)"><b>(\d+)</b>', page.split('id="receiving"')[1].split("</section>")[0])
    assert len(links) == 4
    for address, count in links:
        assert owner.get(html.unescape(address)).text.count('<tr id="row-') == int(count), address


def test_the_overview_of_a_chain_that_receives_nothing_says_nothing_of_it(browse, world, superuser_sql):
    superuser_sql(FORGET_STOCK)
    for table in ("delivery", "purchase_order"):
        superuser_sql(f"DELETE FROM getinn_ops.{table}")
    assert told_of_receiving(browse(world.pelmenya.owner).get("/accounts/pelmenya/")) == {}


def test_restaurant_store_and_supply_tell_of_the_last_deliveries(browse, receiving, superuser_sql):
    chain, marker = receiving, f"{receiving.marker}-D-"
    for path, numbers in (
        (f"restaurants/{chain.restaurant_id}", "1"),
        (f"stores/{chain.assigned_store_id}", "2"),
        ("supply", "12"),
    ):
        content = browse(chain.owner).get(f"/accounts/pelmenya/{path}").text
        content = content.split('id="deliveries"')[1].split("</section>")[0]
        assert [number for number in "12" if marker + number in content] == [*numbers], path
        assert content.count("sent back in part") == len(numbers)
    limited = browse(chain.assigned_manager).get("/accounts/pelmenya/supply").text
    assert (marker + "1" in limited, marker + "2" in limited) == (False, True)
    superuser_sql("UPDATE getinn_ops.delivery SET status = 'reversed'")
    assert "Nothing was taken in yet." in browse(chain.owner).get("/accounts/pelmenya/supply").text


def test_orders_are_found_by_number_and_deliveries_by_the_number_of_their_paper_where_the_person_works(browse, world):
    chain = world.pelmenya
    for who, found in ((chain.owner, "12"), (chain.assigned_manager, "2")):
        for room, what in (("orders", "PO"), ("deliveries", "D")):
            rows = {}
            for number in "12":
                page = browse(who).get(f"/accounts/pelmenya/{room}?q={chain.marker}-{what}-{number}")
                rows[number] = page.text.count('<tr id="row-')
            assert rows == {number: int(number in found) for number in "12"}, (room, who.email)
