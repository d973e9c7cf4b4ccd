"""A manager's checklist on a phone: a tick is one tap of a thumb's size, and a slip is taken back at once."""

from playwright.sync_api import expect

from tests.browser.crawling import Opener
from tests.world import World

THUMB = 44


def test_a_tick_is_one_tap_and_a_slip_is_taken_back(world: World, open_page: Opener) -> None:
    chain = world.pelmenya
    page = open_page(chain.manager, phone=True)
    page.goto(f"/accounts/{chain.slug}/staff/{chain.id_of('staff_member')}")
    checklist = page.locator("#checklist")
    tick = checklist.get_by_role("button", name="Done: zqpelmenya step", exact=True)
    box = tick.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= THUMB
    page.evaluate("window.stayed = true")
    tick.click()
    expect(checklist).to_contain_text("1 of 1")
    expect(checklist.locator("[aria-pressed=true]")).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(checklist).to_contain_text("0 of 1")
    expect(tick).to_be_visible()
    # All of it without leaving the page.
    assert page.evaluate("window.stayed")
