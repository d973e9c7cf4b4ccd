"""What is the staff's and was kept long enough: conversations that came to nothing, and people who are gone."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import lazyload

from portal.channels.models import BotPlatformCredential
from portal.conversations.models import BotDialogState
from portal.db.base import SCHEMA, db
from portal.db.types import utc_now
from portal.messaging.chat_aliases import ChatAlias
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.notices.models import Notice
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.intake.models import BotIntakeRule, QuestionKind, StaffIntake, StaffQuestion
from portal.privacy.employee import Employee, ErasureReason
from portal.privacy.guest import lock_of_chat
from portal.privacy.imported import forget_imported
from portal.privacy.models import RetentionPolicy, months_ago
from portal.staff.models import StaffChat, StaffMember, StaffStatus

# Each is several statements: so many a turn.
MAX_CONVERSATIONS, MAX_PEOPLE = 100, 20
ON_ITS_WAY = ("queued", "sending", "uncertain")


def remove_unconfirmed(policy: RetentionPolicy) -> int:
    """Conversations with bots that fill the record in which nobody ever confirmed anything."""
    d = BotDialogState
    query = (
        select(d)
        .where(
            d.bot_id.in_(select(BotIntakeRule.bot_id).where(BotIntakeRule.is_on)),
            d.last_interaction_at < utc_now() - timedelta(days=policy.unconfirmed_days),
            d.state != "taken_over",
            ~exists().where(StaffChat.account_id == d.account_id, StaffChat.dialog_id == d.id),
            ~exists().where(StaffIntake.account_id == d.account_id, StaffIntake.dialog_id == d.id),
            ~exists().where(
                BotMessage.account_id == d.account_id, BotMessage.dialog_id == d.id, BotMessage.state.in_(ON_ITS_WAY)
            ),
            ~exists().where(
                InboundUpdate.account_id == d.account_id,
                InboundUpdate.bot_id == d.bot_id,
                InboundUpdate.chat_id == d.platform_chat_id,
                InboundUpdate.state == "pending",
            ),
        )
        .order_by(d.last_interaction_at)
        .limit(MAX_CONVERSATIONS)
    )
    held = query.options(lazyload(d.bot)).with_for_update(of=d, skip_locked=True)
    conversations = [each for each in db.session.scalars(held).all() if _is_free(each)]
    for conversation in conversations:
        _remove(conversation)
    return len(conversations)


def erase_former(policy: RetentionPolicy) -> int:
    """People who left long enough ago, and those who were never hired after that was decided."""
    was_hired = exists().where(
        StaffOnboarding.account_id == StaffMember.account_id, StaffOnboarding.staff_member_id == StaffMember.id
    )
    # Whose chat somebody else's may be is decided first.
    is_asked = exists().where(
        StaffQuestion.account_id == StaffMember.account_id,
        StaffQuestion.staff_member_id == StaffMember.id,
        StaffQuestion.kind == QuestionKind.IDENTITY,
        StaffQuestion.answered_at.is_(None),
    )
    left, refused = months_ago(policy.left_months), utc_now() - timedelta(days=policy.candidate_days)
    query = (
        select(StaffMember)
        .where(
            StaffMember.status == StaffStatus.LEFT,
            StaffMember.erased_at.is_(None),
            or_(StaffMember.left_on < left.date(), and_(~was_hired, StaffMember.left_on < refused.date())),
            ~is_asked,
        )
        .order_by(StaffMember.left_on, StaffMember.id)
        .limit(MAX_PEOPLE)
    )
    people = db.session.scalars(query.with_for_update(of=StaffMember, skip_locked=True)).all()
    imports = forget_imported(people) if people else []
    for member in people:
        Employee(member).erase(ErasureReason.TERM, imports)
    return len(people)


def _is_free(conversation: BotDialogState) -> bool:
    """Take the chat as workers do; whether none of them has it."""
    locks = [
        lock_of_chat(credential_id, conversation.platform_chat_id)
        for credential_id in db.session.scalars(_credentials(conversation))
    ]
    return all(db.session.scalar(select(func.pg_try_advisory_xact_lock(lock))) for lock in locks)


def _credentials(conversation: BotDialogState) -> Select[UUID]:
    return select(BotPlatformCredential.id).where(
        BotPlatformCredential.bot_id == conversation.bot_id, BotPlatformCredential.platform == conversation.platform
    )


def _remove(conversation: BotDialogState) -> None:
    """One conversation with what was delivered of it; those with other bots are not this term's."""
    own = conversation.bot_id, conversation.platform, conversation.platform_chat_id
    # What comes meanwhile begins a conversation anew.
    delivered = InboundUpdate.credential_id.in_(_credentials(conversation)), InboundUpdate.state != "pending"
    db.session.execute(select(getattr(func, SCHEMA).erase_from_log([conversation.id], own[2])))
    for statement in (
        delete(InboundUpdate).where(InboundUpdate.chat_id == own[2], *delivered),
        delete(ChatAlias).where(ChatAlias.bot_id == own[0], ChatAlias.platform == own[1], ChatAlias.chat_id == own[2]),
        delete(Notice).where(Notice.entity_id == conversation.id),
        delete(BotMessage).where(BotMessage.dialog_id == conversation.id),
        delete(BotDialogState).where(BotDialogState.id == conversation.id),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expunge(conversation)
