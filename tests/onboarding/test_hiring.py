from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.onboarding.engagements import (
    follow_fields,
    follow_position,
    give_template,
    hire,
    latest_engagement,
    move_shift,
    open_engagement,
)
from portal.onboarding.models import StaffOnboarding, steps_of
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.choice_page import ChosenPeople
from portal.staff.holding import hold_member
from portal.staff.models import StaffPosition

MONDAY = datetime(2026, 8, 10, 7, tzinfo=UTC)


def by_code(engagement):
    return {step.code: step for step in steps_of(engagement)}


def test_the_first_hiring_seeds_the_usual_checklist(chain, person):
    member = person()
    engagement = hire(member, first_shift_at=MONDAY, hired_on=date(2026, 8, 3), proof=chain.message_id)
    steps = by_code(engagement)
    assert list(steps) == [
        "information_collection", "document_verification", "medical_book", "contract_signing", "training_completion",
    ]  # fmt: skip
    assert steps["document_verification"].due_date == date(2026, 8, 7)
    assert engagement.completion.percent == 20
    assert steps["information_collection"].completed_from_message_id == chain.message_id
    db.session.refresh(member)
    assert (member.status, member.progress, member.starts_on) == ("active", 20, date(2026, 8, 10))


def test_hiring_twice_opens_one_engagement(chain, person):
    member = person()
    assert hire(member).id == hire(member).id
    assert db.session.query(StaffOnboarding).count() == 1
    assert db.session.query(OnboardingTemplate).count() == 1


def test_a_foreign_citizens_hiring_is_reported_within_three_working_days(chain, person):
    steps = by_code(hire(person(citizenship="uz"), hired_on=date(2026, 8, 7)))
    assert steps["foreign_hire_notice"].due_date == date(2026, 8, 12)


def test_without_a_first_shift_nothing_counted_from_it_is_due(chain, person):
    steps = by_code(hire(person()))
    assert steps["contract_signing"].due_date is None


def test_a_moved_shift_moves_what_is_open_and_leaves_what_is_done(chain, person):
    engagement = hire(person(), first_shift_at=MONDAY)
    steps = by_code(engagement)
    steps["contract_signing"].complete(on=date(2026, 8, 10))
    steps["training_completion"].set_due(date(2026, 9, 1))
    assert move_shift(engagement, MONDAY + timedelta(days=7))
    assert steps["document_verification"].due_date == date(2026, 8, 14)
    assert steps["contract_signing"].due_date == date(2026, 8, 10)
    assert steps["contract_signing"].completion_date == date(2026, 8, 10)
    assert steps["training_completion"].due_date == date(2026, 9, 1)
    assert engagement.start_date == date(2026, 8, 17)


def test_the_first_shift_is_a_day_of_the_restaurants_zone(person, superuser_sql):
    superuser_sql("UPDATE getinn_ops.restaurant SET timezone = 'Asia/Vladivostok'")
    engagement = hire(person(), first_shift_at=datetime(2026, 8, 9, 20, tzinfo=UTC))
    assert engagement.start_date == date(2026, 8, 10)


def test_whoever_comes_back_gets_the_next_spell(chain, person):
    member = person()
    first = hire(member)
    first.terminate(date(2026, 10, 1), "moved away")
    assert open_engagement(member) is None
    second = hire(member)
    assert (second.spell, member.status, member.left_on) == (2, "active", None)
    assert first.status == "terminated"
    with pytest.raises(MoveRefused):
        by_code(first)["contract_signing"].complete()


def template_of(name, *codes, **place):
    template = OnboardingTemplate(name=name, **place)
    db.session.add(template)
    db.session.flush()
    for position, code in enumerate(codes, start=1):
        step = OnboardingTemplateStep(template_id=template.id, position=position, code=code, name=code)
        db.session.add(step)
    db.session.flush()
    return template


def position_called(code):
    position = StaffPosition(code=code, name=code)
    db.session.add(position)
    db.session.flush()
    return position


def test_the_nearest_template_is_chosen(chain, person):
    cook = position_called("cook")
    template_of("any", "any")
    template_of("place", "place", restaurant_id=chain.restaurant_id)
    assert list(by_code(hire(person(position_id=cook.id)))) == ["place"]
    template_of("cook", "cook", position_id=cook.id)
    assert list(by_code(hire(person(position_id=cook.id)))) == ["cook"]
    template_of("both", "both", position_id=cook.id, restaurant_id=chain.restaurant_id)
    assert list(by_code(hire(person(position_id=cook.id)))) == ["both"]
    assert list(by_code(hire(person()))) == ["place"]


def test_another_position_brings_its_steps_and_keeps_what_somebody_touched(chain, person):
    cook, waiter = position_called("cook"), position_called("waiter")
    template_of("cook", "shared", "knives", "stove", position_id=cook.id)
    template_of("waiter", "shared", "tray", position_id=waiter.id)
    member = person(position_id=cook.id)
    engagement = hire(member)
    by_code(engagement)["stove"].complete()
    member.position_id = waiter.id
    change = follow_position(engagement)
    assert (change.gone, change.new) == (["knives"], ["tray"])
    assert {code: str(step.status) for code, step in by_code(engagement).items()} == {
        "shared": "pending", "stove": "completed", "tray": "pending",
    }  # fmt: skip
    assert engagement.position == "waiter"
    assert not follow_position(engagement)


def test_whoever_is_out_of_sight_is_not_held(chain):
    with pytest.raises(MoveRefused):
        hold_member(uuid4())


def test_citizenship_alone_keeps_the_checklist_that_somebody_chose(chain, person):
    template_of("usual", "usual")
    template_of("cook", "knives", position_id=position_called("cook").id)
    trainee = template_of("trainee", "shown", position_id=position_called("trainee").id)
    step = OnboardingTemplateStep(template_id=trainee.id, position=2, code="notice", name="n", for_foreigners=True)
    db.session.add(step)
    member = person()
    give_template(hire(member), trainee)
    trainee.archive()
    member.citizenship = "uz"
    change = follow_fields(member, {"citizenship"})
    assert (change.gone, change.new) == ([], ["n"])
    assert list(by_code(open_engagement(member))) == ["shown", "notice"]
    follow_fields(member, {"position"})
    assert "usual" in by_code(open_engagement(member))


def test_an_assigned_checklist_is_the_first_and_opens_a_finished_one_again(chain, person):
    template_of("usual", "usual")
    assigned = template_of("assigned", "assigned", position_id=position_called("cook").id)
    fresh, done = person(), person()
    by_code(hire(done))["usual"].complete()
    assert ChosenPeople([fresh, done]).assign(assigned.id) == 2
    assert list(by_code(latest_engagement(fresh))) == ["assigned"]
    again = latest_engagement(done)
    assert (again.spell, again.status, sorted(by_code(again))) == (1, "in_progress", ["assigned", "usual"])
