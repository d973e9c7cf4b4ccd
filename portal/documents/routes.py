"""Pages of documents: their files, the photos of invoices, the files of suppliers."""

from uuid import UUID

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.documents.document_page import add_files, add_photos, file_of, invoice_of, photos_answer
from portal.documents.forms import DocumentForm, PhotosForm
from portal.documents.models import Document
from portal.documents.verbs import remove_photo
from portal.extensions import csrf
from portal.invoices.models import Invoice
from portal.media.bucket import BucketUnavailable
from portal.suppliers.models import Supplier
from portal.tenancy.finding import get_or_404, require_whole_account
from portal.web.error_pages import show as show_error
from portal.web.fragments import redirect_after_post
from portal.web.stale_forms import demand_proof

documents = Blueprint("documents", __name__, url_prefix="/documents")
# Five photos, and room to say that one is too large.
LARGEST_UPLOAD = 64 * 1024 * 1024


@documents.before_request
def take_uploads() -> Response | None:
    """Let large bodies in, from those alone who may upload: the guards have been passed, nothing was read yet."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_UPLOAD
    return demand_proof()


@documents.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Response:
    """The files' store is away; nothing was changed."""
    current_app.logger.warning("the bucket does not serve a document: %s", fault)
    return show_error(503, _("The files cannot be reached now"), _("Nothing was changed. Try again in a minute."))


@documents.get("/<uuid:document_id>/file")
@requires(Permission.CATALOGUE_SEE)
def file(document_id: UUID) -> Response:
    """The photo or file itself."""
    return file_of(get_or_404(Document, document_id))


@documents.post("/invoices/<uuid:invoice_id>/photos")
@requires(Permission.INVOICES_EDIT)
@csrf.exempt
def add_photo(invoice_id: UUID) -> Response:
    """Add photos of an invoice's paper."""
    invoice, form = get_or_404(Invoice, invoice_id), PhotosForm()
    return add_photos(invoice, form) if form.accepted() else photos_answer(invoice)


@documents.delete("/<uuid:document_id>")
@requires(Permission.INVOICES_EDIT)
def remove(document_id: UUID) -> Response:
    """Remove a photo of an invoice."""
    document = get_or_404(Document, document_id)
    invoice = invoice_of(document)
    remove_photo(document, invoice)
    return photos_answer(invoice)


@documents.post("/suppliers/<uuid:supplier_id>/files")
@requires(Permission.CATALOGUE_EDIT)
@csrf.exempt
def add_file(supplier_id: UUID) -> Response:
    """Keep files of a supplier; they belong to no restaurant, so those of all restaurants see them."""
    require_whole_account()
    supplier, form = get_or_404(Supplier, supplier_id), DocumentForm()
    if form.accepted():
        return add_files(supplier, form)
    return redirect_after_post(url_for("account.suppliers.show", supplier_id=supplier.id))
