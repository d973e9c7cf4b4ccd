"""Which papers prove a step: those that were accepted and are valid on a day."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from portal.db.base import db
from portal.staff.papers.models import PaperState, StaffDocument


def kinds_on(day: date, member_id: UUID) -> frozenset[UUID]:
    """The kinds of papers of a person that are accepted and valid on a day; the last valid day is one of them."""
    is_valid = or_(StaffDocument.expires_on.is_(None), StaffDocument.expires_on >= day)
    query = select(StaffDocument.document_type_id).where(
        StaffDocument.staff_member_id == member_id, StaffDocument.state == PaperState.ACCEPTED, is_valid
    )
    return frozenset(db.session.scalars(query))


def paper_on(day: date, member_id: UUID, kind_id: UUID) -> bool:
    """Whether the person has a paper of that kind that is accepted and valid on a day."""
    return kind_id in kinds_on(day, member_id)
