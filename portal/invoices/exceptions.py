"""What about an invoice is for a person to decide, kept in step with what its paper says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.invoices.models import Invoice, InvoiceException
from portal.invoices.words import ExceptionKind, ExceptionState


@dataclass(frozen=True)
class Finding:
    """Something that a person is to decide about an invoice, or one of its lines."""

    kind: ExceptionKind
    evidence: dict[str, Any] = field(default_factory=dict)
    money: Decimal = Decimal(0)
    line_id: UUID | None = None

    @property
    def place(self) -> tuple[UUID | None, str]:
        """What there is one open exception of."""
        return self.line_id, str(self.kind)


def keep_exceptions(
    invoice: Invoice, findings: Sequence[Finding], former: Iterable[InvoiceException], *, but: Sequence[str] = ()
) -> list[InvoiceException]:
    """Make what is open about an invoice what was found: the new exceptions, which the caller writes.

    What was decided stays decided while its numbers are the same; what is no longer found is settled. Kinds in
    ``but`` are left alone.
    """
    left = {(each.invoice_item_id, str(each.kind)): each for each in former if each.state is ExceptionState.OPEN}
    decided = [each for each in former if each.state is not ExceptionState.OPEN]
    fresh = []
    for found in _one_a_place(findings):
        is_open = left.pop(found.place, None)
        if is_open is not None:
            is_open.evidence, is_open.money_at_stake = found.evidence, found.money
        elif not any(_is_decided(found, each) for each in decided):
            fresh.append(_exception(invoice, found))
    for each in left.values():
        if each.kind not in but:
            each.end()
    return fresh


def _exception(invoice: Invoice, found: Finding) -> InvoiceException:
    return InvoiceException(
        invoice_id=invoice.id,
        invoice_item_id=found.line_id,
        kind=str(found.kind),
        evidence=found.evidence,
        money_at_stake=found.money,
        state=ExceptionState.OPEN,
    )


def _one_a_place(findings: Sequence[Finding]) -> list[Finding]:
    """Of several about the same thing, such as two like papers, the one with most money at stake."""
    kept: dict[tuple[UUID | None, str], Finding] = {}
    for each in findings:
        if each.place not in kept or each.money > kept[each.place].money:
            kept[each.place] = each
    return list(kept.values())


def _is_decided(found: Finding, former: InvoiceException) -> bool:
    is_of_it = (former.invoice_item_id, str(former.kind)) == found.place
    # What only ended by itself may begin anew.
    return is_of_it and former.reason is not None and former.evidence == found.evidence
