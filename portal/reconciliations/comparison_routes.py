"""What is done with one statement: how it is understood, comparing anew, the letter, the end."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.db.states import MoveRefused
from portal.media.bucket import BucketUnavailable
from portal.reconciliations.completing import complete, discard
from portal.reconciliations.forms import CompletionForm
from portal.reconciliations.layout_page import LayoutPage
from portal.reconciliations.letter_page import Letter
from portal.reconciliations.listing import STATEMENT_ROWS
from portal.reconciliations.models import Reconciliation
from portal.reconciliations.opening import compare_anew
from portal.reconciliations.queries import find_statement
from portal.reconciliations.statement_page import here
from portal.reconciliations.upload_page import renew
from portal.web.costly import costly
from portal.web.error_pages import show as show_error
from portal.web.fragments import form_page, redirect_after_post, toast

comparisons = Blueprint("comparisons", __name__, url_prefix="/reconciliations/<uuid:reconciliation_id>")
SEE, EDIT = Permission.RECONCILIATIONS_SEE, Permission.RECONCILIATIONS_EDIT


@comparisons.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Response:
    """The files' store is away; nothing was changed."""
    current_app.logger.warning("the bucket does not serve a statement: %s", fault)
    return show_error(503, _("The files cannot be reached now"), _("Nothing was changed. Try again in a minute."))


@comparisons.delete("")
@requires(EDIT)
def remove(reconciliation_id: UUID) -> Response:
    """Forget a comparison that is not completed."""
    return _said(reconciliation_id, discard, _("The comparison was removed."), url_for("account.reconciliations.index"))


@comparisons.route("/layout", methods=["GET", "POST"])
@requires(EDIT)
@costly
def layout(reconciliation_id: UUID) -> Response:
    """Say how the file is to be understood."""
    statement = find_statement(reconciliation_id)
    if statement.is_completed:
        return redirect_after_post(here(reconciliation_id))
    page = LayoutPage.of(statement)
    if page.form.accepted() and (answer := page.take()) is not None:
        return answer
    return form_page("reconciliations/layout.html", page.form, page=page, statement=statement)


@comparisons.get("/export")
@requires(SEE)
@costly
def export(reconciliation_id: UUID) -> Response:
    """The rows with their reasons as CSV."""
    return recorded_export(STATEMENT_ROWS, request.args, find_statement(reconciliation_id).id)


@comparisons.post("/comparison")
@requires(EDIT)
@costly
def compare(reconciliation_id: UUID) -> Response:
    """Compare anew what nobody has decided."""
    return _said(reconciliation_id, compare_anew, _("Compared anew. What was decided stays."))


@comparisons.post("/completion")
@requires(EDIT)
def finish(reconciliation_id: UUID) -> Response:
    """Complete it: from here on its rows never change."""
    anyway = bool(CompletionForm().with_suggestions.data)
    done = _("The statement is completed.")
    return _said(reconciliation_id, lambda statement: complete(statement, with_suggestions=anyway), done)


@comparisons.post("/renewal")
@requires(EDIT)
@costly
def begin_anew(reconciliation_id: UUID) -> Response:
    """Compare the same file once more, as a statement of its own."""
    return renew(find_statement(reconciliation_id))


@comparisons.get("/letter")
@requires(SEE)
@costly
def letter(reconciliation_id: UUID) -> str:
    """The letter to the supplier, to be copied or opened as a draft."""
    statement = find_statement(reconciliation_id)
    return render_template("reconciliations/letter.html", statement=statement, letter=Letter(statement))


def _said(statement_id: UUID, verb: Callable[[Reconciliation], object], done: str, then: str | None = None) -> Response:
    statement = find_statement(statement_id)
    try:
        verb(statement)
    except MoveRefused as refusal:
        toast(str(refusal.reason), tone="bad")
        return redirect_after_post(here(statement_id))
    toast(done)
    return redirect_after_post(then or here(statement_id))
