"""A person instead of the bot."""

import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def manager(world, browse):
    return browse(world.pelmenya.manager)


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


@pytest.fixture
def url(world, manager, talk):
    return manager.account(f"bots/{world.pelmenya.bot_id}/dialogs/{talk}")


@pytest.fixture
def messages(world, superuser_sql):
    def read():
        return superuser_sql(
            "SELECT * FROM getinn_ops.bot_message WHERE dialog_id = %s ORDER BY seq", [world.pelmenya.dialog_id]
        )

    return read


@pytest.fixture
def events(superuser_sql):
    def read(*actions):
        return superuser_sql(
            "SELECT * FROM getinn_ops.audit_event WHERE action = ANY(%s) ORDER BY at, id", [list(actions)]
        )

    return read


def take(browser, url, hours="4", holder=""):
    answer = browser.post(f"{url}/takeover", {"hours": hours, "holder": holder})
    assert answer.status_code == 303
    return browser.get(url).text


def test_taking_over_silences_the_bot_says_until_when_and_is_recorded(world, manager, url, dialog_row, events):
    page = take(manager, url)
    row = dialog_row()
    assert (row.state, row.taken_over_by_id) == ("taken_over", world.pelmenya.manager.id)
    assert row.hand_back_at - row.taken_over_at == timedelta(hours=4)
    assert "You have this conversation; the bot is silent" in page
    assert 'name="text"' in page
    (event,) = events("taken_over")
    assert (event.actor_email, event.after["taken_over_by"]) == (
        world.pelmenya.manager.email,
        world.pelmenya.manager.full_name,
    )


@pytest.mark.parametrize(("hours", "kept"), [("1", 1), ("12", 12), ("24", 24), ("never", None)])
def test_the_hours_are_those_that_were_chosen(manager, url, dialog_row, hours, kept):
    take(manager, url, hours)
    row = dialog_row()
    until = row.hand_back_at and row.hand_back_at - row.taken_over_at
    assert until == (kept and timedelta(hours=kept))


def test_hours_that_are_not_on_offer_take_nothing_over(manager, url, dialog_row):
    take(manager, url, "999")
    assert dialog_row().state == "running"


def test_a_colleague_sees_who_has_it_and_may_take_it_over(world, manager, owner, url, dialog_row):
    take(manager, url)
    page = owner.get(url).text
    name = world.pelmenya.manager.full_name
    assert f"{name} has this conversation; the bot is silent" in page
    assert f"Take it over from {name}" in page
    assert 'name="text"' not in page
    take(owner, url, holder=str(world.pelmenya.manager.id))
    assert dialog_row().taken_over_by_id == world.pelmenya.owner.id


def test_who_decided_before_somebody_else_was_faster_is_told(world, manager, owner, url, dialog_row):
    take(manager, url)
    page = take(owner, url, holder="")
    assert f"{world.pelmenya.manager.full_name} has just taken this conversation over." in page
    assert dialog_row().taken_over_by_id == world.pelmenya.manager.id


