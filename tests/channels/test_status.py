"""How a platform stands: one word, the same on every page, and since when."""

import re
from contextlib import contextmanager
from itertools import product

import pytest
from sqlalchemy import select

from portal.access.viewer import CurrentAccount
from portal.bots.models import BotInstance
from portal.channels import status
from portal.channels.models import STATES, BotPlatformCredential
from portal.channels.queries import connected_platform
from portal.channels.status import SINCE, STATUS, WITH_CONNECTION, Standing
from portal.db.base import db
from portal.messengers.registry import PLATFORMS

WORDS = {"failing": "Failing", "no_scenario": "No scenario", "connecting": "Connecting", "live": "Live", "off": "Off"}
SETTINGS = {
    "live": {"connection": "state = 'live', problem = NULL"},
    "failing": {"connection": "state = 'live', problem = 'token_revoked'"},
    "connecting": {"connection": "state = 'connecting', problem = NULL"},
    "no_scenario": {"connection": "state = 'live', problem = NULL", "scenario": "is_live = false"},
    "off": {"connection": "state = 'off', problem = NULL", "platform": "is_active = false"},
}
TABLES = {"connection": "bot_connection", "scenario": "bot_scenario", "platform": "bot_platform_credential"}


def put(superuser_sql, chain, **changes):
    """Bring the chain's bot and its Telegram into a state."""
    for table, change in changes.items():
        key = {"connection": "credential_id", "platform": "id", "scenario": "bot_id", "bot": "id", "account": "id"}[
            table
        ]
        row_id = {"scenario": chain.bot_id, "bot": chain.bot_id, "account": chain.account_id}.get(
            table, chain.telegram_id
        )
        name = TABLES.get(table, "bot_instance" if table == "bot" else table)
        superuser_sql(f"UPDATE getinn_ops.{name} SET {change} WHERE {key} = %s", [row_id])


def badges(text):
    return [
        word.strip() for word in re.findall(r'<span class="badge[^>]*>(?:<svg.*?</svg>)?([^<]*)</span>', text, re.S)
    ]


def telegram(page):
    """What a page of a chain says of its Telegram: the first word after the name."""
    after = re.split(r"(?:</svg>Telegram</span>|identity__state)", page, maxsplit=1)[1]
    return badges(after)[0]


@pytest.mark.parametrize("word", SETTINGS)
def test_each_page_says_the_same_word_and_since_when(world, browse, superuser_sql, word):
    chain = world.pelmenya
    superuser_sql("DELETE FROM getinn_ops.bot_platform_credential WHERE id = %s", [chain.viber_id])
    put(superuser_sql, chain, **SETTINGS[word])
    since = superuser_sql("SELECT since FROM getinn_ops.bot_connection WHERE credential_id = %s", [chain.telegram_id])
    bot = f"bots/{chain.bot_id}"
    for role in ("owner", "manager", "viewer"):
        browser = browse(getattr(chain, role))
        pages = ["", "bots", bot] + ([] if role == "viewer" else [f"{bot}/platforms/telegram"])
        for path in pages:
            page = browser.get(browser.account(path)).text
            assert telegram(page) == WORDS[word], (role, path)
            assert f'datetime="{since[0].since:%Y-%m-%dT%H:%M}' in page, (role, path)
    row = browse(world.superuser).get("/accounts?q=pelmenya").text.partition("<tbody>")[2]
    assert f"{WORDS[word]}: 1" in badges(row)


def test_a_switch_answers_with_the_word_and_the_moment(world, browse):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    url = owner.account(f"bots/{chain.bot_id}/platforms/telegram/activation")
    off = owner.delete(url, htmx=True).text
    on = owner.post(url, htmx=True).text
    assert (badges(off)[0], badges(on)[0]) == ("Off", "Connecting")
    for text in (off, on):
        assert "since <time" in text


