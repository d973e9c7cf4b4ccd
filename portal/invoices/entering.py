"""Papers become invoices: asked whether they are there already, written, judged, their prices noted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from portal.audit.recording import acting_id, record_creation
from portal.catalogue.pricing import note_all_prices
from portal.db.base import db
from portal.db.faults import cause_of
from portal.db.many_writes import write_new
from portal.invoices.arithmetic import judge_total
from portal.invoices.duplicates import Duplicate, DuplicateFound, find_duplicates_of_all, hidden_duplicate
from portal.invoices.exceptions import Finding, keep_exceptions
from portal.invoices.following import compared, tell_followers
from portal.invoices.judging import duplicate_finding, judge, price_finding
from portal.invoices.likeness import Rule
from portal.invoices.models import Invoice, InvoiceException, InvoiceItem
from portal.invoices.paper import Paper
from portal.invoices.preparing import PreparedLine, prepare
from portal.invoices.queries import taken_numbers
from portal.invoices.references import References
from portal.invoices.words import DuplicateReason, ExceptionKind, InvoiceKind, InvoiceSource, InvoiceStatus
from portal.tenancy.scope import require_scope

MAX_TRIES = 3


@dataclass
class Entry:
    """A paper on its way to being an invoice; ``former`` is what there was to decide about it before."""

    paper: Paper
    invoice: Invoice
    duplicates: list[Duplicate]
    lines: list[InvoiceItem] = field(default_factory=list)
    former: Sequence[InvoiceException] = ()
    # Whether it was asked anew whether the paper is there already.
    is_compared: bool = True


def enter(paper: Paper, *, as_draft: bool = False) -> Invoice:
    """The invoice of a paper. A draft is judged by nobody, and makes no prices.

    It is a draft, too, where the total that the paper states is not the sum of its lines: somebody has to decide.
    Raises ``DuplicateFound`` where it may be there already and nobody said why it is entered all the same.
    """
    return enter_all([paper], as_draft=as_draft)[0]


def enter_all(papers: Sequence[Paper], *, as_draft: bool = False) -> list[Invoice]:
    """The same for many, in few statements. What comes from iiko is never stopped: an exception asks afterwards."""
    if not papers:
        return []
    references = References.of(papers)
    papers = [references.settled(paper) for paper in papers]
    found = find_duplicates_of_all(papers)
    refuse_duplicates(papers, found)
    entries = [
        Entry(paper, _invoice(paper, references, as_draft), duplicates)
        for paper, duplicates in zip(papers, found, strict=True)
    ]
    write_numbers(entries, lambda: db.session.add_all(entry.invoice for entry in entries))
    prepared = prepare(papers, references, learning=not as_draft)
    for entry, lines in zip(entries, prepared, strict=True):
        entry.lines = [_line(entry.invoice, place, line) for place, line in enumerate(lines, start=1)]
    write_new([line for entry in entries for line in entry.lines], require_scope().account_id)
    if not as_draft:
        settle(entries, references)
    for entry in entries:
        record_creation(entry.invoice)
    return [entry.invoice for entry in entries]


def header_of(paper: Paper, references: References) -> dict[str, Any]:
    """What an invoice says beside its lines, by column."""
    return {
        "supplier_id": paper.supplier_id,
        "restaurant_id": references.stores[paper.store_id].restaurant_id,
        "store_id": paper.store_id,
        "kind": InvoiceKind(paper.kind),
        "invoice_number": paper.number,
        "invoice_date": paper.invoice_date,
        "due_date": paper.due_date,
        "total_amount": paper.total,
        "stated_total": paper.stated_total,
        "vat_total": paper.vat_total,
        "currency": paper.currency,
        "prices_include_vat": paper.prices_include_vat,
    }


def refuse_duplicates(papers: Sequence[Paper], found: Sequence[list[Duplicate]]) -> None:
    """Raise ``DuplicateFound`` for the first paper that may be there already and for which nobody gave a reason."""
    for paper, duplicates in zip(papers, found, strict=True):
        if duplicates and not paper.duplicate_reason and paper.source != "iiko":
            raise DuplicateFound(duplicates, paper)


def write_numbers(entries: Sequence[Entry], write: Callable[[], object]) -> None:
    """Write the invoices as ``write`` leaves them; of two people who save the same one at once the second is asked."""
    for tried in range(1, MAX_TRIES + 1):
        try:
            with db.session.begin_nested():
                for entry in entries:
                    if entry.is_compared:
                        entry.invoice.duplicate_reason = _reason(entry.paper, entry.duplicates)
                write()
                db.session.flush()
        except IntegrityError as error:
            if tried == MAX_TRIES or not _is_taken_number(error):
                raise
            _look_again(entries)
        else:
            return


def settle(entries: Sequence[Entry], references: References, *, is_told: bool = True) -> None:
    """Note the prices of what is active, and have whatever does not come out decided by somebody.

    ``is_told``: whether rooms above hear of it.
    """
    active = [(each.invoice, each.lines) for each in entries if each.invoice.status is not InvoiceStatus.DRAFT]
    place_of = {line.id: entry for entry in entries for line in entry.lines}
    invoices = {id(entry.paper): entry.invoice for entry in entries}
    findings: dict[int, list[Finding]] = {
        id(entry): [*judge(entry.invoice, entry.lines, references), *_doubles(entry, invoices)] for entry in entries
    }
    for found in note_all_prices(active):
        findings[id(place_of[found.invoice_item_id])].append(price_finding(found))
    others = compared([invoice for invoice, _lines in active])
    fresh: list[InvoiceException] = []
    for entry in entries:
        kept = () if entry.is_compared else (ExceptionKind.DUPLICATE,)
        told = [*findings[id(entry)], *others.get(entry.invoice.id, ())]
        fresh += keep_exceptions(entry.invoice, told, entry.former, but=kept)
    write_new(fresh, require_scope().account_id)
    db.session.flush()
    if is_told:
        tell_followers([entry.invoice.id for entry in entries])


def is_held(paper: Paper) -> bool:
    """Whether somebody has to look before it counts: its total is not the sum of its lines."""
    doubt = judge_total(paper.stated_total, [line.line_total for line in paper.lines])
    return doubt is not None and paper.source != "iiko"


def _invoice(paper: Paper, references: References, as_draft: bool) -> Invoice:
    is_draft = as_draft or is_held(paper)
    return Invoice(
        id=uuid4(),
        **header_of(paper, references),
        status=InvoiceStatus.DRAFT if is_draft else InvoiceStatus.ACTIVE,
        source=InvoiceSource(paper.source),
        document_id=paper.document_id,
        iiko_id=paper.iiko_id,
        user_id=acting_id(),
    )


def _line(invoice: Invoice, place: int, prepared: PreparedLine) -> InvoiceItem:
    line = InvoiceItem(id=uuid4(), invoice_id=invoice.id, position=place, **prepared.filled)
    prepared.complete(line)
    return line


def _reason(paper: Paper, duplicates: Sequence[Duplicate]) -> str | None:
    """Why it stands beside what it is like. Without a like one there is none: the number stays its own."""
    if not duplicates:
        return None
    if paper.source != "iiko":
        return paper.duplicate_reason
    same = [each for each in duplicates if each.rule is Rule.SAME_NUMBER]
    if not same:
        return None
    return DuplicateReason.SECOND_PART if all(each.is_split for each in same) else DuplicateReason.IN_IIKO


def _doubles(entry: Entry, invoices: Mapping[int, Invoice]) -> list[Finding]:
    """What was imported although it may be there; a paper that is split over two stores is only noted."""
    if entry.paper.source != "iiko":
        return []
    return [
        duplicate_finding(entry.invoice, each, each.invoice or invoices[id(each.paper)])
        for each in entry.duplicates
        if not each.is_split and (each.invoice is not None or each.paper is not None)
    ]


def _is_taken_number(error: IntegrityError) -> bool:
    return getattr(getattr(cause_of(error), "diag", None), "constraint_name", None) == "uix_invoice_number"


def _look_again(entries: Sequence[Entry]) -> None:
    """Somebody was faster, or stands where the person does not look: the database knew of the number, we did not."""
    compared = [entry for entry in entries if entry.is_compared]
    papers = [entry.paper for entry in compared]
    found = find_duplicates_of_all(papers, [entry.invoice for entry in compared])
    taken = taken_numbers(papers, but=[entry.invoice.id for entry in compared])
    for entry, duplicates, is_taken in zip(compared, found, taken, strict=True):
        entry.duplicates = duplicates or ([hidden_duplicate()] if is_taken else [])
    refuse_duplicates(papers, [entry.duplicates for entry in compared])
