"""Answers that come while somebody is doing something else: they wait, and nothing that was meant is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.crawling import Opener
from tests.world import World


class Line:
    """A line on which checks of single fields are held back until they are let through."""

    def __init__(self, page: Page) -> None:
        self.page, self.held = page, list[Route]()
        page.route("**/restaurants/new", self.take)

    def take(self, route: Route) -> None:
        if "_validate=" in (route.request.post_data or ""):
            self.held.append(route)
        else:
            route.continue_()

    def let_through(self, most: int) -> None:
        """Answer the checks, once there are so many, and see the answers in the page's hands."""
        while len(self.held) < most:
            self.page.wait_for_timeout(10)
        for route in self.held:
            with self.page.expect_response(lambda answer, asked=route.request: answer.request == asked) as answer:
                route.continue_()
            answer.value.finished()
        self.held.clear()


@pytest.fixture
def form(world: World, open_page: Opener) -> Iterator[tuple[Page, Line]]:
    """The form of a new restaurant, wrongly filled in; the check of the telephone number waits for the next press."""
    page = open_page(world.pelmenya.owner)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants/new")
    line = Line(page)
    page.get_by_label("Name").fill("Blini on the corner")
    page.get_by_label("Phone").fill("call me")
    yield page, line
    page.unroute_all(behavior="ignoreErrors")


def press(page: Page, button: Locator) -> None:
    """Put the pointer on the upper edge, and leave it pressed."""
    box = button.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
    page.mouse.down()


def test_a_button_that_is_being_pressed_stays_below_the_pointer(form: tuple[Page, Line]) -> None:
    page, line = form
    error = page.get_by_text("Write a phone number")
    press(page, page.get_by_role("button", name="Add", exact=True))
    line.let_through(2)
    expect(error).to_have_count(0)
    with page.expect_navigation():
        page.mouse.up()
    expect(error.first).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Blini on the corner")


def test_an_answer_that_waited_for_a_press_is_shown_after_it(form: tuple[Page, Line]) -> None:
    page, line = form
    press(page, page.get_by_role("heading", level=1))
    line.let_through(2)
    page.mouse.up()
    expect(page.get_by_text("Write a phone number").first).to_be_visible()
