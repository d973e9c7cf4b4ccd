"""Pages of a bot's conversations."""

import csv
import io
import json
import re
from uuid import UUID

import pytest

ABSENT = UUID("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def viewer(world, browse):
    return browse(world.pelmenya.viewer)


@pytest.fixture
def base(world, viewer):
    return viewer.account(f"bots/{world.pelmenya.bot_id}/dialogs")


@pytest.fixture
def say(world, superuser_sql):
    """A further conversation, as an older writer adds it."""

    def add(chat, step="elsewhere", data=None, platform="telegram", days=0, bot_id=None, state="running"):
        superuser_sql(
            "INSERT INTO getinn_ops.bot_dialog_state"
            " (bot_id, platform, platform_chat_id, current_step, collected_data, state, last_interaction_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, timezone('utc', now()) - make_interval(days => %s))",
            [bot_id or world.pelmenya.bot_id, platform, chat, step, json.dumps(data or {}), state, days],
        )
        (row,) = superuser_sql("SELECT id FROM getinn_ops.bot_dialog_state WHERE platform_chat_id = %s", [chat])
        return row.id

    return add


def chats(page):
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page)


def test_the_latest_conversation_comes_first(world, viewer, base, say):
    say("old", days=3)
    say("new")
    own = f"{world.pelmenya.marker} guest name"
    assert chats(viewer.get(base).text) == ["new", own, "old"]
    assert chats(viewer.get(f"{base}?sort=activity").text) == ["old", own, "new"]


def test_only_the_conversations_of_the_bot_are_listed(world, viewer, base, say):
    say("elsewhere", bot_id=world.pelmenya.archived_bot_id)
    assert chats(viewer.get(base).text) == [f"{world.pelmenya.marker} guest name"]
    assert viewer.get(f"{base}?q=elsewhere").text.count("No conversation matches") == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("platform=viber", ["two"]),
        ("platform=other", ["four"]),
        ("step=thanks", ["three"]),
        ("period=week", ["two", "four"]),
        ("period=quiet", ["three"]),
        ("q=ПЕТРОВ", ["two"]),
        ("q=thanks", ["three"]),
        ("q=fo", ["four"]),
        ("state=finished", ["four"]),
        ("state=running", ["two", "three"]),
        ("state=finished&platform=viber", []),
    ],
)
def test_filters_and_search_narrow_the_list(world, viewer, base, say, superuser_sql, query, expected):
    superuser_sql("DELETE FROM getinn_ops.bot_dialog_state WHERE id = %s", [world.pelmenya.dialog_id])
    say("two", platform="viber", data={"full_name": "Иван Петров"}, days=1)
    say("three", step="thanks", days=60)
    say("four", platform="fax", days=2, state="finished")
    assert chats(viewer.get(f"{base}?{query}").text) == expected


def test_the_step_filter_offers_the_steps_of_the_live_scenario_and_the_one_asked_for(world, viewer, base):
    page = viewer.get(f"{base}?step=elsewhere").text
    select = re.search(r'<select [^>]*name="step".*?</select>', page, re.DOTALL)[0]
    offered = re.findall(r'<option value="([^"]*)"', select)
    marker = world.pelmenya.marker
    assert sorted(offered) == sorted(["", "elsewhere", f"{marker}_name", f"{marker}_thanks"])


@pytest.mark.parametrize("steps", [[{"id": "one"}, {"id": 7}, {}, None], {"one": {}}, "odd", None])
def test_the_step_filter_bears_steps_of_any_shape(world, viewer, base, superuser_sql, steps):
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET scenario_data = %s WHERE id = %s",
        [json.dumps({"steps": steps}), world.pelmenya.scenario_id],
    )
    page = viewer.get(base)
    assert page.status_code == 200
    assert ('value="one"' in page.text) is isinstance(steps, list | dict)


def test_list_and_page_cost_few_statements(world, viewer, base, say, statements):
    for number in range(30):
        say(f"chat-{number}", data={"n": str(number)})
    page = f"{base}/{world.pelmenya.dialog_id}"
    for url, most in ((base, 3), (f"{base}?q=chat&platform=telegram", 3), (f"{base}?q=nobody", 3), (page, 4)):
        with statements() as counted:
            assert viewer.get(url).status_code == 200
        assert counted.total <= most, counted.statements


def test_the_export_holds_the_answers(world, viewer, base, say):
    say("=evil", data={"full_name": "Анна"})
    text = viewer.get(f"{base}/export?q=анна").data.decode("utf-8-sig")
    (row,) = list(csv.DictReader(io.StringIO(text)))
    assert row["Chat"] == "'=evil"
    assert json.loads(row["Answers"]) == {"full_name": "Анна"}


def test_a_page_shows_the_answers_with_their_labels_and_the_step_with_its_text(world, viewer, base, superuser_sql):
    scenario = {
        "steps": {
            "ask": {
                "message": {"text": "Which dish?"},
                "buttons": [{"text": "Soup of the day", "value": "soup"}],
                "expected_input": {"type": "button", "variable": "dish"},
                "next_step": "size",
            },
            "size": {
                "message": {"text": "{{dish}}, and how large? {{unknown}}"},
                "expected_input": {"type": "number", "variable": "size"},
            },
        },
        "variables_mapping": {"mood": {"g": "in a good mood"}},
    }
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET source = %s WHERE id = %s",
        [json.dumps(scenario), world.pelmenya.scenario_id],
    )
    superuser_sql(
        "UPDATE getinn_ops.bot_dialog_state SET current_step = 'size', collected_data = %s WHERE id = %s",
        [json.dumps({"mood": "g", "dish": "soup", "photo": {"file_id": "media/1"}}), world.pelmenya.dialog_id],
    )
    page = viewer.get(f"{base}/{world.pelmenya.dialog_id}").text
    assert "Which dish?" in page
    for told in ("Soup of the day</span>", "in a good mood</span>", "media/1"):
        assert told in page
    # The question is read as it was asked; what nobody has answered is a gap.
    assert "Soup of the day, and how large? …" in page
    assert "{{" not in page.replace("hx-headers='{\"", "")
    assert "<code" not in page
    assert "Waits for an answer: Number" in page
    assert f"/scenarios/{world.pelmenya.scenario_id}#step-size" in page


