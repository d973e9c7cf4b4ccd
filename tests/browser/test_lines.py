"""Filling in the lines of a document in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.world import World


def open_list(world: World, open_page: Opener, **options: bool) -> Page:
    page = open_page(world.pelmenya.owner, **options)
    page.goto(f"/accounts/{world.pelmenya.slug}/stores/{world.pelmenya.store_id}/equipment/edit")
    return page


def names(page: Page) -> list[str]:
    return [each.input_value() for each in page.get_by_label("Name", exact=True).all()]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_rows_are_added_moved_and_removed_and_nothing_typed_is_lost(
    world: World, open_page: Opener, scripts: bool
) -> None:
    page = open_list(world, open_page, scripts=scripts)
    page.get_by_role("button", name="Add a row").click()
    expect(page.get_by_label("Name", exact=True)).to_have_count(2)
    page.get_by_label("Name", exact=True).nth(1).fill("Oven")
    page.get_by_label("Quantity").nth(1).fill("2")
    page.get_by_label("Price each").nth(1).fill("1 000,5")
    page.get_by_role("button", name="Move row 2 up").click()
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Oven")
    expect(page.get_by_label("Price each").first).to_have_value("1 000,5")
    page.get_by_role("button", name="Add a row").click()
    expect(page.get_by_label("Name", exact=True)).to_have_count(3)
    page.get_by_role("button", name="Remove row 3").click()
    expect(page.get_by_label("Name", exact=True)).to_have_count(2)
    assert names(page) == ["Oven", "zqpelmenya fridge 1"]
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("was saved.").first).to_be_visible()
    expect(page.locator("#equipment-totals")).to_contain_text("4,470.00")


def test_a_list_is_filled_in_by_the_keyboard_alone(world: World, open_page: Opener) -> None:
    page = open_list(world, open_page)
    page.get_by_role("button", name="Add a row").focus()
    page.keyboard.press("Enter")
    # The new row's first field waits for letters.
    expect(page.get_by_label("Name", exact=True).nth(1)).to_be_focused()
    page.keyboard.type("Scales")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("10")
    page.keyboard.press("Tab")
    # What was typed is reckoned with, and the letters typed meanwhile stay.
    page.keyboard.type("by the door")
    expect(page.locator("#lines-totals")).to_contain_text("2,499.00")
    expect(page.get_by_label("Comment").nth(1)).to_have_value("by the door")
    up = page.get_by_role("button", name="Move row 2 up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Scales")
    # The eye and the hand stay with the row that was moved.
    expect(page.get_by_role("button", name="Move row 1 up")).to_be_focused()
    page.get_by_label("Name", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("was saved.").first).to_be_visible()


def test_a_fault_stands_at_its_row_while_one_types(world: World, open_page: Opener) -> None:
    page = open_list(world, open_page, phone=True, dark=True)
    page.get_by_label("Quantity").first.fill("many")
    page.get_by_label("Quantity").first.press("Tab")
    expect(page.get_by_text("Write a number, such as 1234.5.")).to_be_visible()
    expect(page.get_by_label("Quantity").first).to_have_value("many")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
