"""The answers of the pages of documents: a file, the photos of an invoice, the files of a supplier."""

from collections.abc import Callable, Iterable

from flask import abort, make_response, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.access.viewer import may
from portal.db.base import db
from portal.documents.contents import DocumentRefused
from portal.documents.forms import DocumentForm, PhotosForm
from portal.documents.models import SEEN_BY, Document, DocumentKind, InvoiceDocument
from portal.documents.verbs import attach_photo, photos_of, store_document
from portal.invoices.models import Invoice
from portal.media.content_types import type_named
from portal.media.handing_out import handed_out
from portal.media.names import download_name
from portal.suppliers.models import Supplier
from portal.web.fragments import fragment, redirect_after_post, toast, wants_fragment


def file_of(document: Document) -> Response:
    """The bytes of a document, for those who may see what it is about."""
    may(SEEN_BY[document.document_type]) or abort(403)
    file = document.stored() or abort(404)
    known = type_named(file.content_type)
    return handed_out(file, download_name(document.file_name, known) if known else document.file_name)


def add_photos(invoice: Invoice, form: PhotosForm) -> Response:
    """Keep the photos that were sent as far as they can be kept, and show what is there now."""
    return photos_answer(invoice, _keep(form.sent(), lambda name, data: attach_photo(data, name, invoice)))


def photos_answer(invoice: Invoice, error: str | None = None) -> Response:
    """The photos of an invoice: the section for htmx, its page for others."""
    if not wants_fragment():
        if error:
            toast(error, tone="bad")
        return redirect_after_post(url_for("account.invoices.show", invoice_id=invoice.id) + "#photos")
    told = {"invoice": invoice, "photos": photos_of([invoice.id])[invoice.id], "photos_error": error}
    return make_response(fragment("documents/_photos.html", **told))


def add_files(supplier: Supplier, form: DocumentForm) -> Response:
    """Keep the files of a supplier as far as they can be kept."""
    error = _keep(
        form.sent(), lambda name, data: store_document(data, name, DocumentKind.OTHER, supplier_id=supplier.id)
    )
    if error:
        toast(error, tone="bad")
    return redirect_after_post(url_for("account.suppliers.show", supplier_id=supplier.id) + "#documents")


def invoice_of(document: Document) -> Invoice:
    """The invoice whose photo a document is; 404 where it is none."""
    query = select(Invoice).join(InvoiceDocument, InvoiceDocument.invoice_id == Invoice.id)
    return db.session.scalars(query.where(InvoiceDocument.document_id == document.id).limit(1)).first() or abort(404)


def _keep(files: Iterable[tuple[str, bytes]], keep: Callable[[str, bytes], object]) -> str | None:
    """Keep each file that can be kept; why others cannot, or that nothing was chosen."""
    errors, is_any = [], False
    for name, data in files:
        is_any = True
        try:
            keep(name, data)
        except DocumentRefused as refusal:
            errors.append(refusal.sentence)
    return " ".join(dict.fromkeys(errors)) if is_any else str(_("Choose at least one file."))
