"""What a conversation's page shows of what was said."""

import csv
import io
import json
import re

import pytest


@pytest.fixture
def viewer(world, browse):
    return browse(world.pelmenya.viewer)


@pytest.fixture
def url(world, viewer, talk):
    return viewer.account(f"bots/{world.pelmenya.bot_id}/dialogs/{talk}")


def texts(page):
    return re.findall(r'<p class="message__text" dir="auto">([^<]*)</p>', page)


def of(page, seq):
    (found,) = [part for part in page.split('<li class="message ')[1:] if f'id="m-{seq}">' in part]
    return found


def test_messages_stand_in_their_order_and_say_who_speaks(world, viewer, url, tell):
    tell("first", "out")
    tell("second")
    person = tell("third", "out", author="person", author_id=world.pelmenya.manager.id)
    page = viewer.get(url).text
    assert texts(page) == ["first", "second", "third"]
    assert [*re.findall(r'class="message message--(\w+)"', page)] == ["bot", "guest", "person"]
    assert world.pelmenya.manager.full_name in of(page, person)


def test_a_page_holds_the_latest_fifty_and_leads_to_the_earlier_ones(viewer, url, tell):
    for number in range(120):
        tell(f"say-{number}")
    page = viewer.get(url).text
    assert texts(page) == [f"say-{number}" for number in range(70, 120)]
    earlier = re.search(r'href="([^"]*\?before=\d+)"', page)[1]
    former = viewer.get(earlier).text
    assert texts(former) == [f"say-{number}" for number in range(20, 70)]
    assert "Latest messages" in former
    assert "data-follows" not in former
    part = viewer.get(earlier, htmx=True).text
    assert texts(part) == texts(former)
    assert "<html" not in part
    oldest = viewer.get(re.search(r'href="([^"]*\?before=\d+)"', former)[1]).text
    assert texts(oldest) == [f"say-{number}" for number in range(20)]
    assert "The conversation begins here" in oldest


def test_an_empty_conversation_says_so(viewer, url):
    assert "Nothing has been said here yet" in viewer.get(url).text


def test_the_pressed_button_is_marked_where_it_was_offered(viewer, url, tell):
    offered = tell("Tea?", "out", content={"choices": [["Yes", "3.0"], ["No", "3.1"]]}, turn=3)
    tell("No", kind="press", content={"marker": "3.1"})
    buttons = re.findall(r'<li id="b-([\d-]+)"[^>]*?( data-pressed)?\s+dir', of(viewer.get(url).text, offered))
    assert buttons == [("3-0", ""), ("3-1", " data-pressed")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"state": "queued"}, "Waiting to be sent"),
        ({"state": "uncertain"}, "It is not known yet whether it arrived"),
        ({"state": "delivered"}, "Delivered"),
        ({"state": "read"}, "Read"),
        ({"state": "failed", "error": "unavailable"}, "Not delivered: "),
        ({"state": "cancelled"}, "Not sent"),
        ({"state": "sent", "maybe_twice": True}, "May have arrived twice"),
        ({"direction": "in", "state": "ignored"}, "Not taken as an answer"),
        (
            {"direction": "in", "state": "ignored", "error": "question_unseen"},
            "The question before it had not arrived, so the bot asked again.",
        ),
        ({"direction": "in", "kind": "edited", "content": {"edited": "7"}}, "edited"),
        ({"direction": "in", "kind": "image", "text": "", "file_state": "waiting"}, "The file is being fetched."),
        ({"direction": "in", "kind": "document", "text": "", "file_state": "refused"}, "The file was not accepted."),
        ({"direction": "in", "kind": "blocked", "text": ""}, "Blocked the bot"),
    ],
)
def test_every_message_says_how_far_it_came(viewer, url, tell, values, expected):
    seq = tell(**{"text": "hello", "direction": "out", **values})
    assert expected in of(viewer.get(url).text, seq)


def test_only_those_who_may_take_over_are_offered_another_try(world, browse, viewer, url, tell):
    seq = tell("lost", "out", state="failed", error="unavailable")
    assert "Try again" not in of(viewer.get(url).text, seq)
    assert "Try again" in of(browse(world.pelmenya.manager).get(url).text, seq)


