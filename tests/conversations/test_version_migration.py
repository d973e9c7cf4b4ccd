"""Publishing a version while people stand on another one."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from portal.conversations.models import BotDialogState
from portal.conversations.version_migration import move_conversations
from portal.db.base import db
from portal.scenarios.models import BotScenario


@pytest.fixture
def chain(world, superuser_sql):
    """A chain whose second version lacks the step on which the one person stands."""
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET is_active = true WHERE id = %s RETURNING id", [chain.draft_scenario_id]
    )
    superuser_sql(
        "UPDATE getinn_ops.bot_dialog_state SET current_step = 'gone', turn = 3 WHERE id = %s RETURNING id",
        [chain.dialog_id],
    )
    return chain


@pytest.fixture
def publication(chain, browse):
    browser = browse(chain.owner)
    path = browser.account(f"bots/{chain.bot_id}/scenarios/{chain.draft_scenario_id}/publication")
    return browser, path


def is_live(scoped, chain):
    with scoped(chain.account_id):
        return db.session.get_one(BotScenario, chain.draft_scenario_id).is_live


def moves_waiting(superuser_sql):
    return superuser_sql(
        "SELECT args FROM getinn_ops_jobs.procrastinate_jobs WHERE task_name = 'move_conversations' ORDER BY id"
    )


def test_publishing_asks_before_a_step_that_people_stand_on_is_gone(publication, chain, scoped):
    browser, path = publication
    answer = browser.post(path, {})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/publication")
    assert not is_live(scoped, chain)
    page = unescape(browser.get(path).text)
    assert "1 conversation" in page
    assert "gone" in page


def test_whoever_stays_goes_on_with_the_former_version(publication, chain, scoped, superuser_sql):
    browser, path = publication
    assert browser.post(path, {"others": "stay"}).status_code == 303
    assert is_live(scoped, chain)
    assert not moves_waiting(superuser_sql)
    with scoped(chain.account_id):
        assert db.session.get_one(BotDialogState, chain.dialog_id).scenario_id == chain.scenario_id


def test_whoever_is_moved_is_asked_the_new_step_at_once(publication, chain, scoped, superuser_sql):
    browser, path = publication
    name = re.search(r'name="(to-[0-9a-f]+)"', browser.get(path).text)[1]
    target = f"{chain.marker}_name"
    assert browser.post(path, {"others": "stay", name: target}).status_code == 303
    [waiting] = moves_waiting(superuser_sql)
    with scoped(chain.account_id):
        move_conversations.function(**waiting.args)
        db.session.commit()
    with scoped(chain.account_id):
        dialog = db.session.get_one(BotDialogState, chain.dialog_id)
        assert (dialog.scenario_id, dialog.current_step) == (chain.draft_scenario_id, target)
        assert dialog.turn == 4, "older buttons are old"
    queued = superuser_sql(
        "SELECT text FROM getinn_ops.bot_message WHERE dialog_id = %s AND state = 'queued'", [chain.dialog_id]
    )
    assert [row.text for row in queued] == [f"{chain.marker} good day"]


def test_a_step_that_the_version_lacks_is_refused_as_a_target(publication, chain, scoped):
    browser, path = publication
    name = re.search(r'name="(to-[0-9a-f]+)"', browser.get(path).text)[1]
    assert browser.post(path, {"others": "stay", name: "nowhere"}).status_code == 422
    assert not is_live(scoped, chain)


def test_one_click_goes_back_where_nobody_is_stranded(publication, chain, scoped, browse, superuser_sql):
    browser, path = publication
    browser.post(path, {"others": "stay"})
    former = path.replace(str(chain.draft_scenario_id), str(chain.scenario_id))
    assert browser.post(former, {}).status_code == 303
    with scoped(chain.account_id):
        live = db.session.scalars(select(BotScenario.id).where(BotScenario.is_live, BotScenario.bot_id == chain.bot_id))
        assert live.all() == [chain.scenario_id]
