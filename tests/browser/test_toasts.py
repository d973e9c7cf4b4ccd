"""What a page says of what was done: one thing at a time, beside what people press, and undone from the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.database import Database
from tests.world import World

ADD = (
    "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'Place ' || to_char(n, 'FM000')"
    " FROM generate_series(1, 120) n"
)
# What may be pressed and lies, in part, under the toast; what went under a phone's bar is covered by that already.
COVERED = """() => {
  const toast = document.querySelector(".toast").getBoundingClientRect();
  const bar = document.querySelector(".topbar").getBoundingClientRect();
  const pressed = [...document.querySelectorAll("a, button, input, select, summary")];
  const others = pressed.filter((element) => !element.closest(".toasts, .bulk, .topbar") && element.checkVisibility());
  return others.filter((element) => {
    const it = element.getBoundingClientRect();
    const top = Math.max(toast.top, bar.bottom);
    const beside = it.left >= toast.right || toast.left >= it.right;
    return it.width && !beside && Math.max(it.top, top) < Math.min(it.bottom, toast.bottom);
  }).map((element) => element.outerHTML.slice(0, 80));
}"""


@pytest.fixture
def restaurants(world: World, database: Database) -> str:
    """The list of a chain with many."""
    database.sql(ADD, [world.pelmenya.account_id])
    return f"/accounts/{world.pelmenya.slug}/restaurants"


def archive(page: Page, name: str) -> int:
    """Archive one row from the list; where the page stood when the button was pressed."""
    page.get_by_role("checkbox", name=f"Select {name}").check()
    where = page.evaluate("scrollY")
    # Playwright's own click would scroll the page to where the sticky bar ends.
    page.get_by_role("button", name="Archive").evaluate("button => button.click()")
    expect(page.get_by_text("Moved to the archive: 1 restaurant.")).to_be_visible()
    return int(where)


def test_archiving_keeps_the_place_and_the_focus_and_is_undone_from_the_keyboard(
    world: World, open_page: Opener, restaurants: str
) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(f"{restaurants}?q=place")
    assert (where := archive(page, "Place 040")) > 0
    expect(page.get_by_role("link", name="Place 040")).to_have_count(0)
    expect(page.get_by_role("link", name="Place 041")).to_be_focused()
    assert page.evaluate("scrollY") == where
    page.keyboard.press("Control+z")
    expect(page.get_by_role("link", name="Place 040")).to_be_visible()
    expect(page.get_by_text("Back from the archive: 1 restaurant.")).to_be_visible()
    assert page.evaluate("scrollY") == where


@pytest.mark.parametrize("key", ["я", "Я", "Z"])
def test_a_russian_keyboard_and_its_lock_for_capitals_undo_too(
    world: World, open_page: Opener, restaurants: str, key: str
) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(f"{restaurants}?q=place")
    archive(page, "Place 040")
    page.evaluate(
        "key => document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key, code: 'KeyZ', ctrlKey: true, bubbles: true}))",
        key,
    )
    expect(page.get_by_role("link", name="Place 040")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_toasts_come_one_at_a_time_and_cover_nothing_that_is_pressed(
    world: World, open_page: Opener, restaurants: str, phone: bool
) -> None:
    page = open_page(world.pelmenya.owner, phone=phone)
    page.goto(f"{restaurants}?q=place&page=last")
    for number in (118, 119):
        archive(page, f"Place {number}")
        expect(page.locator(".toast")).to_have_count(1)
    page.get_by_role("link", name="Previous page").scroll_into_view_if_needed()
    page.mouse.wheel(0, 3000)
    expect(page.get_by_role("link", name="Previous page")).to_be_in_viewport(ratio=1)
    assert page.evaluate(COVERED) == []
    page.evaluate("scrollTo(0, 300)")
    assert page.evaluate(COVERED) == []


def test_a_toast_waits_for_whoever_reads_it_and_leaves_by_itself_otherwise(
    world: World, open_page: Opener, restaurants: str
) -> None:
    page = open_page(world.pelmenya.owner)
    page.clock.install()
    page.goto(f"{restaurants}?q=place")
    archive(page, "Place 001")
    page.clock.run_for(15_000)
    expect(page.locator(".toast")).to_have_count(1)
    page.get_by_role("button", name="Undo").focus()
    page.clock.run_for(60_000)
    expect(page.locator(".toast")).to_have_count(1)
    page.get_by_role("link", name="Place 002").focus()
    page.clock.run_for(21_000)
    expect(page.locator(".toast")).to_have_count(0)


def test_a_bot_that_answers_guests_is_asked_about_over_the_list(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.owner, phone=True)
    page.goto(f"/accounts/{world.pelmenya.slug}/bots")
    page.locator("tbody input[type=checkbox]").first.check()
    page.get_by_role("button", name="Archive").click()
    dialog = page.get_by_role("dialog", name="Archive?")
    expect(dialog).to_contain_text("guests get no answer")
    dialog.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Moved to the archive: 1 bot.")).to_be_visible()
