"""Pages of files of invoices: sending one, saying what its columns are, looking at every row, applying, undoing."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.extensions import csrf
from portal.importing.import_page import tabs
from portal.importing.listing import IMPORT_ROWS, result
from portal.importing.routes import take_uploads
from portal.invoices.files.faulty_page import faulty_rows
from portal.invoices.files.fields import labels
from portal.invoices.files.forms import FileForm, layout_form, reading_form
from portal.invoices.files.models import InvoiceFile, Step
from portal.invoices.files.page import FilePage, find_file, find_idle_preview, past_files
from portal.invoices.files.receiving_page import receive, reread
from portal.invoices.files.uploading import set_layout
from portal.invoices.files.working import work_on
from portal.web.costly import costly, take_place
from portal.web.fragments import form_page, fragment, list_page, redirect_after_post, toast, wants_fragment
from portal.web.listing import read_page
from portal.web.navigation import belong_to

invoice_files = Blueprint("invoice_files", __name__, url_prefix="/invoices/files")
EDIT = Permission.INVOICES_EDIT
csrf.exempt(invoice_files)


invoice_files.before_request(belong_to("supply"))
invoice_files.before_request(take_uploads)


def here(file: InvoiceFile) -> str:
    """The file's own page."""
    return url_for(".show", invoice_file_id=file.id)


@invoice_files.route("", methods=["GET", "POST"])
@requires(EDIT)
def index() -> Answer:
    """Choose a file or paste rows; below, what was sent before."""
    if request.method == "POST":
        take_place()
    form = FileForm()
    if form.accepted() and (file := receive(form)) is not None:
        return redirect_after_post(here(file))
    past = [(here(file), file.batch) for file in past_files()]
    return form_page("invoices/files/index.html", form, past=past)


@invoice_files.get("/<uuid:invoice_file_id>")
@requires(EDIT)
@costly
def show(invoice_file_id: UUID) -> str | Answer:
    """Every row with its verdict; after the import, with what came of it."""
    page = FilePage(find_file(invoice_file_id))
    if page.file.is_incomplete:
        return redirect_after_post(url_for(".columns", invoice_file_id=invoice_file_id))
    rows = read_page(IMPORT_ROWS, request.args, here(page.file), page.batch.id)
    told = {"tabs": tabs(page.batch, rows), "labels": labels(), "result": result}
    return list_page(rows, "invoices/files/rows/index.html", file_page=page, **told)


@invoice_files.get("/<uuid:invoice_file_id>/progress")
@requires(EDIT)
def progress(invoice_file_id: UUID) -> Answer | str:
    """How far the work on it has come, for the page that follows; at its end the page is loaded anew."""
    file = find_file(invoice_file_id)
    if not wants_fragment():
        return redirect_after_post(here(file))
    if file.step is None:
        return Response("", 204, {"HX-Refresh": "true"})
    return fragment("invoices/files/_progress.html", file=file)


@invoice_files.route("/<uuid:invoice_file_id>/columns", methods=["GET", "POST"])
@requires(EDIT)
@costly
def columns(invoice_file_id: UUID) -> Answer:
    """Say what each column of the file is, and what is true of all of it."""
    file = find_idle_preview(invoice_file_id)
    form = layout_form(file)
    if form.accepted():
        set_layout(file, form.heading_row.data, form.chosen(), form.options())
        work_on(file, Step.JUDGING)
        return redirect_after_post(here(file))
    return form_page("invoices/files/columns.html", form, file_page=FilePage(file), reading=reading_form(file))


@invoice_files.post("/<uuid:invoice_file_id>/reading")
@requires(EDIT)
@costly
def reading(invoice_file_id: UUID) -> Answer:
    """Read it another way: another sheet, encoding or separator."""
    file = find_idle_preview(invoice_file_id)
    form = reading_form(file) or abort(409)
    if form.accepted():
        reread(file, form.values())
    return redirect_after_post(url_for(".columns", invoice_file_id=invoice_file_id))


@invoice_files.get("/<uuid:invoice_file_id>/export")
@requires(EDIT)
@costly
def export(invoice_file_id: UUID) -> Answer:
    """The rows that were not taken, with the reasons, as CSV."""
    return faulty_rows(find_file(invoice_file_id))


@invoice_files.delete("/<uuid:invoice_file_id>")
@requires(EDIT)
def discard(invoice_file_id: UUID) -> Answer:
    """Forget a preview."""
    find_idle_preview(invoice_file_id).batch.discard()
    toast(_("The preview was discarded. Nothing was imported."))
    return redirect_after_post(url_for(".index"))
