"""What the overview and the pages of restaurants and stores tell of supply."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.db.types import utc_now


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
