"""A real Chromium before the real portal: fixtures for journeys."""

import hashlib
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from config import Config
from portal import create_app
from portal.auth.cookie import PLAIN_NAME
from tests.database import Database
from tests.world import Chain, Person, World

NOW = "timezone('utc', now())"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
# Debian's sandbox needs what a container may lack; the pages are our own.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# A machine with much else to do is slow, not wrong.
expect.set_options(timeout=20_000)
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def portal_address(config: Config, database: Database) -> Iterator[str]:
    """The address of the portal, served by plain HTTP on loopback."""
    app = create_app(replace(config, secure_cookies=False, allow_loopback_addresses=True))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or Playwright's own.

    No longer than a module: while it is open its event loop runs, and other tests start loops of their own.
    """
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(
    chromium: Browser, portal_address: str, database: Database, world: World
) -> Iterator[Callable[..., Page]]:
    """``open_page(person, visiting=…, phone=…, scripts=…, dark=…, locale=…)``: a page, signed in if a person is given.

    A fault in the page's scripts, or a broken rule of the content policy, fails the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_new(
        person: Person | None = None,
        *,
        visiting: Chain | None = None,
        phone: bool = False,
        scripts: bool = True,
        dark: bool = False,
        locale: str = "en-GB",
    ) -> Page:
        context = chromium.new_context(
            base_url=portal_address,
            viewport=PHONE if phone else DESKTOP,
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            locale=locale,
            timezone_id="Europe/Moscow",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        if person is not None:
            context.add_cookies([{"name": PLAIN_NAME, "value": session_of(database, person), "url": portal_address}])
        if visiting is not None and person is not None:
            start_visit(database, person, visiting)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
        return page

    yield open_new
    for context in contexts:
        context.close()
    assert faults == []


def session_of(database: Database, person: Person) -> str:
    """The cookie of a new session."""
    token = secrets.token_urlsafe(32)
    database.sql(
        "INSERT INTO getinn_ops.user_session (account_id, user_id, token_hash, expires_at, last_seen_at, confirmed_at)"
        f" VALUES (%s, %s, %s, {NOW} + interval '1 day', {NOW}, {NOW})",
        [person.account_id, person.id, hashlib.sha256(token.encode()).digest()],
    )
    return token


def start_visit(database: Database, person: Person, chain: Chain) -> None:
    """A superuser's open visit, in their newest session."""
    database.sql(
        "INSERT INTO getinn_ops.superuser_visit (account_id, user_id, session_id, reason, started_at, last_seen_at)"
        f" SELECT %s, user_id, id, 'a journey', {NOW}, {NOW} FROM getinn_ops.user_session"
        " WHERE user_id = %s ORDER BY created_at DESC LIMIT 1",
        [chain.account_id, person.id],
    )


def is_page(app: Flask, endpoint: str) -> bool:
    """Whether an endpoint answers with a page of its own."""
    return not endpoint.endswith((".export", "static")) and not endpoint.startswith("health.")
