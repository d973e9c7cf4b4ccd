"""Whether somebody in a chat is a person of the record: what waits for a colleague's word, and what follows it."""

from portal.audit.models import Action
from portal.audit.recording import record
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.onboarding.intake.log import ActingBot
from portal.onboarding.intake.models import Outcome, QuestionKind, StaffIntake, StaffQuestion
from portal.onboarding.intake.notices import tell_of_questions
from portal.staff.models import StaffMember


def hold_for_answer(intake: StaffIntake, dialog: BotDialogState, member: StaffMember, by: str) -> None:
    """Write nothing into the record, and ask whether it is the same person; the intake waits with all its values."""
    intake.outcome, intake.staff_member_id = Outcome.HELD, None
    question = StaffQuestion(kind=QuestionKind.IDENTITY, staff_member_id=member.id, intake_id=intake.id)
    question.details = {"by": by}
    db.session.add(question)
    db.session.flush()
    tell_of_questions(member.restaurant_id)
    record(
        Action.CREATED, question, after={"kind": question.kind.value}, label=member.name, by=ActingBot(dialog.bot.name)
    )
