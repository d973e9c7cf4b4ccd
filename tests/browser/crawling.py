"""Walking the portal by its own links: one page of every kind that a person can reach."""

from collections import deque
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

# Answers that are no pages: downloads, fragments, health.
NO_PAGES = (
    "static",
    "health.",
    "accounts.switcher",
    "account.users.restaurants",
    "account.transcript.",
    "account.bot_files.",
    "account.notices.latest",
    "account.invoices.items",
    "account.stock.items",
    "account.stocktakes.follow",
    "account.iiko_runs.progress",
    "account.invoice_files.progress",
    "account.reconciliations.progress",
)


def endpoint_of(app: Flask, path: str) -> str | None:
    """The endpoint behind a path, where it is a page."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return endpoint if is_page(endpoint) else None


def is_page(endpoint: str) -> bool:
    """Whether an endpoint answers with a page."""
    return not endpoint.startswith(NO_PAGES) and not endpoint.endswith(
        (".export", ".download", ".source", ".template", ".file")
    )


def walk(app: Flask, page: Page, start: list[str], seen: set[str]) -> Iterator[str]:
    """Open one page of every endpoint that links lead to; yields its endpoint while it is open."""
    waiting = deque(start)
    while waiting:
        path = waiting.popleft()
        endpoint = endpoint_of(app, urlsplit(path).path)
        if endpoint is None or endpoint in seen:
            continue
        seen.add(endpoint)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        # A file in the browser's own frame is no page: no script ever runs there, nor answers.
        if answer.header_value("content-type") == "text/html; charset=utf-8":
            yield endpoint
            waiting.extend(links_of(page))


def links_of(page: Page) -> list[str]:
    """Paths of the portal that the page links to, downloads left out."""
    script = "() => [...document.links].filter(a => a.origin === location.origin && !a.hasAttribute('download'))"
    found: list[str] = page.evaluate(script + ".map(a => a.pathname + a.search)")
    return found


Opener = Callable[..., Page]
