"""What one row of a statement is: a person's word on it."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.db.states import MoveRefused
from portal.invoices.models import Invoice
from portal.reconciliations.deciding import RowDecision
from portal.reconciliations.models import ReconciliationItem
from portal.reconciliations.row_page import RowPage
from portal.reconciliations.statement_page import here
from portal.tenancy.finding import chosen_rows, get_or_404
from portal.web.costly import costly
from portal.web.fragments import redirect_after_post, redirect_back, toast

statement_rows = Blueprint("statement_rows", __name__, url_prefix="/reconciliations/rows")
SEE, EDIT = Permission.RECONCILIATIONS_SEE, Permission.RECONCILIATIONS_EDIT


@statement_rows.get("/<uuid:reconciliation_item_id>")
@requires(EDIT)
@costly
def show(reconciliation_item_id: UUID) -> Response | str:
    """One row, and which of our invoices it may be."""
    page = RowPage(reconciliation_item_id)
    if not page.item.is_compared or page.statement.is_completed:
        return redirect_after_post(here(page.statement.id))
    return render_template("reconciliations/row.html", page=page, item=page.item, statement=page.statement)


@statement_rows.post("/<uuid:reconciliation_item_id>/match")
@requires(EDIT)
def assign(reconciliation_item_id: UUID) -> Response:
    """The row is the chosen invoices."""
    item = _compared_row(reconciliation_item_id)
    invoices = chosen_rows(Invoice)
    try:
        RowDecision(item).assign(invoices)
    except MoveRefused as refusal:
        toast(str(refusal.reason), tone="bad")
        return redirect_back(here(item.reconciliation_id))
    undo_url = url_for(".undo", reconciliation_item_id=item.id)
    toast(_("The row was matched."), undo_url=undo_url, undo_fields={"_method": "DELETE"})
    if "then" in request.form:
        return redirect_after_post(here(item.reconciliation_id))
    return redirect_back(here(item.reconciliation_id))


@statement_rows.delete("/<uuid:reconciliation_item_id>/match")
@requires(EDIT)
def undo(reconciliation_item_id: UUID) -> Response:
    """The row is none of them after all."""
    item = _compared_row(reconciliation_item_id)
    try:
        RowDecision(item).undo()
    except MoveRefused as refusal:
        toast(str(refusal.reason), tone="bad")
    else:
        toast(_("The match was undone."))
    return redirect_back(here(item.reconciliation_id))


def _compared_row(item_id: UUID) -> ReconciliationItem:
    """A row that may be invoices of ours; of payments, and of what the statement lacks, there is nothing to say."""
    item = get_or_404(ReconciliationItem, item_id)
    return item if item.is_compared else abort(404)
