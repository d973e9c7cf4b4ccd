"""A statement's rows compared with our invoices and written down, as often as anybody asks.

Rows that a person has decided on stay as they are, with what they were found to be.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from portal.db.base import db
from portal.db.many_writes import insert_rows
from portal.db.types import utc_now
from portal.invoices.models import Invoice
from portal.reconciliations.layout.books import Entry
from portal.reconciliations.matching.comparing import Comparison, Finding, compare
from portal.reconciliations.matching.papers import OwnInvoice, Row
from portal.reconciliations.models import (
    Reconciliation,
    ReconciliationItem,
    ReconciliationMatch,
    ReconciliationStatus,
    RowKind,
    RowStatus,
)
from portal.reconciliations.queries import DECIDED, items_of, live_matches, number_keys, own_invoices, unsettled_before
from portal.reconciliations.reading import entries_of
from portal.reconciliations.telling import STATUS, told_entry, told_finding

# How far a comparison has come at each of its steps, in per cent.
BEGUN, READ, FOUND, DONE = 5, 20, 70, 100
Note = Callable[[int], None]


@dataclass(frozen=True)
class Told:
    """A row of the statement with its number's keys."""

    position: int
    entry: Entry
    contract: str
    kind: RowKind
    amount: Decimal
    key: str
    core: str

    @property
    def is_compared(self) -> bool:
        """Whether it is about goods: money is in nobody's invoices."""
        return self.kind != RowKind.PAYMENT and bool(self.amount)

    @property
    def row(self) -> Row:
        """As it is matched."""
        return Row(self.position, self.entry.day, self.amount, self.key, self.core)


class StatementComparison:
    """One comparison of one statement; ``note`` is told how far it has come."""

    def __init__(self, statement: Reconciliation, note: Note = lambda percent: None) -> None:
        self.statement, self.note = statement, note

    def run(self) -> None:
        """Compare, and put what was found in the place of what was found before."""
        began = utc_now()
        self.statement.status, self.statement.started_at = ReconciliationStatus.IN_PROGRESS, began
        told = told_rows(self.statement)
        decided = items_of(self.statement, DECIDED)
        spoken_for = self._spoken_for(decided)
        self.note(READ)
        left = {each.position for each in decided}
        compared = [each for each in told if each.is_compared and each.position not in left]
        invoices = own_invoices(self.statement, spoken_for)
        found = compare([each.row for each in compared], invoices, self.statement.tolerance)
        self.note(FOUND)
        if not self._is_latest(began):
            return
        forget_rows(self.statement, ~DECIDED)
        self._write(told, left, found)
        self.statement.status, self.statement.progress = ReconciliationStatus.COMPARED, DONE
        db.session.flush()

    def _is_latest(self, began: datetime) -> bool:
        """Whether none has begun since: while one notes how far it is, nothing holds the statement."""
        query = select(Reconciliation.started_at).where(Reconciliation.id == self.statement.id).with_for_update()
        return db.session.scalar(query) == began

    def _spoken_for(self, decided: Sequence[ReconciliationItem]) -> set[UUID]:
        """Invoices that rows are by somebody's word."""
        ids = {each.id for each in decided}
        return {each.invoice_id for each in live_matches(self.statement) if each.reconciliation_item_id in ids}

    def _write(self, told: Sequence[Told], left: set[int], found: Comparison) -> None:
        findings = {each.row.position: each for each in found.findings}
        written = [self._row(each, findings.get(each.position)) for each in told if each.position not in left]
        insert_rows(ReconciliationItem, written)
        insert_rows(ReconciliationMatch, list(self._matches(written, findings)))
        write_lacking(self.statement, found.lacking, max((each.position for each in told), default=0))

    def _row(self, told: Told, finding: Finding | None) -> dict[str, Any]:
        status = STATUS[finding.bucket] if finding else RowStatus.NOT_COMPARED
        return {
            "id": uuid4(),
            "account_id": self.statement.account_id,
            "reconciliation_id": self.statement.id,
            "position": told.position,
            "kind": told.kind,
            "invoice_number": told.entry.number or "",
            "invoice_date": told.entry.day,
            "amount": told.amount,
            "currency": self.statement.currency,
            "number_key": told.key,
            "status": status,
            "match_confidence": finding.confidence if finding else None,
            "details": {**told_entry(told.entry, told.contract), **(told_finding(finding) if finding else {})},
        }

    def _matches(self, written: Sequence[dict[str, Any]], findings: dict[int, Finding]) -> Iterator[dict[str, Any]]:
        for row in written:
            finding = findings.get(row["position"])
            for invoice, amount in (
                shares(finding.row.amount, finding.taken.invoices) if finding and finding.taken else ()
            ):
                own = {"id": uuid4(), "account_id": self.statement.account_id}
                yield own | {"reconciliation_item_id": row["id"], "invoice_id": invoice.id, "amount": amount}


