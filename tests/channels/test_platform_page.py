"""The page of a platform: its timeline in pieces, its test messages, and who may see what."""

import html
import re
from uuid import uuid4

import pytest


def add_lines(office, count):
    office.sql(
        "INSERT INTO getinn_ops.bot_platform_event (account_id, bot_id, credential_id, at, occasion, result, detail)"
        " SELECT account_id, bot_id, id, timestamp '2026-01-01' + n * interval '1 minute', 'check', 'healed',"
        " 'line ' || n || '.' FROM getinn_ops.bot_platform_credential, generate_series(1, %s) n WHERE id = %s",
        [count, office.chain.telegram_id],
    )


def test_the_timeline_goes_back_piece_by_piece_and_misses_no_line(office):
    add_lines(office, 45)
    seen, page = [], office.page()
    for _ in range(3):
        seen += re.findall(r"line (\d+)\.", page)
        older = re.search(r'href="[^"]*\?before=([^"#]+)#timeline"', page)
        page = office.page("?before=" + html.unescape(older[1])) if older else ""
    assert seen == [str(number) for number in range(45, 0, -1)]


@pytest.mark.parametrize("before", ["", "x", "1.2", "9" * 16 + "." + "0" * 32, "0." + "f" * 32, "\0", "1" * 400])
def test_a_malformed_place_in_the_timeline_shows_the_page(office, before):
    assert office.owner.get(office.url(), query_string={"before": before}).status_code == 200


def test_a_platform_that_is_not_connected_offers_to_connect_it(office):
    page = office.owner.get(office.url().replace("telegram", "whatsapp")).text
    assert "Not connected" in page
    assert "/platforms/whatsapp/credentials" in page


def test_lines_of_unknown_kinds_are_shown_as_they_are(office):
    office.sql("UPDATE getinn_ops.bot_platform_event SET occasion = 'moon_phase', cause = 'odd', result = 'strange'")
    page = office.page()
    assert "Moon phase" in page
    assert "strange" in page


def test_work_that_never_answered_is_not_waited_for_for_ever(office):
    office.sql("UPDATE getinn_ops.bot_platform_event SET result = 'waiting', at = at - interval '1 hour'")
    page = office.page()
    assert "No result" in page
    assert 'hx-trigger="every 2s"' not in page


def test_a_test_message_is_queued_like_any_other_and_its_state_is_shown(office, superuser_sql):
    form = office.owner.get(office.url("/test-messages"))
    assert "zqpelmenya guest name" in form.text
    answer = office.owner.post(office.url("/test-messages"), {"chat": "zqpelmenya-chat"})
    assert (answer.status_code, answer.location) == (303, office.url("/test-messages"))
    row = superuser_sql("SELECT * FROM getinn_ops.bot_message WHERE state = 'queued'")[0]
    assert (row.credential_id, row.dialog_id) == (office.chain.telegram_id, office.chain.dialog_id)
    assert (row.author, row.author_id) == ("person", office.chain.owner.id)
    assert row.text.startswith("Test message from the GET INN portal")
    page = office.owner.get(office.url("/test-messages")).text
    assert "Waiting to be sent" in page
    assert 'hx-trigger="every 2s"' in page
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET state = 'failed', error = 'person_blocked' WHERE id = %s", [row.id]
    )
    part = office.owner.get(office.url("/test-messages"), htmx=True).text
    assert "Not delivered" in part
    assert "<html" not in part
    assert 'hx-trigger="every 2s"' not in part
    assert office.timeline[-1] == ("test", None, None, "queued")


@pytest.mark.parametrize("chat_id", ["nobody", "zqvareniki-chat", "x" * 101, "\0"])
def test_only_who_has_written_to_the_bot_gets_a_test_message(office, superuser_sql, chat_id):
    answer = office.owner.post(office.url("/test-messages"), {"chat": "", "chat_id": chat_id})
    assert answer.status_code == 422
    assert superuser_sql("SELECT 1 FROM getinn_ops.bot_message WHERE state = 'queued'") == []


def test_a_chat_can_be_typed_too(office, superuser_sql):
    answer = office.owner.post(office.url("/test-messages"), {"chat": "", "chat_id": " zqpelmenya-chat "})
    assert answer.status_code == 303
    assert superuser_sql("SELECT 1 FROM getinn_ops.bot_message WHERE state = 'queued'")


def test_a_picture_of_another_chain_is_nowhere(office, world):
    for file_id in (world.vareniki.file_id, uuid4()):
        assert office.owner.get(office.owner.account(f"bots/{office.chain.bot_id}/files/{file_id}")).status_code == 404


def test_the_list_and_the_bots_page_say_what_fails(office, browse, world):
    office.sql("UPDATE getinn_ops.bot_connection SET state = 'failing', problem = 'certificate'")
    for browser in (office.owner, browse(world.pelmenya.manager)):
        assert "Certificate" in browser.get(browser.account("bots")).text
        assert "does not trust the certificate" in browser.get(browser.account(f"bots/{office.chain.bot_id}")).text
    assert "Failing (certificate)" in office.owner.get(office.owner.account("bots/export")).text
