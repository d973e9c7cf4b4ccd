"""Who looks at papers: their files are for those alone who may see private things of the person, wherever they stand.

Each look at a health paper leaves a line in the log: who, when, and not what they saw.
"""

from uuid import UUID

from flask import abort

from portal.access.guards import Refusal, refuse
from portal.access.permissions import Permission
from portal.access.viewer import current_viewer, may
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.staff.papers.models import StaffDocument
from portal.staff.papers.queries import papers_of_file, was_looked_at
from portal.web.proofs import is_review


def note_look(document: StaffDocument) -> None:
    """Somebody opens a health paper, its page or its file; once for both."""
    viewer = current_viewer()
    if not document.kind.is_health or viewer is None or is_review() or was_looked_at(document.id, viewer.email):
        return
    record(Action.PAPER_OPENED, document)


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
