"""A conversation that is opened from the chain's list keeps its place there: filter, neighbours, the way back."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.database import Database
from tests.world import World

NAMES = ("first", "second", "third")


@pytest.fixture
def talks(world: World, database: Database) -> dict[str, str]:
    """Three more conversations on Telegram, the first the latest, by what the chat is called."""
    chain, found = world.pelmenya, {name: str(uuid4()) for name in NAMES}
    database.sql("DELETE FROM getinn_ops.bot_message WHERE account_id = %s", [chain.account_id])
    for age, name in enumerate(NAMES):
        database.sql(
            "INSERT INTO getinn_ops.bot_dialog_state (id, account_id, bot_id, platform, platform_chat_id, current_step,"
            " last_interaction_at)"
            " VALUES (%s, %s, %s, 'telegram', %s, 'a', timezone('utc', now()) - %s * interval '1 s')",
            [found[name], chain.account_id, chain.bot_id, name, age],
        )
    return found


def steps(page: str) -> dict[str, str]:
    """Where the ways to the neighbours lead."""
    found = re.findall(r'href="([^"]*)" aria-label="(Previous|Next) conversation"', page)
    return {label: url.replace("&amp;", "&") for url, label in found}


def test_a_row_of_the_chains_list_leads_to_its_place_and_back(browse: Any, world: World, talks: dict[str, str]) -> None:
    manager = browse(world.pelmenya.manager)
    shown = manager.get(manager.account("dialogs?platform=telegram&state=running")).text
    [address] = re.findall(rf'href="([^"]*{talks["second"]}[^"]*)"', shown)
    page = manager.get(address).text
    assert 'href="/accounts/pelmenya/dialogs?platform=telegram' in page.replace("state=running&amp;", "")
    assert re.search(r'href="/accounts/pelmenya/dialogs" aria-current="page"', page)
    assert talks["first"] in steps(page)["Previous"]
    assert talks["third"] in steps(page)["Next"]
    first = manager.get(steps(page)["Previous"]).text
    assert "Previous" not in steps(first)
    assert talks["second"] in steps(first)["Next"]


def test_neighbours_are_those_that_the_filter_shows(
    browse: Any, world: World, talks: dict[str, str], database: Any
) -> None:
    database.sql("UPDATE getinn_ops.bot_dialog_state SET platform = 'viber' WHERE id = %s", [talks["second"]])
    manager = browse(world.pelmenya.manager)
    here = f"bots/{world.pelmenya.bot_id}/dialogs/{talks['first']}"
    assert talks["third"] in steps(manager.get(manager.account(f"{here}?list=platform%3Dtelegram")).text)["Next"]
    assert talks["second"] in steps(manager.get(manager.account(f"{here}?list=")).text)["Next"]
    assert steps(manager.get(manager.account(here)).text) == {}


def test_what_is_done_with_a_conversation_keeps_its_place(browse: Any, world: World, talks: dict[str, str]) -> None:
    manager = browse(world.pelmenya.manager)
    here = manager.account(f"bots/{world.pelmenya.bot_id}/dialogs/{talks['first']}")
    origin = {"Referer": f"https://localhost{here}?list=platform%3Dtelegram&before=9"}
    taken = manager.post(f"{here}/takeover", {"hours": "1"}, headers=origin)
    assert taken.location == f"{here}?list=platform%3Dtelegram"