def test_step_ids_and_names_of_variables_are_details_for_who_writes_scenarios(world, browse):
    path = f"bots/{world.pelmenya.bot_id}/dialogs/{world.pelmenya.dialog_id}"
    for role, sees in (("owner", True), ("manager", False), ("viewer", False)):
        browser = browse(getattr(world.pelmenya, role))
        words = re.sub(r"<[^>]*>", " ", browser.get(browser.account(path)).text)
        for told in ("Technical details", "zqpelmenya_name", "zqpelmenya-chat"):
            assert (told in words) is sees, (role, told)


def test_the_step_filter_names_steps_by_what_they_say(world, viewer, base, superuser_sql):
    page = viewer.get(base).text
    select = re.search(r'<select [^>]*name="step".*?</select>', page, re.DOTALL)[0]
    assert re.findall(r">(zqpelmenya [^<]*)<", select) == ["zqpelmenya hello", "zqpelmenya thanks"]
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET scenario_data = %s WHERE id = %s",
        [json.dumps({"steps": {"one": {"message": "Words alone"}}}), world.pelmenya.scenario_id],
    )
    assert ">Words alone<" in viewer.get(base).text


def test_a_page_says_where_the_scenario_does_not_know_the_step(viewer, base, say):
    page = viewer.get(f"{base}/{say('lost', step='gone')}").text
    assert "This step is not in the scenario" in page


def test_a_page_bears_a_bot_without_a_live_scenario(world, viewer, base, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = false WHERE id = %s", [world.pelmenya.scenario_id])
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET scenario_id = NULL WHERE id = %s", [world.pelmenya.dialog_id])
    page = viewer.get(f"{base}/{world.pelmenya.dialog_id}")
    assert page.status_code == 200
    assert "The bot has no live scenario" in page.text


@pytest.mark.parametrize("data", ["null", "[1, 2]", '"text"', '{"a": {"b": [null]}, "c": null, "d": 1.5}'])
def test_whatever_an_older_writer_collected_can_be_looked_at(world, viewer, base, superuser_sql, data):
    superuser_sql(
        "UPDATE getinn_ops.bot_dialog_state SET collected_data = %s WHERE id = %s", [data, world.pelmenya.dialog_id]
    )
    for url in (base, f"{base}?q=xy", f"{base}/{world.pelmenya.dialog_id}", f"{base}/export"):
        assert viewer.get(url).status_code == 200


def test_what_guests_write_is_escaped(viewer, base, say):
    dialog = say("<b>chat</b>", step="<i>step</i>", data={"<u>v</u>": "<script>alert(1)</script>"}, platform="<s>")
    for url in (base, f"{base}/{dialog}"):
        page = viewer.get(url).text
        for tag in ("<b>chat", "<i>step", "<u>v", "<script>alert", "<s>"):
            assert tag not in page


def test_an_older_copy_is_marked_and_leads_to_the_one_that_counts(world, viewer, base, superuser_sql):
    marker = world.pelmenya.marker
    superuser_sql(
        "INSERT INTO getinn_ops.bot_dialog_state (bot_id, platform, platform_chat_id, current_step,"
        " last_interaction_at, superseded_at) VALUES (%s, 'telegram', %s, 'copy', now(), now())",
        [world.pelmenya.bot_id, f"{marker}-chat"],
    )
    (copy,) = superuser_sql("SELECT id FROM getinn_ops.bot_dialog_state WHERE current_step = 'copy'")
    assert viewer.get(base).text.count("Older copy") == 1
    page = viewer.get(f"{base}/{copy.id}").text
    assert f"/dialogs/{world.pelmenya.dialog_id}" in page
    assert "Older copies" in viewer.get(f"{base}/{world.pelmenya.dialog_id}").text


def test_foreign_conversations_answer_like_absent_ones(world, viewer, base):
    for dialog in (world.vareniki.dialog_id, ABSENT):
        assert viewer.get(f"{base}/{dialog}").status_code == 404
    other = viewer.account(f"bots/{world.pelmenya.archived_bot_id}/dialogs")
    assert viewer.get(f"{other}/{world.pelmenya.dialog_id}").status_code == 404
    for bot in (world.vareniki.bot_id, ABSENT):
        theirs = viewer.account(f"bots/{bot}/dialogs")
        assert {viewer.get(url).status_code for url in (theirs, f"{theirs}?q=chat", f"{theirs}/export")} == {404}


def test_a_chef_sees_no_conversations(world, browse):
    browser = browse(world.pelmenya.chef)
    base = browser.account(f"bots/{world.pelmenya.bot_id}/dialogs")
    for url in (base, f"{base}/{world.pelmenya.dialog_id}", f"{base}/export"):
        assert browser.get(url).status_code == 403
