"""What is told of a person, by a hand or a file: each value with its source, and one line in the log for all."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import acting_id, loggable_of, record
from portal.db.base import db
from portal.staff.models import Source, StaffField, StaffMember
from portal.staff.provenance import FIELDS, Taken, Told, current_values, take

# What a field is called by the row's own column.
FIELD_OF = {attribute: field for field, attribute in FIELDS.items() if attribute}

_followers: list[Callable[[StaffMember, Collection[str]], object]] = []


def follow_changes(act: Callable[[StaffMember, Collection[str]], object]) -> None:
    """What else is done when columns of a person were changed: rooms above this one say it."""
    if act not in _followers:
        _followers.append(act)


def add_member(values: Mapping[str, Any], source: Source) -> StaffMember:
    """A new person; ``values`` by column."""
    member = StaffMember(**values)
    member.open()
    take_each(member, told_by(values, source), {})
    return member


def change_member(member: StaffMember, values: Mapping[str, Any], source: Source) -> bool:
    """Let the values win that differ; whether any did. A value that a hand has set stands, and another is an offer."""
    changed = {key: value for key, value in values.items() if (getattr(member, key) or None) != (value or None)}
    before = {key: loggable_of(member, key, getattr(member, key)) for key in changed}
    taken = take_each(member, told_by(changed, source))
    new = [key for key in changed if taken[FIELD_OF[key]] is Taken.NEW]
    if new:
        after = {key: loggable_of(member, key, getattr(member, key)) for key in new}
        record(Action.EDITED, member, before={key: before[key] for key in new}, after=after)
        for act in _followers:
            act(member, new)
    return bool(new)


def take_each(
    member: StaffMember, told: Iterable[Told], current: dict[str, StaffField] | None = None
) -> dict[str, Taken]:
    """What became of each told value, by field; ``current`` where it is known what stands."""
    current = current_values(member) if current is None else current
    return {each.field: take(member, each, current) for each in told}


def told_by(values: Mapping[str, Any], source: Source) -> list[Told]:
    """Values by column, as told by whoever acts now; columns whose source is not kept are left out."""
    user_id = acting_id()
    return [Told(FIELD_OF[key], value, source, user_id=user_id) for key, value in values.items() if key in FIELD_OF]


def untell(member: StaffMember, former: Mapping[str, Any]) -> None:
    """Take back what a file told: each column has its former value again, and that its former source."""
    before = {key: loggable_of(member, key, getattr(member, key)) for key in former}
    for key, value in former.items():
        retract(member, FIELD_OF[key])
        setattr(member, key, value)
    if former:
        after = {key: loggable_of(member, key, value) for key, value in former.items()}
        record(Action.EDITED, member, before=before, after=after)
    for act in _followers:
        act(member, former)


def retract(member: StaffMember, field: str) -> None:
    """Forget what a file told of a field; what was told before it stands again."""
    told = _told_of(member, field)
    if told and told[0].is_current and told[0].source is Source.IMPORT:
        db.session.delete(told.pop(0))
        db.session.flush()
        if told:
            told[0].is_current = True


def _told_of(member: StaffMember, field: str) -> list[StaffField]:
    """What was told of a field and taken, the latest first."""
    query = select(StaffField).where(
        StaffField.staff_member_id == member.id, StaffField.field == field, StaffField.held.is_(False)
    )
    return list(db.session.scalars(query.order_by(StaffField.is_current.desc(), StaffField.created_at.desc())))
