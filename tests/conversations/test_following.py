"""Pages that follow by themselves."""

import json
import re

import pytest


@pytest.fixture
def manager(world, browse):
    return browse(world.pelmenya.manager)


@pytest.fixture
def url(world, manager, talk):
    return manager.account(f"bots/{world.pelmenya.bot_id}/dialogs/{talk}")


def watch(html):
    """What the watching part of a page asks next: its address and its mark."""
    part = re.search(r'<div id="following"[^>]*>', html)[0].replace("&amp;", "&").replace("&#34;", '"')
    return re.search(r'hx-get="([^"]*)"', part)[1], re.search(r'"If-None-Match": "(\\"[^"]*")', part)[1].replace(
        "\\", ""
    )


def ask(browser, html):
    address, mark = watch(html)
    return browser.get(address, htmx=True, headers={"If-None-Match": mark})


def news(answer):
    return re.findall(r'<p class="message__text" dir="auto">([^<]*)</p>', answer.text)


def test_where_nothing_is_new_the_answer_is_empty_and_costs_two_statements(manager, url, tell, statements):
    tell("hello")
    page = manager.get(url).text
    with statements() as counted:
        answer = ask(manager, page)
    assert (answer.status_code, answer.data) == (304, b"")
    assert counted.total <= 2, counted.statements


def test_what_came_after_the_last_message_is_appended_once(manager, url, tell, statements):
    tell("before")
    page = manager.get(url).text
    tell("one")
    tell("two", "out")
    with statements() as counted:
        answer = ask(manager, page)
    assert counted.total <= 3, counted.statements
    assert re.search(r'<hx-partial hx-target="#transcript" hx-swap="beforeend">', answer.text)
    assert news(answer)[-2:] == ["one", "two"]
    assert ask(manager, answer.text).status_code == 304
    tell("three")
    again = ask(manager, answer.text)
    appended = again.text.partition('hx-target="#transcript"')[2]
    assert re.findall(r">(one|two|three)<", appended) == ["three"]


def test_a_page_without_messages_follows_too(manager, url, tell):
    page = manager.get(url).text
    assert ask(manager, page).status_code == 304
    tell("the first")
    assert news(ask(manager, page)) == ["the first"]


def test_a_changed_state_comes_as_that_message_alone(manager, url, tell, superuser_sql):
    superuser_sql("SELECT 1")
    sent = tell("on its way", "out", state="queued")
    page = manager.get(url).text
    superuser_sql("UPDATE getinn_ops.bot_message SET state = 'delivered' WHERE seq = %s", [sent])
    answer = ask(manager, page)
    assert re.findall(r'hx-target="(#m-\d+)"', answer.text) == [f"#m-{sent}"]
    assert "Delivered" in answer.text
    assert 'hx-target="#transcript"' not in answer.text


def test_a_press_marks_the_button_that_is_shown_already(manager, url, tell):
    tell("Tea?", "out", content={"choices": [["Yes", "3.0"], ["No", "3.1"]]}, turn=3)
    page = manager.get(url).text
    tell("No", kind="press", content={"marker": "3.1"})
    answer = ask(manager, page).text
    assert re.search(r'hx-target="#b-3-1" hx-swap="outerHTML"><li id="b-3-1"[^>]* data-pressed', answer)


def test_after_a_long_absence_the_news_come_in_parts_until_all_are_there(manager, url, tell):
    page = manager.get(url).text
    for number in range(250):
        tell(f"say-{number}")
    first = ask(manager, page)
    second = ask(manager, first.text)
    assert news(first) == [f"say-{number}" for number in range(200)]
    assert [text for text in news(second) if int(text[4:]) >= 200] == [f"say-{number}" for number in range(200, 250)]
    assert ask(manager, second.text).status_code == 304


def test_a_move_of_the_conversation_is_announced_and_shown(manager, url, tell, set_dialog):
    page = manager.get(url).text
    tell("only said")
    said = ask(manager, page)
    assert "HX-Trigger" not in said.headers
    set_dialog(state="finished", current_step="elsewhere")
    moved = ask(manager, said.text)
    assert json.loads(moved.headers["HX-Trigger"]) == {"moved": {"target": "body"}}
    part = manager.get(f"{url}/standing?held=False:None", htmx=True).text
    assert "Finished" in part
    assert 'hx-target="#banner"' in part
    assert 'hx-target="#composer"' not in part


def test_the_part_beside_the_messages_costs_few_statements(manager, url, tell, statements):
    tell("hello", variable="full_name")
    with statements() as counted:
        assert manager.get(f"{url}/standing", htmx=True).status_code == 200
    # One of them asks which employee it is who writes.
    assert counted.total <= 5, counted.statements


def test_what_is_being_typed_is_left_alone(world, manager, url, set_dialog):
    set_dialog(state="taken_over", taken_over_by_id=world.pelmenya.owner.id, taken_over_at="2026-01-01")
    other = manager.get(f"{url}/standing?held=False:None", htmx=True).text
    assert 'hx-target="#composer"' in other
    typing = manager.get(f"{url}/standing?held=False:None&writes=1", htmx=True).text
    assert 'hx-target="#composer"' not in typing
    assert world.pelmenya.owner.full_name in typing


@pytest.mark.parametrize("path", ["messages", "standing"])
def test_without_htmx_the_parts_lead_to_the_conversation(manager, url, path):
    answer = manager.get(f"{url}/{path}")
    assert (answer.status_code, answer.headers["Location"]) == (303, url)


@pytest.mark.parametrize("query", ["after=x&since=y", "after=-1&since=0001-01-01T00:00:00+23:59", "after=" + "9" * 40])
def test_a_question_of_any_shape_is_answered(manager, url, tell, query):
    tell("hello")
    assert manager.get(f"{url}/messages?{query}", htmx=True).status_code == 200


def test_a_list_that_shows_all_there_is_gets_no_second_copy(world, manager, talk, tell):
    base = manager.account(f"bots/{world.pelmenya.bot_id}/dialogs")
    for number, address in enumerate((base, manager.account("dialogs"))):
        page = manager.get(address).text
        part = re.search(r"<div id=\"\w+-rows\"[^>]*>", page)[0].replace("&#34;", '"')
        assert "data-follows" in part
        mark = re.search(r'If-None-Match": "(\\"[^"]*")', part)[1].replace("\\", "")
        assert manager.get(address, htmx=True, headers={"If-None-Match": mark}).status_code == 304
        tell(f"something new {number}")
        answer = manager.get(address, htmx=True, headers={"If-None-Match": mark})
        assert answer.status_code == 200
        assert f"something new {number}" in answer.text


def test_a_list_that_is_searched_or_leafed_through_stands_still(world, manager):
    base = manager.account(f"bots/{world.pelmenya.bot_id}/dialogs")
    assert "data-follows" not in manager.get(f"{base}?q=guest").text
    assert "data-follows" not in manager.get(f"{base}?page=last").text
    assert "data-follows" in manager.get(f"{base}?state=running").text
