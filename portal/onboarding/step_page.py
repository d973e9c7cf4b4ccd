"""One step on a page of its own, and what is said of one that somebody else has ticked."""

from uuid import UUID

from flask import abort, url_for
from flask_babel import gettext as _

from portal.db.base import db
from portal.onboarding.kinds import StepStatus
from portal.onboarding.models import OnboardingStep
from portal.staff.models import StaffMember
from portal.staff.papers.models import DocumentType
from portal.tenancy.finding import get_or_404
from portal.users.models import User
from portal.web.language import when


class StepPage:
    """What the pages of a step ask."""

    def __init__(self, step: OnboardingStep) -> None:
        self.step = step

    @property
    def member(self) -> StaffMember:
        """Whose step it is."""
        return self.step.engagement.member

    @property
    def member_url(self) -> str:
        """The person's page."""
        return url_for("account.staff.show", staff_member_id=self.member.id)

    def kind_or_404(self) -> DocumentType:
        """The kind of paper that it needs; 404 for a step that needs none."""
        kind_id: UUID | None = self.step.document_type_id
        return get_or_404(DocumentType, kind_id) if kind_id is not None else abort(404)

    @property
    def is_closed(self) -> bool:
        """Whether it stays as it is."""
        return self.step.engagement.is_closed(self.member)

    @property
    def is_done(self) -> bool:
        """Whether it is done."""
        return self.step.status == StepStatus.COMPLETED


def format_done(step: OnboardingStep) -> str:
    """That a step was ticked before, by whom and when."""
    by = db.session.get(User, step.completed_by_id) if step.completed_by_id else None
    told = {"name": step.name, "at": when(step.completed_at).striptags()}
    if by is None:
        return str(_("%(name)s is done already, since %(at)s.", **told))
    return str(_("%(who)s has done this already: %(name)s, %(at)s.", who=by.display_name, **told))
