"""Pages of the kinds of papers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.records.pages import added, record_form, record_page, saved
from portal.records.routes import archivable_routes
from portal.staff.papers.forms import DocumentTypeForm
from portal.staff.papers.listing import KINDS
from portal.staff.papers.models import DocumentType
from portal.staff.papers.seeds import SEEDS, seed_document_types
from portal.tenancy.finding import get_or_404
from portal.web.fragments import redirect_after_post, toast
from portal.web.listing import Page

paper_kinds = Blueprint("paper_kinds", __name__, url_prefix="/staff/paper-kinds")
SEE, EDIT = Permission.STAFF_PRIVATE, Permission.STAFF_SET_UP


def what_to_begin_with(page: Page) -> Mapping[str, Any]:
    """The usual kinds are offered where there are few of the chain's own."""
    return {"may_seed": may(EDIT) and not page.search and page.total < len(SEEDS)}


archivable_routes(
    paper_kinds,
    KINDS,
    see=SEE,
    edit=EDIT,
    in_navigation=False,
    template="paper_kinds/index.html",
    context=what_to_begin_with,
)


@paper_kinds.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a kind."""
    form = DocumentTypeForm()
    if form.accepted():
        kind = DocumentType(**form.values())
        kind.open()
        return added(kind)
    return record_form(form)


@paper_kinds.post("/usual")
@requires(EDIT)
def take_usual() -> Response:
    """Take the kinds that chains usually have."""
    seed_document_types(is_told=True)
    toast(_("The usual kinds are here. Look through their terms with your lawyer."))
    return redirect_after_post(url_for(".index"))


@paper_kinds.get("/<uuid:document_type_id>")
@requires(SEE)
def show(document_type_id: UUID) -> str:
    """One kind and its latest changes."""
    kind = get_or_404(DocumentType, document_type_id)
    return record_page(kind, FACTS, EDIT)


@paper_kinds.route("/<uuid:document_type_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(document_type_id: UUID) -> Response:
    """Change a kind."""
    kind = get_or_404(DocumentType, document_type_id)
    form = DocumentTypeForm(obj=kind)
    if form.accepted():
        kind.edit(**form.values())
        return saved(kind)
    return record_form(form, kind)


FACTS = ("code", "months_valid", "months_at_most", "remind_days", "for_kitchen", "for_citizenship", "is_health")
