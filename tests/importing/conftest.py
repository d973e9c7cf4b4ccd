"""What the tests of imports share: somebody who uploads, looks and applies."""

import html
import re
from collections.abc import Callable, Iterable, Sequence

import pytest

from tests.browsing import Browser
from tests.importing.spreadsheets import HEADINGS, csv_file, uploaded


class Importing:
    """A person before the pages of one import."""

    def __init__(self, browser: Browser, noun: str) -> None:
        self.browser, self.noun = browser, noun
        self.url = browser.account(f"{noun}s/imports")
        self.here = ""

    def send(self, data: bytes, name: str = "restaurants.csv"):
        """Upload a file; the answer as it came."""
        answer = self.browser.post(self.url, uploaded(data, name))
        self.here = answer.location or ""
        return answer

    def send_rows(self, rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS) -> "Importing":
        """Upload rows below those headings; they are taken."""
        assert self.send(csv_file([headings, *rows])).status_code == 303
        return self

    def page(self, query: str = "") -> str:
        """The page of the import, without its markup's escapes."""
        answer = self.browser.get(self.here + query)
        assert answer.status_code == 200, answer.location
        return html.unescape(answer.text)

    def results(self, query: str = "") -> dict[str, str]:
        """Result by the name of each row, in the order of the page."""
        rows = re.findall(r'<tr id="row-\d+">(.*?)</tr>', self.page(query), re.DOTALL)
        return {text_of(row, "th"): re.search(r'badge--\w+">([^<]*)<', row)[1] for row in rows}

    def details(self) -> dict[str, str]:
        """What is told of each row, by its name."""
        rows = re.findall(r'<tr id="row-\d+">(.*?)</tr>', self.page(), re.DOTALL)
        return {text_of(row, "th"): text_of(row, "td", "import-details") for row in rows}

    def apply(self, **fields: str):
        """Press the button of the preview."""
        return self.browser.post(self.here + "/application", fields)

    def undo(self):
        """Press the button of an import that was applied."""
        return self.browser.delete(self.here + "/application")


def text_of(row: str, tag: str, name: str = "") -> str:
    """The text of a row's head, or of its cell of that class."""
    cell = re.search(rf"<{tag}[^>]*{name}[^>]*>(.*?)</{tag}>", row, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", "", cell[1]).split()) if cell else ""


@pytest.fixture
def importing(browse, world) -> Callable[..., Importing]:
    """``importing(person, noun)``: that person before the pages of an import."""
    return lambda person=None, noun="restaurant": Importing(browse(person or world.pelmenya.owner), noun)


@pytest.fixture
def restaurants_named(superuser_sql):
    """``restaurants_named(pattern)``: stored restaurants by name."""
    return lambda pattern: superuser_sql(
        "SELECT * FROM getinn_ops.restaurant WHERE name LIKE %s ORDER BY name", [pattern]
    )
