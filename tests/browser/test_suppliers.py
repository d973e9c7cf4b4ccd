"""Suppliers and photos of papers in a real Chromium: without scripts, and with one hand on a phone."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from portal.db.types import utc_now
from tests.documents.test_documents import png
from tests.suppliers.conftest import Buying


@pytest.fixture
def buying(superuser_sql, world):
    return Buying(superuser_sql, world.pelmenya)


def test_two_cards_are_merged_and_parted_again_without_scripts(open_page, world, buying):
    first, second = buying.supplier("Мясокомбинат", tax_id="7830002293"), buying.supplier("ООО «Мясокомбинат»")
    buying.invoice(first, "УТ-1", Decimal(10))
    came = buying.invoice(second, "УТ-1", Decimal(25))
    page = open_page(world.pelmenya.owner, scripts=False)
    page.goto("/accounts/pelmenya/suppliers")
    page.get_by_role("link", name="Doubles").click()
    pair = page.locator(".doubles__one", has=page.get_by_role("link", name="Мясокомбинат", exact=True))
    pair.get_by_role("link", name="Keep this one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merge ООО «Мясокомбинат»")
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("1 invoice number of ООО «Мясокомбинат» stands at the other supplier")).to_be_visible()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("1 invoice number stands there twice: look at the exceptions.")).to_be_visible()
    assert (buying.of("invoice", came), buying.of("invoice", came, "duplicate_reason")) == (first, "merged")
    page.locator("#doubles summary").click()
    page.get_by_role("button", name="Undo the merging").click()
    expect(page.get_by_text("ООО «Мясокомбинат» is a supplier of its own again.")).to_be_visible()
    assert (buying.of("invoice", came), buying.of("invoice", came, "duplicate_reason")) == (second, None)


def test_a_paper_is_photographed_on_a_phone_and_the_photo_opens(open_page, world):
    page = open_page(world.pelmenya.manager, phone=True)
    page.goto(f"/accounts/pelmenya/invoices/{world.pelmenya.id_of('invoice', 1)}")
    camera = page.locator("#photo-shot")
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files({"name": "image.png", "mimeType": "image/png", "buffer": png(b"phone")})
    page.get_by_role("button", name="Add photos").click()
    photo = page.get_by_role("img", name="Photo 2 of the paper")
    expect(photo).to_be_visible()
    expect(photo).to_have_js_property("naturalWidth", 1)
    page.locator("#photo-files").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"no photo"})
    page.get_by_role("button", name="Add photos").click()
    expect(page.get_by_text(re.compile("a.txt: send a photo"))).to_be_visible()
    page.locator(".paper-photos__one").last.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("img", name="Photo 2 of the paper")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_rose_explains_itself_without_scripts(open_page, world, buying):
    supplier = buying.supplier("Север")
    for age, amount, change in ((40, 200, 0), (5, 230, 15)):
        buying.add(
            "inventory_item_price_history",
            inventory_item_id=world.pelmenya.id_of("inventory_item"), supplier_id=supplier, source="manual_update",
            price_date=utc_now().date() - timedelta(days=age), quantity=1, base_quantity=1, currency="RUB",
            amount=amount, change=change,
        )  # fmt: skip
    page = open_page(world.pelmenya.owner, scripts=False, phone=True)
    page.goto("/accounts/pelmenya/supply")
    risen = page.locator("#risen")
    expect(risen.get_by_text("+15", exact=False)).to_be_visible()
    risen.locator("summary").click()
    expect(risen.locator(".explain__formula")).to_contain_text("30.00")
    risen.get_by_role("link", name="1 line of invoices").click()
    expect(page).to_have_url(re.compile(f"supplier_id={supplier}"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Prices")
