"""Checklists that run and whose template was edited: what they would change, and bringing them along.

What is done stays done, and a step that somebody has touched stays. A few are brought along at once, many by the
worker, which goes on where it was ended: what is alike already is not found again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.jobs.queue import job
from portal.onboarding.copied_steps import COPIED, copy_step, exchange
from portal.onboarding.kinds import OPEN_STEPS, OnboardingStatus, StepStatus
from portal.onboarding.models import OnboardingStep, StaffOnboarding, put_due_days, steps_of
from portal.onboarding.template_choice import NATIVE, steps_for
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.models import StaffMember
from portal.tenancy.scope import enter_account

AT_ONCE, BATCH = 20, 20


@dataclass(frozen=True)
class StepChange:
    """What becomes of one step: in how many checklists it comes, is worded anew, goes, or stays though it should go."""

    name: str
    new: int = 0
    changed: int = 0
    gone: int = 0
    kept: int = 0


class RunningChecklists:
    """The checklists in progress that were made from a template."""

    def __init__(self, template: OnboardingTemplate) -> None:
        self.template = template

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return count_running([self.template.id])

    @cached_property
    def behind(self) -> int:
        """How many of them are not as the template is: looked at one by one, which costs."""
        return db.session.scalar(select(func.count()).where(*running_of(self.template.id), _is_behind())) or 0

    def changes(self) -> list[StepChange]:
        """What becomes of each step, in the template's order; those that go come last."""
        stands = {row.code: row for row in db.session.execute(self._standing())}
        missing = {row.code: row.checklists for row in db.session.execute(self._missing())}
        steps = self.template.steps
        told = [
            StepChange(
                step.name,
                new=missing.get(step.code, 0),
                changed=stands[step.code].changed if step.code in stands else 0,
            )
            for step in steps
        ]
        codes = {step.code for step in steps}
        told += [
            StepChange(row.name, gone=row.untouched, kept=row.kept) for row in stands.values() if row.code not in codes
        ]
        return [each for each in told if each.new or each.changed or each.gone or each.kept]

    def bring_along(self) -> bool:
        """Bring them along: a few now, many by the worker. Whether it is done already."""
        count = self.behind
        if not count:
            return True
        record(Action.CHECKLIST_CHANGED, self.template, after={"running": count})
        if count > AT_ONCE:
            bring_checklists_along.queue(account_id=str(self.template.account_id), template_id=str(self.template.id))
            return False
        for engagement in behind(self.template.id, AT_ONCE):
            bring_along(engagement, self.template)
        return True

    def _standing(self) -> Any:
        s = OnboardingStep
        is_open, is_untouched = s.status.in_(OPEN_STEPS), ~_is_touched(s)
        return (
            select(
                s.code,
                func.max(s.name).label("name"),
                func.count().filter(is_open, _differs(s, self.template.id)).label("changed"),
                func.count().filter(is_untouched).label("untouched"),
                func.count().filter(is_open, ~is_untouched).label("kept"),
            )
            .join(StaffOnboarding, StaffOnboarding.id == s.staff_onboarding_id)
            .where(*running_of(self.template.id))
            .group_by(s.code)
            .order_by(func.min(s.ordinal), s.code)
        )

    def _missing(self) -> Any:
        t = OnboardingTemplateStep
        return (
            select(t.code, func.count().label("checklists"))
            .join(StaffOnboarding, StaffOnboarding.template_id == t.template_id)
            .join(StaffMember, StaffMember.id == StaffOnboarding.staff_member_id)
            .where(*running_of(self.template.id), _is_missing(t))
            .group_by(t.code)
        )


def bring_along(engagement: StaffOnboarding, template: OnboardingTemplate) -> None:
    """Make a checklist what the template is now, except for what is done or touched."""
    member = engagement.hold()
    if engagement.status != OnboardingStatus.IN_PROGRESS or engagement.template_id != template.id:
        return
    wanted, present = steps_for(template, member), {step.code: step for step in steps_of(engagement)}
    change = exchange(engagement, present, wanted, set(present))
    for each in wanted:
        if each.code in present and present[each.code].status.is_open and present[each.code].is_touched:
            copy_step(each, present[each.code])
    db.session.flush()
    put_due_days(engagement, steps_of(engagement))
    change.log(member)
    engagement.settle()


