"""Pages of the templates of checklists: owners set them up, managers read them."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.onboarding.bringing_along import RunningChecklists, count_running
from portal.onboarding.listing import CHECKLISTS
from portal.onboarding.template_forms import TemplateForm
from portal.onboarding.template_page import TemplatePage
from portal.onboarding.templates import OnboardingTemplate
from portal.records.pages import added
from portal.records.routes import archivable_routes
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import document_page, form_page, redirect_after_post, toast
from portal.web.merging import will_save

checklists = Blueprint("checklists", __name__, url_prefix="/staff/checklists")
SEE, EDIT = Permission.STAFF_EDIT, Permission.STAFF_SET_UP
FORM = "checklists/form.html"
PARTS = {"rows": "checklists/_lines.html", "amounts": "checklists/_amounts.html"}


def running_question(templates: Sequence[OnboardingTemplate]) -> str | None:
    """What is asked before templates are archived from which checklists run."""
    count = count_running([each.id for each in templates if each.reason_to_stay is None])
    if not count:
        return None
    return ngettext(
        "%(num)s checklist runs that was made of it. It keeps its steps.",
        "%(num)s checklists run that were made of it. They keep their steps.",
        count,
    )


archivable_routes(
    checklists,
    CHECKLISTS,
    see=SEE,
    edit=EDIT,
    in_navigation=False,
    template="checklists/index.html",
    question=running_question,
)


@checklists.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a template."""
    form = TemplateForm()
    if form.redrawn():
        return document_page(FORM, form, **PARTS, checklist=None)
    if form.accepted():
        template = OnboardingTemplate(**form.head)
        template.open()
        template.put_steps([], form.lines.data)
        return added(template)
    return form_page(FORM, form, checklist=None)


@checklists.get("/<uuid:onboarding_template_id>")
@requires(SEE)
def show(onboarding_template_id: UUID) -> str:
    """One template, with a preview of its days."""
    page = TemplatePage.of(onboarding_template_id)
    return render_template("checklists/show.html", page=page, history=history_of(page.template))


@checklists.route("/<uuid:onboarding_template_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(onboarding_template_id: UUID) -> Response:
    """Change a template as a whole; the buttons of its rows only show it again."""
    template = get_or_404(OnboardingTemplate, onboarding_template_id)
    lines = template.steps_to_change() if will_save() else template.steps
    form = TemplateForm(template, lines)
    if form.redrawn():
        return document_page(FORM, form, **PARTS, checklist=template)
    if form.accepted():
        template.edit(**form.head)
        template.put_steps(lines, form.lines.data)
        toast(_("%(name)s was saved.", name=template.name))
        return redirect_after_post(url_for(".show", onboarding_template_id=template.id))
    return form_page(FORM, form, checklist=template)


@checklists.get("/<uuid:onboarding_template_id>/running")
@requires(EDIT)
@costly
def running(onboarding_template_id: UUID) -> str:
    """What would change in the checklists that run."""
    page = TemplatePage.of(onboarding_template_id)
    return render_template("checklists/running.html", page=page, changes=page.running.changes())


@checklists.post("/<uuid:onboarding_template_id>/running")
@requires(EDIT)
def bring_along(onboarding_template_id: UUID) -> Response | str:
    """Bring them along."""
    template = get_or_404(OnboardingTemplate, onboarding_template_id)
    if RunningChecklists(template).bring_along():
        toast(_("The running checklists are as “%(name)s” is now.", name=template.name))
        return redirect_after_post(url_for(".show", onboarding_template_id=template.id))
    toast(_("The running checklists are being brought along. This page tells how many are left."))
    return redirect_after_post(url_for(".running", onboarding_template_id=template.id))
