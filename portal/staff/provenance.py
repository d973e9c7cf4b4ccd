"""Where each value of a person came from, and who wins where two differ: a hand's edit beats the chat.

``FIELDS`` are the fields whose source is kept. ``restaurant`` and ``position`` are kept as ids; ``first_shift_at`` is a
moment (ISO) that stands in the engagement and not in the person's row, as the checklist's room writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.staff.models import Source, StaffField, StaffMember

# The attribute of the person's row; ``None`` where another room keeps the value.
FIELDS: dict[str, str | None] = {
    "name": "name",
    "phone": "phone",
    "email": "email",
    "birthday": "birthday",
    "citizenship": "citizenship",
    "uniform_size": "uniform_size",
    "emergency_contact": "emergency_contact",
    "position": "position_id",
    "restaurant": "restaurant_id",
    "first_shift_at": None,
}


class Taken(Enum):
    """What became of a value that was told."""

    NEW = "new"
    SAME = "same"
    # A hand's value stands: this one waits for somebody's word.
    HELD = "held"


@dataclass(frozen=True)
class Told:
    """One value with whoever told it; ``messages`` are those of its parts, in their order."""

    field: str
    value: Any
    source: Source
    messages: Sequence[UUID] = ()
    user_id: UUID | None = None

    @property
    def text(self) -> str | None:
        """The value as it is kept; nothing for nothing."""
        if self.value is None or self.value == "":
            return None
        return self.value.isoformat() if isinstance(self.value, (date, datetime)) else str(self.value)


def current_values(member: StaffMember) -> dict[str, StaffField]:
    """The current value of each field whose source is known."""
    query = select(StaffField).where(StaffField.staff_member_id == member.id, StaffField.is_current)
    return {each.field: each for each in db.session.scalars(query)}


def offers_of(member: StaffMember) -> Sequence[StaffField]:
    """What was offered and not taken yet, the oldest first."""
    query = select(StaffField).where(StaffField.staff_member_id == member.id, StaffField.held)
    return db.session.scalars(query.order_by(StaffField.created_at, StaffField.id)).all()


def take(member: StaffMember, told: Told, current: dict[str, StaffField]) -> Taken:
    """Let a told value win, or keep it as an offer where a hand's value stands; ``current`` follows.

    Sets the attribute of the person's row, where the field has one. Leaves no line in the log: whoever takes several
    values writes one for all of them.
    """
    standing = current.get(told.field)
    known = standing.value if standing else Told(told.field, _of_row(member, told.field), told.source).text
    if known == told.text:
        if standing is None and known is not None:
            current[told.field] = _keep(member, told, is_current=True)
        return _put(member, told)
    if standing is not None and standing.source is Source.HAND and told.source is not Source.HAND:
        return offer(member, told, standing)
    end_current(current, told.field)
    current[told.field] = _keep(member, told, is_current=True)
    _put(member, told)
    return Taken.NEW


def end_current(current: dict[str, StaffField], field: str) -> None:
    """What stood of a field is history from now on."""
    if (standing := current.pop(field, None)) is not None:
        standing.is_current = False
        # One is current: the database looks at each row by itself.
        db.session.flush()


def _put(member: StaffMember, told: Told) -> Taken:
    """The person's row has the value, where the field has a column; whether it had another."""
    attribute = FIELDS[told.field]
    if attribute is None or Told(told.field, getattr(member, attribute), told.source).text == told.text:
        return Taken.SAME
    setattr(member, attribute, told.value or ("" if attribute == "name" else None))
    return Taken.NEW


def _of_row(member: StaffMember, field: str) -> Any:
    attribute = FIELDS[field]
    return getattr(member, attribute) if attribute else None


def offer(member: StaffMember, told: Told, standing: StaffField | None) -> Taken:
    """Keep it for somebody's word, once however often it is told; what was declined since is not asked again."""
    since = [StaffField.created_at > standing.created_at] if standing is not None else []
    former = select(StaffField).where(
        StaffField.staff_member_id == member.id, StaffField.field == told.field, ~StaffField.is_current, *since
    )
    offered = db.session.scalars(former).all()
    if any(each.value == told.text for each in offered):
        return Taken.SAME
    for each in offered:
        each.held = False
    _keep(member, told, held=True)
    return Taken.HELD


def _keep(member: StaffMember, told: Told, **standing: bool) -> StaffField:
    first, *more = told.messages or (None,)
    kept = StaffField(
        staff_member_id=member.id,
        field=told.field,
        value=told.text,
        source=told.source,
        message_id=first,
        more_message_ids=more,
        user_id=told.user_id,
        **standing,
    )
    db.session.add(kept)
    return kept
