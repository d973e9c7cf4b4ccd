"""The page of one row: which of our invoices it may be, by how much speaks for each; a person chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from flask import request

from portal.invoices.models import Invoice
from portal.reconciliations.matching.papers import OwnInvoice, Paper, Row
from portal.reconciliations.matching.scores import Score, score
from portal.reconciliations.models import ReconciliationItem
from portal.reconciliations.queries import (
    core_of,
    find_statement,
    invoices_named,
    live_matches,
    numbered_like,
    own_invoices,
)
from portal.reconciliations.reasons import reasons_of, score_reasons
from portal.reconciliations.telling import told_score
from portal.tenancy.finding import get_or_404
from portal.web.values import storable

MAX_OFFERED = 30
MAX_SEARCH = 64


@dataclass(frozen=True)
class Candidate:
    """An invoice that the row may be; ``rest`` is what other rows have left of it."""

    invoice: Invoice
    rest: Decimal
    score: Score
    is_chosen: bool
    reasons: list[str]


class RowPage:
    """A row, what it is at present, and what it may be."""

    def __init__(self, item_id: UUID) -> None:
        self.item = get_or_404(ReconciliationItem, item_id)
        self.statement = find_statement(self.item.reconciliation_id)
        self.search = storable(request.args.get("q", "")).strip()[:MAX_SEARCH]

    @cached_property
    def row(self) -> Row:
        """As it is matched."""
        item = self.item
        core = core_of(item.invoice_number, item.invoice_date)
        return Row(item.position, item.invoice_date, item.amount, item.number_key, core)

    @property
    def reasons(self) -> list[str]:
        """Why it is what it is."""
        return reasons_of(self.item.details, self.item.status, self.statement.currency)

    @cached_property
    def candidates(self) -> Sequence[Candidate]:
        """What it is first, then what it may be, what speaks most for it first."""
        live = live_matches(self.statement)
        chosen = {each.invoice_id for each in live if each.reconciliation_item_id == self.item.id}
        taken: dict[UUID, Decimal] = {}
        for each in live:
            if each.reconciliation_item_id != self.item.id:
                taken[each.invoice_id] = taken.get(each.invoice_id, Decimal()) + each.amount
        found = invoices_named({*chosen, *self._wanted(taken)})
        told = [self._candidate(each, taken.get(each.id, Decimal()), each.id in chosen) for each in found.values()]
        return sorted(told, key=lambda each: (not each.is_chosen, -each.score.total, abs(each.score.difference)))

    def _wanted(self, taken: dict[UUID, Decimal]) -> list[UUID]:
        """The likeliest of those that have anything left, or what was searched for."""
        if self.search:
            return [*numbered_like(self.statement, self.search, MAX_OFFERED)]
        free = [each for each in own_invoices(self.statement) if taken.get(UUID(str(each.id))) != each.amount]
        free.sort(key=lambda each: self._order(self._score(each)))
        return [UUID(str(each.id)) for each in free[:MAX_OFFERED]]

    def _score(self, invoice: OwnInvoice) -> Score:
        return score(self.row, Paper.of([invoice]), self.statement.tolerance)

    @staticmethod
    def _order(judged: Score) -> tuple[int, Decimal, int]:
        return -judged.total, abs(judged.difference), judged.days or 0

    def _candidate(self, invoice: Invoice, taken: Decimal, is_chosen: bool) -> Candidate:
        key, core = invoice.number_key, invoice.number_core
        judged = self._score(OwnInvoice(invoice.id, invoice.invoice_date, invoice.total_amount, key, core))
        reasons = score_reasons(told_score(judged, self.row), self.statement.currency)
        return Candidate(invoice, invoice.total_amount - taken, judged, is_chosen, reasons)
