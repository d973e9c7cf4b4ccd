"""Removing what was kept long enough: some rows at a time, the accounts in turns, so that nobody waits for it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Select, delete, exists, func, literal, or_, select, update

from portal.accounts.models import SuperuserVisit
from portal.audit.models import Action, AuditEvent
from portal.audit.recording import record
from portal.channels.events import BotPlatformEvent
from portal.conversations.models import BotDialogState
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.types import utc_now
from portal.jobs.rounds import in_turns
from portal.messaging.chat_aliases import ChatAlias
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.privacy.models import RetentionPolicy, months_ago
from portal.privacy.staff_expiry import ON_ITS_WAY, erase_former, remove_unconfirmed
from portal.staff.papers.retention import forget_photos
from portal.tenancy.scope import account_scope
from portal.users.invitations import Invitation

BATCH = 500
UNDELIVERED_KEPT = timedelta(days=90)
INVITATION_MONTHS, EVENT_MONTHS, VISIT_MONTHS = 12, 12, 36

Removal = Callable[[RetentionPolicy], int]


def expire_in_turns(account_ids: Sequence[UUID]) -> Counter[str]:
    """Remove what is over, a batch of each account after a batch of the others; gives how much of each kind."""
    removed = {account_id: Counter[str]() for account_id in account_ids}
    for account_id, batch in in_turns(account_ids, expire_batch, bool):
        removed[account_id] += batch
    for account_id in filter(removed.__getitem__, account_ids):
        with account_scope(account_id):
            tell_of(removed[account_id])
        db.session.commit()
    return sum(removed.values(), Counter())


def expire_batch() -> Counter[str]:
    """Some of what is over in the account in scope, by kind; empty where nothing is left."""
    policy = RetentionPolicy.current()
    return +Counter({kind: removal(policy) for kind, removal in REMOVALS.items()})


def tell_of(counts: Counter[str]) -> None:
    """A line in the account's log on what its own decision removed."""
    told = {kind: counts[kind] for kind in CHOSEN if counts[kind]}
    if told:
        record(Action.EXPIRED, RetentionPolicy.current(), after=told)


def remove_messages(policy: RetentionPolicy) -> int:
    """Messages of guests and the bot's own; what is still on its way is left for another night."""
    if policy.conversation_months is None:
        return 0
    is_over = BotMessage.created_at < months_ago(policy.conversation_months)
    return _remove(BotMessage, is_over, BotMessage.state.not_in(ON_ITS_WAY), order=BotMessage.created_at)


def remove_conversations(policy: RetentionPolicy) -> int:
    """Conversations in which nothing happened since, with their answers, once their messages are gone."""
    if policy.conversation_months is None:
        return 0
    return _remove(
        BotDialogState,
        BotDialogState.last_interaction_at < months_ago(policy.conversation_months),
        ~exists().where(BotMessage.dialog_id == BotDialogState.id, BotMessage.account_id == BotDialogState.account_id),
        order=BotDialogState.last_interaction_at,
    )


def remove_aliases(policy: RetentionPolicy) -> int:
    """Other ids of people whose conversation is gone."""
    if policy.conversation_months is None:
        return 0
    in_use = exists().where(
        BotDialogState.account_id == ChatAlias.account_id,
        BotDialogState.bot_id == ChatAlias.bot_id,
        BotDialogState.platform == ChatAlias.platform,
        BotDialogState.platform_chat_id == ChatAlias.chat_id,
    )
    is_over = ChatAlias.created_at < months_ago(policy.conversation_months)
    return _remove(ChatAlias, is_over, ~in_use, order=ChatAlias.id)


def remove_files(policy: RetentionPolicy) -> int:
    """Files that guests sent: the message stays and says so, the content goes with all that nothing names."""
    if policy.file_months is None:
        return 0
    is_over = BotMessage.created_at < months_ago(policy.file_months)
    old = _some(BotMessage, BotMessage.direction == "in", BotMessage.file_id.is_not(None), is_over)
    emptied = update(BotMessage).where(BotMessage.id.in_(old.scalar_subquery()))
    return _count(emptied.values(file_id=None, file_state="removed"))


def remove_photos(policy: RetentionPolicy) -> int:
    """Photos of papers that were checked long enough ago."""
    return forget_photos(BATCH, policy.paper_photo_days)


def remove_lines(policy: RetentionPolicy) -> int:
    """Lines of the audit log; the database refuses those of the last year, whatever the policy says."""
    if policy.log_months is None:
        return 0
    forget = getattr(func, SCHEMA).forget_log(literal(months_ago(policy.log_months), AuditEvent.at.type), BATCH)
    return int(db.session.scalar(select(forget)) or 0)


def remove_undelivered(_policy: RetentionPolicy) -> int:
    """What could not be handled, and nobody looked at for a season."""
    is_over = InboundUpdate.created_at < utc_now() - UNDELIVERED_KEPT
    return _remove(InboundUpdate, InboundUpdate.state == "dead", is_over, order=InboundUpdate.created_at)


def remove_events(_policy: RetentionPolicy) -> int:
    """What happened between bots and platforms."""
    return _remove(BotPlatformEvent, BotPlatformEvent.at < months_ago(EVENT_MONTHS), order=BotPlatformEvent.at)


def remove_invitations(_policy: RetentionPolicy) -> int:
    """Invitations that ended, in whatever way."""
    over = months_ago(INVITATION_MONTHS)
    return _remove(Invitation, or_(Invitation.expires_at < over, Invitation.revoked_at < over), order=Invitation.id)


def remove_visits(_policy: RetentionPolicy) -> int:
    """Support's visits that ended; the log tells of them for as long as it is kept."""
    return _remove(SuperuserVisit, SuperuserVisit.ended_at < months_ago(VISIT_MONTHS), order=SuperuserVisit.started_at)


# In this order: a conversation goes after its messages.
REMOVALS: dict[str, Removal] = {
    "unconfirmed": remove_unconfirmed,
    "former_employees": erase_former,
    "messages": remove_messages,
    "conversations": remove_conversations,
    "aliases": remove_aliases,
    "files": remove_files,
    "photos": remove_photos,
    "lines": remove_lines,
    "undelivered": remove_undelivered,
    "events": remove_events,
    "invitations": remove_invitations,
    "visits": remove_visits,
}
CHOSEN = ("messages", "conversations", "files", "lines", "unconfirmed", "former_employees", "photos")


def _some(entity: type[TenantEntity], *conditions: ColumnElement[bool], order: Any = None) -> Select[Any]:
    """The keys of so many rows that nobody holds."""
    found = select(entity.id).where(*conditions).limit(BATCH).with_for_update(skip_locked=True, of=entity)
    return found if order is None else found.order_by(order)


def _remove(entity: type[TenantEntity], *conditions: ColumnElement[bool], order: Any) -> int:
    some = _some(entity, *conditions, order=order)
    return _count(delete(entity).where(entity.id.in_(some.scalar_subquery())))


def _count(statement: Any) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
