"""Pages of people who work here."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.audit.history import history_of
from portal.onboarding.checklist_page import Checklist
from portal.onboarding.intake.question_page import QuestionsOf
from portal.onboarding.messages.message_page import MessagesOf
from portal.onboarding.standing import member_with_standing, standing_badge
from portal.records.pages import added, record_form, saved
from portal.staff.facts_page import Facts
from portal.staff.forms import NewStaffForm, StaffMemberForm
from portal.staff.hiring_page import begin_work
from portal.staff.listing import STAFF, STAFF_IN_FULL, STAFF_WITH_PHONES
from portal.staff.models import Source, StaffMember
from portal.staff.papers.papers_page import Papers
from portal.staff.telling import add_member, change_member
from portal.staff.today_page import Today
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import list_page
from portal.web.listing import read_page
from portal.web.navigation import section
from portal.web.values import uuid_or_none

staff = Blueprint("staff", __name__, url_prefix="/staff")
SEE, EDIT = Permission.STAFF_SEE, Permission.STAFF_EDIT
section(staff, StaffMember.words.plural, "staff", SEE)


@staff.get("")
@requires(SEE)
def index() -> str:
    """The list."""
    listing = STAFF_WITH_PHONES if may(Permission.STAFF_PRIVATE) else STAFF
    page = read_page(listing, request.args, url_for(".index"))
    add_url, import_url = (
        (url_for(".new"), url_for("account.staff_member_imports.index")) if may(EDIT) else (None, None)
    )
    words = {"off_label": "", "off_class": "", "add_url": add_url, "import_url": import_url}
    return list_page(page, "staff/index.html", may_choose=may(EDIT), **words)


@staff.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The list as a file; with personal data for owners alone, and with nothing of papers for anybody."""
    return recorded_export(STAFF_IN_FULL if may(Permission.STAFF_EXPORT) else STAFF, request.args)


@staff.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a person by hand; ``restaurant_id`` in the address chooses the restaurant beforehand."""
    form = NewStaffForm(restaurant_id=uuid_or_none(request.args.get("restaurant_id")))
    if form.accepted():
        member = add_member(form.of_row(), Source.HAND)
        if form.starts_on.data is not None:
            begin_work(member, form.starts_on.data, form.clock.data, Source.HAND)
        return added(member, restaurant_id=member.restaurant_id)
    return record_form(form)


@staff.get("/today")
@requires(SEE)
def today() -> str:
    """Who starts, what is overdue, which papers run out; how each restaurant stands."""
    return render_template("staff/today.html", today=Today())


@staff.get("/<uuid:staff_member_id>")
@requires(SEE)
def show(staff_member_id: UUID) -> str:
    """One person; each room shows its part."""
    member, standing = member_with_standing(staff_member_id)
    return render_template(
        "staff/show.html",
        member=member,
        standing=standing_badge(standing),
        checklist=Checklist.of(member),
        questions=QuestionsOf.of(member),
        facts=Facts.of(member),
        papers=Papers.of(member),
        messages=MessagesOf.of(member),
        history=history_of(member),
    )


@staff.route("/<uuid:staff_member_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(staff_member_id: UUID) -> Response:
    """Change what is known of a person."""
    member = get_or_404(StaffMember, staff_member_id)
    if member.erased_at is not None:
        abort(404)
    form = StaffMemberForm(obj=member)
    if form.accepted():
        change_member(member, form.values(), Source.HAND)
        return saved(member)
    return record_form(form, member)