@pytest.mark.parametrize("switch", ["on, bot active, account active", "off", "bot archived", "account deactivated"])
def test_sql_and_python_say_the_same_of_every_combination(world, app, superuser_sql, switch, scoped, monkeypatch):
    chain = world.pelmenya
    put(superuser_sql, chain, platform=f"is_active = {switch != 'off'}", bot=f"is_active = {switch != 'bot archived'}",
        account=f"is_active = {switch != 'account deactivated'}")  # fmt: skip
    told = set()
    for state, problem, is_live in product(STATES, ("NULL", "'token_revoked'"), (True, False)):
        put(superuser_sql, chain, connection=f"state = '{state}', problem = {problem}", scenario="is_live = false",
            bot=f"scenario_since = timezone('utc', now()) - {1 - is_live} * interval '1 day'")  # fmt: skip
        if is_live:
            superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = true WHERE id = %s", [chain.scenario_id])
        with scoped(chain.account_id), standing_in(switch != "account deactivated", monkeypatch):
            credential = connected_platform(chain.bot_id, PLATFORMS["telegram"])
            standing = Standing.of(credential)
            row = db.session.execute(words_of(chain)).one()
        assert (standing.status.value, standing.since) == tuple(row), (state, problem, is_live)
        told.add(standing.status.value)
    assert told == (set(WORDS) - {"off"} if switch.startswith("on") else {"off"})


def words_of(chain):
    platform, bot = BotPlatformCredential.__table__, BotInstance.__table__
    joined = WITH_CONNECTION.join(bot, bot.c.id == platform.c.bot_id)
    return select(STATUS, SINCE).select_from(joined).where(platform.c.id == chain.telegram_id)


@contextmanager
def standing_in(is_active, monkeypatch):
    """The account of a request, which in a job is not looked at."""
    with monkeypatch.context() as patch:
        patch.setattr(status, "current_account", lambda: CurrentAccount(None, "", "", is_active))
        yield


def test_a_platform_that_nobody_has_looked_at_is_connecting_and_says_so(world, browse, superuser_sql):
    chain, owner = world.pelmenya, browse(world.pelmenya.owner)
    superuser_sql("DELETE FROM getinn_ops.bot_connection WHERE credential_id = %s", [chain.telegram_id])
    page = owner.get(owner.account(f"bots/{chain.bot_id}/platforms/telegram")).text
    assert telegram(page) == "Connecting"
    assert "the portal has not looked yet" in page


def test_the_moment_stays_while_the_word_does(world, superuser_sql):
    """A sender notes a refusal, a check confirms it: that it fails is no news the second time."""
    chain = world.pelmenya

    def since(change):
        put(superuser_sql, chain, connection=change)
        return superuser_sql(
            "SELECT since FROM getinn_ops.bot_connection WHERE credential_id = %s", [chain.telegram_id]
        )[0].since

    refused = since("problem = 'token_revoked'")
    assert since("state = 'failing'") == refused
    assert since("problem = 'certificate'") == refused
    live = since("state = 'polling', problem = NULL")
    assert live > refused
    assert since("state = 'live'") == live
    off = since("state = 'removing'")
    assert off > live
    assert since("state = 'off'") == off


def test_a_bot_without_a_live_scenario_is_told_since_when_it_has_none(world, browse, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    scenario = f"bots/{chain.bot_id}/scenarios/{chain.scenario_id}/publication"
    asked = "SELECT scenario_since FROM getinn_ops.bot_instance WHERE id = %s"
    assert owner.delete(owner.account(scenario)).status_code == 303
    [mute] = superuser_sql(asked, [chain.bot_id])
    assert telegram(owner.get(owner.account("bots")).text) == "No scenario"
    assert f'datetime="{mute.scenario_since:%Y-%m-%dT%H:%M}' in owner.get(owner.account("bots")).text


def test_chains_with_a_failing_platform_are_among_the_failing_ones(world, browse, superuser_sql):
    root = browse(world.superuser)
    superuser_sql("UPDATE getinn_ops.account_integration_credentials SET connection_status = 'connected'")
    put(superuser_sql, world.pelmenya, **SETTINGS["failing"])
    listed = root.get("/accounts?state=failing").text
    assert "/accounts/pelmenya/" in listed
    assert "/accounts/vareniki/" not in listed
