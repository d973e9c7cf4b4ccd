import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from portal.access.permissions import Permission
from portal.db.base import SCHEMA
from portal.onboarding.checklist_page import Checklist, StepLine
from portal.staff.queries import member_or_404


@pytest.fixture
def step(world):
    """The step of the first employee of the first chain."""
    return world.pelmenya.id_of("onboarding_step")


@pytest.fixture
def stored(superuser_sql, step):
    """``stored()`` is that step as it stands."""
    query = (
        f"SELECT status, notes, due_date, due_is_by_hand, completed_by_id FROM {SCHEMA}.onboarding_step WHERE id = %s"
    )
    return lambda: superuser_sql(query, [step])[0]


def page_of(chain, rest="", number=1):
    return f"/accounts/{chain.slug}/staff/{chain.id_of('staff_member', number)}{rest}"


def url_of(chain, step_id, rest="completion"):
    return f"/accounts/{chain.slug}/staff/steps/{step_id}/{rest}"


def test_a_tick_is_one_press_and_undone_by_another(browse, world, step, stored):
    manager = browse(world.pelmenya.manager)
    answer = manager.post(url_of(world.pelmenya, step), htmx=True)
    assert answer.status_code == 200
    assert 'id="checklist"' in answer.text
    assert "1 of 1" in answer.text
    assert stored().completed_by_id == world.pelmenya.manager.id
    assert manager.delete(url_of(world.pelmenya, step), htmx=True).status_code == 200
    assert (stored().status, stored().notes) == ("pending", "zqpelmenya note of a step")


def test_without_javascript_a_tick_leads_back_and_offers_the_way_back(browse, world, step):
    manager = browse(world.pelmenya.manager)
    answer = manager.post(url_of(world.pelmenya, step))
    assert (answer.status_code, answer.location) == (303, page_of(world.pelmenya))
    page = manager.get(answer.location).text
    assert page.count(f'action="{url_of(world.pelmenya, step)}"') == 2
    assert "data-undo>" in page


def test_the_second_of_two_managers_sees_who_was_first(browse, world, step, superuser_sql):
    browse(world.pelmenya.manager).post(url_of(world.pelmenya, step))
    answer = browse(world.pelmenya.owner).post(url_of(world.pelmenya, step), htmx=True)
    assert f"{world.pelmenya.manager.full_name} has done this already" in answer.text
    [row] = superuser_sql(f"SELECT count(*) AS lines FROM {SCHEMA}.audit_event WHERE action = 'step_done'")
    assert row.lines == 1


def test_what_somebody_else_ticked_asks_for_a_reason(browse, world, step, stored):
    browse(world.pelmenya.manager).post(url_of(world.pelmenya, step))
    owner = browse(world.pelmenya.owner)
    answer = owner.delete(url_of(world.pelmenya, step))
    assert (answer.status_code, answer.location) == (303, url_of(world.pelmenya, step, "reopening"))
    refused = owner.post(answer.location, {"reason": " "})
    assert (refused.status_code, stored().status) == (422, "completed")
    assert owner.post(answer.location, {"reason": "not signed"}).status_code == 303
    assert stored().status == "in_progress"
    assert stored().notes.endswith("not signed")


def test_ones_own_tick_asks_for_a_reason_later_on(browse, world, step, stored, superuser_sql):
    manager = browse(world.pelmenya.manager)
    manager.post(url_of(world.pelmenya, step))
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET completed_at = completed_at - interval '1 minute'")
    manager.delete(url_of(world.pelmenya, step), htmx=True)
    assert stored().status == "completed"


@pytest.mark.parametrize(
    ("role", "who", "status"),
    [
        ("owner", "owner", 303),
        ("owner", "person", 303),
        ("manager", "owner", 403),
        ("manager", "chef", 303),
        ("manager", "person", 303),
        ("chef", "chef", 303),
        ("chef", "manager", 403),
        ("chef", "person", 403),
        ("viewer", "chef", 403),
    ],
)
def test_each_role_ticks_its_steps_alone(browse, world, step, stored, superuser_sql, role, who, status):
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET who = %s", [who])
    person = browse(getattr(world.pelmenya, role))
    assert person.post(url_of(world.pelmenya, step)).status_code == status
    assert stored().status == ("completed" if status == 303 else "pending")
    has_box = f'action="{url_of(world.pelmenya, step)}"' in person.get(page_of(world.pelmenya)).text
    assert has_box == (status == 303)


