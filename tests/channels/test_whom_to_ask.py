"""Who may not put something right is told whom to ask, by name."""

import re

import pytest

ASK = "Owner Zqpelmenya"


@pytest.fixture
def refused(world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.bot_connection SET state = 'failing', problem = 'token_revoked', detail = 'zqdetail'"
        " WHERE credential_id = %s",
        [world.pelmenya.telegram_id],
    )
    return f"bots/{world.pelmenya.bot_id}/platforms/telegram"


def test_a_manager_is_told_which_owner_to_ask_for_new_credentials(world, browse, refused):
    manager = browse(world.pelmenya.manager)
    page = manager.get(manager.account(refused)).text
    assert f"Ask an owner to put it right: {ASK}." in page
    assert "change the credentials here" not in page
    assert "zqdetail" not in page


def test_an_owner_is_told_what_to_do_and_may_open_the_technical_details(world, browse, refused):
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account(refused)).text
    assert "change the credentials here" in page
    assert "Ask an owner" not in page
    assert "zqdetail" in page.rpartition("<summary>Technical details</summary>")[2]


def test_a_visitor_who_may_not_handle_credentials_asks_as_well(world, browse, refused):
    visitor = browse(world.superuser, visiting=world.pelmenya)
    assert f"Ask an owner to put it right: {ASK}." in visitor.get(visitor.account(refused)).text


def test_what_passes_by_itself_is_nobodys_task(world, browse, refused, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_connection SET problem = 'unreachable'")
    manager = browse(world.pelmenya.manager)
    page = manager.get(manager.account(refused)).text
    assert "tries again by itself" in page
    assert "Ask an owner" not in page


@pytest.mark.parametrize("role", ["manager", "chef", "viewer"])
def test_a_page_that_is_not_ones_own_names_an_owner_to_ask(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    answer = browser.get(browser.account("users"))
    assert answer.status_code == 403
    assert f"Ask an owner of your chain: {ASK}." in answer.text
    assert "zqvareniki" not in answer.text


def test_a_chain_without_an_active_owner_names_nobody(world, browse, superuser_sql):
    superuser_sql('UPDATE getinn_ops."user" SET is_active = false WHERE id = %s', [world.pelmenya.owner.id])
    chef = browse(world.pelmenya.chef)
    text = chef.get(chef.account("users")).text
    assert "Ask an owner of your chain" not in text
    assert "Your role does not include this page" in text


def test_above_the_composer_a_manager_is_told_whom_to_ask_as_well(world, browse, refused):
    manager = browse(world.pelmenya.manager)
    page = manager.get(manager.account(f"bots/{world.pelmenya.bot_id}/dialogs/{world.pelmenya.dialog_id}")).text
    [platform] = re.findall(r'href="([^"]+)">How it stands</a>', page)
    assert f"Ask an owner to put it right: {ASK}." in manager.get(platform).text
    assert "change the credentials here" not in page
