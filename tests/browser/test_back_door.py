"""The back door on a phone in Russian: six taps, without a connection, and without scripts."""

from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.crawling import Opener
from tests.documents.test_documents import png
from tests.world import Person, World

S = "getinn_ops"
WIDTH = "document.documentElement.scrollWidth"
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('receipt.')).length"
# The photos that this device keeps.
HELD_NOW = """() => indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => new Promise((told) => {
  const asked = indexedDB.open(name);
  asked.onsuccess = () => {
    const kept = asked.result.transaction("photos").objectStore("photos").getAll();
    kept.onsuccess = () => (asked.result.close(), told(kept.result.flat().length));
  };
})))).then((counts) => counts.filter(Boolean))"""
HELD = f"async (wanted) => (await ({HELD_NOW})()).includes(wanted)"


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
    page.get_by_role("link", name="Приёмки", exact=True).click()
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
    assert page.evaluate(KEPT) == 1


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


def test_a_fault_is_shown_beside_its_field_and_the_rest_stays(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    page.locator(".door-line summary").click()
    page.locator("[name$='-rejected_quantity']").fill("1")
    press_receive(page)
    expect(page.locator("[id$='-rejection_reason-errors']")).to_be_visible()
    assert page.locator("[name$='-rejected_quantity']").input_value() == "1"


def test_when_the_rest_comes_is_one_tap_after_the_door(world: World, open_page: Opener, superuser_sql: Any) -> None:
    page = open_page(world.pelmenya.chef, phone=True, locale="ru-RU")
    at_the_order(world, page)
    page.locator("[name$='-quantity']").first.fill("3")
    press_receive(page)
    expect(page.locator("#rest")).to_be_visible()
    assert page.evaluate(WIDTH) == 360
    page.locator("#rest [name=day]").first.click()
    expect(page.locator("#rest strong")).to_be_visible()
    page.locator("#rest [name=over]").first.click()
    expect(page.locator("#rest")).to_have_count(0)
    [row] = superuser_sql(
        f"SELECT status FROM {S}.purchase_order WHERE id = %s", [world.pelmenya.id_of("purchase_order")]
    )
    assert row.status == "closed"


def png_files(*marks: str) -> list[FilePayload]:
    return [{"name": f"{mark}.png", "mimeType": "image/png", "buffer": png(mark.encode())} for mark in marks]


def shoot(page: Page, *marks: str) -> None:
    for mark in marks:
        page.locator("[name=shot]").set_input_files(png_files(mark))


def shown(page: Page) -> Locator:
    return page.locator("[data-photos] li")


def sign_in(page: Page, person: Person) -> None:
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_photos_outlive_a_reload_and_a_dead_connection_and_a_wrong_one_goes(
    world: World, open_page: Opener, superuser_sql: Any
) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    shoot(page, "one", "two", "wrong")
    expect(shown(page)).to_have_count(3)
    shown(page).nth(2).get_by_role("button", name="Remove").click()
    expect(shown(page)).to_have_count(2)
    assert page.evaluate(WIDTH) == 360
    page.wait_for_function(HELD, arg=2)
    page.reload()
    expect(shown(page)).to_have_count(2)
    page.context.set_offline(True)
    shoot(page, "three")
    press_receive(page)
    expect(page.locator("[data-kept]")).to_be_visible()
    assert received(world, superuser_sql) == 4
    page.context.set_offline(False)
    expect(page.locator("#photos .paper-photos__one")).to_have_count(3)
    expect(page.get_by_role("img", name="Photo 3 of the paper")).to_have_js_property("naturalWidth", 1)
    expect(page.get_by_text("It is received.")).to_be_visible()
    assert page.evaluate(HELD_NOW) == []
    # After it was received, too, a wrong one goes.
    page.locator("#photos .paper-photos__one").first.get_by_role("button", name="Remove").click()
    expect(page.locator("#photos .paper-photos__one")).to_have_count(2)


def test_a_sixth_photo_is_refused_in_words_beside_the_field(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    page.locator("[name=files]").set_input_files(png_files("a", "b", "c", "d", "e"))
    expect(shown(page)).to_have_count(5)
    expect(page.locator("[data-many]")).to_be_hidden()
    shoot(page, "sixth")
    expect(page.locator("[data-many]")).to_have_text("At most 5 photos of one paper. Remove one first.")
    expect(shown(page)).to_have_count(5)
    shown(page).first.get_by_role("button", name="Remove").click()
    expect(page.locator("[data-many]")).to_be_hidden()


def test_what_is_no_photo_is_told_and_the_photos_and_the_text_stay(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    shoot(page, "one")
    page.locator("[name=files]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"no photo"})
    page.locator("[name$='-quantity']").first.fill("5")
    press_receive(page)
    expect(page.locator("#files-errors")).to_contain_text("a.txt: send a photo")
    expect(shown(page)).to_have_count(2)
    assert page.locator("[name$='-quantity']").first.input_value() == "5"
    shown(page).nth(1).get_by_role("button", name="Remove").click()
    press_receive(page)
    expect(page.locator("#photos .paper-photos__one")).to_have_count(1)


def test_a_browser_that_cannot_keep_photos_says_so_before_they_are_lost(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    page.add_init_script("IDBFactory.prototype.open = () => { throw new Error('none') }")
    at_the_order(world, page)
    expect(page.locator("[data-loose]")).to_be_hidden()
    shoot(page, "one")
    expect(page.locator("[data-loose]")).to_be_visible()
    press_receive(page)
    expect(page.locator("#photos .paper-photos__one")).to_have_count(1)


def test_a_session_that_ends_in_the_middle_loses_neither_text_nor_photos(
    world: World, open_page: Opener, superuser_sql: Any
) -> None:
    chef = world.pelmenya.chef
    page = open_page(chef, phone=True)
    at_the_order(world, page)
    page.locator("[name$='-quantity']").first.fill("7")
    shoot(page, "one")
    page.wait_for_function(HELD, arg=1)
    page.context.clear_cookies(name="portal")
    press_receive(page)
    expect(page.get_by_text("sign in as the same person")).to_be_visible()
    sign_in(page, chef)
    expect(page.get_by_text("You are signed in again")).to_be_visible()
    assert page.locator("[name$='-quantity']").first.input_value() == "7"
    expect(shown(page)).to_have_count(1)
    # The same where the page was only opened anew.
    page.context.clear_cookies(name="portal")
    page.goto(f"/accounts/{world.pelmenya.slug}/deliveries/orders/{world.pelmenya.id_of('purchase_order')}")
    sign_in(page, chef)
    page.wait_for_url("**/deliveries/orders/**")
    expect(page.locator("[data-found]")).to_be_visible()
    expect(shown(page)).to_have_count(1)
    press_receive(page)
    expect(page.locator("#photos .paper-photos__one")).to_have_count(1)
    assert received(world, superuser_sql) == 11


def test_whoever_signs_out_leaves_nothing_behind_and_nobody_else_finds_it(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.chef)
    page.goto(f"/accounts/{world.pelmenya.slug}/deliveries/orders/{world.pelmenya.id_of('purchase_order')}")
    for leaves in (True, False):
        page.locator("[name$='-quantity']").first.fill("7")
        shoot(page, "one")
        page.wait_for_function(HELD, arg=1)
        if leaves:
            page.locator(".sidebar summary").click()
            page.locator(".sidebar").get_by_role("button", name="Sign out").click()
            page.wait_for_url("**/login")
            assert page.evaluate(KEPT) == 0
            page.wait_for_function("async () => (await indexedDB.databases()).length === 0")
            sign_in(page, world.pelmenya.chef)
            page.wait_for_url("**/accounts/**")
            page.goto(f"/accounts/{world.pelmenya.slug}/deliveries/orders/{world.pelmenya.id_of('purchase_order')}")
            expect(shown(page)).to_have_count(0)
    page.context.clear_cookies(name="portal")
    page.goto("/")
    assert page.evaluate(KEPT) == 1
    sign_in(page, world.pelmenya.manager)
    page.wait_for_url("**/accounts/**")
    assert page.evaluate(KEPT) == 0
    page.wait_for_function("async () => (await indexedDB.databases()).length === 0")


def test_two_tabs_keep_what_was_typed_in_each_and_the_second_is_asked(
    world: World, open_page: Opener, superuser_sql: Any
) -> None:
    first = open_page(world.pelmenya.chef)
    second = first.context.new_page()
    for page, quantity in ((first, "3"), (second, "2")):
        page.goto(f"/accounts/{world.pelmenya.slug}/deliveries/orders/{world.pelmenya.id_of('purchase_order')}")
        page.wait_for_selector("body[data-receiving]", state="attached")
        page.locator("[name$='-quantity']").first.fill(quantity)
    second.reload()
    expect(second.locator("[data-found]")).to_be_visible()
    assert second.locator("[name$='-quantity']").first.input_value() == "2"
    press_receive(first)
    expect(first.locator("h2", has_text="What came")).to_be_visible()
    press_receive(second)
    expect(second.get_by_text("received of this order meanwhile")).to_be_visible()
    assert received(world, superuser_sql) == 7
    press_receive(second)
    expect(second.locator("h2", has_text="What came")).to_be_visible()
    assert received(world, superuser_sql) == 9
    assert first.evaluate(KEPT) == 0


def test_a_double_tap_is_one_delivery_and_the_way_back_sends_none(
    world: World, open_page: Opener, superuser_sql: Any
) -> None:
    page = open_page(world.pelmenya.chef, phone=True)
    at_the_order(world, page)
    page.locator("[name$='-quantity']").first.fill("3")
    page.locator(".door__done button").dblclick()
    expect(page.locator("h2", has_text="What came")).to_be_visible()
    assert received(world, superuser_sql) == 7
    # Behind the back button the order awaits what is left of it.
    page.go_back()
    expect(page.locator("[data-found]")).to_be_hidden()
    assert page.locator("[name$='-quantity']").first.input_value() == "5"
    page.locator("[name$='-quantity']").first.fill("4")
    page.goto(f"/accounts/{world.pelmenya.slug}/supply")
    page.go_back()
    expect(page.locator("[data-found]")).to_be_visible()
    assert page.locator("[name$='-quantity']").first.input_value() == "4"


def test_it_works_without_scripts(world: World, open_page: Opener, superuser_sql: Any) -> None:
    page = open_page(world.pelmenya.chef, phone=True, scripts=False)
    page.goto(f"/accounts/{world.pelmenya.slug}/deliveries/orders/{world.pelmenya.id_of('purchase_order')}")
    press_receive(page)
    expect(page.locator("h2", has_text="What came")).to_be_visible()
    assert received(world, superuser_sql) == 12
