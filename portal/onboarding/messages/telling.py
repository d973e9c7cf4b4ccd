"""What people are to be told of their checklist, as rows that wait for their time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from portal.db.base import db
from portal.db.types import utc_now
from portal.onboarding.messages.models import MessageKind, MessageStanding, StaffMessage
from portal.staff.models import StaffMember


def tell(
    member: StaffMember, kind: MessageKind, text: str, *, step_id: UUID | None = None, at: datetime | None = None
) -> StaffMessage:
    """Have the person told something from that moment on."""
    message = StaffMessage(
        staff_member_id=member.id,
        restaurant_id=member.restaurant_id,
        onboarding_step_id=step_id,
        kind=kind,
        text=text,
        due_at=at or utc_now(),
    )
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
