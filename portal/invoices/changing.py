"""Changing an invoice after its paper, bringing a cancelled one back, judging anew what is known better by now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast
from uuid import UUID

from flask_babel import gettext as _

from portal.audit.lines import change_lines
from portal.audit.recording import record_edit
from portal.catalogue.conversions import Conversions
from portal.catalogue.pricing import void_prices
from portal.db.base import db
from portal.db.lines import Filled
from portal.db.states import MoveRefused
from portal.invoices.deciding import Decided, follow_decisions
from portal.invoices.duplicates import find_duplicates
from portal.invoices.entering import Entry, header_of, is_held, refuse_duplicates, settle, write_numbers
from portal.invoices.models import Invoice, InvoiceException, InvoiceItem
from portal.invoices.paper import Paper, PaperLine, Source
from portal.invoices.preparing import PreparedLine, prepare
from portal.invoices.queries import lines_of
from portal.invoices.references import References
from portal.invoices.words import ExceptionKind, ExceptionState, InvoiceKind, InvoiceStatus


def change(invoice: Invoice, paper: Paper, *, as_draft: bool = False) -> None:
    """Make an invoice say what its paper says; a draft becomes active, unless it is to stay one.

    Another supplier, kind, number or day is judged like a new paper (``DuplicateFound``). Raises ``MoveRefused`` for
    a cancelled one.
    """
    invoice.hold()
    if invoice.status is InvoiceStatus.CANCELLED:
        raise MoveRefused(_("A cancelled invoice is read only."))
    paper = replace(paper, source=_source(invoice))
    references = References.of([paper])
    paper = references.settled(paper, invoice.supplier_id)
    entry = _entry(invoice, paper)
    write_numbers([entry], lambda: _write_header(entry, references, as_draft))
    [prepared] = prepare([paper], references, learning=not as_draft)
    entry.lines = _write_lines(invoice, prepared)
    if not as_draft or invoice.status is not InvoiceStatus.DRAFT:
        settle([entry], references)


def restore(invoice: Invoice, duplicate_reason: str | None = None) -> bool:
    """Bring a cancelled invoice back with its prices; whether that changed anything.

    Raises ``DuplicateFound`` where another took its place meanwhile and nobody says why both are to stand.
    """
    invoice.hold()
    if invoice.status is not InvoiceStatus.CANCELLED:
        return False
    lines = lines_of([invoice.id])[invoice.id]
    paper = paper_of(invoice, lines)
    paper = replace(paper, duplicate_reason=duplicate_reason or paper.duplicate_reason)
    entry = Entry(paper, invoice, find_duplicates(paper, invoice), lines, InvoiceException.of(invoice))
    refuse_duplicates([paper], [entry.duplicates])
    write_numbers([entry], lambda: invoice.transition(InvoiceStatus.ACTIVE))
    settle([entry], References.of([paper]))
    return True


def judge_anew(invoices: Sequence[Invoice], *, is_told: bool = True) -> None:
    """Take in what became known since they were entered: conversions for lines of which no quantity was known.

    A quantity that was known stays: it is what its price was made with. ``is_told``: whether rooms above hear of it.
    """
    living = [each for each in invoices if each.status is not InvoiceStatus.CANCELLED]
    lines = lines_of([each.id for each in living])
    unknown = [line for own in lines.values() for line in own if line.base_quantity is None]
    conversions = Conversions.of({line.inventory_item_id for line in unknown})
    for line in unknown:
        line.base_quantity = conversions.to_base(line.inventory_item_id, line.quantity, line.unit_id)
    former = InvoiceException.of(*living)
    entries = [
        Entry(
            paper_of(invoice, lines[invoice.id]),
            invoice,
            [],
            lines[invoice.id],
            [each for each in former if each.invoice_id == invoice.id],
            is_compared=False,
        )
        for invoice in living
    ]
    if entries:
        references = References.of([entry.paper for entry in entries])
        references.add_items(())
        settle(entries, references, is_told=is_told)


def paper_of(invoice: Invoice, lines: Sequence[InvoiceItem]) -> Paper:
    """What is stored, as the paper that it came from."""
    return Paper(
        supplier_id=invoice.supplier_id,
        store_id=invoice.store_id,
        number=invoice.invoice_number,
        invoice_date=invoice.invoice_date,
        due_date=invoice.due_date,
        kind="invoice" if invoice.kind is InvoiceKind.INVOICE else "credit_note",
        currency=invoice.currency,
        prices_include_vat=invoice.prices_include_vat,
        stated_total=invoice.stated_total,
        lines=tuple(_paper_line(line) for line in lines),
        document_id=invoice.document_id,
        duplicate_reason=invoice.duplicate_reason,
        source=_source(invoice),
        iiko_id=invoice.iiko_id,
    )


def _source(invoice: Invoice) -> Source:
    return cast(Source, invoice.source.value)


def _paper_line(line: InvoiceItem) -> PaperLine:
    return PaperLine(
        description=line.description,
        quantity=line.quantity,
        unit_id=line.unit_id,
        unit_price=line.unit_price,
        line_total=line.line_total,
        discount=line.discount,
        vat_rate=line.vat_rate,
        vat_amount=line.vat_amount,
        item_id=line.inventory_item_id,
        accepted_quantity=line.accepted_quantity,
        base_quantity=line.base_quantity,
        line_id=line.id,
    )


def _entry(invoice: Invoice, paper: Paper) -> Entry:
    """The change on its way; whether it may be another's double is asked only where it would be another paper."""
    former = (invoice.supplier_id, invoice.kind, invoice.invoice_number, invoice.invoice_date)
    is_other = former != (paper.supplier_id, paper.kind, paper.number, paper.invoice_date)
    found = find_duplicates(paper, invoice) if is_other else []
    refuse_duplicates([paper], [found])
    return Entry(paper, invoice, found, former=InvoiceException.of(invoice), is_compared=is_other)


