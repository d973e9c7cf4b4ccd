"""The lab: a version talked to in the browser, and a recorded conversation replayed."""

import re
from html import unescape
from uuid import uuid4

import pytest

from portal.db.base import db
from portal.messaging.messages import BotMessage

FORM_STATE = re.compile(r'name="state" value="([^"]*)"')


@pytest.fixture
def lab(world, browse):
    """Says something in the lab of a version, as the owner; gives the text of the page."""
    browser = browse(world.pelmenya.owner)
    path = browser.account(f"bots/{world.pelmenya.bot_id}/scenarios/{world.pelmenya.scenario_id}/lab")
    state = {"state": ""}

    def say(**fields):
        answer = browser.post(path, {**state, **fields})
        assert answer.status_code == 200
        page = unescape(answer.text)
        state["state"] = FORM_STATE.search(page)[1]
        return page

    return say


def test_a_version_answers_in_the_lab_and_shows_what_it_collected(lab, world):
    assert "hello" in lab(text="hi")
    page = lab(text="Anna <b>")
    assert "thanks" in page
    assert re.search(r'lines__main">Anna <b></span>', page), "the variable stands beside the talk"


def test_the_lab_writes_nothing(lab, database):
    before = database.sql("SELECT count(*) AS n FROM getinn_ops.bot_message")
    lab(text="hi")
    assert database.sql("SELECT count(*) AS n FROM getinn_ops.bot_message") == before


def test_a_changed_state_begins_anew(lab, world):
    lab(text="hi")
    assert "thanks" not in lab(text="Anna", state="forged")


def test_a_state_of_another_version_is_no_state(lab, browse, world):
    token = FORM_STATE.search(lab(text="hi"))[1]
    browser = browse(world.pelmenya.owner)
    other = browser.account(f"bots/{world.pelmenya.bot_id}/scenarios/{world.pelmenya.draft_scenario_id}/lab")
    assert "good day" in browser.post(other, {"state": token, "text": "Anna"}).text


@pytest.mark.parametrize("share", ["start", "file", "contact", "location", "nonsense"])
def test_everything_a_guest_can_share_is_answered(lab, share):
    lab(share=share)


def test_a_button_that_was_never_offered_moves_nothing(lab):
    lab(text="hi")
    assert "thanks" not in lab(marker="999999999999999999999999999999.1")


def recorded(chain, said, by):
    own = {"bot_id": chain.bot_id, "credential_id": chain.telegram_id, "dialog_id": chain.dialog_id}
    direction = "in" if by == "guest" else "out"
    state = "received" if by == "guest" else "sent"
    return BotMessage(id=uuid4(), **own, direction=direction, author=by, kind="text", text=said, state=state)


def test_a_recorded_conversation_replayed_says_the_same(world, scoped, browse, superuser_sql):
    chain = world.pelmenya
    superuser_sql("DELETE FROM getinn_ops.bot_message WHERE account_id = %s RETURNING id", [chain.account_id])
    told = [("hi", "guest"), (f"{chain.marker} hello", "bot"), ("Anna", "guest"), (f"{chain.marker} thanks", "bot")]
    with scoped(chain.account_id):
        for said, by in told:
            db.session.add(recorded(chain, said, by))
            db.session.flush()
        db.session.commit()
    browser = browse(chain.owner)
    path = f"bots/{chain.bot_id}/scenarios/{chain.scenario_id}/lab?dialog_id={chain.dialog_id}"
    assert "The bot says the same as it did then." in browser.get(browser.account(path)).text
    other = path.replace(str(chain.scenario_id), str(chain.draft_scenario_id))
    assert "1 answer differs from what was said then." in browser.get(browser.account(other)).text


def test_a_conversation_of_another_bot_is_not_replayed(world, browse):
    chain = world.pelmenya
    browser = browse(chain.owner)
    path = f"bots/{chain.bot_id}/scenarios/{chain.scenario_id}/lab?dialog_id="
    for dialog_id in (world.vareniki.dialog_id, uuid4(), "nonsense"):
        assert browser.get(browser.account(f"{path}{dialog_id}")).status_code == 404
