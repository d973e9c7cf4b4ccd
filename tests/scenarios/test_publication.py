"""One version is live: publishing, stepping back, taking offline, archiving."""

import html
import re
from threading import Barrier, Thread

import pytest

from portal.db.base import db
from portal.scenarios.models import BotScenario
from portal.tenancy.scope import enter_account


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


@pytest.fixture
def base(world, owner):
    return owner.account(f"bots/{world.pelmenya.bot_id}/scenarios")


@pytest.fixture
def draft(world, superuser_sql):
    """A second version that may go live."""
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET is_active = true WHERE id = %s", [world.pelmenya.draft_scenario_id]
    )
    return world.pelmenya.draft_scenario_id


@pytest.fixture
def live(world, superuser_sql):
    """The numbers of the bot's live versions."""

    def read():
        found = superuser_sql(
            "SELECT number FROM getinn_ops.bot_scenario WHERE bot_id = %s AND is_live", [world.pelmenya.bot_id]
        )
        return [row.number for row in found]

    return read


def undo_form(page):
    """Address and fields of the undo form in a toast."""
    toast = re.search(r'<div class="toast .*?</form>', page, re.DOTALL)
    assert toast, "no toast offers to undo"
    address = re.search(r'action="([^"]+)"', toast[0])
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', toast[0])
    return html.unescape(address[1]), {name: value for name, value in fields if name != "csrf_token"}


def test_publishing_lets_the_former_version_step_down_and_undo_steps_back(owner, base, draft, live):
    assert live() == [1]
    answer = owner.post(f"{base}/{draft}/publication")
    assert answer.status_code == 303
    assert live() == [2]
    page = owner.get(answer.location).text
    assert "Version 2 is live." in page
    address, fields = undo_form(page)
    assert owner.post(address, fields).status_code == 303
    assert live() == [1]


def test_the_log_says_which_version_followed_which(world, owner, base, draft, superuser_sql):
    owner.post(f"{base}/{draft}/publication")
    (event,) = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'published'")
    assert (event.before, event.after) == ({"number": 1}, {"number": 2})
    assert event.entity_id == draft
    assert event.actor_email == world.pelmenya.owner.email


def test_publishing_the_live_version_again_changes_nothing(world, owner, base, live, superuser_sql):
    assert owner.post(f"{base}/{world.pelmenya.scenario_id}/publication").status_code == 303
    assert live() == [1]
    assert superuser_sql("SELECT 1 FROM getinn_ops.audit_event WHERE action = 'published'") == []


def test_taking_offline_leaves_no_live_version_and_can_be_undone(world, owner, base, live):
    answer = owner.post(f"{base}/{world.pelmenya.scenario_id}/publication", {"_method": "DELETE"})
    assert live() == []
    address, fields = undo_form(owner.get(answer.location).text)
    owner.post(address, fields)
    assert live() == [1]


def test_undoing_a_first_publication_leaves_no_live_version(world, owner, base, draft, live):
    owner.delete(f"{base}/{world.pelmenya.scenario_id}/publication")
    owner.get(base)
    answer = owner.post(f"{base}/{draft}/publication")
    assert live() == [2]
    address, fields = undo_form(owner.get(answer.location).text)
    owner.post(address, fields)
    assert live() == []


def test_an_archived_version_cannot_go_live(world, owner, base, live):
    answer = owner.post(f"{base}/{world.pelmenya.draft_scenario_id}/publication")
    assert live() == [1]
    assert "it cannot go live" in owner.get(answer.location).text


def test_a_version_with_errors_cannot_go_live(owner, base, draft, live, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_scenario SET source = %s WHERE id = %s", ['{"name": "x", "steps": {}}', draft])
    answer = owner.post(f"{base}/{draft}/publication")
    assert live() == [1]
    assert "it cannot go live" in owner.get(answer.location).text


@pytest.mark.parametrize("method", ["post", "delete"])
def test_a_foreign_version_is_neither_published_nor_taken_offline(world, owner, base, superuser_sql, method):
    foreign = world.vareniki.scenario_id
    theirs = owner.account(f"bots/{world.vareniki.bot_id}/scenarios")
    for url in (f"{base}/{foreign}/publication", f"{theirs}/{foreign}/publication"):
        assert getattr(owner, method)(url).status_code == 404
    (row,) = superuser_sql("SELECT is_live FROM getinn_ops.bot_scenario WHERE id = %s", [foreign])
    assert row.is_live


def test_archiving_spares_the_live_version_and_says_so(world, owner, base, draft, superuser_sql):
    ids = f"{world.pelmenya.scenario_id},{draft}"
    answer = owner.post(f"{base}/archival", {"ids": ids})
    page = owner.get(answer.location).text
    assert "The live version stays" in page
    assert "Moved to the archive: 1 version." in page
    states = superuser_sql(
        "SELECT is_active FROM getinn_ops.bot_scenario WHERE bot_id = %s ORDER BY number", [world.pelmenya.bot_id]
    )
    assert [row.is_active for row in states] == [True, False]


def test_an_archived_version_comes_back(world, owner, base, superuser_sql):
    draft = world.pelmenya.draft_scenario_id
    assert owner.post(f"{base}/archival", {"ids": str(draft), "_method": "DELETE"}).status_code == 303
    (row,) = superuser_sql("SELECT is_active FROM getinn_ops.bot_scenario WHERE id = %s", [draft])
    assert row.is_active


def test_of_many_who_publish_at_once_nobody_fails_and_one_version_is_live(app, world, draft, live, superuser_sql):
    """The bot's row makes them take turns; without it they run into the index of live versions."""
    superuser_sql(
        "INSERT INTO getinn_ops.bot_scenario (bot_id, name, scenario_data, source, version)"
        " SELECT bot_id, 'Third', scenario_data, source, '3' FROM getinn_ops.bot_scenario WHERE id = %s",
        [draft],
    )
    (third,) = superuser_sql("SELECT id FROM getinn_ops.bot_scenario WHERE name = 'Third'")
    versions = [draft, third.id] * 4
    start, faults = Barrier(len(versions)), []

    def publish(scenario_id):
        try:
            with app.app_context():
                enter_account(world.pelmenya.account_id)
                scenario = db.session.get(BotScenario, scenario_id)
                start.wait()
                scenario.publish()
                db.session.commit()
        except Exception as fault:
            faults.append(fault)

    threads = [Thread(target=publish, args=[scenario_id]) for scenario_id in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(live()) == 1


def test_who_publishes_what_has_just_stepped_down_brings_it_back(world, scoped, draft, live, superuser_sql):
    with scoped(world.pelmenya.account_id):
        scenario = db.session.get(BotScenario, world.pelmenya.scenario_id)
        superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = false WHERE id = %s", [scenario.id])
        superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = true WHERE id = %s", [draft])
        former = scenario.publish()
        assert former is not None
        assert former.id == draft
        db.session.commit()
    assert live() == [1]