def test_a_step_of_another_chain_or_restaurant_is_not_there(browse, world):
    foreign = world.vareniki.id_of("onboarding_step")
    assert browse(world.pelmenya.owner).post(url_of(world.pelmenya, foreign)).status_code == 404
    elsewhere = world.pelmenya.id_of("onboarding_step", 1)
    assert browse(world.pelmenya.assigned_manager).post(url_of(world.pelmenya, elsewhere)).status_code == 404
    own = world.pelmenya.id_of("onboarding_step", 2)
    assert browse(world.pelmenya.assigned_manager).post(url_of(world.pelmenya, own)).status_code == 303


def test_failed_and_not_needed_are_said_on_the_steps_own_page(browse, world, step, stored):
    manager = browse(world.pelmenya.manager)
    page = manager.get(url_of(world.pelmenya, step, "edit")).text
    for rest, status in (("failure", "failed"), ("exemption", "not_needed")):
        assert url_of(world.pelmenya, step, rest) in page
        assert manager.post(url_of(world.pelmenya, step, rest)).status_code == 303
        assert stored().status == status
    assert "Not needed" in manager.get(page_of(world.pelmenya)).text


def test_a_day_by_hand_and_a_note_are_kept(browse, world, step, stored):
    manager = browse(world.pelmenya.manager)
    answer = manager.post(url_of(world.pelmenya, step, "edit"), {"due_date": "24.12.2026", "notes": "ask the chef"})
    assert answer.status_code == 303
    assert (str(stored().due_date), stored().due_is_by_hand, stored().notes) == ("2026-12-24", True, "ask the chef")
    refused = manager.post(url_of(world.pelmenya, step, "edit"), {"due_date": "24.12.2126", "notes": "kept"})
    assert refused.status_code == 422
    assert "Check the year." in refused.text
    assert "kept</textarea>" in refused.text


def test_a_chef_notes_and_sets_no_day(browse, world, step, stored, superuser_sql):
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET who = 'chef'")
    browse(world.pelmenya.chef).post(url_of(world.pelmenya, step, "edit"), {"due_date": "24.12.2026", "notes": "done"})
    assert (stored().due_is_by_hand, stored().notes) == (False, "done")


@pytest.fixture
def paper(world, superuser_sql):
    """The step needs a paper that the person does not have."""
    superuser_sql(f"DELETE FROM {SCHEMA}.document_reminder")
    superuser_sql(f"DELETE FROM {SCHEMA}.staff_document")
    kind = world.pelmenya.id_of("document_type", 1)
    chain = world.pelmenya.account_id
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET document_type_id = %s WHERE account_id = %s", [kind, chain])
    return kind


def in_days(days):
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%d.%m.%Y")


def test_a_step_that_needs_a_paper_is_seen_in_the_original(browse, world, step, stored, paper, superuser_sql):
    manager = browse(world.pelmenya.manager)
    original = url_of(world.pelmenya, step, "original")
    assert f'href="{original}"' in manager.get(page_of(world.pelmenya)).text
    manager.post(url_of(world.pelmenya, step))
    assert stored().status == "pending"
    answer = manager.post(original, {"expires_on": in_days(30), "number_tail": "1234"})
    assert answer.status_code == 303
    assert (stored().status, stored().completed_by_id) == ("completed", world.pelmenya.manager.id)
    [kept] = superuser_sql(f"SELECT state, number_tail, checked_by_id FROM {SCHEMA}.staff_document")
    assert (kept.state, kept.number_tail, kept.checked_by_id) == ("accepted", "1234", world.pelmenya.manager.id)


def test_an_accepted_paper_completes_the_step_that_it_completes(browse, world, step, stored, paper, superuser_sql):
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET completed_by = 'document'")
    sent = {"kind_id": str(paper), "expires_on": in_days(30), "number_tail": "1234"}
    answer = browse(world.pelmenya.manager).post(page_of(world.pelmenya, "/papers/new"), sent)
    assert answer.status_code == 303
    assert stored().status == "completed"


def test_nobody_ticks_that_their_own_papers_are_right(browse, world, step, stored, paper, superuser_sql):
    email = world.pelmenya.manager.email.upper()
    superuser_sql(
        f"UPDATE {SCHEMA}.staff_member SET email = %s WHERE id = %s", [email, world.pelmenya.id_of("staff_member")]
    )
    manager = browse(world.pelmenya.manager)
    for rest in ("completion", "original", "failure"):
        assert manager.post(url_of(world.pelmenya, step, rest), {"expires_on": in_days(30)}).status_code == 403
    assert stored().status == "pending"


