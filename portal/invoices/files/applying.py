"""The papers of a file become invoices in one transaction, and are taken back in one."""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.models import Account
from portal.audit.recording import acting_id
from portal.db.base import db
from portal.documents.models import Document
from portal.importing.models import ImportBatch, ImportState
from portal.importing.row_ends import RowEnd, RowStanding, end_rows, standing_rows
from portal.importing.verdicts import Outcome, Verdict
from portal.invoices.duplicates import DuplicateFound
from portal.invoices.entering import enter_all
from portal.invoices.files.judging import FilePaper, Tell, judge_file
from portal.invoices.files.models import InvoiceFile
from portal.invoices.models import Invoice
from portal.invoices.paper import Paper
from portal.users.models import User

LISTED = "invoices"
# The database may know of numbers that the person does not see: so many papers are left out one by one.
MAX_REFUSED = 50
ABSENT = UUID(int=0)


class TooManyRefused(Exception):
    """More papers than are left out one by one were entered by others meanwhile."""


def judge_again(file: InvoiceFile, tell: Tell = lambda percent: None) -> None:
    """Look at every row anew, and keep the verdicts."""
    judged = judge_file(file, tell)
    file.batch.take_verdicts(judged.judgements)


def apply_file(file: InvoiceFile, tell: Tell = lambda percent: None) -> bool:
    """Enter what the preview told; false where it was applied already.

    Every row is judged anew: what was entered meanwhile by others, or would now be something else, is left and told.
    """
    batch = file.batch
    if not _hold(batch, ImportState.PREVIEW):
        return False
    rows = {row.number: row for row in standing_rows(batch)}
    judged = judge_file(file, lambda percent: tell(percent // 2))
    told = {each.number: each for each in judged.judgements}
    wanted = [paper for paper in judged.papers if _is_wanted(paper, rows, told)]
    # Held while the invoices are written: the log asks for them by their ids, line by line.
    named = [db.session.get(Document, file.document_id or ABSENT), db.session.get(User, acting_id() or ABSENT)]
    entered = _enter(wanted)
    named.clear()
    tell(90)
    ends: dict[int, RowEnd] = {}
    for paper, invoice in entered:
        stored = snapshot(invoice)
        for each in paper.rows.rows:
            ends[each.number] = RowEnd(rows[each.number], Outcome.CREATED, stored, invoice.id)
    left = [row for row in rows.values() if row.verdict == Verdict.NEW and row.number not in ends]
    ends |= {row.number: RowEnd(row, Outcome.STALE) for row in left}
    end_rows(batch, ends.values())
    batch.close_applied(Counter(str(end.outcome) for end in ends.values()), LISTED)
    db.session.flush()
    return True


def undo_file(file: InvoiceFile, tell: Tell = lambda percent: None) -> bool:
    """Cancel what an import entered, where nobody has touched it since; false where it is too late."""
    batch = file.batch
    if not _hold(batch, ImportState.APPLIED) or not batch.is_undoable:
        return False
    rows: dict[UUID, list[RowStanding]] = defaultdict(list)
    for row in standing_rows(batch):
        if row.entity_id is not None and row.outcome == Outcome.CREATED:
            rows[row.entity_id].append(row)
    held = select(Invoice).where(Invoice.id.in_(rows)).order_by(Invoice.id).with_for_update(of=Invoice)
    invoices = db.session.scalars(held.execution_options(populate_existing=True)).all()
    undone: set[UUID] = set()
    for place, invoice in enumerate(invoices):
        tell(100 * place // len(invoices))
        if snapshot(invoice) == rows[invoice.id][0].stored and invoice.cancel(_("The import was undone.")):
            undone.add(invoice.id)
    ends = [
        RowEnd(row, Outcome.UNDONE if invoice_id in undone else Outcome.KEPT, row.stored)
        for invoice_id, of_invoice in rows.items()
        for row in of_invoice
    ]
    end_rows(batch, ends)
    batch.close_undone(Counter(str(end.outcome) for end in ends), LISTED)
    return True


def snapshot(invoice: Invoice) -> dict[str, Any]:
    """What an invoice is right after it was entered: undoing tells by it whether anybody has touched it since."""
    return {
        "status": str(invoice.status),
        "number": invoice.invoice_number,
        "day": invoice.invoice_date.isoformat(),
        "store": str(invoice.store_id),
        "total": str(invoice.total_amount),
        "vat": str(invoice.vat_total),
        "due": invoice.due_date.isoformat() if invoice.due_date else None,
    }


def _hold(batch: ImportBatch, state: ImportState) -> bool:
    """Wait for whoever imports in this account at the moment; whether the batch is then in that state."""
    # Not FOR UPDATE: rows that refer to the account may be added meanwhile.
    db.session.scalars(select(Account.id).where(Account.id == batch.account_id).with_for_update(key_share=True)).one()
    db.session.refresh(batch, with_for_update=True)
    return batch.state == state


def _is_wanted(paper: FilePaper, rows: dict[int, RowStanding], told: dict[int, Any]) -> bool:
    """Whether a paper is still what the preview showed, and nothing keeps it from being entered."""
    if paper.duplicates and not paper.paper.duplicate_reason:
        return False
    for each in paper.rows.rows:
        row, now = rows.get(each.number), told[each.number]
        if row is None or row.verdict not in (Verdict.NEW, Verdict.KNOWN):
            return False
        if _what_counts(row.values) != _what_counts(now.plain_values):
            return False
    return True


def _what_counts(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values.get(name) for name in ("paper", "quantity", "price", "total", "currency"))


def _enter(papers: list[FilePaper]) -> list[tuple[FilePaper, Invoice]]:
    """All at once; what the database knows already, though the person does not see it, is left out."""
    left = list(papers)
    for _tried in range(MAX_REFUSED):
        try:
            with db.session.begin_nested():
                invoices = enter_all([each.paper for each in left])
            return list(zip(left, invoices, strict=True))
        except DuplicateFound as found:
            refused = [each for each in left if _is_same(each.paper, found.paper)]
            left = [each for each in left if each not in refused[:1]]
    raise TooManyRefused


def _is_same(paper: Paper, other: Paper) -> bool:
    return (paper.number, paper.invoice_date, paper.store_id, paper.lines) == (
        other.number,
        other.invoice_date,
        other.store_id,
        other.lines,
    )
