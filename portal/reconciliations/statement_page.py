"""The page of one statement: how its rows stand, why, and what can be done with each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.amounts import format_money
from portal.invoices.models import Invoice
from portal.reconciliations.listing import ROW_TONES, STATUS_TONES
from portal.reconciliations.models import Reconciliation, ReconciliationStatus, RowKind, RowStatus
from portal.reconciliations.queries import count_by_status, invoices_named
from portal.reconciliations.reasons import reasons_of, score_reasons
from portal.web.language import day
from portal.web.listing import Page

# In the order of the tabs; the first four are always there.
TABS = (
    RowStatus.MATCHED,
    RowStatus.AMOUNT_MISMATCH,
    RowStatus.MISSING_HERE,
    RowStatus.MISSING_THERE,
    RowStatus.SUGGESTED,
    RowStatus.NOT_COMPARED,
)
ALWAYS = 4


@dataclass(frozen=True)
class Offer:
    """Invoices that a row may be: one press takes them."""

    invoices: list[Invoice]
    reasons: list[str]

    @property
    def total(self) -> Decimal:
        """What they come to."""
        return sum((each.total_amount for each in self.invoices), Decimal())


class StatementPage:
    """What is said above the rows, and of each row."""

    def __init__(self, statement: Reconciliation) -> None:
        self.statement = statement
        self.tone = STATUS_TONES.get(statement.status, "neutral")

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows stand how."""
        return count_by_status(self.statement)

    def count(self, status: RowStatus) -> int:
        """How many rows stand so."""
        return self.counts.get(status.value, 0)

    @property
    def may_decide(self) -> bool:
        """Whether the person may say what a row is."""
        return self.statement.status == ReconciliationStatus.COMPARED and may(Permission.RECONCILIATIONS_EDIT)

    @property
    def may_edit(self) -> bool:
        """Whether the person may do anything with the statement."""
        return may(Permission.RECONCILIATIONS_EDIT)

    @property
    def undecided(self) -> int:
        """How many suggestions nobody decided."""
        return self.count(RowStatus.SUGGESTED)

    def tabs(self, page: Page) -> list[tuple[Any, str, bool, int]]:
        """(label, address, whether it is shown, count)."""
        chosen = page.chosen("status")
        shown = [each for place, each in enumerate(TABS) if place < ALWAYS or self.count(each)]
        every = sum(self.counts.values())
        return [
            (_("All"), page.path, not chosen, every),
            *((each.label, f"{page.path}?status={each.value}", chosen == each, self.count(each)) for each in shown),
        ]

    @property
    def own_sums(self) -> str | None:
        """That the supplier's own sums do not fit, where they do not."""
        gap = self.statement.details.get("gap")
        if gap is None:
            return None
        return str(_("The supplier's own sums differ by %(amount)s: opening and rows do not make the closing.",
                     amount=format_money(abs(Decimal(gap)), self.statement.currency)))  # fmt: skip

    @property
    def block_sums(self) -> list[str]:
        """Contracts whose own sums do not fit."""
        gaps = self.statement.details.get("block_gaps", ())
        return [
            str(_("%(contract)s: differs by %(amount)s.", contract=title or _("One contract"),
                  amount=format_money(abs(Decimal(gap)), self.statement.currency)))
            for title, gap in gaps
        ]  # fmt: skip

    @property
    def faults(self) -> list[tuple[int, str]]:
        """Rows that were left out, and why."""
        return [(number, sentence) for number, sentence in self.statement.details.get("faults", ())]


class RowsShown:
    """What is said of the rows of one page; the invoices that they name are read once for all."""

    def __init__(self, rows: Iterable[Any], currency: str) -> None:
        self.currency = currency
        self.rows = list(rows)

    @cached_property
    def invoices(self) -> dict[UUID, Invoice]:
        """Every invoice that a proposal of these rows names."""
        told = [each.details for each in self.rows]
        named = [ids for details in told for proposal in details.get("proposals", ()) for ids in proposal["invoices"]]
        named += [each for details in told for ids in details.get("named", ()) for each in ids]
        return invoices_named({UUID(each) for each in named})

    def ours(self, row: Any) -> list[dict[str, Any]]:
        """The invoices that a row is, as they are now."""
        return [{**each, "total": Decimal(each["total"])} for each in row.invoices or ()]

    def offers(self, row: Any) -> list[Offer]:
        """What a row may be taken for; invoices that are gone or spoken for are told when it is pressed."""
        if row.status == RowStatus.MATCHED:
            return []
        return [
            Offer(found, score_reasons(proposal["score"], self.currency) if "score" in proposal else [])
            for proposal in row.details.get("proposals", ())
            if len(found := self._found(proposal["invoices"])) == len(proposal["invoices"])
        ]

    def named(self, row: Any) -> list[list[Invoice]]:
        """Sums that come to a row's amount and are only named."""
        return [self._found(ids) for ids in row.details.get("named", ())]

    def reasons(self, row: Any) -> list[str]:
        """Why a row is what it is."""
        said = reasons_of(row.details, row.status, self.currency)
        if row.later_to is not None:
            said.append(_("Came with the statement until %(day)s.", day=day(row.later_to.isoformat())))
        return said

    def tone(self, row: Any) -> str:
        """How its standing is coloured."""
        return ROW_TONES.get(row.status, "neutral")

    def label(self, row: Any) -> Any:
        """How it stands, in words."""
        return RowStatus.read(row.status).label

    def kind(self, row: Any) -> Any:
        """What it is about, where that is no delivery."""
        return None if row.kind == RowKind.DELIVERY else RowKind.read(row.kind).label

    def difference(self, row: Any) -> Decimal | None:
        """By how much the statement differs from us, where it does."""
        told = row.details.get("apart") or (row.details.get("score") or {}).get("difference")
        matched = row.status in (RowStatus.MATCHED, RowStatus.AMOUNT_MISMATCH)
        return Decimal(told) if matched and told and Decimal(told) else None

    def _found(self, ids: Sequence[str]) -> list[Invoice]:
        return [self.invoices[UUID(each)] for each in ids if UUID(each) in self.invoices]


def here(statement_id: UUID, **shown: Any) -> str:
    """The statement's own page."""
    return url_for("account.reconciliations.show", reconciliation_id=statement_id, **shown)
