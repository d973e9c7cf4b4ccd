"""Counting a store by several people on phones, and writing off at a desk, in a real browser."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.crawling import Opener
from tests.inventory.pages import StockBrowser
from tests.world import World

WIDTH = "document.documentElement.scrollWidth"


def begin(world: World, browse: Any, superuser_sql: Any) -> tuple[StockBrowser, str]:
    """A count of the first store with the chain's item and two more."""
    owner = StockBrowser(browse(world.pelmenya.owner), world.pelmenya, superuser_sql)
    made = "INSERT INTO getinn_ops.inventory_item (account_id, name, default_unit_id) VALUES (%s, %s, %s) RETURNING id"
    for name in ("Flour", "Salt, coarse, from a mine that has a very long name"):
        [row] = superuser_sql(made, [owner.chain.account_id, name, owner.chain.id_of("unit")])
        owner.move(12, item_id=row.id)
    return owner, f"/accounts/{owner.chain.slug}/counts/{owner.start()}"


def field_of(page: Page, item: str) -> Locator:
    return page.get_by_role("textbox", name=item)


def count(page: Page, item: str, quantity: str, key: str) -> None:
    field = field_of(page, item)
    field.fill(quantity)
    field.press(key)


def test_two_people_count_on_phones_and_each_sees_the_other_and_types_on(
    world: World, open_page: Opener, browse: Any, superuser_sql: Any
) -> None:
    owner, path = begin(world, browse, superuser_sql)
    first, second = (open_page(person, phone=True, locale="ru-RU") for person in (owner.chain.owner, owner.chain.chef))
    for page in (first, second):
        page.goto(path)
        assert page.evaluate(WIDTH) == 360
    field_of(first, "Flour").fill("2")
    count(second, "Salt", "7,25", "Enter")
    expect(second.locator("#count-progress")).to_be_visible()
    expect(first.locator(".count-line__state", has_text="7,25")).to_be_visible()
    assert field_of(first, "Flour").input_value() == "2"
    count(second, "Flour", "3", "Enter")
    expect(second.locator(".count-line__state", has_text="3\u00a0kg")).to_be_visible()
    field_of(first, "Flour").press("Tab")
    expect(first.get_by_role("radio")).to_have_count(2)
    assert field_of(first, "Flour").input_value() == "2"
    first.get_by_role("radio").nth(1).check()
    field_of(first, "Flour").press("Enter")
    expect(first.get_by_role("radio")).to_have_count(0)
    expect(first.locator(".count-line__state", has_text="2\u00a0kg")).to_be_visible()
    owner.post(path.partition(f"{owner.chain.slug}/")[2] + "/posting")
    count(first, "Flour", "9", "Enter")
    expect(first.locator("#count-ended")).to_be_visible()
    assert superuser_sql("SELECT 1 FROM getinn_ops.stocktake_item WHERE counted_quantity = 9") == []


def test_something_is_written_off_with_scripts_and_without(
    world: World, open_page: Opener, browse: Any, superuser_sql: Any
) -> None:
    owner = StockBrowser(browse(world.pelmenya.owner), world.pelmenya, superuser_sql)
    for scripts in (True, False):
        page = open_page(owner.chain.owner, scripts=scripts)
        page.goto(f"/accounts/{owner.chain.slug}/stock/write-offs/new?stock_id={owner.stock_id}")
        if scripts:
            page.get_by_label("Item").fill("")
            page.get_by_label("Item").press_sequentially("zqpelmenya it")
            expect(page.locator("#lines-n1-items option")).to_have_count(1)
            page.get_by_label("Item").fill(owner.item)
        page.get_by_label("Quantity").fill("0,5")
        if scripts:
            page.get_by_label("Quantity").press("Tab")
            expect(page.locator(".line__amount")).to_contain_text("leaves 3.14")
        page.get_by_label("Lot").select_option(label="The oldest first")
        page.get_by_role("button", name="Write off").last.click()
        page.wait_for_url("**/stock/movements?*")
        row = page.locator("tbody tr").first
        expect(row).to_contain_text("\u22120.5\u00a0kg")
        expect(row).to_contain_text("Spoiled")
    assert sum(owner.balances().values()) * 100 == 264
