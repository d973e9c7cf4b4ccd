"""Answering questions: what a colleague decides is written into the record, once, whoever decides first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal.audit.recording import acting_id
from portal.db.base import db
from portal.onboarding.days import zone_of
from portal.onboarding.engagements import open_engagement, set_shift
from portal.onboarding.intake.answers import IntakeAnswers
from portal.onboarding.intake.asking import follow_notices, open_question
from portal.onboarding.intake.following import follow_taken
from portal.onboarding.intake.log import Changes
from portal.onboarding.intake.matching import hold_member, lock
from portal.onboarding.intake.models import QuestionKind, StaffQuestion
from portal.onboarding.intake.places import MAX_CODE, position_code
from portal.onboarding.intake.writing import shift_in
from portal.restaurants.models import Restaurant
from portal.staff.models import RestaurantCode, Source, StaffMember, StaffPosition, StaffStatus
from portal.staff.provenance import Taken, Told, current_values, take
from portal.tenancy.scope import account_scope, require_scope


class AlreadyAnswered(Exception):
    """Somebody else was faster; the question says who."""


def answer_restaurant(question: StaffQuestion, restaurant_id: UUID, *, remember: bool) -> None:
    """The person works in that restaurant; with ``remember`` whoever tells the same from now on does, too."""
    code = str(question.details.get("value") or "").strip()
    with deciding(question) as member:
        restaurant = db.session.get_one(Restaurant, restaurant_id)
        move_to(member, restaurant)
        is_kept = remember and keep_code(code, restaurant)
        question.settle({"restaurant": restaurant.name} | ({"code": code} if is_kept else {}), acting_id())


def claim(member_id: UUID, restaurant_id: UUID) -> StaffMember | None:
    """Take somebody whose restaurant nobody knows into a restaurant; nobody where another was faster, or they left."""
    with account_scope(require_scope().account_id):
        member = hold_member(member_id)
        if member is None or member.restaurant_id is not None or member.status is StaffStatus.LEFT:
            return None
        question = open_question(QuestionKind.RESTAURANT, member)
        restaurant = db.session.get_one(Restaurant, restaurant_id)
        move_to(member, restaurant)
        if question is not None:
            question.settle({"restaurant": restaurant.name}, acting_id())
        follow_notices(member)
        return member


def answer_position(question: StaffQuestion, position_id: UUID | None, name: str) -> None:
    """The person has that position, or a new one of that name, which is called as the person told it."""
    with deciding(question) as member:
        position = db.session.get(StaffPosition, position_id) if position_id is not None else None
        position = position or make_position(str(question.details.get("value") or name), name)
        write(member, Told("position", position.id, Source.HAND, user_id=acting_id()))
        question.settle({"position": position.name}, acting_id())


def answer_date(question: StaffQuestion, first_shift_at: datetime) -> None:
    """The first shift is then."""
    with deciding(question) as member:
        engagement = open_engagement(member)
        if engagement is not None:
            set_shift(engagement, first_shift_at)
        question.settle({"first_shift_at": first_shift_at.isoformat()}, acting_id())


@contextmanager
def deciding(question: StaffQuestion) -> Iterator[StaffMember]:
    """The person, held, while a question about them is answered; ``AlreadyAnswered`` where it was.

    What follows from an answer is not limited to the restaurants of whoever gives it.
    """
    with account_scope(require_scope().account_id):
        # In the order in which the worker takes them: the person before what belongs to them.
        member = hold_member(question.staff_member_id) if question.staff_member_id is not None else None
        query = select(StaffQuestion).where(StaffQuestion.id == question.id)
        held = query.with_for_update(of=StaffQuestion, key_share=True).execution_options(populate_existing=True)
        found = db.session.scalars(held).one_or_none()
        if member is None or found is None or not found.is_open:
            raise AlreadyAnswered
        yield member
        follow_notices(member)


def move_to(member: StaffMember, restaurant: Restaurant) -> None:
    """Let the person be of a restaurant, by a hand; a shift that was told is meant on its clocks."""
    told = current_values(member).get("first_shift_at")
    question = open_question(QuestionKind.RESTAURANT, member)
    write(member, Told("restaurant", restaurant.id, Source.HAND, user_id=acting_id()))
    if question is None or question.intake is None or told is None or told.source is not Source.CHAT:
        return
    answers = IntakeAnswers.read(question.intake.details.get("told"))
    shift, answer = shift_in(answers, zone_of(restaurant.id)), answers.first("first_shift_at")
    if shift.at is not None and answer is not None and answer.message_id == told.message_id:
        write(member, Told("first_shift_at", shift.at, Source.CHAT, (answer.message_id,)))


def write(member: StaffMember, told: Told) -> None:
    """Take a value, and let the open checklist follow; one line in the log."""
    changes = Changes(member, is_new=False)
    if take(member, told, current_values(member)) is not Taken.NEW:
        return
    db.session.flush()
    changes.record()
    follow_taken(member, {told.field}, told.value if told.field == "first_shift_at" else None)


def keep_code(code: str, restaurant: Restaurant) -> bool:
    """Let a code mean the restaurant from now on, unless it means another one that is open."""
    known = select(RestaurantCode).where(func.lower(RestaurantCode.code) == code.lower())
    if not code or len(code) > MAX_CODE:
        return False
    lock(f"code {code.lower()}")
    former = db.session.scalar(known)
    if former is None:
        RestaurantCode(code=code, restaurant_id=restaurant.id).open()
    elif not former.restaurant.is_active:
        former.edit(restaurant_id=restaurant.id)
    return former is None or former.restaurant_id == restaurant.id


def make_position(code: str, name: str) -> StaffPosition:
    """The position of that code; two who make it at once make one."""
    code = position_code(code)
    lock(f"position {code.lower()}")
    position = db.session.scalar(select(StaffPosition).where(func.lower(StaffPosition.code) == func.lower(code)))
    if position is None:
        position = StaffPosition(code=code, name=name)
        position.open()
    elif not position.is_active:
        position.restore()
    return position
