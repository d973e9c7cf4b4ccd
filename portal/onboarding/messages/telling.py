"""Asking that somebody be told something through the bot."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from portal.db.base import db
from portal.db.types import utc_now
from portal.onboarding.chain import chain_zone
from portal.onboarding.messages.models import MessageKind, MessageStanding, StaffMessage
from portal.onboarding.messages.quiet import after_quiet
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffMember

# What happens within it is told in one message.
JOINED_WITHIN = timedelta(minutes=2)


def tell(
    member: StaffMember, kind: MessageKind, text: str, *, step_id: UUID | None = None, at: datetime | None = None
) -> StaffMessage:
    """Let the bot tell a person something soon, or from ``at`` on; never in the quiet hours of the restaurant."""
    due_at = after_quiet(at or utc_now() + JOINED_WITHIN, zone_of_person(member))
    message = StaffMessage(staff_member_id=member.id, onboarding_step_id=step_id, kind=kind, text=text, due_at=due_at)
    db.session.add(message)
    return message


def drop_waiting(member: StaffMember, *, step_id: UUID | None = None) -> None:
    """What has not gone out yet is true no more: all of it, or what was to be told of one step."""
    query = update(StaffMessage).where(
        StaffMessage.staff_member_id == member.id,
        StaffMessage.state.in_((MessageStanding.WAITING, MessageStanding.HELD)),
    )
    if step_id is not None:
        query = query.where(StaffMessage.onboarding_step_id == step_id)
    db.session.execute(query.values(state=MessageStanding.DROPPED))


def zone_of_person(member: StaffMember) -> str | None:
    """The zone of the person's restaurant, else the chain's."""
    query = select(Restaurant.timezone).where(Restaurant.id == member.restaurant_id)
    return (db.session.scalar(query) if member.restaurant_id else None) or chain_zone()
