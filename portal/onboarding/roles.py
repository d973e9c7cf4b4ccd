"""Whose steps somebody may tick: an owner all, a manager all but the owner's, a chef the chef's."""

from typing import Any

from portal.access.permissions import Permission, Role
from portal.access.viewer import current_viewer, may
from portal.onboarding.kinds import CompletedBy, StepStatus, Who
from portal.staff.models import StaffMember
from portal.staff.papers.verbs import is_own


def may_tick(step: Any, member: StaffMember) -> bool:
    """Whether whoever is signed in may tick that step (a row or an object) of that person.

    Nobody says of their own papers that they are right; what is not needed stays so for those who do not decide it.
    """
    viewer = current_viewer()
    if viewer is None or not may(Permission.STAFF_TICK):
        return False
    if step.status == StepStatus.NOT_NEEDED and not may(Permission.STAFF_EDIT):
        return False
    is_of_paper = step.document_type_id is not None or step.completed_by == CompletedBy.DOCUMENT
    if is_of_paper and is_own(member):
        return False
    if viewer.is_superuser or viewer.role == Role.OWNER:
        return True
    return step.who == Who.CHEF if viewer.role == Role.CHEF else step.who != Who.OWNER
