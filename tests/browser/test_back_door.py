"""The back door on a phone in Russian: six taps, without a connection, and without scripts."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.world import World

S = "getinn_ops"
WIDTH = "document.documentElement.scrollWidth"
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('receipt.')).length"


def received(world: World, superuser_sql: Any) -> Any:
    line = world.pelmenya.id_of("purchase_order_item")
    [row] = superuser_sql(f"SELECT received_quantity FROM {S}.purchase_order_item WHERE id = %s", [line])
    return row.received_quantity


def at_the_order(world: World, page: Page) -> None:
    page.goto(f"/accounts/{world.pelmenya.slug}/deliveries/orders/{world.pelmenya.id_of('purchase_order')}")
    assert page.evaluate(WIDTH) == 360


def press_receive(page: Page) -> None:
    page.locator(".door__done button").click()


def test_an_order_without_differences_takes_four_taps(world: World, open_page: Opener, superuser_sql: Any) -> None:
    page = open_page(world.pelmenya.chef, phone=True, locale="ru-RU")
    page.goto(f"/accounts/{world.pelmenya.slug}/supply")
    page.get_by_role("link", name="Приёмки").click()
    page.get_by_role("link", name="Принять", exact=True).click()
    assert page.evaluate(WIDTH) == 360
    page.locator(f".door-order[href*='{world.pelmenya.id_of('purchase_order')}']").click()
    press_receive(page)
    expect(page.locator("h2", has_text="Что пришло")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("Принято")
    assert page.evaluate(WIDTH) == 360
    assert received(world, superuser_sql) == 12
    assert page.evaluate(KEPT) == 0


def test_without_a_connection_what_was_typed_waits_and_is_sent_once(
    world: World, open_page: Opener, superuser_sql: Any
) -> None:
    page = open_page(world.pelmenya.chef, phone=True, locale="ru-RU")
    at_the_order(world, page)
    page.locator("[name$='-quantity']").first.fill("7,5")
    page.context.set_offline(True)
    press_receive(page)
    expect(page.locator("[data-kept]")).to_be_visible()
    assert received(world, superuser_sql) == 4
    page.context.set_offline(False)
    expect(page.locator("h2", has_text="Что пришло")).to_be_visible()
    assert str(received(world, superuser_sql)) == "11.5000"
    assert page.evaluate(KEPT) == 0


def test_a_reload_brings_back_what_was_typed_with_rows_that_were_added(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    page.locator("#lines-add").click()
    added = page.locator(".door-line").nth(1)
    added.locator("[name$='-quantity']").fill("3")
    page.locator("[name$='-quantity']").first.fill("6")
    page.reload()
    expect(page.locator("[data-found]")).to_be_visible()
    expect(page.locator(".door-line")).to_have_count(2)
    assert page.locator("[name$='-quantity']").first.input_value() == "6"
    assert page.locator(".door-line").nth(1).locator("[name$='-quantity']").input_value() == "3"
    # Whoever signs out leaves nothing behind.
    assert page.evaluate(KEPT) == 1
    page.context.clear_cookies()
    page.goto("/")
    assert page.evaluate(KEPT) == 0


def test_whoever_goes_on_typing_while_it_waits_presses_once_more(
    world: World, open_page: Opener, superuser_sql: Any
) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    page.context.set_offline(True)
    press_receive(page)
    expect(page.locator("[data-kept]")).to_be_visible()
    page.locator("[name$='-quantity']").first.fill("1")
    expect(page.locator("[data-kept]")).to_be_hidden()
    page.context.set_offline(False)
    page.reload()
    assert page.locator("[name$='-quantity']").first.input_value() == "1"
    assert received(world, superuser_sql) == 4


def test_what_arrived_by_another_way_waits_on_the_device_no_more(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    page.locator("[name$='-quantity']").first.fill("2")
    assert page.evaluate(KEPT) == 1
    # As a browser sends it by itself, once the portal answered with a fault.
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('[data-receipt]'))")
    expect(page.locator("h2", has_text="What came")).to_be_visible()
    page.wait_for_function(f"() => ({KEPT}) === 0")
    at_the_order(world, page)
    assert page.locator("[name$='-quantity']").first.input_value() == "6"


def test_a_fault_is_shown_beside_its_field_and_the_rest_stays(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    page.locator(".door-line summary").click()
    page.locator("[name$='-rejected_quantity']").fill("1")
    press_receive(page)
    expect(page.locator("[id$='-rejection_reason-errors']")).to_be_visible()
    assert page.locator("[name$='-rejected_quantity']").input_value() == "1"


def test_it_works_without_scripts(world: World, open_page: Opener, superuser_sql: Any) -> None:
    page = open_page(world.pelmenya.chef, phone=True, scripts=False)
    page.goto(f"/accounts/{world.pelmenya.slug}/deliveries/orders/{world.pelmenya.id_of('purchase_order')}")
    press_receive(page)
    expect(page.locator("h2", has_text="What came")).to_be_visible()
    assert received(world, superuser_sql) == 12
