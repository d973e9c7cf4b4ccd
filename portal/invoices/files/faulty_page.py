"""The rows that were not taken, as the file had them, with the reasons: to be mended and sent again."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.importing.models import ImportRow
from portal.importing.verdicts import Verdict
from portal.invoices.files.fields import labels
from portal.invoices.files.models import InvoiceFile
from portal.tenancy.scope import require_scope
from portal.web.listing.cells import cell


def faulty_rows(file: InvoiceFile) -> Response:
    """The CSV: the headings of the file, its cells unchanged but for formulas, and the reason in the last column."""
    batch = file.batch
    names = labels()
    refused = select(ImportRow.number, ImportRow.problems, ImportRow.values).where(
        ImportRow.batch_id == batch.id,
        ImportRow.verdict.in_((Verdict.ERROR, Verdict.KNOWN)),
        ImportRow.outcome.is_(None),
    )
    reasons = {row.number: _reason(row, names) for row in db.session.execute(refused)}
    width = len(batch.columns)
    headings: list[str] = next((cells for number, cells in batch.grid if number == batch.heading_row), [])
    text = io.StringIO("\ufeff", newline="")
    text.seek(0, io.SEEK_END)
    out = csv.writer(text, delimiter=";")
    out.writerow([*_filled(headings, width), _("Row"), _("Reason")])
    for number, cells in batch.grid:
        if number in reasons:
            out.writerow([*_filled(cells, width), number, cell(reasons[number])])
    account = db.session.get_one(Account, require_scope().account_id)
    record(Action.EXPORTED, account, after={"list": "import_rows", "rows": len(reasons)})
    response = Response(text.getvalue().encode(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"rows-{datetime.now(UTC):%Y-%m-%d}.csv")
    return response


def _filled(cells: list[str], width: int) -> list[str]:
    return [cell(text) for text in cells] + [""] * (width - len(cells))


def _reason(row: Any, names: dict[str, str]) -> str:
    head = row.values.get("head") or {}
    told = [f"{names[field]}: {text}" if field in names else text for field, text in row.problems]
    told += [each["text"] for each in head.get("duplicates", [])]
    return " ".join(told) or str(_("Its paper is there already."))
