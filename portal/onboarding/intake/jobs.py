"""From a confirmed conversation to the record: queued by the very transaction that stored the answer."""

import logging
from typing import Any
from uuid import UUID

from procrastinate import RetryStrategy
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit.recording import acting
from portal.conversations.conversation import Conversation
from portal.conversations.models import BotDialogState, called
from portal.db.base import db
from portal.jobs.queue import job
from portal.messaging.messages import BotMessage
from portal.onboarding.intake.answers import IntakeAnswers
from portal.onboarding.intake.asking import settle_identity
from portal.onboarding.intake.identity import hold_for_answer
from portal.onboarding.intake.log import ActingBot
from portal.onboarding.intake.matching import find_match, lock
from portal.onboarding.intake.models import BotIntakeRule, Outcome, StaffIntake
from portal.onboarding.intake.queries import last_word
from portal.onboarding.intake.trigger import Trigger
from portal.onboarding.intake.writing import RecordWriter
from portal.telemetry.failures import failure_location
from portal.tenancy.scope import enter_account

log = logging.getLogger(__name__)

# Four more tries, after 10 s, 100 s, … of what fails, which stands on the bot's page meanwhile.
RETRIES = RetryStrategy(max_attempts=4, exponential_wait=10)


def queue_intake(conversation: Conversation, trigger: dict[str, Any] | None) -> None:
    """Have the answers taken into the record, where this step of the conversation has pulled the rule's trigger."""
    if trigger is None or not Trigger.read(trigger).is_pulled(conversation.transition):
        return
    row = conversation.row
    # A timer has no message of its own: the person's last one stands for it.
    message_id = conversation.heard_id or last_word(row.account_id, row.id)
    if message_id is not None:
        take_answers.queue(account_id=str(row.account_id), message_id=str(message_id), dialog_id=str(row.id))


@job(retry=RETRIES)
def take_answers(account_id: str, message_id: str, dialog_id: str) -> None:
    """Take the answers of a conversation up to a message into the record; a second time changes nothing."""
    account, message, dialog = UUID(account_id), UUID(message_id), UUID(dialog_id)
    enter_account(account)
    try:
        try:
            take_in(message, dialog)
            db.session.flush()
        except IntegrityError:
            # Somebody wrote the same phone by hand between our look and our word.
            db.session.rollback()
            enter_account(account)
            take_in(message, dialog)
            db.session.flush()
    except Exception as error:
        db.session.rollback()
        enter_account(account)
        note_failure(message, dialog, failure_location(error))
        # The failure is seen on the bot's page, whatever becomes of the next try.
        db.session.commit()
        raise


def take_in(message_id: UUID, dialog_id: UUID) -> None:
    """The work itself, within a transaction in which nobody else works on that chat's answers."""
    lock(f"chat {dialog_id}")
    message, dialog = db.session.get(BotMessage, message_id), db.session.get(BotDialogState, dialog_id)
    intake = intake_of(message_id)
    if message is None or dialog is None or message.dialog_id != dialog_id:
        return
    rule = db.session.scalar(select(BotIntakeRule).where(BotIntakeRule.bot_id == dialog.bot_id, BotIntakeRule.is_on))
    if rule is None or (intake is not None and intake.outcome is not Outcome.FAILED):
        return
    answers = IntakeAnswers.of(rule, dialog, message, called(dialog.person, dialog.platform_chat_id))
    intake = intake or StaffIntake(bot_id=dialog.bot_id, dialog_id=dialog_id, trigger_message_id=message_id)
    intake.outcome, intake.details = Outcome.UNCHANGED, {"told": answers.as_json()}
    db.session.add(intake)
    db.session.flush()
    if is_overtaken(message):
        return
    writer = RecordWriter(intake, dialog, answers)
    match = find_match(dialog, writer.values)
    settle_identity(dialog, intake)
    # Hiring and papers have lines of their own in the log.
    with acting(ActingBot(dialog.bot.name)):
        if match.member is not None and match.is_doubtful:
            hold_for_answer(intake, writer, match.member, match.by)
        else:
            writer.write(match.member)


def intake_of(message_id: UUID) -> StaffIntake | None:
    """What came of the trigger that a message pulled."""
    return db.session.scalar(select(StaffIntake).where(StaffIntake.trigger_message_id == message_id))


def is_overtaken(message: BotMessage) -> bool:
    """Whether a later confirmation of the chat is in the record: what failed before it is told anew by then."""
    later = (
        select(StaffIntake.id)
        .join(BotMessage, BotMessage.id == StaffIntake.trigger_message_id)
        .where(
            StaffIntake.dialog_id == message.dialog_id,
            StaffIntake.outcome != Outcome.FAILED,
            BotMessage.seq > message.seq,
        )
    )
    return db.session.scalar(later.limit(1)) is not None


def note_failure(message_id: UUID, dialog_id: UUID, told: str) -> None:
    """Show that the answers are not in the record; what failed stands for those who run the portal, without values."""
    lock(f"chat {dialog_id}")
    dialog = db.session.get(BotDialogState, dialog_id)
    if dialog is None or db.session.get(BotMessage, message_id) is None:
        return
    intake = intake_of(message_id) or StaffIntake(
        bot_id=dialog.bot_id, dialog_id=dialog_id, trigger_message_id=message_id, outcome=Outcome.FAILED
    )
    if intake.outcome is Outcome.FAILED:
        intake.details = {"failure": told}
        db.session.add(intake)
    log.warning("intake of message %s: %s", message_id, told)