@job(once_by=("template_id",))
def bring_checklists_along(account_id: str, template_id: str) -> None:
    """Bring all along that run, a batch a transaction."""
    enter_account(UUID(account_id))
    last = None
    while (template := db.session.get(OnboardingTemplate, UUID(template_id))) and (
        engagements := behind(template.id, BATCH, last)
    ):
        # Each once, whatever becomes of it: one that stayed behind must not hold up the others.
        last = engagements[-1].id
        for engagement in engagements:
            bring_along(engagement, template)
        db.session.commit()


def count_running(template_ids: Collection[UUID]) -> int:
    """How many checklists are in progress that were made from templates."""
    o = StaffOnboarding
    running = select(func.count()).where(o.template_id.in_(template_ids), o.status == OnboardingStatus.IN_PROGRESS)
    return db.session.scalar(running) or 0


def running_of(template_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """The checklists in progress that were made from a template."""
    o = StaffOnboarding
    return o.template_id == template_id, o.status == OnboardingStatus.IN_PROGRESS


def behind(template_id: UUID, limit: int, last: UUID | None = None) -> Sequence[StaffOnboarding]:
    """Some of those that are not as the template is, after the ``last`` one."""
    query = select(StaffOnboarding).where(*running_of(template_id), _is_behind())
    query = query if last is None else query.where(StaffOnboarding.id > last)
    return db.session.scalars(query.order_by(StaffOnboarding.id).limit(limit)).all()


def _is_behind() -> ColumnElement[bool]:
    """Whether bringing a checklist along would change anything of it."""
    o, s, t, m = StaffOnboarding, aliased(OnboardingStep), aliased(OnboardingTemplateStep), aliased(StaffMember)
    lacks = exists().where(
        t.template_id == o.template_id,
        m.id == o.staff_member_id,
        _is_for(t, m),
        ~_has(o.id, t.code),
    )
    of_it = s.staff_onboarding_id == o.id
    same = t.template_id == o.template_id, t.code == s.code
    goes = exists().where(of_it, ~_is_touched(s), ~exists().where(*same))
    differs = exists().where(of_it, s.status.in_(OPEN_STEPS), *same, _unlike(s, t))
    return or_(lacks, goes, differs)


def _is_missing(t: Any) -> ColumnElement[bool]:
    return and_(_is_for(t, StaffMember), ~_has(StaffOnboarding.id, t.code))


def _has(engagement_id: Any, code: Any) -> ColumnElement[bool]:
    s = aliased(OnboardingStep)
    return exists().where(s.staff_onboarding_id == engagement_id, s.code == code)


def _is_for(t: Any, m: Any) -> ColumnElement[bool]:
    """As ``template_choice`` decides it."""
    citizenship = func.lower(func.btrim(func.coalesce(m.citizenship, "")))
    return or_(~t.for_foreigners, and_(citizenship != "", citizenship.not_in(NATIVE)))


def _is_touched(s: Any) -> ColumnElement[bool]:
    """As ``OnboardingStep.is_touched`` decides it."""
    return or_(s.status != StepStatus.PENDING, s.due_is_by_hand, func.coalesce(s.notes, "") != "")


def _differs(s: Any, template_id: UUID) -> ColumnElement[bool]:
    t = aliased(OnboardingTemplateStep)
    return exists().where(t.template_id == template_id, t.code == s.code, _unlike(s, t))


def _unlike(s: Any, t: Any) -> ColumnElement[bool]:
    """Whether a step says anything else than the template's of its code."""
    pairs = [(getattr(s, name), getattr(t, name)) for name in COPIED] + [(s.ordinal, t.position)]
    return or_(*(one.is_distinct_from(other) for one, other in pairs))
