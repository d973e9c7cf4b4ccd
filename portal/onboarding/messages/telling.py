"""Asking that somebody be told something through the bot."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import aliased

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.db.types import utc_now
from portal.messaging.events import MessageState
from portal.messaging.messages import BotMessage
from portal.onboarding.messages.delivering import JOINED_WITHIN, UNSENT
from portal.onboarding.messages.jobs import queue_delivery
from portal.onboarding.messages.models import MessageKind, MessageStanding, StaffMessage
from portal.onboarding.messages.queries import earliest_due
from portal.onboarding.messages.quiet import after_quiet
from portal.staff.models import StaffMember
from portal.users.chain import zone_of


def tell(
    member: StaffMember,
    kind: MessageKind,
    text: str,
    *,
    step_id: UUID | None = None,
    at: datetime | None = None,
    first_shift_at: datetime | None = None,
) -> StaffMessage:
    """Let the bot tell a person something soon, or from ``at`` on; never in the quiet hours of the restaurant.

    What tells of a first shift is dropped once it is another.
    """
    message = note(member, kind, text, step_id=step_id, at=at)
    message.first_shift_at = first_shift_at
    queue_noted(member)
    return message


def note(
    member: StaffMember,
    kind: MessageKind,
    text: str,
    *,
    step_id: UUID | None = None,
    at: datetime | None = None,
    occasion: str | None = None,
) -> StaffMessage:
    """The same for whoever notes several and queues them once; a step is told of each ``occasion`` once."""
    due_at = after_quiet(at or utc_now() + JOINED_WITHIN, zone_of_person(member))
    message = StaffMessage(staff_member_id=member.id, onboarding_step_id=step_id, kind=kind, text=text, due_at=due_at)
    message.occasion = occasion
    # Of several in one transaction the order counts, too.
    message.created_at = utc_now()
    db.session.add(message)
    return message


def queue_noted(member: StaffMember) -> None:
    """Have the worker look when the first of what was noted is due."""
    db.session.flush()
    queue_delivery(member.account_id, member.id, earliest_due(member.account_id, member.id))


def write_to(member: StaffMember, text: str) -> StaffMessage:
    """Somebody writes to a person through the bot; the log keeps that they did, not what."""
    record(Action.WRITTEN_TO, member)
    return tell(member, MessageKind.WRITTEN, text)


def drop_waiting(member: StaffMember, *, step_id: UUID | None = None) -> None:
    """What has not gone out yet is true no more: all of it, or what was to be told of one step."""
    is_theirs = StaffMessage.staff_member_id == member.id
    query = update(StaffMessage).where(is_theirs, StaffMessage.state.in_(UNSENT))
    if step_id is not None:
        query = query.where(StaffMessage.onboarding_step_id == step_id)
    db.session.execute(query.values(state=MessageStanding.DROPPED, reason=None))
    if step_id is None:
        _cancel_queued(is_theirs)


def _cancel_queued(is_theirs: ColumnElement[bool]) -> None:
    """What is on its way and not sent yet: each text with all its parts, of which the last one is known."""
    last = aliased(BotMessage)
    queued = select(StaffMessage.message_id).where(is_theirs, StaffMessage.state == MessageStanding.QUEUED)
    is_part = exists().where(last.id.in_(queued), last.dialog_id == BotMessage.dialog_id, last.seq >= BotMessage.seq)
    is_aside = (BotMessage.author == "bot") & BotMessage.turn.is_(None) & BotMessage.content["notice"].as_boolean()
    still = update(BotMessage).where(is_part, is_aside, BotMessage.state == MessageState.QUEUED.value)
    db.session.execute(still.values(state=MessageState.CANCELLED.value))


def zone_of_person(member: StaffMember) -> str | None:
    """The zone of the person's restaurant, else the chain's."""
    return zone_of(member.restaurant_id)
