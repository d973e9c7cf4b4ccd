"""The lists of templates of checklists, and of days off."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from portal.onboarding.days_off import DayOff
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.web.listing import Column, Sort, record_list

t, s = OnboardingTemplate.__table__.c, OnboardingTemplateStep.__table__.c

_STEPS = (
    select(func.count())
    .select_from(OnboardingTemplateStep.__table__)
    .where(s.account_id == t.account_id, s.template_id == t.id)
    .correlate(OnboardingTemplate.__table__)
    .scalar_subquery()
)
CHECKLISTS = record_list(
    "checklists",
    OnboardingTemplate,
    [
        "name",
        Column("position_id", absent=_l("Every position"), priority=1),
        Column("restaurant_id", absent=_l("Every restaurant"), priority=1),
        Column("steps", _l("Steps"), source=_STEPS, number=True),
        "is_active",
        "updated_at",
    ],
    search_label=_l("Search by name"),
    empty_text=_l("What a new person lacks before the first shift: the steps, whose they are, and until when."),
    icon="check",
)
DAYS_OFF = record_list(
    "days_off",
    DayOff,
    ["day", "name"],
    sorts=[Sort("day", _l("Day"), DayOff.__table__.c.day, parse=date.fromisoformat)],
    search_label=_l("Search by name"),
    empty_text=_l("Steps that are counted in working days leave out Saturdays, Sundays and the days of this list."),
    icon="clock",
)
