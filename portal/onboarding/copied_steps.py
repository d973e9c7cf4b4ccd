"""The steps of a checklist as copies of a template's: made, exchanged for others, done where all is known already."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.onboarding.days import local_today, zone_of
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.kinds import CompletedBy, StepStatus
from portal.onboarding.models import OnboardingStep, put_due_days
from portal.onboarding.proof import kinds_on
from portal.onboarding.templates import OnboardingTemplateStep
from portal.staff.models import StaffMember

# What a step takes from the template's.
COPIED = (
    "code", "name", "description", "anchor", "offset_days", "counts", "who", "required", "document_type_id",
    "completed_by", "message_when_done", "message_reminder",
)  # fmt: skip


def add_steps(engagement: StaffOnboarding, wanted: Sequence[OnboardingTemplateStep]) -> list[OnboardingStep]:
    """Copy steps of a template into a checklist, with their due days."""
    steps = []
    for each in wanted:
        step = OnboardingStep(
            id=uuid4(),
            staff_onboarding_id=engagement.id,
            restaurant_id=engagement.restaurant_id,
            status=StepStatus.PENDING,
            due_is_by_hand=False,
        )
        step.engagement = engagement
        copy_step(each, step)
        steps.append(step)
    put_due_days(engagement, steps)
    db.session.add_all(steps)
    return steps


def copy_step(source: OnboardingTemplateStep, step: OnboardingStep) -> None:
    """Make a step say what the template's says; how far it has come stays."""
    step.ordinal = source.position
    for name in COPIED:
        setattr(step, name, getattr(source, name))


@dataclass(frozen=True)
class ChecklistChange:
    """What another template did to a checklist: names of steps."""

    gone: Sequence[str] = ()
    new: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.new)

    def log(self, member: StaffMember) -> None:
        """Tell the log of the person, where anything changed."""
        told = {"steps_gone": ", ".join(self.gone), "steps_new": ", ".join(self.new)}
        if self:
            record(Action.CHECKLIST_CHANGED, member, after={key: names for key, names in told.items() if names})


def exchange(
    engagement: StaffOnboarding,
    present: Mapping[str, OnboardingStep],
    wanted: Sequence[OnboardingTemplateStep],
    replaceable: Collection[str],
) -> ChecklistChange:
    """Bring the wanted steps; others of the ``replaceable`` codes go, unless somebody touched them."""
    codes = {each.code for each in wanted}
    gone = [step for code, step in present.items() if code in replaceable and code not in codes and not step.is_touched]
    for step in gone:
        db.session.delete(step)
    for each in wanted:
        if each.code in present and not present[each.code].is_touched:
            copy_step(each, present[each.code])
    new = add_steps(engagement, [each for each in wanted if each.code not in present])
    known = [step for step in present.values() if step not in gone]
    proof = next((step.completed_from_message_id for step in known if step.completed_from_message_id), None)
    complete_known(engagement, new, proof)
    return ChecklistChange([step.name for step in gone], [step.name for step in new])


def complete_known(
    engagement: StaffOnboarding,
    steps: Sequence[OnboardingStep],
    proof: UUID | None = None,
    valid_on: date | None = None,
) -> list[OnboardingStep]:
    """Complete what is known already: by the chat's message, and by papers that are valid on a day (today)."""
    today = local_today(zone_of(engagement.restaurant_id))
    kinds = kinds_on(valid_on or today, engagement.staff_member_id)
    done = []
    for step in steps:
        if step.completed_by == CompletedBy.INTAKE and proof is not None and step.document_type_id is None:
            step.mark_done(today, proof)
        elif step.document_type_id in kinds:
            step.mark_done(today)
        else:
            continue
        done.append(step)
    return done