def test_a_received_picture_is_shown_and_a_file_of_the_library_named(world, viewer, url, tell):
    marker = world.pelmenya.marker
    received = tell("", kind="image", file_id=world.pelmenya.file_id, file_state="stored")
    sent = tell("menu", "out", kind="image", content={"attachment": ["image", f"{marker}-menu", ""]})
    page = viewer.get(url).text
    address = f"/files/{world.pelmenya.file_id}"
    assert re.search(rf'<img src="[^"]*{address}"', of(page, received))
    assert address in of(page, sent)


def test_each_value_leads_to_the_message_that_it_came_from(viewer, url, tell, set_dialog):
    set_dialog(collected_data=json.dumps({"city": "Kazan", "age": "30", "old": "x"}))
    tell("Kasan", variable="city", value="Kasan")
    city = tell("Kazan", variable="city", value="Kazan")
    page = viewer.get(url).text
    assert f'href="#m-{city}"' in page
    for _ in range(55):
        tell("later")
    assert f'href="{url}?before={city + 1}#m-{city}"' in viewer.get(url).text
    assert page.count('title="To the message it came from"') == 1


def test_the_standing_is_that_of_the_version_it_is_pinned_to(world, viewer, url, superuser_sql, set_dialog):
    former = {"steps": {"gone": {"message": {"text": "An old question"}, "expected_input": {"type": "text"}}}}
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET source = %s WHERE id = %s",
        [json.dumps(former), world.pelmenya.draft_scenario_id],
    )
    set_dialog(scenario_id=world.pelmenya.draft_scenario_id, current_step="gone")
    page = viewer.get(url).text
    assert "An old question" in page
    assert "no longer live; this guest stays on it" in page
    assert f"/scenarios/{world.pelmenya.draft_scenario_id}#step-gone" in page


def test_what_people_write_is_escaped(viewer, url, tell, set_dialog):
    evil = "<script>alert(1)</script>"
    set_dialog(person=json.dumps({"name": evil}))
    tell(evil, content={"file": {"name": evil}}, kind="document")
    tell(evil, "out", content={"choices": [[evil, "1.0"], ["x", '"><script>'], "odd", ["one"]]})
    assert "<script>alert" not in viewer.get(url).text


@pytest.mark.parametrize(
    "content", [[], "text", None, {"choices": 3, "attachment": "x", "file": []}, {"attachment": []}]
)
def test_content_of_any_shape_is_borne(viewer, url, tell, content):
    tell("borne", "out", content=content, kind="image")
    tell("borne", content=content, kind="press")
    answer = viewer.get(url)
    assert answer.status_code == 200
    assert answer.text.count("borne") >= 2


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1.5", ""])
def test_a_place_that_is_none_is_no_fault(viewer, url, tell, before):
    tell("still here")
    assert viewer.get(f"{url}?before={before}").status_code == 200


def test_the_export_holds_the_whole_conversation_and_is_recorded(viewer, url, tell, superuser_sql):
    tell("=1+1", variable="name", value="=1+1")
    tell("Tea?", "out", content={"choices": [["Yes", "1.0"], ["No", "1.1"]]}, state="failed", error="unavailable")
    text = viewer.get(f"{url}/messages/export").data.decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["Text"], first["From"], first["Answer to"]) == ("'=1+1", "Guest", "name")
    assert (second["Buttons"], second["From"], second["State"]) == ("Yes | No", "Bot", "Not delivered")
    assert second["Reason"]
    (event,) = superuser_sql("SELECT after FROM getinn_ops.audit_event WHERE action = 'exported'")
    assert event.after == {"list": "transcript", "rows": 2}


def test_a_long_conversation_costs_as_many_statements_as_a_short_one(viewer, url, tell, statements):
    for number in range(80):
        tell(f"say {number}", "out" if number % 2 else "in", variable=None if number % 2 else f"v{number}")
    for address, htmx in ((url, False), (f"{url}?before=99999999", False), (f"{url}?before=99999999", True)):
        with statements() as counted:
            assert viewer.get(address, htmx=htmx).status_code == 200
        assert counted.total <= 4, counted.statements
