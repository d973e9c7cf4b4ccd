"""Pages on paper, upright and across: what was on the page is there, what is pressed is not."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.world import World

# A4 without its margins, in CSS pixels.
PAPERS = {"upright": {"width": 718, "height": 1047}, "across": {"width": 1047, "height": 718}}
PRESSED = ".topbar, .sidebar, .bottombar, .toolbar, .composer, .page-head__actions, .pager__steps, .bulk, .table__check"


def show(page: Page, paper: str, path: str) -> None:
    """The page as it is printed on that paper."""
    page.set_viewport_size(PAPERS[paper])  # type: ignore[arg-type]
    page.emulate_media(media="print")
    page.goto(path)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    for each in page.locator(PRESSED).all():
        expect(each).to_be_hidden()


@pytest.mark.parametrize("paper", PAPERS)
def test_a_conversation_a_list_and_a_record_are_printed_whole(world: World, open_page: Opener, paper: str) -> None:
    chain = world.pelmenya
    page = open_page(chain.owner)
    home = f"/accounts/{chain.slug}"
    width = PAPERS[paper]["width"]
    show(page, paper, f"{home}/bots/{chain.bot_id}/dialogs/{chain.dialog_id}")
    messages = page.locator(".message").all()
    assert messages
    for message in messages:
        box = message.bounding_box()
        assert box is not None
        assert box["width"] > width / 10
    transcript = page.locator(".transcript").bounding_box()
    assert transcript is not None
    assert transcript["height"] + 1 > page.evaluate("document.querySelector('#transcript').scrollHeight")
    show(page, paper, f"{home}/restaurants")
    table = page.locator("table").bounding_box()
    assert table is not None
    assert table["width"] > width * 0.9
    expect(page.get_by_role("link", name=f"{chain.marker} on Main street")).to_be_visible()
    show(page, paper, f"{home}/restaurants/{chain.restaurant_id}")
    facts = page.locator(".facts").first.bounding_box()
    assert facts is not None
    assert facts["width"] > width / 2