def test_a_chef_is_told_that_a_paper_is_missing_and_no_more(browse, world, step, paper, superuser_sql):
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET who = 'chef'")
    chef = browse(world.pelmenya.chef)
    page = chef.get(page_of(world.pelmenya)).text
    assert "needs: zqpelmenya exam" in page
    assert url_of(world.pelmenya, step, "original") not in page
    assert chef.get(url_of(world.pelmenya, step, "original")).status_code == 403


def test_the_message_that_completed_a_step_is_one_press_away(browse, world, step, superuser_sql):
    superuser_sql(
        f"UPDATE {SCHEMA}.onboarding_step SET status = 'completed', completion_date = now(), completed_at = now(),"
        f" completed_from_message_id = %s WHERE id = %s",
        [world.pelmenya.message_id, step],
    )
    [message] = superuser_sql(f"SELECT seq FROM {SCHEMA}.bot_message WHERE id = %s", [world.pelmenya.message_id])
    assert f"#m-{message.seq}" in browse(world.pelmenya.manager).get(page_of(world.pelmenya)).text
    assert f"#m-{message.seq}" not in browse(world.pelmenya.chef).get(page_of(world.pelmenya)).text


def test_a_viewer_sees_the_steps_and_nothing_private_of_them(browse, world):
    page = browse(world.pelmenya.viewer).get(page_of(world.pelmenya)).text
    assert "zqpelmenya step" in page
    assert "zqpelmenya note of a step" not in page
    assert "0 of 1" in page


@pytest.fixture
def engagements(world, superuser_sql):
    """``engagements()`` are those of the first employee."""
    query = f"SELECT spell, status, end_reason FROM {SCHEMA}.staff_onboarding WHERE staff_member_id = %s ORDER BY spell"
    return lambda: superuser_sql(query, [world.pelmenya.id_of("staff_member")])


def test_what_requires_nothing_is_finished_by_a_button(browse, world, step, engagements, superuser_sql):
    manager, url = browse(world.pelmenya.manager), page_of(world.pelmenya, "/checklist/completion")
    assert url not in manager.get(page_of(world.pelmenya)).text
    manager.post(url)
    assert [row.status for row in engagements()] == ["in_progress"]
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET required = false")
    assert url in manager.get(page_of(world.pelmenya)).text
    assert manager.post(url, htmx=True).status_code == 200
    assert [row.status for row in engagements()] == ["completed"]


@pytest.mark.parametrize(("day", "reason"), [(2, "x"), (0, " "), (-3000, "x")])
def test_nobody_leaves_before_the_hiring_or_without_a_reason(browse, world, engagements, day, reason):
    sent = {"ended_on": in_days(day), "reason": reason}
    assert browse(world.pelmenya.manager).post(page_of(world.pelmenya, "/leaving"), sent).status_code == 422
    assert [row.status for row in engagements()] == ["in_progress"]


def test_leaving_and_coming_back(browse, world, step, stored, engagements):
    manager = browse(world.pelmenya.manager)
    manager.post(page_of(world.pelmenya, "/leaving"), {"ended_on": in_days(0), "reason": "moved away"})
    assert [(row.status, row.end_reason) for row in engagements()] == [("terminated", "moved away")]
    assert "moved away" not in browse(world.pelmenya.viewer).get(page_of(world.pelmenya)).text
    manager.post(url_of(world.pelmenya, step))
    assert stored().status == "pending"
    again = {"day": in_days(7), "clock": "10:00", "hired_on": in_days(0)}
    assert manager.post(page_of(world.pelmenya, "/engagements/new"), again).status_code == 303
    assert [(row.spell, row.status) for row in engagements()] == [(1, "terminated"), (2, "in_progress")]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"day": "10/08/2126", "clock": "10:00"}, "Check the year."),
        ({"day": "10/08/1926", "clock": "10:00"}, "Check the year."),
        ({"day": "31.02.2026", "clock": "10:00"}, "Write a day"),
        ({"day": "01/12/2026", "clock": "25:00"}, "Write a time, such as 10:00."),
        ({"day": "01/12/2026", "clock": ""}, "Write a time, such as 10:00."),
    ],
)
def test_a_first_shift_that_cannot_be_meant_is_refused(browse, world, sent, told):
    answer = browse(world.pelmenya.manager).post(page_of(world.pelmenya, "/first-shift"), sent)
    assert answer.status_code == 422
    assert told in answer.text
    assert sent["day"] in answer.text


