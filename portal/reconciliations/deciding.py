"""A person's word on one row: it is these invoices, or none. Other rows keep what they are.

Only how rows stand that share an invoice follows: what two of them are of one paper is one sum.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import delete

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.invoices.models import Invoice, InvoiceStatus
from portal.reconciliations.matching.papers import OwnInvoice
from portal.reconciliations.models import (
    Reconciliation,
    ReconciliationItem,
    ReconciliationMatch,
    ReconciliationStatus,
    RowStatus,
)
from portal.reconciliations.queries import (
    are_comparable,
    held,
    invoices_named,
    items_of,
    last_position,
    live_matches,
)
from portal.reconciliations.running import write_lacking

Matches = Sequence[ReconciliationMatch]


def held_open(statement_id: UUID) -> Reconciliation:
    """The statement, held until the transaction ends; ``MoveRefused`` where its rows may not change now."""
    statement = held(statement_id)
    if statement.status != ReconciliationStatus.COMPARED:
        raise MoveRefused(_("This statement is being compared. Wait until it is done."))
    return statement


class RowDecision:
    """What is said of one row of a statement."""

    def __init__(self, item: ReconciliationItem) -> None:
        self.item = item
        self.statement = held_open(item.reconciliation_id)
        self.live = live_matches(self.statement)
        self.own = [each for each in self.live if each.reconciliation_item_id == item.id]
        self.former = item.status

    def assign(self, invoices: Sequence[Invoice]) -> None:
        """The row is these invoices, one or several; ``MoveRefused`` where one of them is spoken for."""
        chosen = {each.id for each in invoices}
        if any(each.status == InvoiceStatus.CANCELLED for each in invoices):
            raise MoveRefused(_("This invoice was cancelled. There is nothing to decide about it."))
        if not are_comparable(self.statement, chosen):
            abort(404)
        amounts = self._amounts(invoices)
        before = {each.invoice_id for each in self.own}
        self._end([each for each in self.own if each.invoice_id not in chosen])
        kept = {each.invoice_id: each for each in self.own if each.invoice_id in chosen}
        for invoice_id, amount in amounts.items():
            if invoice_id in kept:
                kept[invoice_id].amount = amount
            else:
                db.session.add(
                    ReconciliationMatch(
                        reconciliation_item_id=self.item.id, invoice_id=invoice_id, amount=amount, user_id=acting_id()
                    )
                )
        self._decided(chosen | before, Decimal(1))

    def undo(self) -> None:
        """The row is none of them after all."""
        before = {each.invoice_id for each in self.own}
        self._end(self.own)
        self._decided(before, None)

    def _amounts(self, invoices: Sequence[Invoice]) -> dict[UUID, Decimal]:
        """How much of each the row is: what others have left, and of a single one no more than the row has."""
        taken: dict[UUID, Decimal] = defaultdict(Decimal)
        for each in self.live:
            if each.reconciliation_item_id != self.item.id:
                taken[each.invoice_id] += each.amount
        left = {each.id: each.total_amount - taken[each.id] for each in invoices}
        # Nothing is left either of one that has come to less since it was matched.
        if spoken_for := [each.display_name for each in invoices if left[each.id] * each.total_amount <= 0]:
            raise MoveRefused(_("Invoice %(number)s is another row already.", number=", ".join(spoken_for)))
        if len(left) > 1:
            return left
        [(invoice_id, rest)] = left.items()
        if (rest > 0) != (self.item.amount > 0):
            raise MoveRefused(_("A delivery is no credit note, and a return no invoice."))
        return {invoice_id: min(self.item.amount, rest, key=abs)}

    def _end(self, matches: Matches) -> None:
        for each in matches:
            each.undone_at = utc_now()

    def _decided(self, invoice_ids: Collection[UUID], confidence: Decimal | None) -> None:
        self.item.decided_by_id, self.item.match_confidence = acting_id(), confidence
        self.item.details = {**self.item.details, "decided": True}
        db.session.flush()
        settle(self.statement, {self.item.id}, set(invoice_ids))
        db.session.flush()
        told = {"row": str(self.item.position)}
        record(
            Action.EDITED,
            self.item,
            before={"status": str(self.former)},
            after={"status": str(self.item.status), **told},
        )


def settle(statement: Reconciliation, item_ids: set[UUID], invoice_ids: set[UUID]) -> None:
    """Say anew how those rows stand, and those that share invoices with them; and which invoices no row is."""
    live = live_matches(statement)
    item_ids, reached = _together(live, item_ids, invoice_ids)
    invoices = invoices_named(reached)
    matched = {each.reconciliation_item_id for each in live}
    items = items_of(statement, ReconciliationItem.id.in_(item_ids))
    for group in _groups(live, {each.id for each in items}):
        papers = {each.invoice_id for each in live if each.reconciliation_item_id in group}
        whole = sum((invoices[each].total_amount for each in papers), Decimal())
        rows = [each for each in items if each.id in group]
        _say(statement, rows, sum((each.amount for each in rows), Decimal()) - whole)
    for item in items:
        if item.id not in matched:
            item.status = RowStatus.SUGGESTED if item.details.get("proposals") else RowStatus.MISSING_HERE
            item.details = {name: value for name, value in item.details.items() if name != "apart"}
    _renew_lacking(statement, {each.invoice_id for each in live}, [invoices[each] for each in reached])


def _say(statement: Reconciliation, rows: Sequence[ReconciliationItem], difference: Decimal) -> None:
    """Rows that are the same papers stand alike."""
    for row in rows:
        is_equal = abs(difference) <= statement.tolerance
        row.status = RowStatus.MATCHED if is_equal else RowStatus.AMOUNT_MISMATCH
        row.details = {**row.details, "apart": str(difference)}


def _together(live: Matches, items: set[UUID], invoices: set[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Rows and invoices that hang together with those."""
    while True:
        touching = [each for each in live if each.reconciliation_item_id in items or each.invoice_id in invoices]
        wider = items | {each.reconciliation_item_id for each in touching}
        reached = invoices | {each.invoice_id for each in touching}
        if (len(wider), len(reached)) == (len(items), len(invoices)):
            return items, invoices
        items, invoices = wider, reached


def _groups(live: Matches, items: set[UUID]) -> list[set[UUID]]:
    """Those of the rows that have invoices, parted by which share any."""
    left = items & {each.reconciliation_item_id for each in live}
    groups = []
    while left:
        group, _invoices = _together(live, {next(iter(left))}, set())
        groups.append(group)
        left = left - group
    return groups


def _renew_lacking(statement: Reconciliation, matched: set[UUID], invoices: Sequence[Invoice]) -> None:
    """Of these invoices those that no row is any more stand among what the statement lacks, and no others."""
    ids = [each.id for each in invoices]
    own = (ReconciliationItem.reconciliation_id == statement.id, ReconciliationItem.invoice_id.in_(ids))
    db.session.execute(delete(ReconciliationItem).where(*own), execution_options={"synchronize_session": "fetch"})
    free = [
        OwnInvoice(each.id, each.invoice_date, each.total_amount, each.number_key, each.number_core)
        for each in invoices
        if each.id not in matched
    ]
    write_lacking(statement, free, last_position(statement))
