"""Every page of the portal, found by following its links: accessible, titled, and fit for a phone."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.crawling import Opener, endpoint_of, is_page, walk
from tests.database import Database
from tests.world import World

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Reached by a secret in a link alone; tests/auth opens them.
BY_SECRET = {"passwords.reset", "invitations.accept"}
# Pages that only something done, or a standing that the cast has not, leads to; opened below.
BY_DEED = {
    "account.publication.ask",
    "account.comparisons.layout",
    "account.iiko_links.choose",
    "account.iiko_links.place",
    "account.checklist.new",
    "account.order_standing.reopen",
    "account.staff_choice.assign",
    "account.staff_choice.write",
    "account.steps.reopen",
    "account.steps.see_original",
}


def faults_of(page: Page) -> list[str]:
    """What axe-core, and a look at title, heading and width, find wrong with the open page."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(f"async () => (await axe.run(document, {RULES!r})).violations")
    faults = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
    if page.locator("h1").count() != 1:
        faults.append("not exactly one h1")
    if page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
        faults.append("wider than the window")
    return faults


def check_all(app: Flask, page: Page, start: list[str], seen: set[str]) -> dict[str, list[str]]:
    """The faults of every page that links lead to."""
    found = {endpoint: faults_of(page) for endpoint in walk(app, page, start, seen)}
    return {endpoint: faults for endpoint, faults in found.items() if faults}


@pytest.mark.parametrize("dark", [False, True], ids=["light desktop", "dark phone"])
def test_no_page_of_an_owner_has_a_fault_and_none_is_left_out(
    app: Flask, world: World, open_page: Opener, dark: bool
) -> None:
    seen: set[str] = set()
    page = open_page(world.pelmenya.owner, dark=dark, phone=dark)
    assert check_all(app, page, [f"/accounts/{world.pelmenya.slug}/", "/profile"], seen) == {}
    wanted = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and rule.rule.startswith("/accounts/<slug:account_slug>")
        and is_page(rule.endpoint)
    }
    assert wanted - seen - BY_DEED == set()


@pytest.mark.parametrize("dark", [False, True], ids=["light desktop", "dark phone"])
def test_the_question_where_people_go_has_no_fault(
    world: World, database: Database, open_page: Opener, dark: bool
) -> None:
    chain = world.pelmenya
    database.sql("UPDATE getinn_ops.bot_scenario SET is_active = true WHERE id = %s", [chain.draft_scenario_id])
    database.sql("UPDATE getinn_ops.bot_dialog_state SET current_step = 'gone' WHERE id = %s", [chain.dialog_id])
    page = open_page(chain.owner, dark=dark, phone=dark)
    page.goto(f"/accounts/{chain.slug}/bots/{chain.bot_id}/scenarios/{chain.draft_scenario_id}/publication")
    assert "gone" in page.locator("form").last.inner_text()
    assert faults_of(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light desktop", "dark phone"])
def test_no_page_that_a_deed_leads_to_has_a_fault(
    app: Flask, world: World, database: Database, open_page: Opener, dark: bool
) -> None:
    chain = world.pelmenya
    step, member, stranger = (
        chain.id_of(*each) for each in (("onboarding_step",), ("staff_member",), ("staff_member", 2))
    )
    kind = chain.id_of("document_type", 2)
    database.sql("UPDATE getinn_ops.onboarding_step SET document_type_id = %s WHERE id = %s", [kind, step])
    database.sql("DELETE FROM getinn_ops.staff_onboarding WHERE staff_member_id = %s", [stranger])
    order = chain.id_of("purchase_order")
    database.sql(
        "UPDATE getinn_ops.purchase_order SET status = 'closed', closed_reason = 'Late' WHERE id = %s", [order]
    )
    page = open_page(chain.owner, dark=dark, phone=dark)
    opened = {"account.publication.ask"}
    for path in (
        f"staff/{stranger}/engagements/new",
        f"staff/chosen/assignment?chosen={member.hex},{stranger.hex}",
        f"staff/chosen/writing?chosen={member.hex},{stranger.hex}",
        f"orders/{order}/reopening",
        f"staff/steps/{step}/reopening",
        f"staff/steps/{step}/original",
        f"reconciliations/{chain.id_of('reconciliation')}/layout",
        f"integrations/changes/{chain.id_of('iiko_action')}/choice",
        f"integrations/changes/{chain.id_of('iiko_action', 2)}/restaurant",
    ):
        answer = page.goto(f"/accounts/{chain.slug}/{path}")
        assert answer is not None
        assert answer.status == 200, path
        opened.add(endpoint_of(app, urlsplit(page.url).path) or path)
        assert faults_of(page) == [], path
    assert opened == BY_DEED


@pytest.mark.parametrize("dark", [False, True], ids=["light desktop", "dark phone"])
def test_no_page_of_a_superuser_has_a_fault_and_none_is_left_out(
    app: Flask, world: World, open_page: Opener, dark: bool
) -> None:
    seen: set[str] = set()
    page = open_page(world.superuser, dark=dark, phone=dark)
    assert check_all(app, page, ["/accounts", "/profile"], seen) == {}
    visiting = open_page(world.superuser, visiting=world.vareniki, dark=dark, phone=dark)
    home = [f"/accounts/{world.vareniki.slug}/"]
    assert check_all(app, visiting, home, set()) == {}
    wanted = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.startswith("accounts.") and is_page(rule.endpoint)
    }
    assert wanted - seen == set()


@pytest.mark.parametrize("role", ["manager", "chef", "viewer"])
def test_no_page_of_the_other_roles_has_a_fault_or_leads_to_a_closed_door(
    app: Flask, world: World, open_page: Opener, role: str
) -> None:
    page = open_page(getattr(world.pelmenya, role), phone=True, locale="ru-RU")
    assert check_all(app, page, [f"/accounts/{world.pelmenya.slug}/"], set()) == {}


def test_the_pages_before_signing_in_have_no_fault(open_page: Opener) -> None:
    for dark in (False, True):
        page = open_page(dark=dark, phone=dark)
        for path in ("/login", "/password", "/accounts/nobody/restaurants", "/nothing"):
            page.goto(path)
            assert faults_of(page) == []
