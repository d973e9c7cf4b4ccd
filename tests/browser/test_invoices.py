"""Typing supplier's papers in, in a real browser."""

from playwright.sync_api import Page

from tests.browser.crawling import Opener
from tests.world import World


def open_form(world: World, open_page: Opener, **options: bool) -> Page:
    page = open_page(world.pelmenya.owner, **options)
    page.goto(f"/accounts/{world.pelmenya.slug}/invoices/new")
    return page


def fill_head(page: Page, world: World, number: str = "Z-77") -> None:
    page.get_by_label("Supplier", exact=True).select_option(str(world.pelmenya.id_of("supplier")))
    page.get_by_label("Store", exact=True).select_option(str(world.pelmenya.store_id))
    page.get_by_label("Number", exact=False).first.fill(number)
    page.get_by_label("Date", exact=True).fill("04.05.2026")


def test_look(world: World, open_page: Opener) -> None:
    page = open_form(world, open_page)
    page.screenshot(path="/tmp/shot_new.png", full_page=True)
    fill_head(page, world)
    page.get_by_label("As the paper has it").first.fill("Butter")
    page.get_by_label("Our item").first.press_sequentially("ite")
    page.wait_for_timeout(800)
    print(page.locator("datalist").first.inner_html())
    page.get_by_label("Our item").first.fill("zqpelmenya item 1")
    page.get_by_label("Quantity").first.fill("2,5")
    page.get_by_label("Unit").first.fill("kg")
    page.get_by_label("Price", exact=False).nth(1).fill("100")
    page.get_by_label("VAT rate").first.select_option("10")
    page.get_by_label("VAT rate").first.press("Enter")
    page.wait_for_timeout(1500)
    page.screenshot(path="/tmp/shot_two.png", full_page=True)
    page.keyboard.type("Milk")
    page.keyboard.press("Tab")
    page.wait_for_timeout(1500)
    page.screenshot(path="/tmp/shot_three.png", full_page=True)
    for name, options in (("phone", {"phone": True}), ("dark", {"dark": True})):
        other = open_form(world, open_page, **options)
        other.screenshot(path=f"/tmp/shot_{name}.png", full_page=True)
    i = world.pelmenya.id_of("invoice", 1)
    for path in ("invoices", f"invoices/{i}", f"invoices/{i}/edit", "invoices/exceptions", f"invoices/exceptions/{world.pelmenya.id_of('invoice_exception', 1)}"):
        for phone in (False, True):
            other = open_page(world.pelmenya.owner, phone=phone)
            other.goto(f"/accounts/{world.pelmenya.slug}/{path}")
            other.screenshot(path=f"/tmp/shot_{path.replace('/','_')[:24]}{'_phone' if phone else ''}.png", full_page=True)
