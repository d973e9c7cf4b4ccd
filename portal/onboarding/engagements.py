"""Hiring: an engagement opened with the steps of its template, and kept in step with shift, position and restaurant."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.base import db
from portal.onboarding.copied_steps import ChecklistChange, add_steps, complete_known, exchange
from portal.onboarding.days import local_day, local_today, zone_of
from portal.onboarding.kinds import OnboardingStatus
from portal.onboarding.messages.models import MessageKind
from portal.onboarding.messages.telling import tell
from portal.onboarding.models import StaffOnboarding, put_due_days, steps_of
from portal.onboarding.template_choice import steps_for, template_for
from portal.onboarding.templates import OnboardingTemplate
from portal.onboarding.wording import shift_text
from portal.staff.holding import hold_member
from portal.staff.models import Source, StaffMember, StaffPosition, StaffStatus
from portal.staff.papers.models import StaffDocument
from portal.staff.papers.verbs import follow_acceptance
from portal.staff.provenance import Told, current_values, take
from portal.staff.telling import FIELD_OF, follow_changes

# The fields of a person that decide which template they get, and those that decide which of its steps.
PLACE = frozenset({"position", "restaurant"})
DECISIVE = PLACE | {"citizenship"}


def hire(
    member: StaffMember,
    *,
    first_shift_at: datetime | None = None,
    hired_on: date | None = None,
    proof: UUID | None = None,
    template: OnboardingTemplate | None = None,
) -> StaffOnboarding:
    """The person's open engagement: a new one where there is none, the next spell where one is over.

    It has the steps of the ``template``, or of the one that fits the person. ``proof`` is the message that completes
    the steps which the chat's answers complete; steps that need a paper are done where it is valid on the start date
    (none yet: today). However often it is called, one is open.
    """
    hold_member(member.id)
    if (standing := open_engagement(member)) is not None:
        return standing
    zone = zone_of(member.restaurant_id)
    today = local_today(zone)
    engagement = _new_engagement(member, first_shift_at, hired_on or today, zone)
    template = template or template_for(member)
    engagement.template_id = template.id
    steps = add_steps(engagement, steps_for(template, member))
    member.status, member.left_on = StaffStatus.ACTIVE, None
    done = complete_known(engagement, steps, proof, max(engagement.start_date or today, today))
    record(Action.HIRED, member, after=_log_values(engagement))
    engagement.settle()
    for step in done:
        step.tell_done(member)
    return engagement


def open_engagement(member: StaffMember) -> StaffOnboarding | None:
    """The one that is in progress."""
    return db.session.scalar(_of(member).where(StaffOnboarding.status == OnboardingStatus.IN_PROGRESS))


def latest_engagement(member: StaffMember) -> StaffOnboarding | None:
    """The one that lists tell of: the last, open or over."""
    return db.session.scalar(_of(member).order_by(StaffOnboarding.spell.desc()).limit(1))


def move_shift(engagement: StaffOnboarding, first_shift_at: datetime | None) -> bool:
    """Another first shift, or none yet: open steps move with it; whether that changed anything.

    What is done stays, and so do days that were set by hand.
    """
    member = engagement.hold()
    engagement.refuse_closed(member)
    before = engagement.first_shift_at
    if before == first_shift_at:
        return False
    engagement.first_shift_at = first_shift_at
    engagement.start_date = _start_date(first_shift_at, zone_of(engagement.restaurant_id))
    put_due_days(engagement, steps_of(engagement))
    told: list[dict[str, Any]] = [
        {"first_shift_at": each.isoformat() if each else None} for each in (before, first_shift_at)
    ]
    record(Action.EDITED, member, before=told[0], after=told[1])
    db.session.flush()
    return True


def hire_by_hand(member: StaffMember, first_shift_at: datetime | None, hired_on: date) -> bool:
    """The same by somebody who types the first shift; whether nobody was faster.

    One who is hired already has that first shift from then on.
    """
    hold_member(member.id)
    standing = open_engagement(member)
    if standing is not None:
        set_shift(standing, first_shift_at or standing.first_shift_at)
        return False
    if first_shift_at is not None:
        _take_shift(member, first_shift_at)
    hire(member, first_shift_at=first_shift_at, hired_on=hired_on)
    return True


def set_shift(engagement: StaffOnboarding, first_shift_at: datetime | None) -> bool:
    """Another first shift by somebody's hand, which from then on stands against the chat; the person is told."""
    member, before = engagement.hold(), engagement.first_shift_at
    _take_shift(member, first_shift_at)
    if not move_shift(engagement, first_shift_at):
        return False
    if before and first_shift_at:
        told = shift_text(first_shift_at, zone_of(engagement.restaurant_id))
        tell(member, MessageKind.SHIFT, told, first_shift_at=first_shift_at)
    return True


def dismiss(member: StaffMember, left_on: date, reason: str) -> bool:
    """The person leaves, or was never hired; whether that changed anything."""
    hold_member(member.id)
    if (engagement := latest_engagement(member)) is not None:
        return engagement.terminate(left_on, reason)
    if member.status == StaffStatus.LEFT:
        return False
    member.status, member.left_on = StaffStatus.LEFT, left_on
    record(Action.LEFT, member, after={"left_on": str(left_on), "reason": reason})
    return True


