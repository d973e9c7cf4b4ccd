"""Which template a person gets: of position and restaurant, of the position, of the restaurant, else the chain's."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal.db.base import db
from portal.onboarding.seeds import seed_default_template
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.models import StaffMember

# What answers and people call the citizenship of this country.
NATIVE = frozenset({"rf", "ru", "rus", "russia", "russian federation", "россия", "рф", "российская федерация"})


def template_for(member: StaffMember) -> OnboardingTemplate:
    """The template that fits best; a chain without a default one gets it now."""
    t = OnboardingTemplate
    query = select(t).where(
        t.is_active,
        or_(t.position_id.is_(None), t.position_id == member.position_id),
        or_(t.restaurant_id.is_(None), t.restaurant_id == member.restaurant_id),
    )
    best = query.order_by(t.position_id.is_(None), t.restaurant_id.is_(None)).limit(1)
    return db.session.scalar(best) or seed_default_template()


def steps_for(template: OnboardingTemplate, member: StaffMember) -> Sequence[OnboardingTemplateStep]:
    """The template's steps that this person gets."""
    is_foreigner = is_foreign(member.citizenship)
    return [step for step in template.steps if is_foreigner or not step.for_foreigners]


def is_foreign(citizenship: str | None) -> bool:
    """Whether somebody's citizenship is known to be another than Russia's."""
    told = (citizenship or "").strip().casefold()
    return bool(told) and told not in NATIVE
