"""Who looks at papers: their files are for those alone who may see private things of the person, wherever they stand.

Each look at a health paper leaves a line in the log: who, when, and not what they saw.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import abort

from portal.access.guards import Refusal, refuse
from portal.access.permissions import Permission
from portal.access.viewer import current_viewer, may
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.db.types import utc_now
from portal.staff.papers.models import StaffDocument
from portal.staff.papers.queries import looks_at, papers_of_file
from portal.web.proofs import is_review

# Looks of one person at one paper within so long are one look.
ONE_LOOK = timedelta(minutes=5)


def note_look(document: StaffDocument) -> Sequence[Any]:
    """Somebody opens a health paper, its page or its file: once for both. Who looked before, the latest first."""
    viewer = current_viewer()
    if not document.kind.is_health or viewer is None:
        return []
    looks = looks_at(document.id)
    latest = next((look.at for look in looks if look.actor_email == viewer.email), None)
    if not is_review() and (latest is None or latest < utc_now() - ONE_LOOK):
        record(Action.PAPER_OPENED, document)
    return looks


def guard_file(file_id: UUID) -> None:
    """A file of a bot may be a paper: then it is for those who may see the paper, and a look is noted.

    404 for those who do not work in the person's restaurant, 403 for those who see nothing private.
    """
    papers = papers_of_file(file_id)
    if not papers:
        return
    if not may(Permission.STAFF_PRIVATE):
        refuse(403, Refusal.PAGE)
    seen = [document for each in papers if (document := db.session.get(StaffDocument, each.id)) is not None]
    if not seen:
        abort(404)
    for document in seen:
        note_look(document)
