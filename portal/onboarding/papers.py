"""Papers that were found right, and the steps of the checklist that needed them."""

from datetime import date

from sqlalchemy import select

from portal.db.base import db
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.kinds import OPEN_STEPS, OnboardingStatus
from portal.onboarding.models import OnboardingStep
from portal.onboarding.proof import paper_on
from portal.staff.models import StaffMember
from portal.staff.papers.models import DocumentType, StaffDocument
from portal.staff.papers.validity import today_of
from portal.staff.papers.verbs import accept, accept_original


def accept_paper(
    document: StaffDocument, issued_on: date | None, expires_on: date | None, number_tail: str | None
) -> list[OnboardingStep]:
    """Accept it, and complete the steps that needed such a paper, where it is valid today; those steps."""
    accept(document, issued_on, expires_on, number_tail)
    return complete_steps(document)


def accept_seen_original(
    member: StaffMember,
    kind: DocumentType,
    number_tail: str | None,
    expires_on: date | None,
    issued_on: date | None = None,
) -> StaffDocument:
    """The same of a paper that somebody has seen in the original."""
    document = accept_original(member, kind, number_tail, expires_on, issued_on)
    complete_steps(document)
    return document


def complete_steps(document: StaffDocument) -> list[OnboardingStep]:
    """Complete the open steps of the running checklist that need a paper of that kind, where one is valid today."""
    db.session.flush()
    member = db.session.get_one(StaffMember, document.staff_member_id)
    if not paper_on(today_of(member), member.id, document.document_type_id):
        return []
    steps = (
        select(OnboardingStep)
        .join(StaffOnboarding, StaffOnboarding.id == OnboardingStep.staff_onboarding_id)
        .where(
            StaffOnboarding.staff_member_id == member.id,
            StaffOnboarding.status == OnboardingStatus.IN_PROGRESS,
            OnboardingStep.document_type_id == document.document_type_id,
            OnboardingStep.status.in_(OPEN_STEPS),
        )
        .order_by(OnboardingStep.ordinal, OnboardingStep.id)
    )
    return [step for step in db.session.scalars(steps).all() if step.complete()]