def complete_by_paper(document: StaffDocument) -> None:
    """Complete the open steps of the running checklist that need such a paper, where one is valid today."""
    member = hold_member(document.staff_member_id)
    engagement = open_engagement(member)
    if engagement is None:
        return
    # Steps of other papers may have been opened again since: those stay for whoever opened them.
    waiting = [step for step in steps_of(engagement) if step.document_type_id == document.document_type_id]
    done = complete_known(engagement, [step for step in waiting if step.status.is_open])
    for step in done:
        record(Action.STEP_DONE, member, after={"step": step.name})
    engagement.settle()
    for step in done:
        step.tell_done(member)


follow_acceptance(complete_by_paper)


def follow_position(engagement: StaffOnboarding) -> ChecklistChange:
    """The template that fits the person now: open steps that nobody touched go, touched ones stay, new ones come."""
    return _follow(engagement, template_for)


def _follow(engagement: StaffOnboarding, choose: Callable[[StaffMember], OnboardingTemplate | None]) -> ChecklistChange:
    """The steps of the chosen template; of the present one its conditional steps alone, and nothing where none is seen.

    Due days follow the restaurant's zone, which may be another now. Nothing is ever un-completed.
    """
    member = engagement.hold()
    if engagement.status != OnboardingStatus.IN_PROGRESS:
        return ChecklistChange()
    template = choose(member)
    engagement.position = _position_name(member)
    wanted = steps_for(template, member) if template is not None else []
    present = {step.code: step for step in steps_of(engagement)}
    if template is None:
        change = ChecklistChange()
    elif template.id == engagement.template_id:
        # The template itself may have been edited since: that is brought along on purpose alone.
        conditional = {each.code for each in template.steps if each.for_foreigners}
        change = exchange(engagement, present, [each for each in wanted if each.code in conditional], conditional)
    else:
        engagement.template_id = template.id
        change = exchange(engagement, present, wanted, set(present))
    engagement.start_date = _start_date(engagement.first_shift_at, zone_of(engagement.restaurant_id))
    put_due_days(engagement, steps_of(engagement))
    change.log(member)
    engagement.settle()
    return change


def follow_fields(member: StaffMember, fields: Collection[str]) -> ChecklistChange:
    """The open checklist follows fields of the person that were changed, named as in ``provenance.FIELDS``.

    Another position or restaurant chooses the template anew; another citizenship alone leaves the one that the
    checklist has, whoever chose it, and exchanges what depends on the citizenship.
    """
    changed = DECISIVE.intersection(fields)
    db.session.flush()
    engagement = open_engagement(member) if changed else None
    if engagement is None:
        return ChecklistChange()
    if changed & PLACE or engagement.template_id is None:
        return follow_position(engagement)
    # It may be of a restaurant that whoever acts does not see.
    return _follow(engagement, lambda _member: db.session.get(OnboardingTemplate, engagement.template_id))


follow_changes(lambda member, columns: follow_fields(member, [FIELD_OF[each] for each in columns if each in FIELD_OF]))


def give_template(engagement: StaffOnboarding, template: OnboardingTemplate) -> ChecklistChange:
    """The steps of a template that somebody chose, as ``follow_position`` exchanges them."""
    member = engagement.hold()
    engagement.refuse_closed(member)
    engagement.template_id = template.id
    present = {step.code: step for step in steps_of(engagement)}
    change = exchange(engagement, present, steps_for(template, member), set(present))
    put_due_days(engagement, steps_of(engagement))
    change.log(member)
    engagement.settle()
    return change


def _new_engagement(
    member: StaffMember, first_shift_at: datetime | None, hired_on: date, zone: str | None
) -> StaffOnboarding:
    spells = select(func.max(StaffOnboarding.spell)).where(StaffOnboarding.staff_member_id == member.id)
    engagement = StaffOnboarding(
        id=uuid4(),
        staff_member_id=member.id,
        restaurant_id=member.restaurant_id,
        name=member.name,
        email=member.email,
        position=_position_name(member),
        start_date=_start_date(first_shift_at, zone),
        first_shift_at=first_shift_at,
        hired_on=hired_on,
        status=OnboardingStatus.IN_PROGRESS,
        spell=(db.session.scalar(spells) or 0) + 1,
    )
    db.session.add(engagement)
    return engagement


def _take_shift(member: StaffMember, first_shift_at: datetime | None) -> None:
    told = Told("first_shift_at", first_shift_at, Source.HAND, user_id=acting_id())
    take(member, told, current_values(member))


def _position_name(member: StaffMember) -> str:
    position = db.session.get(StaffPosition, member.position_id) if member.position_id else None
    return position.name if position else ""


def _start_date(first_shift_at: datetime | None, zone: str | None) -> date | None:
    return local_day(first_shift_at, zone) if first_shift_at else None


def _of(member: StaffMember) -> Select[StaffOnboarding]:
    return select(StaffOnboarding).where(StaffOnboarding.staff_member_id == member.id)


def _log_values(engagement: StaffOnboarding) -> dict[str, Any]:
    """What the log tells of a hiring."""
    shift = {"first_shift_at": engagement.first_shift_at.isoformat()} if engagement.first_shift_at else {}
    return {"hired_on": str(engagement.hired_on)} | shift
