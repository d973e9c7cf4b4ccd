"""Bots: their list and their own pages, by role and across chains."""

import csv
import io
from uuid import uuid4

import pytest


def bot_page(browser, chain):
    return browser.get(browser.account(f"bots/{chain.bot_id}"))


def test_an_owner_adds_edits_archives_and_restores_a_bot(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    added = owner.post(owner.account("bots/new"), {"name": " Night shift ", "description": ""})
    assert added.status_code == 303
    page = owner.get(added.location)
    assert "Night shift" in page.text
    assert "Not connected" in page.text
    bot_id = added.location.rpartition("/")[2]
    owner.post(f"{added.location}/edit", {"name": "Day shift", "description": "Serves tea"})
    assert "Serves tea" in owner.get(added.location).text
    archived = owner.post(owner.account("bots/archival"), {"ids": bot_id})
    assert archived.status_code == 303
    assert "Undo" in owner.get(archived.location).text
    assert "Day shift" in owner.get(owner.account("bots?state=archived")).text
    owner.post(owner.account("bots/archival"), {"ids": bot_id, "_method": "DELETE"})
    assert "Day shift" in owner.get(owner.account("bots")).text
    log = superuser_sql("SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at", [bot_id])
    assert [row.action for row in log] == ["created", "edited", "archived", "restored"]


def test_undo_brings_back_just_the_bots_that_were_archived_now(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    chosen = [str(world.pelmenya.bot_id), str(world.pelmenya.archived_bot_id)]
    page = owner.get(owner.post(owner.account("bots/archival"), {"ids": chosen, "sure": "1"}).location).text
    assert "Moved to the archive: 1 bot." in page
    assert f'name="ids" value="{world.pelmenya.bot_id.hex}"' in page
    page = owner.get(owner.delete(owner.account("bots/archival"), {"ids": chosen[:1]}).location).text
    assert "Back from the archive: 1 bot." in page
    assert f'name="ids" value="{world.pelmenya.bot_id.hex}"' in page
    assert (
        "Back from the archive: 0 bots."
        in owner.get(owner.delete(owner.account("bots/archival"), {"ids": chosen[:1]}).location).text
    )


def test_archiving_a_bot_that_answers_guests_is_asked_about_first(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    state = "SELECT is_active FROM getinn_ops.bot_instance WHERE id = %s"
    for htmx in (False, True):
        asked = owner.post(owner.account("bots/archival"), {"ids": str(chain.bot_id)}, htmx=htmx)
        assert asked.status_code == 200
        assert "guests get no answer" in asked.text
        assert asked.headers.get("HX-Retarget") == ("#dialog" if htmx else None)
        assert superuser_sql(state, [chain.bot_id])[0].is_active
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET is_active = false WHERE bot_id = %s", [chain.bot_id])
    assert owner.post(owner.account("bots/archival"), {"ids": str(chain.bot_id)}).status_code == 303
    assert not superuser_sql(state, [chain.bot_id])[0].is_active


def test_only_what_can_be_done_with_the_rows_shown_is_offered(browse, world):
    owner = browse(world.pelmenya.owner)
    offered = {}
    for state in ("", "archived", "all"):
        bar = (
            owner.get(owner.account(f"bots?state={state}")).text.partition('id="bots-bulk"')[2].partition("</form>")[0]
        )
        offered[state] = [word for word in ("Archive", "Restore") if f"<span>{word}</span>" in bar]
    assert offered == {"": ["Archive"], "archived": ["Restore"], "all": ["Archive", "Restore"]}


def test_a_bot_without_a_name_is_refused_and_what_was_typed_stays(browse, world):
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account("bots/new"), {"name": " ", "description": "Serves tea"})
    assert answer.status_code == 422
    assert "Serves tea" in answer.text


def test_the_list_shows_platforms_live_scenario_and_conversations(browse, world):
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account("bots")).text
    assert f'id="platform-{world.pelmenya.bot_id}-telegram"' in page
    assert f'id="platform-{world.pelmenya.bot_id}-viber"' in page
    assert "zqpelmenya onboarding" in page
    assert f'bots/{world.pelmenya.bot_id}/dialogs">1</a>' in page
    assert "zqpelmenya bot 2" not in page
    assert "zqvareniki" not in page


def test_the_list_is_searched_and_filtered(browse, world):
    owner = browse(world.pelmenya.owner)
    assert "No bot matches" in owner.get(owner.account("bots?q=samovar")).text
    found = owner.get(owner.account("bots?q=bot+2&state=all"), htmx=True).text
    assert "zqpelmenya bot 2" in found
    assert "zqpelmenya bot 1" not in found
    assert "<html" not in found


@pytest.mark.parametrize("path", ["bots", "bots?q=bot&state=all&sort=-updated"])
def test_the_list_takes_three_statements_however_many_bots_there_are(browse, world, statements, superuser_sql, path):
    owner = browse(world.pelmenya.owner)
    for bots in (0, 60):
        for number in range(bots):
            superuser_sql(
                "INSERT INTO getinn_ops.bot_instance (account_id, name) VALUES (%s, %s)",
                [world.pelmenya.account_id, f"bot {number}"],
            )
        with statements() as counted:
            assert owner.get(owner.account(path)).status_code == 200
        assert counted.total <= 3, counted.statements


@pytest.mark.parametrize("role", ["owner", "manager", "viewer"])
def test_a_bots_page_takes_four_statements(browse, world, statements, role):
    browser = browse(getattr(world.pelmenya, role))
    # What a version says is read once a process.
    bot_page(browser, world.pelmenya)
    with statements() as counted:
        assert bot_page(browser, world.pelmenya).status_code == 200
    assert counted.total <= 4, counted.statements


@pytest.mark.parametrize(
    "path",
    [
        "edit",
        *(f"platforms/{key}{page}" for key in ("telegram", "whatsapp") for page in ("", "/credentials")),
        "platforms/telegram/test-messages",
    ],
)
def test_a_bots_forms_take_four_statements(browse, world, statements, path):
    owner = browse(world.pelmenya.owner)
    with statements() as counted:
        assert owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/{path}")).status_code == 200
    assert counted.total <= 4, counted.statements


def test_the_export_holds_what_the_filter_shows_and_leaves_a_line_in_the_log(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    answer = owner.get(owner.account("bots/export?state=all"))
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["zqpelmenya bot 1", "zqpelmenya bot 2"]
    assert rows[0]["Platforms"] == "Telegram: Live; Viber: Off"
    assert rows[0]["Live scenario"] == "zqpelmenya onboarding"
    assert not any(secret in answer.text for secret in world.pelmenya.secrets)
    assert superuser_sql("SELECT 1 FROM getinn_ops.audit_event WHERE action = 'exported'")


@pytest.mark.parametrize(("role", "switches"), [("owner", True), ("manager", False), ("viewer", False)])
def test_only_who_may_switch_platforms_gets_switches(browse, world, role, switches):
    browser = browse(getattr(world.pelmenya, role))
    for page in (browser.get(browser.account("bots")).text, bot_page(browser, world.pelmenya).text):
        assert ('role="switch"' in page) is switches
        assert "Telegram" in page


@pytest.mark.parametrize(
    ("role", "status", "edits"), [("owner", 200, True), ("manager", 200, False), ("viewer", 403, False)]
)
def test_a_platforms_page_has_buttons_for_owners_only(browse, world, role, status, edits):
    browser = browse(getattr(world.pelmenya, role))
    answer = browser.get(browser.account(f"bots/{world.pelmenya.bot_id}/platforms/telegram"))
    assert answer.status_code == status
    assert ("zqpelmenya profile" in answer.text) is (status == 200)
    for words in ('role="switch"', "https://zqpelmenya.example/", "Change the credentials", "Check now"):
        assert (words in answer.text) is edits


def test_a_manager_sees_the_state_of_a_platform_and_a_viewer_only_whether_it_is_on(browse, world):
    manager, viewer = browse(world.pelmenya.manager), browse(world.pelmenya.viewer)
    assert "Last check" in bot_page(manager, world.pelmenya).text
    assert "Last check" not in bot_page(viewer, world.pelmenya).text


def test_a_chef_has_no_bots(browse, world):
    chef = browse(world.pelmenya.chef)
    assert chef.get(chef.account("bots")).status_code == 403
    assert bot_page(chef, world.pelmenya).status_code == 403


@pytest.mark.parametrize("role", ["manager", "viewer"])
def test_who_only_sees_bots_changes_nothing(browse, world, role):
    browser = browse(getattr(world.pelmenya, role))
    bot = f"bots/{world.pelmenya.bot_id}"
    platform = f"{bot}/platforms/telegram"
    for path in ("bots/new", f"{bot}/edit", f"{platform}/credentials", f"{platform}/test-messages"):
        assert browser.get(browser.account(path)).status_code == 403
        assert browser.post(browser.account(path), {"name": "x"}).status_code == 403
    for path in ("check", "webhook"):
        assert browser.post(browser.account(f"{platform}/{path}"), {}).status_code == 403
    for path in ("bots/archival", f"{platform}/activation", f"{platform}/refresh"):
        assert browser.post(browser.account(path), {"ids": str(world.pelmenya.bot_id)}).status_code == 403
        assert browser.delete(browser.account(path), {"ids": str(world.pelmenya.bot_id)}).status_code == 403
    assert browser.delete(browser.account(platform)).status_code == 403


def test_another_chains_bot_answers_like_one_that_does_not_exist(browse, world):
    owner = browse(world.pelmenya.owner)
    platform = "bots/{}/platforms/telegram"
    for path in ("bots/{}", "bots/{}/edit", platform, platform + "/credentials", platform + "/test-messages"):
        foreign = owner.get(owner.account(path.format(world.vareniki.bot_id)))
        absent = owner.get(owner.account(path.format(uuid4())))
        assert foreign.status_code == absent.status_code == 404
        assert "zqvareniki" not in foreign.text
    foreign = {"ids": str(world.vareniki.bot_id)}
    assert owner.post(owner.account("bots/archival"), foreign).status_code == 404


def test_the_history_of_a_bot_tells_of_its_platforms_too(browse, world):
    owner = browse(world.pelmenya.owner)
    owner.delete(owner.account(f"bots/{world.pelmenya.bot_id}/platforms/telegram/activation"))
    assert "Switched off" in bot_page(owner, world.pelmenya).text


def test_a_bot_with_many_conversations_says_so_without_counting_them_all(browse, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.bot_dialog_state"
        " (account_id, bot_id, platform, platform_chat_id, current_step, last_interaction_at)"
        " SELECT %s, %s, 'telegram', n::text, 'start', now() FROM generate_series(1, 1200) n",
        [world.pelmenya.account_id, world.pelmenya.bot_id],
    )
    owner = browse(world.pelmenya.owner)
    assert ">100+<" in owner.get(owner.account("bots")).text
    assert "1\u202f000+" in bot_page(owner, world.pelmenya).text
