"""The bell in a browser: its panel, the keyboard, the phone, and no scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_every_page import faults_of
from tests.database import Database
from tests.world import World

Opener = Callable[..., Page]


@pytest.fixture
def home(world: World, database: Database) -> str:
    """Pelmenya's first page; two more things happened there, one of them with a very long name."""
    database.sql(
        "INSERT INTO getinn_ops.notice (account_id, kind, permission, entity, entity_id, entity_label, parameters)"
        " VALUES (%(account)s, 'platform_failing', 'platforms.see', 'bot_platform_credential', %(telegram)s, %(long)s,"
        " jsonb_build_object('bot_id', %(bot)s::text, 'platform', 'telegram', 'problem', 'token_revoked')),"
        " (%(account)s, 'invitation_accepted', 'users.edit', 'user', %(chef)s, 'Chef', '{\"role\": \"chef\"}')",
        {
            "account": world.pelmenya.account_id,
            "telegram": world.pelmenya.telegram_id,
            "bot": str(world.pelmenya.bot_id),
            "chef": world.pelmenya.chef.id,
            "long": "Averylongnameofabotthatnobodywouldchoosebutsomebodywill" * 3,
        },
    )
    return f"/accounts/{world.pelmenya.slug}/"


def test_the_panel_opens_beside_the_bell_and_closes_again(world: World, open_page: Opener, home: str) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(home)
    bell = page.get_by_role("complementary").get_by_role("link", name="Notices, 3 new")
    panel = page.get_by_role("dialog", name="Notices")
    bell.click()
    expect(panel).to_be_visible()
    expect(panel.get_by_role("link", name="Show all")).to_be_focused()
    assert faults_of(page) == []
    bell.click()
    expect(panel).to_be_hidden()
    bell.focus()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(bell).to_be_focused()


def test_one_is_read_by_opening_it_and_the_rest_at_once(world: World, open_page: Opener, home: str) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(home)
    page.get_by_role("complementary").get_by_role("link", name="Notices, 3 new").click()
    page.get_by_role("button", name="Chef has joined your chain. Role: Chef.").click()
    expect(page).to_have_url(f"{home}users/{world.pelmenya.chef.id}")
    page.get_by_role("complementary").get_by_role("link", name="Notices, 2 new").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("status").get_by_text("All notices are marked as read.")).to_be_visible()
    expect(page).to_have_url(f"{home}users/{world.pelmenya.chef.id}")
    expect(page.get_by_role("complementary").get_by_role("link", name="Notices", exact=True)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_on_a_phone_the_bell_is_a_way_to_the_page(world: World, open_page: Opener, home: str, scripts: bool) -> None:
    page = open_page(world.pelmenya.owner, phone=True, scripts=scripts, locale="ru-RU", dark=True)
    page.goto(home)
    page.get_by_role("banner").get_by_role("link", name="Уведомления, новых: 3").click()
    expect(page.get_by_role("heading", name="Уведомления", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Непрочитанные")).to_be_visible()
    if scripts:
        assert faults_of(page) == []
    page.get_by_role("button", name="Отметить всё прочитанным").click()
    expect(page.get_by_role("heading", name="Раньше")).to_be_visible()


def test_without_scripts_a_desktop_leads_to_the_page_too(world: World, open_page: Opener, home: str) -> None:
    page = open_page(world.pelmenya.owner, scripts=False)
    page.goto(home)
    page.get_by_role("complementary").get_by_role("link", name="Notices, 3 new").click()
    expect(page.get_by_role("heading", name="Notices", level=1)).to_be_visible()
    page.get_by_role("combobox", name="Kind").select_option("invitation_accepted")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(1)


def test_the_filters_follow_by_themselves(world: World, open_page: Opener, home: str) -> None:
    page = open_page(world.pelmenya.owner)
    page.goto(f"{home}notices")
    page.get_by_role("combobox", name="Kind").select_option("invitation_accepted")
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(1)
    expect(page).to_have_url(f"{home}notices?kind=invitation_accepted&state=")


def test_the_choice_of_mails_has_no_fault(world: World, open_page: Opener, home: str) -> None:
    for dark in (False, True):
        page = open_page(world.pelmenya.owner, dark=dark, phone=dark)
        page.goto("/profile/notices")
        assert faults_of(page) == []
