"""Taking in a file that was sent: kept as a document, laid out and judged; or refused beside its field."""

from typing import Any

from flask_babel import gettext as _

from portal.db.base import db
from portal.documents.contents import DocumentRefused
from portal.documents.models import Document, DocumentKind
from portal.documents.verbs import store_document
from portal.importing.reading import UnreadableFileError
from portal.invoices.files.forms import FileForm
from portal.invoices.files.models import InvoiceFile, Step
from portal.invoices.files.upd import UpdFault
from portal.invoices.files.uploading import begin_file, grid_of, read_again
from portal.invoices.files.working import work_on
from portal.media.bucket import BucketUnavailable
from portal.stores.models import Store
from portal.web.fragments import toast


def receive(form: FileForm) -> InvoiceFile | None:
    """The preview of what was sent; ``None`` where it is no paper, which the form then says."""
    place = form.file if form.file.data else form.rows
    try:
        grid_of(form.table)
        name = form.file_name
        document = _keep(form, name)
    except (UpdFault, DocumentRefused) as refusal:
        place.errors = [*place.errors, refusal.sentence]
        return None
    except BucketUnavailable:
        place.errors = [*place.errors, _("Files cannot be kept at this moment. Try again in a few minutes.")]
        return None
    store_id = form.store_id.data
    file = begin_file(form.table, document, file_name=name, supplier_id=form.supplier_id.data, store_id=store_id)
    work_on(file, Step.JUDGING)
    return file


def _keep(form: FileForm, name: str) -> Document:
    """The file itself, where its papers belong: it may be read another way later, and is shown with its invoices."""
    store = db.session.get_one(Store, form.store_id.data)
    return store_document(
        form.data_sent,
        name,
        DocumentKind.INVOICE,
        supplier_id=form.supplier_id.data,
        restaurant_id=store.restaurant_id,
        store_id=store.id,
    )


def reread(file: InvoiceFile, told: dict[str, Any]) -> None:
    """Read the kept file as it was told; what is wrong with that is said, and the file stays as it was."""
    try:
        read_again(file, **told)
    except (UnreadableFileError, UpdFault) as refusal:
        toast(str(refusal), tone="bad")
    except (BucketUnavailable, LookupError):
        toast(_("The file itself is not at hand at this moment. Choose it again."), tone="bad")
    else:
        work_on(file, Step.JUDGING)
