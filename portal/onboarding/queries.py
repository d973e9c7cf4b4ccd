"""Reading a person's checklist: the latest engagement, and its steps with whoever or whatever completed them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.audit.models import Action, AuditEvent
from portal.messaging.messages import BotMessage
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.models import OnboardingStep
from portal.staff.papers.models import DocumentType
from portal.tenancy.reading import RowQuery, id_named
from portal.users.models import User

s, o = OnboardingStep.__table__.c, StaffOnboarding.__table__.c
e = AuditEvent.__table__.c
u, b, k = User.__table__.c, BotMessage.__table__.c, DocumentType.__table__.c
# How long a page tells that another position has changed the steps.
SHOWN_FOR = timedelta(days=7)

_CHANGE = (
    select(func.json_build_object("after", e.after, "at", e.at))
    .where(
        e.account_id == o.account_id,
        e.entity_id == o.staff_member_id,
        e.action == Action.CHECKLIST_CHANGED,
        e.at >= o.created_at,
        e.at > func.timezone("utc", func.statement_timestamp()) - SHOWN_FOR,
    )
    .order_by(e.at.desc())
    .limit(1)
    .correlate(StaffOnboarding.__table__)
    .scalar_subquery()
    .label("change")
)
_LATEST = RowQuery(
    StaffOnboarding,
    (
        o.id, o.restaurant_id, o.status, o.hired_on, o.first_shift_at, o.start_date, o.ended_on, o.end_reason,
        o.completed_at, o.spell, o.steps_done, o.steps_needed, _CHANGE,
    ),
    lambda query: query.where(o.staff_member_id == id_named("member_id")).order_by(o.spell.desc()).limit(1),
)  # fmt: skip
_STEPS = RowQuery(
    OnboardingStep,
    (
        s.id, s.code, s.name, s.description, s.status, s.completion_date, s.notes, s.due_date, s.due_is_by_hand,
        s.anchor, s.who, s.required, s.document_type_id, s.completed_by, s.completed_at, s.completed_by_id,
        k.name.label("kind_name"), func.coalesce(func.nullif(u.full_name, ""), u.email).label("by"),
        b.bot_id, b.dialog_id, b.seq,
    ),
    lambda query: (
        query.outerjoin(DocumentType.__table__, (k.account_id == s.account_id) & (k.id == s.document_type_id))
        .outerjoin(User.__table__, (u.account_id == s.account_id) & (u.id == s.completed_by_id))
        .outerjoin(BotMessage.__table__, (b.account_id == s.account_id) & (b.id == s.completed_from_message_id))
        .where(s.staff_onboarding_id == id_named("engagement_id"))
        .order_by(s.ordinal, s.id)
    ),
)  # fmt: skip


def latest_of(member_id: UUID) -> Any:
    """The engagement that a person's page shows, or ``None``."""
    return _LATEST.first(member_id=member_id)


def step_rows(engagement_id: UUID) -> list[Any]:
    """The steps of a checklist in their order, with the kind of paper, who completed each, and by which message."""
    return _STEPS.all(engagement_id=engagement_id)
