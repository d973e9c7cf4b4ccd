"""A template on its page: its steps with the days on which they would be due, and the checklists that run."""

from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.db.base import db
from portal.db.types import utc_now
from portal.onboarding.bringing_along import RunningChecklists
from portal.onboarding.days import Calendar
from portal.onboarding.kinds import Anchor
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.papers.models import DocumentType
from portal.tenancy.finding import get_or_404
from portal.web.language import choose_locale, choose_zone
from portal.web.times import in_zone, parse_day, typed_day


class Preview:
    """When the steps would be due for somebody: the days are typed, else the first shift is in a week."""

    def __init__(self) -> None:
        today = in_zone(utc_now(), choose_zone()).date()
        self.first_shift = _Typed("first_shift", today + timedelta(days=7))
        self.hired = _Typed("hired", today)
        self.calendar = Calendar({Anchor.FIRST_SHIFT: self.first_shift.day, Anchor.HIRED: self.hired.day})

    def due_day(self, step: OnboardingTemplateStep) -> date | None:
        """The day on which a step would be due; nothing where what was typed is no day."""
        try:
            return self.calendar.due_day(step)
        except OverflowError:
            return None


class _Typed:
    """A day in the address, as it was typed and as it is read."""

    def __init__(self, name: str, usual: date) -> None:
        self.name, sent = name, request.args.get(name)
        self.text = typed_day(usual, choose_locale()) if sent is None else sent[:40]
        self.day: date | None = usual
        if sent is not None:
            try:
                self.day = parse_day(sent.strip())
            except ValueError:
                self.day = None


class TemplatePage:
    """What the page of a template asks."""

    def __init__(self, template: OnboardingTemplate) -> None:
        self.template, self.preview = template, Preview()
        self.running = RunningChecklists(template)

    @classmethod
    def of(cls, template_id: UUID) -> "TemplatePage":
        """The page of a template, read with what it is for; 404 where there is none."""
        whole = (joinedload(OnboardingTemplate.position), joinedload(OnboardingTemplate.restaurant))
        return cls(get_or_404(OnboardingTemplate, template_id, *whole))

    @cached_property
    def steps(self) -> list[tuple[OnboardingTemplateStep, date | None, str | None]]:
        """Each step, when it would be due, and the kind of paper that it needs."""
        step = OnboardingTemplateStep
        query = (
            select(step, DocumentType.name)
            .outerjoin(DocumentType, DocumentType.id == step.document_type_id)
            .where(step.template_id == self.template.id)
            .order_by(step.position, step.id)
        )
        return [(each, self.preview.due_day(each), paper) for each, paper in db.session.execute(query)]
