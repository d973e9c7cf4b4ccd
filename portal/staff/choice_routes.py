"""What is done with several people at once: a message through the bot, another checklist, a file."""

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.onboarding.messages.forms import WritingForm
from portal.staff.choice_page import ChosenPeople
from portal.staff.forms import AssignmentForm
from portal.staff.models import StaffMember
from portal.tenancy.finding import chosen_rows
from portal.web.fragments import form_page, redirect_after_post, toast

staff_choice = Blueprint("staff_choice", __name__, url_prefix="/staff/chosen")
EDIT = Permission.STAFF_EDIT
PAGES = {"writing": ".write", "assignment": ".assign", "export": "account.staff.export"}


@staff_choice.post("")
@requires(EDIT)
def choose() -> Response:
    """Go on with the rows that were ticked, on the page that asks the rest; the export asks nothing."""
    page = PAGES.get(request.form.get("what", "")) or abort(404)
    ids = ",".join(member.id.hex for member in chosen_rows(StaffMember))
    # Whoever has left was ticked, too.
    standing = "all" if page == PAGES["export"] else None
    return redirect(url_for(page, chosen=ids, standing=standing), 303)


@staff_choice.route("/writing", methods=["GET", "POST"])
@requires(EDIT)
def write() -> Response:
    """Write to all of them through the bot."""
    people = ChosenPeople.of(request.args)
    form = WritingForm()
    if form.accepted():
        told = people.write(form.text.data or "")
        toast(ngettext("The bot tells it to %(num)s person.", "The bot tells it to %(num)s people.", told))
        return redirect_after_post(url_for("account.staff.index"))
    return form_page("staff/writing.html", form, people=people)


@staff_choice.route("/assignment", methods=["GET", "POST"])
@requires(EDIT)
def assign() -> Response:
    """Give all of them one checklist."""
    people = ChosenPeople.of(request.args)
    form = AssignmentForm()
    if form.accepted():
        template_id: UUID = form.template_id.data
        given = people.assign(template_id)
        toast(ngettext("%(num)s person has it now.", "%(num)s people have it now.", given))
        if left := len(people.members) - given:
            toast(_("Left as they are, for they have left: %(count)s.", count=left), tone="warn")
        return redirect_after_post(url_for("account.staff.index"))
    return form_page("staff/assignment.html", form, people=people)
