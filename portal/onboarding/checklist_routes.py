"""What is done with the checklist of a person as a whole: hired, first shift moved, finished, left."""

from uuid import UUID

from flask import Blueprint, abort, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.onboarding.checklist_page import Checklist
from portal.onboarding.engagements import dismiss, hire_by_hand, latest_engagement, set_shift
from portal.onboarding.forms import HiringForm, LeavingForm, ShiftForm
from portal.onboarding.intake.asking import follow_hand
from portal.staff.models import StaffMember
from portal.tenancy.finding import get_or_404
from portal.web.fragments import answer_change, form_page, redirect_after_post, toast

checklist = Blueprint("checklist", __name__, url_prefix="/staff/<uuid:staff_member_id>")
EDIT = Permission.STAFF_EDIT


@checklist.route("/engagements/new", methods=["GET", "POST"])
@requires(EDIT)
def new(staff_member_id: UUID) -> Response:
    """The person begins: the checklist of the position and restaurant opens."""
    member = living(staff_member_id)
    form = HiringForm(member)
    if form.accepted():
        is_new = hire_by_hand(member, form.first_shift_at, form.hired_on.data)
        follow_hand(member)
        if is_new:
            toast(_("%(name)s was hired. The checklist is open.", name=member.display_name))
        else:
            toast(_("%(name)s was hired already: the checklist stays.", name=member.display_name), tone="neutral")
        return redirect_after_post(page_of(member))
    return form_page("onboarding/hire.html", form, member=member, here=page_of(member))


@checklist.route("/first-shift", methods=["GET", "POST"])
@requires(EDIT)
def move(staff_member_id: UUID) -> Response:
    """Another first shift: open steps move with it."""
    member = living(staff_member_id)
    engagement = latest_engagement(member) or abort(404)
    if engagement.is_over(member):
        abort(404)
    form = ShiftForm(member, engagement)
    if form.accepted():
        set_shift(engagement, form.first_shift_at)
        follow_hand(member)
        toast(_("The first shift of %(name)s was saved.", name=member.display_name))
        return redirect_after_post(page_of(member))
    return form_page("onboarding/shift.html", form, member=member, here=page_of(member))


@checklist.post("/checklist/completion")
@requires(EDIT)
def finish(staff_member_id: UUID) -> Response | str:
    """Nothing is required, so somebody says that it is done."""
    member = living(staff_member_id)
    engagement = latest_engagement(member) or abort(404)
    if engagement.finish():
        toast(_("The checklist of %(name)s is finished.", name=member.display_name))
    return answer_change(page_of(member), "onboarding/_checklist.html", checklist=Checklist.of(member))


@checklist.route("/leaving", methods=["GET", "POST"])
@requires(EDIT)
def leave(staff_member_id: UUID) -> Response:
    """The person leaves: the day, and why."""
    member = living(staff_member_id)
    engagement = latest_engagement(member)
    form = LeavingForm(member, engagement)
    if form.accepted():
        if dismiss(member, form.ended_on.data, form.reason.data or ""):
            toast(_("%(name)s has left.", name=member.display_name))
        else:
            toast(_("%(name)s had left already.", name=member.display_name), tone="neutral")
        return redirect_after_post(page_of(member))
    return form_page("onboarding/leave.html", form, member=member, here=page_of(member), engagement=engagement)


def living(staff_member_id: UUID) -> StaffMember:
    """The person; 404 for one who was erased."""
    member = get_or_404(StaffMember, staff_member_id)
    return member if member.erased_at is None else abort(404)


def page_of(member: StaffMember) -> str:
    """The person's page."""
    return url_for("account.staff.show", staff_member_id=member.id)
