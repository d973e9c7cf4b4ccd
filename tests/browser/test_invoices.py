"""Typing a supplier's paper in, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.world import World

PASTED = "Наименование\tКол-во\tЕд.\tЦена\tСтавка НДС\nМолоко\t12\tкг\t81,97\t10%\nСыр\t2,315\tкг\t189,90\tбез НДС"
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def open_form(world: World, open_page: Opener, number: str = "Z-77", **options: bool) -> Page:
    """The form of a new paper, its head filled in."""
    page = open_page(world.pelmenya.owner, **options)
    page.goto(f"/accounts/{world.pelmenya.slug}/invoices/new")
    page.get_by_label("Supplier", exact=True).select_option(str(world.pelmenya.id_of("supplier")))
    page.get_by_label("Store", exact=True).select_option(str(world.pelmenya.store_id))
    page.locator("[name=invoice_number]").fill(number)
    page.locator("[name=invoice_date]").fill("04.05.2026")
    return page


def rows(page: Page) -> list[str]:
    return [each.input_value() for each in page.get_by_label("As the paper has it").all()]


def test_a_paper_is_typed_in_by_the_keyboard_alone(world: World, open_page: Opener) -> None:
    page = open_form(world, open_page)
    page.get_by_label("As the paper has it").focus()
    for text in ("zqpelmenya butter", "", "12", "pack", "91"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type("10")
    expect(page.locator("#lines-totals")).to_contain_text("RUB 1,092.00")
    expect(page.locator(".paper-line__item .field__help")).to_have_text("Known as: zqpelmenya item 1")
    # Enter leads to the next row, which is made, and takes the rate over.
    page.keyboard.press("Enter")
    second = page.get_by_label("As the paper has it").nth(1)
    expect(second).to_be_focused()
    expect(page.get_by_label("VAT rate").nth(1)).to_have_value("10")
    page.keyboard.type("Milk")
    for text in ("", "2,5", "kg", "100"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Price", exact=True).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(second).to_be_focused()
    expect(page.locator("#lines-totals")).to_contain_text("RUB 1,342.00")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Z-77")).to_be_visible()
    expect(page.locator("#lines")).to_contain_text("RUB 1,342.00")


def test_items_are_suggested_while_one_types(world: World, open_page: Opener) -> None:
    page = open_form(world, open_page)
    page.get_by_label("Our item").press_sequentially("item")
    expect(page.locator("datalist option").first).to_have_attribute("value", "zqpelmenya item 1")


def test_rows_of_a_spreadsheet_are_pasted_into_any_field(world: World, open_page: Opener) -> None:
    page = open_form(world, open_page)
    page.get_by_label("Quantity").focus()
    page.evaluate(PASTE, PASTED)
    expect(page.get_by_label("As the paper has it")).to_have_count(2)
    assert rows(page) == ["Молоко", "Сыр"]
    expect(page.get_by_label("VAT rate").nth(1)).to_have_value("none")
    expect(page.locator("#lines-totals")).to_contain_text("RUB 1,423.26")
    # One word is pasted as ever.
    page.get_by_label("Our item").first.focus()
    page.evaluate(PASTE, "Butter")
    expect(page.get_by_label("As the paper has it")).to_have_count(2)


def test_without_scripts_rows_are_added_and_pasted_and_nothing_typed_is_lost(world: World, open_page: Opener) -> None:
    page = open_form(world, open_page, scripts=False)
    page.get_by_label("As the paper has it").fill("Butter")
    page.get_by_label("Quantity").fill("two")
    page.get_by_text("Paste rows from a spreadsheet").click()
    page.get_by_label("Copied rows").fill(PASTED)
    page.get_by_role("button", name="Take these rows over").click()
    assert rows(page) == ["Butter", "Молоко", "Сыр"]
    expect(page.get_by_label("Quantity").first).to_have_value("two")
    page.get_by_role("button", name="Remove row 1").click()
    page.get_by_role("button", name="Add a row").click()
    assert rows(page) == ["Молоко", "Сыр", ""]
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("heading", name="Z-77")).to_be_visible()


@pytest.mark.parametrize("options", [{"phone": True}, {"phone": True, "dark": True}, {}], ids=["phone", "dark", "desk"])
def test_a_paper_that_is_there_is_shown_beside_what_is_typed(
    world: World, open_page: Opener, options: dict[str, bool]
) -> None:
    page = open_form(world, open_page, number="zqpelmenya-1", **options)
    page.get_by_label("As the paper has it").fill("Butter")
    page.get_by_label("Quantity").fill("1")
    page.get_by_label("Price", exact=True).fill("5")
    page.get_by_label("VAT rate").select_option("none")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("heading", name="This paper is there already")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Second part of the same paper").check()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Second part of the same paper")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["invoices", "invoices/{invoice}", "invoices/{invoice}/edit", "invoices/exceptions"])
def test_on_a_phone_nothing_is_wider_than_the_page(world: World, open_page: Opener, path: str) -> None:
    page = open_page(world.pelmenya.owner, phone=True)
    address = path.format(invoice=world.pelmenya.id_of("invoice"))
    page.goto(f"/accounts/{world.pelmenya.slug}/{address}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
