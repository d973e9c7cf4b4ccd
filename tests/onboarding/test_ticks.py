from datetime import UTC, date, datetime, timedelta

import pytest

from portal.db.base import SCHEMA, db
from portal.db.states import MoveRefused
from portal.onboarding.engagements import hire
from portal.onboarding.messages.models import StaffMessage
from portal.onboarding.models import steps_of
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.papers.models import DocumentType, StaffDocument
from portal.staff.papers.verbs import accept_original


@pytest.fixture
def checklist(chain, person):
    """``checklist(7)`` is somebody's with so many required steps, ``steps`` the same list at any time."""

    def make(*steps, **columns):
        template = OnboardingTemplate(name="test")
        db.session.add(template)
        db.session.flush()
        for position, values in enumerate(steps, start=1):
            code = f"step{position}"
            values = {"code": code, "name": code} | values
            db.session.add(OnboardingTemplateStep(template_id=template.id, position=position, **values))
        db.session.flush()
        return hire(person(**columns))

    return make


def test_optional_and_unneeded_steps_do_not_count(checklist):
    engagement = checklist(*[{}] * 7, {"required": False})
    steps = steps_of(engagement)
    steps[0].mark_not_needed()
    for step in (steps[1], steps[2], steps[7]):
        step.complete()
    assert (engagement.completion.percent, engagement.member.progress) == (33, 33)


def test_all_required_done_is_completed_and_reopening_is_in_progress_again(checklist):
    engagement = checklist({}, {}, {"required": False})
    steps = steps_of(engagement)
    steps[0].complete()
    assert engagement.status == "in_progress"
    steps[1].complete()
    assert engagement.status == "completed"
    assert engagement.completed_at is not None
    steps[1].reopen("not signed after all")
    assert (engagement.status, engagement.completed_at) == ("in_progress", None)
    assert steps[1].notes == "not signed after all"
    steps[1].mark_not_needed()
    assert engagement.status == "completed"


def test_a_checklist_without_required_steps_is_finished_by_a_button(checklist):
    engagement = checklist({"required": False})
    assert (engagement.completion.percent, engagement.status) == (None, "in_progress")
    assert engagement.finish()
    assert engagement.status == "completed"
    assert not engagement.finish()


def test_the_button_does_not_finish_what_is_required(checklist):
    engagement = checklist({})
    with pytest.raises(MoveRefused):
        engagement.finish()


def test_a_second_tick_changes_nothing(checklist):
    step = steps_of(checklist({}))[0]
    assert step.complete(on=date(2026, 8, 10))
    assert not step.complete(on=date(2026, 8, 11))
    assert step.completion_date == date(2026, 8, 10)


def test_a_failed_step_stays_open(checklist):
    engagement = checklist({}, {})
    step = steps_of(engagement)[0]
    assert step.fail()
    assert not step.fail()
    assert engagement.completion.done == 0
    assert step.complete()
    assert engagement.completion.done == 1


def test_un_ticking_asks_for_a_reason(checklist):
    step = steps_of(checklist({}))[0]
    step.complete()
    step.completed_at = datetime.now(UTC) - timedelta(minutes=1)
    with pytest.raises(MoveRefused):
        step.reopen()
    assert step.reopen("a mistake")
    assert (step.status, step.completion_date) == ("in_progress", None)


def test_a_day_set_by_hand_is_given_back_to_the_template(checklist):
    step = steps_of(checklist({"anchor": "hired", "offset_days": 2}))[0]
    counted = step.due_date
    step.set_due(date(2026, 12, 24))
    assert step.due_is_by_hand
    step.set_due(None)
    assert (step.due_date, step.due_is_by_hand) == (counted, False)


def test_the_person_is_told_and_what_was_not_sent_is_taken_back(checklist):
    engagement = checklist({"message_when_done": "{{name}}: {{ step }}, {{left}} left, {{other}}"}, {})
    step = steps_of(engagement)[0]
    step.complete()
    [message] = db.session.query(StaffMessage).filter_by(onboarding_step_id=step.id)
    assert (message.text, message.state) == ("Анна Смирнова: step1, 1 left, {{other}}", "waiting")
    step.reopen("not yet")
    db.session.refresh(message)
    assert message.state == "dropped"


