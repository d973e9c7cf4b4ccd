"""Questions as the intake asks them: one of a kind for a person, however often the person tells the same."""

from typing import Any

from sqlalchemy import select

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.onboarding.intake.models import QuestionKind, StaffIntake, StaffQuestion
from portal.onboarding.intake.notices import tell_of_answers, tell_of_questions
from portal.staff.models import StaffMember


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
    tell_of_answers(question.restaurant_id)