def test_of_two_who_take_over_at_once_one_has_it(world, manager, owner, url, events):
    together = threading.Barrier(2)

    def run(browser):
        together.wait()
        browser.post(f"{url}/takeover", {"hours": "4", "holder": ""})

    threads = [threading.Thread(target=run, args=(browser,)) for browser in (manager, owner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(events("taken_over")) == 1
    told = manager.get(url).text + owner.get(url).text
    assert told.count("You have this conversation; the bot is silent") == 1
    assert told.count("has just taken this conversation over.") == 1


def test_writing_queues_a_message_in_the_persons_name(world, manager, url, messages):
    take(manager, url)
    assert manager.post(f"{url}/messages", {"text": " Hello, *you* "}).status_code == 303
    (said,) = messages()
    assert (said.author, said.author_id, said.state) == ("person", world.pelmenya.manager.id, "queued")
    assert said.text == "Hello, *you*"
    page = manager.get(url).text
    assert "Hello, *you*" in page
    assert "Waiting to be sent" in page


def test_by_htmx_the_field_is_emptied_and_the_page_looks_for_news(manager, url):
    take(manager, url)
    answer = manager.post(f"{url}/messages", {"text": "Hello"}, htmx=True)
    assert answer.status_code == 200
    assert "said" in answer.headers["HX-Trigger"]
    assert 'id="composer"' in answer.text
    assert "Hello" not in answer.text


@pytest.mark.parametrize(("text", "told"), [("", "Write something first."), ("x" * 5000, "at most 4096 characters")])
@pytest.mark.parametrize("htmx", [True, False])
def test_what_cannot_be_sent_stays_in_the_field(manager, url, messages, text, told, htmx):
    take(manager, url)
    answer = manager.post(f"{url}/messages", {"text": text}, htmx=htmx)
    assert answer.status_code == 422
    assert told in answer.text
    assert text in answer.text
    assert messages() == []


def test_who_lost_the_conversation_while_typing_keeps_what_was_typed(world, manager, owner, url, messages):
    take(manager, url)
    take(owner, url, holder=str(world.pelmenya.manager.id))
    answer = manager.post(f"{url}/messages", {"text": "Half a letter"}, htmx=True)
    assert answer.status_code == 422
    assert "Half a letter" in answer.text
    assert f"{world.pelmenya.owner.full_name} has this conversation now." in answer.text
    assert messages() == []


def test_nobody_writes_where_the_bot_has_the_conversation(manager, url, messages):
    answer = manager.post(f"{url}/messages", {"text": "Hello"})
    assert answer.status_code == 422
    assert "Take it over before you write." in answer.text
    assert messages() == []


def test_a_blocked_person_is_neither_taken_over_nor_written_to(world, manager, url, set_dialog, dialog_row, messages):
    take(manager, url)
    set_dialog(state="blocked")
    answer = manager.post(f"{url}/messages", {"text": "Hello"}, htmx=True)
    assert answer.status_code == 422
    assert "This guest has blocked the bot" in answer.text
    page = take(manager, url, holder=str(world.pelmenya.manager.id))
    assert "Nothing reaches them until they write again." in page
    assert (dialog_row().state, messages()) == ("blocked", [])


def test_who_writes_while_the_person_blocks_the_bot_is_told(manager, url, messages, connect, world, superuser_sql):
    take(manager, url)
    answers = []
    with connect() as other, other.transaction():
        other.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.pelmenya.account_id)])
        other.execute(
            "UPDATE getinn_ops.bot_dialog_state SET state = 'blocked' WHERE id = %s", [world.pelmenya.dialog_id]
        )
        writing = threading.Thread(
            target=lambda: answers.append(manager.post(f"{url}/messages", {"text": "Hello"}, htmx=True))
        )
        writing.start()
        while not superuser_sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert writing.is_alive()
    writing.join()
    assert answers[0].status_code == 422
    assert "This guest has blocked the bot" in answers[0].text
    assert messages() == []


def test_handed_back_at_a_step_the_bot_asks_it_and_the_log_says_so(world, manager, url, dialog_row, messages, events):
    take(manager, url)
    step = f"{world.pelmenya.marker}_name"
    answer = manager.delete(f"{url}/takeover", {"step": step})
    assert answer.status_code == 303
    row = dialog_row()
    assert (row.state, row.current_step, row.taken_over_by_id, row.hand_back_at) == ("running", step, None, None)
    (asked,) = messages()
    assert (asked.author, asked.state, asked.text) == ("bot", "queued", f"{world.pelmenya.marker} hello")
    (event,) = events("handed_back")
    assert (event.after, event.actor_email) == ({"step": step}, world.pelmenya.manager.email)


def test_the_steps_on_offer_are_those_of_the_pinned_version_the_present_one_chosen(world, manager, url):
    page = take(manager, url)
    marker = world.pelmenya.marker
    assert f'<option value="{marker}_name" selected>' in page
    assert f">2. {marker} thanks</option>" in page


def test_a_step_that_the_version_lacks_hands_nothing_back(manager, url, dialog_row, messages):
    take(manager, url)
    page = manager.get(manager.delete(f"{url}/takeover", {"step": "nowhere"}).headers["Location"]).text
    assert "This step is not in the version" in page
    assert (dialog_row().state, messages()) == ("taken_over", [])


def test_handing_back_what_the_bot_has_changes_nothing(manager, url, messages, events):
    assert manager.delete(f"{url}/takeover", {"step": ""}).status_code == 303
    assert (messages(), events("handed_back")) == ([], [])


def test_a_visiting_superuser_takes_over_without_a_name(world, browse, url, dialog_row, messages, manager):
    browser = browse(world.superuser, visiting=world.pelmenya)
    page = take(browser, url)
    assert "You have this conversation" in page
    assert dialog_row().taken_over_by_id is None
    assert browser.post(f"{url}/messages", {"text": "Support here"}).status_code == 303
    assert (messages()[0].author, messages()[0].author_id) == ("person", None)
    assert "Support has this conversation; the bot is silent" in manager.get(url).text


def test_a_warning_stands_before_a_platform_that_is_off(world, manager, url, superuser_sql):
    assert "so nothing that you write is sent" not in take(manager, url)
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET is_active = false WHERE id = %s", [world.pelmenya.telegram_id]
    )
    assert "so nothing that you write is sent" in manager.get(url).text