def _write_header(entry: Entry, references: References, as_draft: bool) -> None:
    invoice, paper = entry.invoice, entry.paper
    for name, value in header_of(paper, references).items():
        setattr(invoice, name, value)
    invoice.document_id = paper.document_id or invoice.document_id
    if invoice.status is InvoiceStatus.DRAFT and not as_draft and not _is_held(entry):
        invoice.status = InvoiceStatus.ACTIVE
    record_edit(invoice)


def _is_held(entry: Entry) -> bool:
    """Whether somebody has yet to accept that the total is not the sum of the lines."""
    return is_held(entry.paper) and not any(
        each.kind is ExceptionKind.ARITHMETIC
        and each.invoice_item_id is None
        and each.state is ExceptionState.ACCEPTED
        and each.evidence["stated"] == f"{entry.paper.stated_total:.2f}"
        and each.evidence["ours"] == f"{entry.paper.total:.2f}"
        for each in entry.former
    )


def _write_lines(invoice: Invoice, prepared: Sequence[PreparedLine]) -> list[InvoiceItem]:
    stored = lines_of([invoice.id])[invoice.id]
    ids = _ids_for(prepared, stored)
    filled: list[Filled] = [(line_id, line.filled) for line_id, line in zip(ids, prepared, strict=True)]
    if {line.id for line in stored} - set(ids):
        # A price that is taken back stays in the history; that of a line that goes would go with it.
        void_prices([invoice.id])
    change_lines(invoice, InvoiceItem, stored, filled, invoice_id=invoice.id)
    db.session.flush()
    lines = lines_of([invoice.id])[invoice.id]
    for line, told in zip(lines, prepared, strict=True):
        told.complete(line)
    return lines


def _ids_for(prepared: Sequence[PreparedLine], stored: Sequence[InvoiceItem]) -> list[UUID | None]:
    """Which stored line each one is now; where nobody says it, the next one that is called alike."""
    if any(line.paper.line_id is not None for line in prepared):
        own = {line.id for line in stored}
        return [line.paper.line_id if line.paper.line_id in own else None for line in prepared]
    left = list(stored)
    found: list[UUID | None] = []
    for line in prepared:
        alike = next((each for each in left if each.description == line.paper.description), None)
        if alike is not None:
            left.remove(alike)
        found.append(alike.id if alike is not None else None)
    return found


def _go_on(decided: Decided) -> None:
    """A draft that waited for its total to be accepted counts from now on."""
    assert isinstance(decided, InvoiceException)
    invoice = decided.invoice
    is_total = decided.kind is ExceptionKind.ARITHMETIC and decided.invoice_item_id is None
    if is_total and decided.state is ExceptionState.ACCEPTED and invoice.transition(InvoiceStatus.ACTIVE):
        judge_anew([invoice])


follow_decisions(_go_on)
