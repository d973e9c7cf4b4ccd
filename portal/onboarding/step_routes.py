"""A step of somebody's checklist: ticked, opened again, failed, not needed, seen in the original, noted on."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import Refusal, refuse, requires
from portal.access.permissions import Permission
from portal.onboarding.checklist_page import Checklist
from portal.onboarding.forms import OriginalForm, ReopeningForm, StepForm
from portal.onboarding.kinds import OPEN_STEPS, StepStatus
from portal.onboarding.models import OnboardingStep
from portal.onboarding.roles import may_tick
from portal.onboarding.step_page import StepPage, format_done
from portal.staff.papers.verbs import accept_original
from portal.tenancy.finding import get_or_404
from portal.web.fragments import answer_change, form_page, redirect_after_post, toast
from portal.web.merging import will_save

steps = Blueprint("steps", __name__, url_prefix="/staff/steps")


@steps.post("/<uuid:step_id>/completion")
@requires(Permission.STAFF_TICK)
def tick(step_id: UUID) -> Response | str:
    """It is done."""
    step = step_to_tick(step_id)
    undo = {"_method": "DELETE", "was": str(step.status)}
    if step.complete():
        toast(_("Done: %(name)s.", name=step.name), undo_url=url_for(".untick", step_id=step.id), undo_fields=undo)
    else:
        toast(format_done(step), tone="neutral")
    return answer(step)


@steps.delete("/<uuid:step_id>/completion")
@requires(Permission.STAFF_TICK)
def untick(step_id: UUID) -> Response | str:
    """It is to be done again: a slip at once, what was done before that with a reason."""
    step = step_to_tick(step_id)
    if step.needs_reason:
        return redirect_after_post(url_for(".reopen", step_id=step.id))
    former = next((each for each in OPEN_STEPS if each == request.form.get("was")), StepStatus.PENDING)
    if step.reopen(former=former):
        toast(_("To be done again: %(name)s.", name=step.name))
    return answer(step)


@steps.route("/<uuid:step_id>/reopening", methods=["GET", "POST"])
@requires(Permission.STAFF_TICK)
def reopen(step_id: UUID) -> Response:
    """It is to be done again, and why."""
    page = StepPage(step_to_tick(step_id))
    form = ReopeningForm(page.step)
    if form.accepted():
        if page.step.reopen(form.reason.data or ""):
            toast(_("To be done again: %(name)s.", name=page.step.name))
        else:
            toast(_("%(name)s is open again already.", name=page.step.name), tone="neutral")
        return redirect_after_post(page.member_url)
    return form_page("onboarding/reopen.html", form, member=page.member, here=page.member_url, page=page)


@steps.post("/<uuid:step_id>/failure")
@requires(Permission.STAFF_TICK)
def fail(step_id: UUID) -> Response | str:
    """It did not come off."""
    step = step_to_tick(step_id)
    if step.fail():
        toast(_("Not passed: %(name)s. It stays to be done.", name=step.name), tone="warn")
    return answer(step)


@steps.post("/<uuid:step_id>/exemption")
@requires(Permission.STAFF_EDIT)
def exempt(step_id: UUID) -> Response | str:
    """This person does not need it."""
    step = step_to_tick(step_id)
    if step.mark_not_needed():
        toast(_("Not needed: %(name)s.", name=step.name))
    return answer(step)


@steps.route("/<uuid:step_id>/original", methods=["GET", "POST"])
@requires(Permission.STAFF_PRIVATE)
def see_original(step_id: UUID) -> Response:
    """Its paper was seen in the original: an accepted paper from now on, and where it is valid the step is done."""
    page = StepPage(step_to_tick(step_id))
    form = OriginalForm(page.step, page.member, page.kind_or_404())
    if form.accepted():
        accept_original(
            page.member, page.kind_or_404(), form.number_tail.data, form.expires_on.data, form.issued_on.data
        )
        if page.step.lacks_paper:
            toast(_("The paper is kept. It is not valid today, so the step stays to be done."), tone="warn")
        else:
            page.step.complete()
            toast(_("Done: %(name)s.", name=page.step.name))
        return redirect_after_post(page.member_url)
    return form_page("onboarding/original.html", form, member=page.member, here=page.member_url, page=page)


@steps.route("/<uuid:step_id>/edit", methods=["GET", "POST"])
@requires(Permission.STAFF_TICK)
def edit(step_id: UUID) -> Response:
    """When it is due, and what people note beside it; the way to all else that may become of it."""
    page = StepPage(step_to_tick(step_id))
    if will_save():
        # The person is held before the step, as every tick holds them.
        page.step.engagement.hold()
    form = StepForm(page.step, page.member)
    if form.accepted():
        page.step.plan(**form.values())
        toast(_("%(name)s was saved.", name=page.step.name))
        return redirect_after_post(page.member_url)
    return form_page("onboarding/step.html", form, page=page)


def step_to_tick(step_id: UUID) -> OnboardingStep:
    """The step: 404 where it is not among those that whoever asks may see, 403 where it is not theirs to tick."""
    step = get_or_404(OnboardingStep, step_id)
    if not may_tick(step, step.engagement.member):
        refuse(403, Refusal.PAGE)
    return step


def answer(step: OnboardingStep) -> Response | str:
    """The checklist as it is now."""
    page = StepPage(step)
    return answer_change(page.member_url, "onboarding/_checklist.html", checklist=Checklist.of(page.member))
