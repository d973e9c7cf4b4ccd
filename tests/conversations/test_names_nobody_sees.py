"""A person whose name has nothing to see is called by the chat's number, wherever people read or press the name."""

import csv
import io

import pytest
from psycopg.types.json import Jsonb

from portal.conversations.models import called, name_in

UNSEEN = ["\u200b\u200d", " \u00a0 ", "\u2800", "\ufe0f", "\u3164\u2060", "\u0301", "\u202e"]


@pytest.mark.parametrize("name", UNSEEN)
def test_a_name_without_anything_to_see_is_none(name):
    assert name_in({"name": name}) == ""
    assert name_in({"name": name, "username": "anna"}) == "anna"
    assert called({"name": name}, "4711") == "4711"


@pytest.mark.parametrize("name", ["Анна", "👩‍👩‍👧", "!", "ا\u200cب", "\u200eAnna"])
def test_a_name_with_anything_to_see_stays_as_it_is(name):
    assert called({"name": name}, "4711") == name


@pytest.fixture
def unseen(world, superuser_sql):
    """The chain's conversation, whose person has such a name; its chat."""
    (row,) = superuser_sql(
        "UPDATE getinn_ops.bot_dialog_state SET person = %s WHERE id = %s RETURNING platform_chat_id",
        [Jsonb({"name": "\u200b\u200d"}), world.pelmenya.dialog_id],
    )
    return row.platform_chat_id


def test_lists_titles_transcripts_and_files_show_the_chats_number(world, browse, unseen):
    viewer = browse(world.pelmenya.viewer)
    lists = [viewer.account("dialogs"), viewer.account(f"bots/{world.pelmenya.bot_id}/dialogs")]
    for url in lists:
        assert f'dir="auto">{unseen}</a>' in viewer.get(url).text
        (row,) = csv.DictReader(io.StringIO(viewer.get(f"{url}/export").data.decode("utf-8-sig")))
        assert row["Guest"] == unseen
    page = viewer.get(f"{lists[1]}/{world.pelmenya.dialog_id}").text
    assert f"<title>Conversation {unseen}" in page
    assert "\u200b\u200d" not in page
