"""Sign-in protection in a real browser: a passkey of the device, an app on a phone; and what other tabs show."""

import time

import pyotp
from playwright.sync_api import Page, expect

from tests.world_rows import PASSWORD

SHEET = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}


def with_authenticator(page: Page) -> None:
    """A phone's or computer's own authenticator, whose owner always agrees."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    chosen = SHEET | {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": chosen})


def sign_in(page: Page, address: str, person) -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_made_signs_in_alone_and_answers_the_question(open_page, portal_address, world, database):
    address = portal_address.replace("127.0.0.1", "localhost")
    page = open_page()
    with_authenticator(page)
    sign_in(page, f"{address}/login", world.pelmenya.owner)
    page.goto(f"{address}/profile/protection")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Write these codes down")).to_be_visible()
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="I have written them down").click()
    expect(page.locator(".lines__main").get_by_text("My phone")).to_be_visible()
    page.locator(".sidebar summary").click()
    page.locator(".sidebar").get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/accounts/pelmenya/")
    database.sql("UPDATE getinn_ops.user_session SET confirmed_at = NULL")
    page.goto(f"{address}/accounts/pelmenya/users/{world.pelmenya.chef.id}/edit")
    page.get_by_label("Viewer").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("was saved")).to_be_visible()
    [chef] = database.sql('SELECT role FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert chef.role == "viewer"


def test_on_a_phone_without_scripts_an_app_is_set_up_and_its_code_signs_in(open_page, world):
    page = open_page(world.pelmenya.manager, phone=True, scripts=False)
    page.goto("/profile/protection")
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    page.get_by_text("You are on the phone itself").click()
    app = pyotp.TOTP(page.locator(".copy__text").inner_text().replace(" ", ""))
    page.get_by_label("Code from the app").fill(app.at(int(time.time())))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", name="Write these codes down")).to_be_visible()
    paper = page.locator(".codes code").first.inner_text()
    other = open_page(phone=True, scripts=False)
    sign_in(other, "/login", world.pelmenya.manager)
    other.get_by_label("Code").fill(app.at(int(time.time()) + 30))
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/accounts/pelmenya/")
    third = open_page(phone=True, scripts=False)
    sign_in(third, "/login", world.pelmenya.manager)
    third.get_by_role("link", name="Recovery code").click()
    third.get_by_label("Code").fill(paper)
    third.get_by_role("button", name="Sign in").click()
    expect(third.get_by_text("You have 9 recovery codes left.")).to_be_visible()


def test_after_signing_out_no_other_tab_shows_people_nor_does_the_way_back(open_page, world):
    page = open_page(world.pelmenya.owner)
    page.goto("/accounts/pelmenya/users")
    other = page.context.new_page()
    other.goto("/profile")
    expect(page.get_by_text(world.pelmenya.chef.email)).to_be_visible()
    other.locator(".sidebar summary").click()
    other.locator(".sidebar").get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login")
    page.wait_for_url("**/login**")
    expect(page.get_by_text(world.pelmenya.chef.email)).to_have_count(0)
    other.go_back()
    other.wait_for_url("**/login**")
    assert world.pelmenya.owner.email not in other.content()


def test_what_one_tab_shows_stays_while_another_of_the_same_person_is_opened(open_page, world):
    page = open_page(world.pelmenya.owner)
    page.goto("/profile")
    page.get_by_label("Full name").fill("Half a nam")
    other = page.context.new_page()
    other.goto("/accounts/pelmenya/users")
    other.goto("/nowhere")
    assert page.get_by_label("Full name").input_value() == "Half a nam"
