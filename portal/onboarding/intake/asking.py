"""Questions as the intake asks them: one of a kind for a person, however often the person tells the same."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.onboarding.intake.models import QuestionKind, StaffIntake, StaffQuestion
from portal.onboarding.intake.notices import is_told, tell_of_answers, tell_of_questions
from portal.staff.models import Source, StaffMember
from portal.staff.provenance import current_values, offers_of
from portal.staff.telling import follow_changes
from portal.tenancy.scope import account_scope, require_scope

# By which field a hand answers a question without opening it.
ANSWERED_BY = {
    QuestionKind.RESTAURANT: "restaurant",
    QuestionKind.POSITION: "position",
    QuestionKind.DATE: "first_shift_at",
}


def ask(kind: QuestionKind, member: StaffMember, intake: StaffIntake, **details: Any) -> StaffQuestion:
    """Have somebody decide; what is asked of the person already is asked as it stands now."""
    known = open_question(kind, member)
    question = known or StaffQuestion(kind=kind, staff_member_id=member.id)
    question.intake_id, question.details = intake.id, details
    db.session.add(question)
    db.session.flush()
    if known is None:
        tell_of_questions(member.restaurant_id)
    return question


def settle(kind: QuestionKind, member: StaffMember, intake: StaffIntake) -> None:
    """A later conversation told what was asked."""
    question = open_question(kind, member)
    if question is not None:
        _settle(question, intake)


def settle_identity(dialog: BotDialogState, intake: StaffIntake) -> None:
    """What waited for somebody's word on who this is has been told anew."""
    query = (
        select(StaffQuestion)
        .join(StaffIntake, StaffIntake.id == StaffQuestion.intake_id)
        .where(
            StaffIntake.dialog_id == dialog.id,
            StaffIntake.id != intake.id,
            StaffQuestion.kind == QuestionKind.IDENTITY,
            StaffQuestion.answered_at.is_(None),
        )
    )
    for question in db.session.scalars(query):
        _settle(question, intake)


def follow_hand(member: StaffMember, _columns: Collection[str] = ()) -> None:
    """Settle what a hand has answered in the record itself, and offers that say the same as the record by now."""
    db.session.flush()
    db.session.refresh(member, ["open_questions"])
    if not member.open_questions:
        return
    with account_scope(require_scope().account_id):
        current = current_values(member)
        for kind, name in ANSWERED_BY.items():
            standing = current.get(name)
            if standing is not None and standing.source is Source.HAND and standing.value:
                _settle_by_hand(kind, member, standing.user_id)
        for offer in offers_of(member):
            standing = current.get(offer.field)
            offer.held = standing is None or standing.value != offer.value
        if not offers_of(member):
            _settle_by_hand(QuestionKind.VALUES, member, None)
        follow_notices(member)


def follow_notices(member: StaffMember) -> None:
    """Tell of what still waits where the person is now, and that nothing waits where they were."""
    db.session.flush()
    db.session.refresh(member, ["open_questions"])
    tell_of_answers()
    if member.open_questions and not is_told(member.restaurant_id):
        tell_of_questions(member.restaurant_id)


def _settle_by_hand(kind: QuestionKind, member: StaffMember, user_id: UUID | None) -> None:
    question = open_question(kind, member)
    if question is not None:
        question.settle({"by_hand": True}, user_id)


follow_changes(follow_hand)


def open_question(kind: QuestionKind, member: StaffMember) -> StaffQuestion | None:
    """What waits for an answer of that kind; who the person is, is asked of each chat apart."""
    query = select(StaffQuestion).where(
        StaffQuestion.staff_member_id == member.id,
        StaffQuestion.kind == kind,
        StaffQuestion.answered_at.is_(None),
    )
    return db.session.scalar(query.order_by(StaffQuestion.created_at, StaffQuestion.id).limit(1))


def _settle(question: StaffQuestion, intake: StaffIntake) -> None:
    question.settle({"intake": str(intake.id)})
    db.session.flush()
    tell_of_answers()