def test_a_shift_moved_by_hand_is_told_to_the_person_and_stands_against_the_chat(browse, world, superuser_sql):
    superuser_sql(f"UPDATE {SCHEMA}.restaurant SET timezone = 'Europe/Moscow'")
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    sent = {"day": day.strftime("%d.%m.%Y"), "clock": "10:00"}
    assert browse(world.pelmenya.manager).post(page_of(world.pelmenya, "/first-shift"), sent).status_code == 303
    member = world.pelmenya.id_of("staff_member")
    [value] = superuser_sql(
        f"SELECT value, source FROM {SCHEMA}.staff_field WHERE field = 'first_shift_at' AND staff_member_id = %s",
        [member],
    )
    assert (value.value, value.source) == (f"{day}T07:00:00+00:00", "hand")
    [message] = superuser_sql(f"SELECT text FROM {SCHEMA}.staff_message WHERE kind = 'shift'")
    assert "10:00" in message.text


def test_only_those_who_may_edit_hire_and_let_go(browse, world):
    for person in (world.pelmenya.chef, world.pelmenya.viewer):
        for rest in ("/engagements/new", "/first-shift", "/leaving"):
            assert browse(person).get(page_of(world.pelmenya, rest)).status_code == 403
    for rest in ("/engagements/new", "/first-shift", "/leaving"):
        assert browse(world.pelmenya.assigned_manager).get(page_of(world.pelmenya, rest)).status_code == 404


def test_the_checklist_of_a_page_costs_few_statements(app, browse, world, statements, scoped):
    with scoped(world.pelmenya.account_id), app.test_request_context():
        member = member_or_404(world.pelmenya.id_of("staff_member"))
        with statements() as counted:
            checklist = Checklist.of(member)
            assert len(checklist.steps) == 1
            assert checklist.completion.percent == 0
    assert counted.total <= 4


def test_two_managers_at_once_complete_it_once(browse, world, step, superuser_sql):
    people = [browse(person) for person in (world.pelmenya.manager, world.pelmenya.owner)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda person: person.post(url_of(world.pelmenya, step), htmx=True), people))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted("has done this already" in answer.text for answer in answers) == [False, True]
    [row] = superuser_sql(f"SELECT count(*) AS lines FROM {SCHEMA}.audit_event WHERE action = 'step_done'")
    assert row.lines == 1


def test_two_hirings_at_once_open_one_engagement(browse, world, superuser_sql):
    people = [browse(person) for person in (world.pelmenya.manager, world.pelmenya.owner)]
    people[0].post(page_of(world.pelmenya, "/leaving"), {"ended_on": in_days(0), "reason": "moved away"})
    sent = {"day": in_days(7), "clock": "10:00", "hired_on": in_days(0)}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda person: person.post(page_of(world.pelmenya, "/engagements/new"), sent), people))
    assert [answer.status_code for answer in answers] == [303, 303]
    [row] = superuser_sql(
        f"SELECT count(*) AS opened FROM {SCHEMA}.staff_onboarding WHERE staff_member_id = %s AND spell > 1",
        [world.pelmenya.id_of("staff_member")],
    )
    assert row.opened == 1


def test_another_position_by_hand_changes_the_steps_and_the_page_says_so(browse, world, superuser_sql):
    chain = world.pelmenya
    [cook] = superuser_sql(
        f"INSERT INTO {SCHEMA}.staff_position (account_id, code, name) VALUES (%s, 'waiter', 'Waiter') RETURNING id",
        [chain.account_id],
    )
    [template] = superuser_sql(
        f"INSERT INTO {SCHEMA}.onboarding_template (account_id, name, position_id) VALUES (%s, 'w', %s) RETURNING id",
        [chain.account_id, cook.id],
    )
    superuser_sql(
        f"INSERT INTO {SCHEMA}.onboarding_template_step (account_id, template_id, position, code, name)"
        " VALUES (%s, %s, 1, 'tray', 'Carrying a tray')",
        [chain.account_id, template.id],
    )
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET notes = NULL")
    manager = browse(chain.manager)
    sent = {"name": "Anna", "restaurant_id": str(chain.restaurant_id), "position_id": str(cook.id)}
    assert manager.post(page_of(chain, "/edit"), sent).status_code == 303
    page = manager.get(page_of(chain)).text
    assert "New: Carrying a tray." in page
    assert "Gone: zqpelmenya step." in page
    assert "0 of 1" in page


def test_an_original_that_is_over_is_accepted_and_leaves_its_step_open(
    browse, world, step, stored, paper, superuser_sql
):
    manager, original = browse(world.pelmenya.manager), url_of(world.pelmenya, step, "original")
    sent = {"expires_on": in_days(-30), "number_tail": "1234"}
    asked = manager.post(original, sent)
    assert asked.status_code == 422
    sure = re.search(r'name="_sure" value="([^"]+)"', asked.text)
    assert manager.post(original, sent | {"_sure": sure[1]}).status_code == 303
    assert stored().status == "pending"
    [kept] = superuser_sql(f"SELECT state FROM {SCHEMA}.staff_document")
    assert kept.state == "accepted"


