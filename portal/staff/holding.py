"""One lock for all that belongs to a person: two managers, a worker and a paper take their turns."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.staff.models import StaffMember

MOVED = _l("This person is not among yours any more, so nothing was saved.")


def hold_member(member_id: UUID) -> StaffMember:
    """The person as they are by now, whom nobody else changes until the commit; what was not saved yet of them, is.

    ``MoveRefused`` where the person is out of sight meanwhile: moved to a restaurant of somebody else's, or removed.
    """
    db.session.flush()
    query = select(StaffMember).where(StaffMember.id == member_id).with_for_update(key_share=True, of=StaffMember)
    member = db.session.scalar(query.execution_options(populate_existing=True))
    if member is None:
        raise MoveRefused(MOVED)
    return member
