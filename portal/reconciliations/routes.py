"""Pages of suppliers' statements: upload, what was found, the letter, the end."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.audit.history import history_of
from portal.extensions import csrf
from portal.media.bucket import BucketUnavailable
from portal.reconciliations.forms import UploadForm
from portal.reconciliations.listing import RECONCILIATIONS, STATEMENT_ROWS
from portal.reconciliations.models import ReconciliationStatus
from portal.reconciliations.queries import find_statement
from portal.reconciliations.statement_page import RowsShown, StatementPage, here
from portal.reconciliations.upload_page import given_by_address, take_upload
from portal.web.costly import costly, take_place
from portal.web.error_pages import show as show_error
from portal.web.fragments import form_page, fragment, list_page, redirect_after_post, wants_fragment
from portal.web.listing import read_page
from portal.web.stale_forms import demand_proof

reconciliations = Blueprint("reconciliations", __name__, url_prefix="/reconciliations")
SEE, EDIT = Permission.RECONCILIATIONS_SEE, Permission.RECONCILIATIONS_EDIT
LARGEST_UPLOAD = 12 * 1024 * 1024


@reconciliations.before_request
def take_uploads() -> Answer | None:
    """Let large bodies in, from those alone who may upload: the guards have been passed, nothing was read yet."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_UPLOAD
    return demand_proof()


@reconciliations.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Answer:
    """The files' store is away; nothing was changed."""
    current_app.logger.warning("the bucket does not serve a statement: %s", fault)
    return show_error(503, _("The files cannot be reached now"), _("Nothing was changed. Try again in a minute."))


@reconciliations.get("")
@requires(SEE)
def index() -> str:
    """Every statement."""
    page = read_page(RECONCILIATIONS, request.args, url_for(".index"))
    add_url = url_for(".new") if may(EDIT) else None
    return list_page(page, "reconciliations/index.html", may_choose=False, add_url=add_url, off_label="", off_class="")


@reconciliations.get("/export")
@requires(SEE)
@costly
def export() -> Answer:
    """The list as CSV."""
    return recorded_export(RECONCILIATIONS, request.args)


@reconciliations.route("/new", methods=["GET", "POST"])
@requires(EDIT)
@csrf.exempt
def new() -> Answer:
    """Upload a statement."""
    if request.method == "POST":
        take_place()
    form = UploadForm(**given_by_address())
    if form.accepted() and (answer := take_upload(form)) is not None:
        return answer
    return form_page("reconciliations/new.html", form)


@reconciliations.get("/<uuid:reconciliation_id>")
@requires(SEE)
def show(reconciliation_id: UUID) -> Any:
    """One statement: its rows by how they stand."""
    statement = find_statement(reconciliation_id)
    if statement.status == ReconciliationStatus.PENDING and may(EDIT):
        return redirect_after_post(url_for("account.comparisons.layout", reconciliation_id=reconciliation_id))
    page = read_page(STATEMENT_ROWS, request.args, here(reconciliation_id), reconciliation_id)
    told = {"told": StatementPage(statement), "rows": RowsShown(page.rows, statement.currency)}
    history = history_of(statement)
    return list_page(page, "reconciliations/statement/index.html", statement=statement, history=history, **told)


@reconciliations.get("/<uuid:reconciliation_id>/progress")
@requires(SEE)
def progress(reconciliation_id: UUID) -> Answer | str:
    """How far the comparison has come, for the page that follows; at its end the page is loaded anew."""
    statement = find_statement(reconciliation_id)
    if not wants_fragment():
        return redirect_after_post(here(reconciliation_id))
    if not statement.is_moving:
        return Response("", 204, {"HX-Refresh": "true"})
    return fragment("reconciliations/statement/_progress.html", statement=statement)