def test_a_step_whose_paper_is_valid_is_done_by_a_press(browse, world, step, paper, superuser_sql):
    manager = browse(world.pelmenya.manager)
    assert url_of(world.pelmenya, step) not in manager.get(url_of(world.pelmenya, step, "edit")).text
    superuser_sql(
        f"INSERT INTO {SCHEMA}.staff_document (account_id, staff_member_id, document_type_id, state)"
        " VALUES (%s, %s, %s, 'accepted')",
        [world.pelmenya.account_id, world.pelmenya.id_of("staff_member"), paper],
    )
    assert url_of(world.pelmenya, step) in manager.get(url_of(world.pelmenya, step, "edit")).text


def test_what_a_manager_calls_not_needed_no_chef_opens_again(browse, world, step, stored, superuser_sql):
    superuser_sql(f"UPDATE {SCHEMA}.onboarding_step SET who = 'chef'")
    browse(world.pelmenya.manager).post(url_of(world.pelmenya, step, "exemption"))
    assert browse(world.pelmenya.chef).delete(url_of(world.pelmenya, step)).status_code == 403
    assert stored().status == "not_needed"


def test_a_slip_on_a_failed_step_leaves_it_failed(browse, world, step, stored):
    manager = browse(world.pelmenya.manager)
    manager.post(url_of(world.pelmenya, step, "failure"))
    answer = manager.post(url_of(world.pelmenya, step), htmx=True)
    assert 'name="was" value="failed"' in answer.text
    manager.delete(url_of(world.pelmenya, step), {"was": "failed"})
    assert stored().status == "failed"


def test_whoever_declines_before_the_hiring_leaves_and_nobody_left_before_being_known(
    browse, world, engagements, superuser_sql
):
    manager = browse(world.pelmenya.manager)
    superuser_sql(f"UPDATE {SCHEMA}.staff_onboarding SET hired_on = now() + interval '9 days'")
    long_ago = {"ended_on": "01.02.2006", "reason": "declined"}
    assert manager.post(page_of(world.pelmenya, "/leaving"), long_ago).status_code == 422
    sent = {"ended_on": in_days(0), "reason": "declined"}
    assert manager.post(page_of(world.pelmenya, "/leaving"), sent).status_code == 303
    assert [row.status for row in engagements()] == ["terminated"]


def test_the_first_shift_of_whoever_has_done_all_can_still_be_moved(browse, world, step, engagements):
    manager, url = browse(world.pelmenya.manager), page_of(world.pelmenya, "/first-shift")
    manager.post(url_of(world.pelmenya, step))
    assert [row.status for row in engagements()] == ["completed"]
    assert url in manager.get(page_of(world.pelmenya)).text
    assert manager.post(url, {"day": in_days(7), "clock": "10:00"}).status_code == 303
    assert [row.status for row in engagements()] == ["completed"]


def test_a_time_without_its_day_is_refused(browse, world):
    answer = browse(world.pelmenya.manager).post(page_of(world.pelmenya, "/first-shift"), {"day": "", "clock": "10:00"})
    assert answer.status_code == 422
    assert "Write the day, too." in answer.text


@pytest.mark.parametrize(
    ("rest", "sent"), [("edit", {"notes": "typed at length"}), ("reopening", {"reason": "typed at length"})]
)
def test_what_was_typed_of_a_step_outlives_the_persons_leaving(browse, world, step, stored, rest, sent):
    manager = browse(world.pelmenya.manager)
    manager.post(page_of(world.pelmenya, "/leaving"), {"ended_on": in_days(0), "reason": "moved away"})
    answer = manager.post(url_of(world.pelmenya, step, rest), sent)
    assert answer.status_code == 422
    assert "typed at length</textarea>" in answer.text
    assert "This checklist is closed" in answer.text


def test_a_message_that_completed_a_step_is_shown_to_those_who_may_see_private_things(app, monkeypatch):
    row = SimpleNamespace(seq=1, bot_id=uuid4(), dialog_id=uuid4())
    monkeypatch.setattr(
        "portal.onboarding.checklist_page.may", lambda permission: permission != Permission.STAFF_PRIVATE
    )
    assert StepLine(row, is_late=False, may_tick=True, lacks_paper=False).message_url is None
