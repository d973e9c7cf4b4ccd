"""What becomes of an uploaded statement: kept, understood, compared; or told why not."""

import hashlib
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.documents.contents import DocumentRefused
from portal.documents.models import DocumentKind, DocumentStatus
from portal.documents.verbs import store_document
from portal.importing.reading import UnreadableFileError, read_table
from portal.reconciliations.forms import UploadForm
from portal.reconciliations.models import Reconciliation, ReconciliationStatus
from portal.reconciliations.opening import StatementRefused, Upload, open_statement
from portal.reconciliations.queries import same_statements
from portal.suppliers.models import Supplier
from portal.tenancy.finding import get_or_404
from portal.web.fragments import redirect_after_post, toast
from portal.web.language import day


def take_upload(form: UploadForm) -> Response | None:
    """The answer to a statement that was taken; ``None`` where the form says why it was not."""
    supplier = get_or_404(Supplier, form.supplier_id.data)
    earlier = same_statements(hashlib.sha256(form.sent).hexdigest(), supplier.id)
    if earlier:
        form.earlier = earlier[0]
        when = (earlier[0].completed_at or earlier[0].created_at).date()
        form.refuse_file(_("This file was compared on %(day)s.", day=day(when.isoformat())))
        return None
    try:
        document = store_document(
            form.sent,
            form.file_name,
            DocumentKind.STATEMENT,
            supplier_id=supplier.id,
            restaurant_id=form.restaurant_id.data,
        )
        upload = Upload(form.table.rows, supplier, document.id, form.period, form.restaurant_id.data)
        statement = open_statement(upload)
        document.status = DocumentStatus.PROCESSED
        return opened(statement)
    except (DocumentRefused, StatementRefused) as refusal:
        form.refuse_file(refusal.sentence)
        return None


def opened(statement: Reconciliation) -> Response:
    """To what was found, or to what has to be said first."""
    if statement.status == ReconciliationStatus.PENDING:
        return redirect_after_post(url_for("account.comparisons.layout", reconciliation_id=statement.id))
    return redirect_after_post(url_for("account.reconciliations.show", reconciliation_id=statement.id))


def renew(earlier: Reconciliation) -> Response:
    """The same file once more, as a statement of its own: what was completed stays as it is."""
    here = url_for("account.reconciliations.show", reconciliation_id=earlier.id)
    period = (earlier.period_from, earlier.period_to)
    try:
        upload = Upload(rows_of(earlier), earlier.supplier, earlier.document_id, period, earlier.restaurant_id)
        return opened(open_statement(upload))
    except (LookupError, UnreadableFileError, StatementRefused):
        toast(_("Its file is not kept any more. Upload it again."), tone="warn")
        return redirect_after_post(here)


def rows_of(statement: Reconciliation) -> list[tuple[int, list[str]]]:
    """The rows of a statement's file, read again."""
    if statement.document is None:
        raise LookupError("the statement has no file")
    with statement.document.opened() as file:
        return read_table(file.read()).rows


def given_by_address() -> dict[str, Any]:
    """What a link to the form names already."""
    return {name: value for name in ("supplier_id", "restaurant_id") if (value := request.args.get(name))}