def forget_rows(statement: Reconciliation, *conditions: Any) -> None:
    """What was found of the rows of a statement, of some or of all."""
    own = (ReconciliationItem.reconciliation_id == statement.id, *conditions)
    db.session.execute(delete(ReconciliationItem).where(*own), execution_options={"synchronize_session": False})


def shares(amount: Decimal, invoices: Sequence[OwnInvoice]) -> Iterator[tuple[OwnInvoice, Decimal]]:
    """How much of each invoice a row is: all of it, and of a single one no more than the row has."""
    for invoice in invoices:
        whole = invoice.amount
        yield invoice, whole if len(invoices) > 1 else min(amount, whole, key=abs)


def told_rows(statement: Reconciliation) -> list[Told]:
    """The rows of a statement that was read, in their order, with the keys of their numbers."""
    party, entries = entries_of(statement)
    keys = number_keys([entry.number or "" for entry, _ in entries], [entry.day for entry, _ in entries])
    return [
        Told(place, entry, contract, RowKind(entry.movement_for(party)), entry.amount_for(party), *key)
        for place, ((entry, contract), key) in enumerate(zip(entries, keys, strict=True), 1)
    ]


def write_lacking(statement: Reconciliation, invoices: Sequence[OwnInvoice], after: int) -> None:
    """Our invoices of the period that no row is; those that a row of an earlier statement is, settle that one."""
    lacking = [each for each in invoices if statement.period_from <= each.day <= statement.period_to]
    names = _names(statement, lacking)
    settling = settled_by(statement, lacking)
    ordered = sorted(lacking, key=lambda each: (each.day, names.get(each.id, ""), str(each.id)))
    insert_rows(
        ReconciliationItem,
        [
            _lacking_row(statement, each, names.get(each.id, ""), after + place, settling.get(each.id))
            for place, each in enumerate(ordered, 1)
        ],
    )


def settled_by(statement: Reconciliation, invoices: Sequence[OwnInvoice]) -> dict[Any, UUID]:
    """The item of an earlier statement that each of the invoices settles, if any."""
    earlier = unsettled_before(statement) if invoices else []
    if not earlier:
        return {}
    found = compare([row for _, row in earlier], invoices, statement.tolerance).findings
    return {
        invoice.id: item
        for (item, _row), finding in zip(earlier, found, strict=True)
        if STATUS[finding.bucket] is RowStatus.MATCHED and finding.taken
        for invoice in finding.taken.invoices
    }


def _lacking_row(
    statement: Reconciliation, invoice: OwnInvoice, number: str, position: int, settles: UUID | None
) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "account_id": statement.account_id,
        "reconciliation_id": statement.id,
        "position": position,
        "kind": RowKind.RETURN if invoice.amount < 0 else RowKind.DELIVERY,
        "invoice_number": number,
        "invoice_date": invoice.day,
        "amount": invoice.amount,
        "currency": statement.currency,
        "number_key": invoice.key,
        "status": RowStatus.MATCHED if settles else RowStatus.MISSING_THERE,
        "details": {"settles": str(settles)} if settles else {},
        "invoice_id": invoice.id,
    }


def _names(statement: Reconciliation, invoices: Sequence[OwnInvoice]) -> dict[Any, str]:
    """The numbers as our invoices have them."""
    if not invoices:
        return {}
    query = select(Invoice.id, Invoice.invoice_number).where(
        Invoice.supplier_id == statement.supplier_id,
        Invoice.invoice_date.between(min(each.day for each in invoices), max(each.day for each in invoices)),
    )
    return {row.id: row.invoice_number for row in db.session.execute(query)}
