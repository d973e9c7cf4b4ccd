"""Whether somebody in a chat is a person of the record: what waits for a colleague's word, and what follows it."""

from flask_babel import force_locale

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.onboarding.intake.answering import deciding, write
from portal.onboarding.intake.answers import IntakeAnswers
from portal.onboarding.intake.log import ActingBot
from portal.onboarding.intake.models import Outcome, QuestionKind, StaffIntake, StaffQuestion
from portal.onboarding.intake.notices import tell_of_questions
from portal.onboarding.intake.writing import RecordWriter
from portal.staff.models import Source, StaffMember
from portal.staff.provenance import Told
from portal.users.chain import chain_language

# What the question shows side by side.
COMPARED = ("name", "phone", "email", "birthday")


def hold_for_answer(intake: StaffIntake, writer: RecordWriter, member: StaffMember, by: str) -> None:
    """Write nothing into the record, and ask whether it is the same person; the intake waits with all its values."""
    dialog = writer.dialog
    intake.outcome, intake.staff_member_id = Outcome.HELD, None
    question = StaffQuestion(kind=QuestionKind.IDENTITY, staff_member_id=member.id, intake_id=intake.id)
    told = {name: str(each.value) for name, each in writer.values.items() if name in COMPARED}
    question.details = {"by": by, "told": {"name": writer.answers.name} | told}
    db.session.add(question)
    db.session.flush()
    tell_of_questions(member.restaurant_id)
    with force_locale(chain_language()):
        asked = str(question.kind.label)
    # On the person's row: the question may go with the chat, and whoever erases the person finds the line then, too.
    record(Action.EDITED, member, after={"open_questions": asked}, by=ActingBot(dialog.bot.name))


def tells_their_phone(question: StaffQuestion, member: StaffMember) -> bool:
    """Whether the chat tells the very number that the record has of the person."""
    told = (question.details.get("told") or {}).get("phone")
    return told is not None and told == member.phone


def answer_identity(question: StaffQuestion, *, is_same: bool, phone_moves: bool) -> StaffMember:
    """The chat is that person's, or somebody else's, whom the record does not know yet.

    With ``phone_moves`` a number that both tell is the new one's from now on; else it stays where it is, for a number
    is one person's.
    """
    with deciding(question) as member:
        assert question.intake_id is not None, "it was asked of an intake"
        intake = db.session.get_one(StaffIntake, question.intake_id)
        dialog = db.session.get_one(BotDialogState, intake.dialog_id)
        answers = IntakeAnswers.read(intake.details.get("told"))
        question.settle({"same": is_same}, acting_id())
        is_shared = not is_same and tells_their_phone(question, member)
        if is_shared and phone_moves:
            write(member, Told("phone", None, Source.HAND, user_id=acting_id()))
        writer = RecordWriter(intake, dialog, answers, without_phone=is_shared and not phone_moves)
        return writer.write(member if is_same else None)
