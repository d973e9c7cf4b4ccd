"""A manager before a conversation that goes on while they look."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.database import Database
from tests.world import World

Opener = Callable[..., Page]


@pytest.fixture
def tell(database: Database, world: World) -> Callable[[str], None]:
    """Let the person of the cast's conversation say something."""
    chain = world.pelmenya

    def add(text: str) -> None:
        database.sql(
            "INSERT INTO getinn_ops.bot_message (account_id, bot_id, credential_id, dialog_id, direction, author, kind,"
            " text, state) VALUES (%s, %s, %s, %s, 'in', 'guest', 'text', %s, 'received')",
            [chain.account_id, chain.bot_id, chain.telegram_id, chain.dialog_id, text],
        )

    return add


@pytest.fixture
def address(world: World) -> str:
    chain = world.pelmenya
    return f"/accounts/{chain.slug}/bots/{chain.bot_id}/dialogs/{chain.dialog_id}"


def test_a_page_follows_by_itself_and_does_not_eat_what_is_being_typed(
    world: World, open_page: Opener, tell: Callable[[str], None], address: str
) -> None:
    page = open_page(world.pelmenya.manager)
    page.goto(address)
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("You have this conversation; the bot is silent")).to_be_visible()
    page.get_by_role("textbox", name="Message").fill("Half a letter")
    tell("Is anybody there?")
    expect(page.get_by_role("log").get_by_text("Is anybody there?")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Half a letter")
    page.get_by_role("textbox", name="Message").press("Control+Enter")
    expect(page.get_by_role("log").get_by_text("Half a letter")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    expect(page.get_by_role("log").get_by_text("Is anybody there?")).to_have_count(1)


def test_a_reader_of_what_was_said_before_stays_where_they_are(
    world: World, open_page: Opener, tell: Callable[[str], None], address: str
) -> None:
    for number in range(90):
        tell(f"Said before, number {number}")
    page = open_page(world.pelmenya.manager)
    page.goto(address)
    expect(page.get_by_text("Said before, number 89")).to_be_in_viewport()
    page.get_by_role("link", name="Earlier messages").click()
    read = page.get_by_text("Said before, number 25", exact=True)
    read.scroll_into_view_if_needed()
    tell("News")
    expect(page.get_by_text("News", exact=True)).to_be_attached()
    expect(read).to_be_in_viewport()
    expect(page.get_by_text("News", exact=True)).not_to_be_in_viewport()


def test_a_list_follows_without_taking_the_focus(
    world: World, open_page: Opener, tell: Callable[[str], None], address: str
) -> None:
    page = open_page(world.pelmenya.manager)
    page.goto(address.rpartition("/")[0])
    page.get_by_role("searchbox").focus()
    tell("Something new")
    expect(page.get_by_text("Something new")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_a_page_that_gets_no_answer_says_so(world: World, open_page: Opener, address: str) -> None:
    page = open_page(world.pelmenya.viewer)
    page.goto(address)
    note = page.get_by_text("this page stands still")
    expect(note).to_be_hidden()
    page.route("**/messages?*", lambda route: route.abort())
    expect(note).to_be_visible(timeout=15_000)
    page.unroute("**/messages?*")
    expect(note).to_be_hidden(timeout=15_000)
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_without_scripts_a_conversation_is_taken_over_written_in_and_handed_back(
    world: World, open_page: Opener, address: str
) -> None:
    page = open_page(world.pelmenya.manager, scripts=False, phone=True)
    page.goto(address)
    page.get_by_role("button", name="Take over").click()
    page.get_by_role("textbox", name="Message").fill("From a person")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log").get_by_text("From a person")).to_be_visible()
    page.get_by_text("Hand back to the bot").click()
    page.get_by_role("button", name="Hand back", exact=True).click()
    expect(page.get_by_text("The bot has the conversation again.")).to_be_visible()
    expect(page.get_by_role("button", name="Take over")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_where_one_writes_is_in_view_at_every_size_and_has_the_focus(
    world: World, open_page: Opener, tell: Callable[[str], None], address: str, scripts: bool
) -> None:
    for number in range(40):
        tell(f"Said before, number {number}")
    page = open_page(world.pelmenya.manager, scripts=scripts)
    page.goto(address)
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    for width, height in ((1440, 900), (1024, 768), (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.get_by_role("textbox", name="Message")).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
        bar = page.locator(".bottombar").bounding_box()
        send = page.get_by_role("button", name="Send").bounding_box()
        assert send is not None
        assert bar is None or send["y"] + send["height"] <= bar["y"]
        expect(page.get_by_text("Said before, number 39", exact=True)).to_be_in_viewport()
