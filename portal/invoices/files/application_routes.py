"""Looking at the rows of a file again, entering its papers, taking them back."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.invoices.files.forms import ApplicationForm, sent_reasons
from portal.invoices.files.models import InvoiceFile, Step
from portal.invoices.files.page import FilePage, find_file, find_idle_preview, tell_application, tell_undoing
from portal.invoices.files.working import work_on
from portal.web.costly import costly
from portal.web.fragments import redirect_after_post, toast

invoice_file_work = Blueprint("invoice_file_work", __name__, url_prefix="/invoices/files/<uuid:invoice_file_id>")
EDIT = Permission.INVOICES_EDIT


def _page_of(file: InvoiceFile) -> Answer:
    return redirect_after_post(url_for("account.invoice_files.show", invoice_file_id=file.id))


@invoice_file_work.post("/judgement")
@requires(EDIT)
@costly
def judge(invoice_file_id: UUID) -> Answer:
    """Look at every row again, where whoever did so has died over it or the chain has changed since."""
    file = find_idle_preview(invoice_file_id)
    work_on(file, Step.JUDGING)
    return _page_of(file)


@invoice_file_work.post("/application")
@requires(EDIT)
@costly
def apply(invoice_file_id: UUID) -> Answer:
    """Enter what the preview showed; rows that cannot be taken are left out where the person says so."""
    file = find_file(invoice_file_id)
    page = FilePage(file)
    reasons = sent_reasons(request.form, [row.number for row in page.asked])
    if not file.batch.is_preview or file.is_moving:
        toast(_("This file was applied already. Nothing was written twice."), tone="warn")
    elif page.faulty and not ApplicationForm().leave_out.data:
        toast(_("Some rows cannot be taken. Mend the file, or tick that they are left out."), tone="warn")
    elif not page.new.count and not reasons:
        toast(_("There is nothing to enter: say why papers are entered all the same."), tone="warn")
    else:
        file.say(reasons=reasons)
        tell_application(file, work_on(file, Step.APPLYING), url_for(".undo", invoice_file_id=file.id))
    return _page_of(file)


@invoice_file_work.delete("/application")
@requires(EDIT)
@costly
def undo(invoice_file_id: UUID) -> Answer:
    """Cancel what was entered, where nobody has touched it since."""
    file = find_file(invoice_file_id)
    if not file.batch.is_undoable or file.is_moving:
        toast(_("This import cannot be undone: it was undone already, or its time has passed."), tone="warn")
    else:
        tell_undoing(file, work_on(file, Step.UNDOING))
    return _page_of(file)