def test_leaving_drops_what_waits_and_freezes_the_steps(checklist):
    engagement = checklist({"message_when_done": "done"}, {})
    step = steps_of(engagement)[0]
    step.complete()
    assert engagement.terminate(date(2026, 8, 20), "moved away")
    [message] = db.session.query(StaffMessage).filter_by(onboarding_step_id=step.id)
    db.session.refresh(message)
    assert message.state == "dropped"
    assert (engagement.member.status, engagement.member.left_on) == ("left", date(2026, 8, 20))
    assert [str(each.status) for each in steps_of(engagement)] == ["completed", "pending"]
    with pytest.raises(MoveRefused):
        step.reopen("again")
    assert not engagement.terminate(date(2026, 8, 21), "twice")


def test_whoever_leaves_after_the_checklist_leaves_it_done(checklist):
    engagement = checklist({})
    steps_of(engagement)[0].complete()
    engagement.terminate(date(2026, 8, 20), "moved away")
    assert (engagement.status, engagement.ended_on, engagement.member.status) == ("completed", None, "left")


@pytest.fixture
def kind(chain):
    """A kind of paper."""
    row = DocumentType(code="book", name="Book")
    db.session.add(row)
    db.session.flush()
    return row


def paper(member, kind, days, state="accepted"):
    expires_on = datetime.now(UTC).date() + timedelta(days=days)
    row = StaffDocument(staff_member_id=member.id, document_type_id=kind.id, state=state, expires_on=expires_on)
    db.session.add(row)
    db.session.flush()


@pytest.mark.parametrize(("days", "state"), [(-2, "accepted"), (30, "sent"), (30, "refused")])
def test_a_step_that_needs_a_paper_waits_for_a_valid_one(checklist, kind, days, state):
    engagement = checklist({"document_type_id": kind.id})
    paper(engagement.member, kind, days, state)
    with pytest.raises(MoveRefused):
        steps_of(engagement)[0].complete()
    db.session.query(StaffDocument).delete()
    paper(engagement.member, kind, 30)
    assert steps_of(engagement)[0].complete()


def test_whoever_comes_back_has_the_papers_that_are_still_valid_on_the_first_day(checklist, kind, person):
    step = {"document_type_id": kind.id, "completed_by": "document"}
    first = checklist(step, {})
    member = first.member
    paper(member, kind, 30)
    steps_of(first)[0].complete()
    first.terminate(date(2026, 8, 20), "moved away")
    second = hire(member)
    assert [str(each.status) for each in steps_of(second)] == ["completed", "pending"]
    second.terminate(date(2026, 8, 21), "again")
    third = hire(member, first_shift_at=datetime.now(UTC) + timedelta(days=40))
    assert [str(each.status) for each in steps_of(third)] == ["pending", "pending"]
    assert [str(each.status) for each in steps_of(first)] == ["completed", "pending"]


def test_each_verb_leaves_one_line_on_the_person(checklist):
    engagement = checklist({}, {})
    member_id, step = engagement.staff_member_id, steps_of(engagement)[0]
    step.complete()
    step.reopen("why")
    step.fail()
    step.mark_not_needed()
    step.set_due(date(2026, 8, 20))
    step.plan("a note")
    engagement.terminate(date(2026, 8, 20), "moved away")
    db.session.flush()
    lines = db.session.connection().exec_driver_sql(
        f"SELECT action, after FROM {SCHEMA}.audit_event WHERE entity_id = %s ORDER BY at", (member_id,)
    )
    assert [row.action for row in lines] == [
        "hired", "step_done", "step_reopened", "step_failed", "step_not_needed", "edited", "step_noted", "left",
    ]  # fmt: skip


@pytest.mark.parametrize("verb", ["fail", "mark_not_needed"])
def test_what_is_done_is_not_failed_or_spared_by_a_page_that_is_stale(checklist, verb):
    step = steps_of(checklist({}))[0]
    step.complete()
    step.completed_at = datetime.now(UTC) - timedelta(minutes=1)
    with pytest.raises(MoveRefused):
        getattr(step, verb)()
    assert step.status == "completed"


def test_reopening_cuts_no_notes(checklist):
    step = steps_of(checklist({}))[0]
    step.plan("first " + "x" * 3990)
    step.complete()
    step.reopen("not signed")
    assert step.notes.startswith("first ")
    assert step.notes.endswith("not signed")


def test_an_accepted_paper_completes_whatever_step_needs_it_and_no_other(checklist, kind):
    other = DocumentType(code="other", name="Other")
    db.session.add(other)
    db.session.flush()
    engagement = checklist({"document_type_id": kind.id}, {"document_type_id": other.id, "completed_by": "document"})
    paper(engagement.member, other, 30)
    accept_original(engagement.member, kind, None, datetime.now(UTC).date() + timedelta(days=30))
    assert [str(each.status) for each in steps_of(engagement)] == ["completed", "pending"]
