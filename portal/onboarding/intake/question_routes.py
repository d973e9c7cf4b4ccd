"""Pages of questions: what the chats leave open, and a manager decides."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.onboarding.intake.answering import AlreadyAnswered, claim
from portal.onboarding.intake.forms import ClaimForm, form_for
from portal.onboarding.intake.offers import OfferRefused, decide
from portal.onboarding.intake.queries import unassigned_people
from portal.onboarding.intake.question_page import QuestionPage, WaitingQuestions, next_question
from portal.staff.models import StaffField
from portal.tenancy.finding import get_or_404
from portal.tenancy.scope import require_scope
from portal.web.fragments import form_page, redirect_after_post, redirect_back, toast
from portal.web.navigation import page_of
from portal.web.values import uuid_or_none

questions = Blueprint("questions", __name__, url_prefix="/questions")


@questions.get("")
@requires(Permission.STAFF_PRIVATE)
def index() -> str:
    """What waits for an answer."""
    return render_template("onboarding/questions/index.html", waiting=WaitingQuestions())


@questions.route("/<uuid:staff_question_id>", methods=["GET", "POST"])
@requires(Permission.STAFF_EDIT)
def show(staff_question_id: UUID) -> Response | str:
    """One question, and its answer; ``of`` in the address names the person whose questions are gone through."""
    page = QuestionPage(staff_question_id)
    form = form_for(page.question)
    if form is None:
        return render_template("onboarding/questions/show.html", page=page, form=None)
    if not form.accepted():
        return form_page("onboarding/questions/show.html", form, page=page)
    try:
        form.answer(page.question)
    except AlreadyAnswered:
        toast(_("Somebody else has answered this meanwhile."), tone="warn")
        return redirect_after_post(url_for(".show", staff_question_id=staff_question_id))
    toast(_("Your answer is in the record."))
    return go_on()


@questions.post("/offers/<uuid:staff_field_id>")
@requires(Permission.STAFF_EDIT)
def decide_offer(staff_field_id: UUID) -> Response:
    """Take a value that the chat offers, or keep the record's."""
    try:
        is_decided = decide(get_or_404(StaffField, staff_field_id), is_taken=request.form.get("choice") == "take")
    except OfferRefused as refusal:
        toast(refusal.told, tone="bad")
        return redirect_back(url_for(".index"))
    if is_decided:
        toast(_("Your answer is in the record."))
    else:
        toast(_("Somebody else has answered this meanwhile."), tone="warn")
    return go_on()


@questions.route("/unassigned", methods=["GET", "POST"])
@requires(Permission.STAFF_EDIT)
def unassigned() -> Response:
    """People whose restaurant nobody knows, for whoever takes one of them into their own."""
    form, person_id = ClaimForm(), uuid_or_none(request.form.get("person"))
    if person_id is None or not form.accepted():
        people = unassigned_people(require_scope().account_id)
        return form_page("onboarding/questions/unassigned.html", form, people=people)
    member = claim(person_id, form.restaurant_id.data)
    if member is None:
        toast(_("This person has a restaurant by now, or has left."), tone="warn")
    else:
        toast(_("%(name)s is in your restaurant now.", name=member.display_name))
    return redirect_after_post(url_for(".unassigned"))


def go_on() -> Response:
    """To the next question, or of one person back to their page; where none is left to the list, which says so."""
    member_id = uuid_or_none(request.args.get("of"))
    following = next_question(member_id)
    if following is not None:
        return redirect_after_post(url_for(".show", staff_question_id=following, of=member_id))
    return redirect_after_post((member_id and page_of("staff_member", member_id)) or url_for(".index"))
