"""Forms in a real browser: signed out in another tab, two people at one row, a zone that only the browser knows."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.browser.test_journeys import sign_in
from tests.database import Database
from tests.world import World


def sign_out(page: Page) -> None:
    page.locator("summary", has_text="Your menu").locator("visible=true").first.click()
    page.get_by_role("button", name="Sign out").locator("visible=true").first.click()
    expect(page).to_have_url(re.compile("/login"))


def signed_out_while_typing(world: World, open_page: Opener) -> tuple[Page, Page]:
    """The tab in which an owner has typed a restaurant's name, and the one in which they signed out then."""
    page = open_page(world.pelmenya.owner)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants/new")
    page.get_by_label("Name").fill("На Мясницкой")
    other = page.context.new_page()
    other.goto("/profile")
    sign_out(other)
    return page, other


def test_what_is_typed_while_another_tab_signs_out_comes_back_after_signing_in(world: World, open_page: Opener) -> None:
    owner = world.pelmenya.owner
    page, _other = signed_out_while_typing(world, open_page)
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_hidden()
    page.get_by_role("button", name="Sign in and go on").click()
    expect(page.get_by_text("sign in as the same person")).to_be_visible()
    page.get_by_label("E-mail").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(owner.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("You are signed in again")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("На Мясницкой")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("На Мясницкой was added.")).to_be_visible()


def test_a_tab_of_the_same_person_stays_with_what_was_typed(world: World, open_page: Opener) -> None:
    owner = world.pelmenya.owner
    page, other = signed_out_while_typing(world, open_page)
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in and go on")).to_be_focused()
    sign_in(other, owner.email, owner.password)
    expect(other).to_have_url(re.compile("/accounts/"))
    expect(page.get_by_label("Name")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("На Мясницкой")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_hidden()


def test_a_switch_whose_proof_is_no_longer_good_works_at_the_second_press(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(f"/accounts/{world.pelmenya.slug}/bots")
    switch = page.get_by_role("switch").first
    before = switch.get_attribute("aria-checked")
    page.context.clear_cookies(name="form")
    switch.click()
    expect(page.get_by_text("Press once more.")).to_be_visible()
    expect(switch).to_have_attribute("aria-checked", str(before))
    switch.click()
    expect(switch).not_to_have_attribute("aria-checked", str(before))


def test_a_switch_pressed_after_signing_out_leaves_the_page_and_offers_signing_in(
    world: World, open_page: Opener, database: Database
) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(f"/accounts/{world.pelmenya.slug}/bots")
    database.sql("DELETE FROM getinn_ops.user_session")
    page.get_by_role("switch").first.click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in in a new tab")).to_have_attribute(
        "href", f"/login?next=/accounts/{world.pelmenya.slug}/bots"
    )
    expect(page.get_by_role("switch").first).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_two_people_at_one_restaurant_decide_field_by_field(world: World, open_page: Opener, scripts: bool) -> None:
    path = f"/accounts/{world.pelmenya.slug}/restaurants/{world.pelmenya.restaurant_id}/edit"
    mine, theirs = open_page(world.pelmenya.owner, scripts=scripts), open_page(world.pelmenya.manager)
    for page, phone in ((mine, "+7 495 222-22-22"), (theirs, "+7 495 111-11-11")):
        page.goto(path)
        page.get_by_label("Phone").fill(phone)
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.get_by_text("was saved.")).to_be_visible()
    mine.get_by_label("Address").fill("Арбат, 12")
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("Somebody else has changed the same meanwhile")).to_be_visible()
    mine.get_by_label("Take theirs: +7 495 111-11-11").check()
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("+7 495 111-11-11").first).to_be_visible()
    expect(mine.get_by_text("Арбат, 12").first).to_be_visible()


def test_whoever_has_no_zone_of_their_own_sees_the_clocks_of_the_browser(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto("/profile")
    page.reload()
    expect(page.get_by_text("In effect now: Europe/Moscow (UTC+3).")).to_be_visible()
    expect(page.locator("time").first).to_have_attribute("title", re.compile("Europe/Moscow$"))