def trouble(superuser_sql, world, problem):
    superuser_sql(
        "UPDATE getinn_ops.bot_connection SET problem = %s WHERE credential_id = %s",
        [problem, world.pelmenya.telegram_id],
    )


@pytest.mark.parametrize("problem", ["credentials_refused", "token_revoked", "account_restricted"])
def test_a_refused_token_is_said_above_the_text_field_and_beside_what_waits(
    world, manager, url, superuser_sql, problem
):
    take(manager, url)
    manager.post(f"{url}/messages", {"text": "Are you there?"})
    page = manager.get(url).text
    assert "What you write waits" not in page
    assert re.search(r"Waiting to be sent\s*</span>", page)
    trouble(superuser_sql, world, problem)
    page = manager.get(url).text
    assert page.index("What you write waits until this is over.") < page.index('id="composer"')
    reason = "has restricted this bot" if problem == "account_restricted" else "does not accept the stored credentials"
    assert re.search(rf"message__state--warn.{{,200}}Waiting to be sent:\s+Telegram {reason}", page, re.DOTALL)
    assert "Are you there?" in page
    attention = manager.get(manager.account(f"bots/{world.pelmenya.bot_id}/attention")).text
    assert "Are you there?" in attention
    assert reason in attention
    trouble(superuser_sql, world, None)
    assert "Are you there?" not in manager.get(manager.account(f"bots/{world.pelmenya.bot_id}/attention")).text


def test_a_page_that_watches_is_told_at_once_that_nothing_is_sent(world, manager, url, superuser_sql):
    page = take(manager, url)
    address = re.search(r'id="following"[^>]*hx-get="([^"]*)"', page)[1].replace("&amp;", "&")
    mark = re.search(r'"If-None-Match": "(\\"[^"]*")', page.replace("&#34;", '"'))[1].replace("\\", "")
    assert manager.get(address, htmx=True, headers={"If-None-Match": mark}).status_code == 304
    trouble(superuser_sql, world, "credentials_refused")
    news = manager.get(address, htmx=True, headers={"If-None-Match": mark})
    assert "moved" in news.headers["HX-Trigger"]
    moved = manager.get(f"{url}/standing?writes=1", htmx=True).text
    assert re.search(r'hx-target="#obstacle".*What you write waits', moved, re.DOTALL)
    assert 'id="composer"' not in moved


def test_trouble_with_receiving_keeps_no_reply_back(world, manager, url, superuser_sql):
    take(manager, url)
    trouble(superuser_sql, world, "taken_over")
    assert "What you write waits" not in manager.get(url).text


def test_a_warning_stands_before_an_archived_bot(world, manager, url, superuser_sql):
    take(manager, url)
    superuser_sql("UPDATE getinn_ops.bot_instance SET is_active = false WHERE id = %s", [world.pelmenya.bot_id])
    assert "The bot is archived, so nothing that you write is sent." in manager.get(url).text


def test_a_warning_stands_before_a_window_that_has_closed(world, manager, url, set_dialog, monkeypatch):
    from portal.messengers.registry import PLATFORMS

    adapter = PLATFORMS["telegram"]
    monkeypatch.setattr(adapter, "limits", replace(adapter.limits, reply_window=timedelta(hours=24)))
    set_dialog(last_inbound_at=datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=23))
    assert "it will probably refuse" not in take(manager, url)
    set_dialog(last_inbound_at=datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=25))
    assert "it will probably refuse" in manager.get(url).text


def test_an_older_copy_can_only_be_read(world, manager, url, set_dialog, dialog_row):
    set_dialog(superseded_at="2026-01-01")
    assert "Take over" not in manager.get(url).text
    take(manager, url)
    assert dialog_row().state == "running"


@pytest.mark.parametrize(("method", "path"), [("POST", "takeover"), ("DELETE", "takeover"), ("POST", "messages")])
def test_who_may_only_look_takes_nothing_over(world, browse, url, method, path):
    browser = browse(world.pelmenya.viewer)
    assert "takeover" not in browser.get(url).text
    assert browser.open(f"{url}/{path}", method, data={"text": "x", "hours": "1"}, csrf=True).status_code == 403


@pytest.mark.parametrize(("method", "path"), [("POST", "takeover"), ("DELETE", "takeover"), ("POST", "messages")])
def test_a_conversation_under_another_bots_address_is_not_there(world, manager, method, path):
    chain = world.pelmenya
    for bot, dialog in (
        (chain.archived_bot_id, chain.dialog_id),
        (chain.bot_id, world.vareniki.dialog_id),
        (world.vareniki.bot_id, world.vareniki.dialog_id),
    ):
        address = manager.account(f"bots/{bot}/dialogs/{dialog}/{path}")
        assert manager.open(address, method, data={"text": "x", "hours": "1"}, csrf=True).status_code == 404
