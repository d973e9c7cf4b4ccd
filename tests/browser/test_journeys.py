"""Journeys through the portal in a real browser, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.world import World


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_an_owner_signs_in_where_they_wanted_to_go_and_out_again(
    world: World, open_page: Opener, scripts: bool
) -> None:
    owner = world.pelmenya.owner
    page = open_page(scripts=scripts)
    page.goto(f"/accounts/{world.pelmenya.slug}/stores")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.get_by_label("E-mail").fill(owner.email)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("E-mail and password do not match.").first).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value(owner.email)
    page.get_by_label("Password", exact=True).fill(owner.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(rf"/accounts/{world.pelmenya.slug}/stores$"))
    page.locator("summary", has_text="Your menu").locator("visible=true").first.click()
    page.get_by_role("button", name="Sign out").locator("visible=true").first.click()
    expect(page).to_have_url(re.compile("/login$"))
    page.goto(f"/accounts/{world.pelmenya.slug}/stores")
    expect(page).to_have_url(re.compile("/login"))


def test_search_follows_the_typing_keeps_the_focus_and_stands_in_the_address(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    box.press_sequentially("no such restaurant")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile("q=no"))
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("tbody tr").first).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_several_restaurants_are_archived_at_once_and_brought_back(
    world: World, open_page: Opener, scripts: bool
) -> None:
    page = open_page(world.pelmenya.owner, scripts=scripts)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants")
    rows = page.locator("tbody tr")
    count = rows.count()
    assert count >= 2
    for place in (0, 1):
        rows.nth(place).get_by_role("checkbox").check()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Moved to the archive: 2 restaurants.")).to_be_visible()
    expect(rows).to_have_count(count - 2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Back from the archive: 2 restaurants.")).to_be_visible()
    expect(rows).to_have_count(count)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_form_that_fails_keeps_what_was_typed(world: World, open_page: Opener, scripts: bool) -> None:
    page = open_page(world.pelmenya.owner, scripts=scripts)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants/new")
    page.get_by_label("Name").fill("Blini on the corner")
    page.get_by_label("Phone").fill("call me")
    if scripts:
        page.get_by_label("Phone").press("Tab")
        expect(page.get_by_text("Write a phone number").first).to_be_visible()
    # The words stand there already: it is the page that comes back which is looked at and filled in.
    with page.expect_navigation():
        page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Write a phone number").first).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Blini on the corner")
    page.get_by_label("Phone").fill("+7 495 123-45-67")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Blini on the corner")
    expect(page.get_by_text("Blini on the corner was added.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_one_click_switches_a_platform_on_and_off_in_the_list_of_bots(
    world: World, open_page: Opener, scripts: bool
) -> None:
    page = open_page(world.pelmenya.owner, scripts=scripts)
    page.goto(f"/accounts/{world.pelmenya.slug}/bots")
    switch = page.get_by_role("switch", checked=True).first
    label = switch.get_attribute("aria-label")
    assert label
    same_switch = page.get_by_role("switch", name=label, exact=True)
    switch.click()
    expect(same_switch).to_have_attribute("aria-checked", "false")
    page.reload()
    expect(same_switch).to_have_attribute("aria-checked", "false")


def test_a_superuser_switches_accounts_by_keyboard_and_the_owner_sees_the_visit(
    world: World, open_page: Opener
) -> None:
    page = open_page(world.superuser)
    page.goto("/accounts")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.type(world.vareniki.name[:12])
    expect(dialog.locator("[data-list] li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Reason of the visit").fill("A question about bots")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/accounts/{world.vareniki.slug}/$"))
    expect(page.get_by_text("You are visiting")).to_be_visible()
    owner = open_page(world.vareniki.owner)
    owner.goto(f"/accounts/{world.vareniki.slug}/audit")
    expect(owner.locator("tbody").get_by_text("Support visit started").first).to_be_visible()
    page.get_by_role("button", name="End visit").click()
    expect(page).to_have_url(re.compile("/accounts$"))


def test_two_tabs_stand_in_two_accounts(world: World, open_page: Opener) -> None:
    first = open_page(world.superuser, visiting=world.pelmenya)
    first.goto(f"/accounts/{world.pelmenya.slug}/")
    second = first.context.new_page()
    second.goto("/accounts")
    second.keyboard.press("Control+k")
    dialog = second.get_by_role("dialog")
    reason = dialog.get_by_role("textbox", name="Reason of the visit")
    # Enter in the reason chooses no chain, whatever it is called.
    reason.fill(world.vareniki.name)
    reason.press("Enter")
    expect(second).to_have_url(re.compile("/accounts$"))
    reason.fill("A question about bots")
    dialog.get_by_role("button", name=re.compile(world.vareniki.name)).first.click()
    expect(second.get_by_text("You are visiting")).to_contain_text(world.vareniki.name)
    first.reload()
    expect(first.get_by_text("You are visiting")).to_contain_text(world.pelmenya.name)


def test_whoever_signs_out_in_one_tab_is_gone_from_all(world: World, open_page: Opener) -> None:
    first = open_page(world.pelmenya.owner)
    first.goto(f"/accounts/{world.pelmenya.slug}/users")
    expect(first.get_by_text(world.pelmenya.chef.email).first).to_be_visible()
    second = first.context.new_page()
    second.goto("/profile")
    second.locator("summary", has_text="Your menu").locator("visible=true").first.click()
    second.get_by_role("button", name="Sign out").locator("visible=true").first.click()
    expect(second).to_have_url(re.compile("/login$"))
    expect(first).to_have_url(re.compile(r"/login\?next="))
    expect(first.get_by_text(world.pelmenya.chef.email)).to_have_count(0)


def test_the_portal_speaks_russian_to_a_russian_browser(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.viewer, locale="ru-RU")
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.get_by_role("heading", level=1)).to_have_text("Рестораны")
