"""What a browser that has never been here fetches for a list."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.crawling import Opener
from tests.database import Database
from tests.world import World

MAX_REQUESTS = 5
# Over the wire: heads and compressed bodies, the page, its style, script, font and icons.
MAX_BYTES = 45_000
ADD = (
    "INSERT INTO getinn_ops.restaurant (account_id, name, address, phone)"
    " SELECT %s, 'Dumplings on street ' || n, n || ' Long street, Moscow', '+7 495 555-03-' || (n + 10)"
    " FROM generate_series(1, 50) n"
)


def watch(page: Page) -> dict[str, int]:
    """Fills with the bytes of each address while the page is used."""
    found: dict[str, int] = {}
    addresses: dict[str, str] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def sent(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def finished(event: dict[str, Any]) -> None:
        found[addresses[event["requestId"]]] = int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.loadingFinished", finished)
    return found


def test_the_first_visit_of_a_list_is_small(world: World, database: Database, open_page: Opener) -> None:
    database.sql(ADD, [world.pelmenya.account_id])
    page = open_page(world.pelmenya.owner)
    fetched = watch(page)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants", wait_until="networkidle")
    assert page.locator("tbody tr").count() == 50
    assert len(fetched) <= MAX_REQUESTS, fetched
    assert sum(fetched.values()) <= MAX_BYTES, fetched
    assert len([address for address in fetched if ".css" in address]) == 1
