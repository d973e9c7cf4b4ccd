"""What is held about one employee: shown, handed out, erased."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, current_app, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, asks_again_if, requires
from portal.access.permissions import Permission
from portal.media.bucket import BucketUnavailable
from portal.privacy.employee import Employee, ErasureReason, NotToBeErased
from portal.privacy.employee_export import packed_employee
from portal.privacy.forms import EmployeeErasureForm
from portal.staff.models import StaffMember
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.error_pages import show as show_error
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.listing.declaration import format_count
from portal.web.proofs import shows_form

employees = Blueprint("employees", __name__, url_prefix="/staff/<uuid:staff_member_id>/data")


@employees.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Response:
    """The files' store is away."""
    current_app.logger.warning("the bucket does not hand out an employee's files: %s", fault)
    return show_error(503)


@employees.get("")
@requires(Permission.STAFF_ERASE)
def show(staff_member_id: UUID) -> Response:
    """How much there is, and the ways to have it and to erase it."""
    employee = find_employee(staff_member_id)
    return page_of_data(employee, EmployeeErasureForm(employee.member.name, formdata=None))


@employees.get("/export")
@requires(Permission.STAFF_ERASE)
@costly
@asks_again_if(on_reading=True)
def export(staff_member_id: UUID) -> Response:
    """All of it in one archive."""
    archive = packed_employee(find_employee(staff_member_id))
    return send_file(archive, "application/zip", as_attachment=True, download_name=f"employee-{staff_member_id}.zip")


@employees.delete("")
@requires(Permission.STAFF_ERASE)
@costly
@asks_again
@shows_form
def erase(staff_member_id: UUID) -> Response:
    """Erase the person, once the name was typed."""
    employee = find_employee(staff_member_id)
    form = EmployeeErasureForm(employee.member.name)
    if not form.accepted():
        return page_of_data(employee, form)
    try:
        employee.erase(ErasureReason(form.why.data))
    except NotToBeErased:
        toast(_("Nothing was erased. The page says what has to be done first."), tone="warn")
        return redirect_after_post(url_for(".show", staff_member_id=staff_member_id))
    toast(_("All that was held about this person was erased."))
    return redirect_after_post(url_for("account.staff.index"))


def find_employee(staff_member_id: UUID) -> Employee:
    """The person with all that is theirs; 404 for one who was erased already."""
    member = get_or_404(StaffMember, staff_member_id)
    return Employee(member) if member.erased_at is None else abort(404)


def page_of_data(employee: Employee, form: EmployeeErasureForm) -> Response:
    """The page, with the form as it was typed."""
    context: dict[str, Any] = {"counts": employee.counts(), "format_count": format_count}
    return form_page("privacy/employee.html", form, employee=employee, member=employee.member, **context)
