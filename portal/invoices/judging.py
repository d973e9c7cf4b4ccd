"""What a paper says that does not come out, of each line and of the whole."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from portal.catalogue.pricing import PriceFinding
from portal.db.amounts import plain, rounded
from portal.invoices.arithmetic import Doubt, judge_line, judge_total
from portal.invoices.duplicates import Duplicate
from portal.invoices.exceptions import Finding
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.references import References
from portal.invoices.words import ExceptionKind, InvoiceKind, InvoiceSource


def judge(invoice: Invoice, lines: Sequence[InvoiceItem], references: References) -> Iterator[Finding]:
    """What the paper says that does not come out."""
    if doubt := judge_total(invoice.stated_total, [line.line_total for line in lines]):
        yield _doubted(invoice, doubt)
    # In iiko a price is for a packing, and the quantity in the base unit.
    is_priced_apart = invoice.source is InvoiceSource.IIKO
    for line in lines:
        told = judge_line(line, prices_include_vat=invoice.prices_include_vat, is_priced_apart=is_priced_apart)
        yield from (_doubted(invoice, doubt, line) for doubt in told)
        if line.inventory_item_id is not None and line.base_quantity is None:
            yield _without_unit(line, references)
        if invoice.kind is InvoiceKind.INVOICE and _is_over_billed(line):
            yield _over_billed(invoice, line, references)


def price_finding(found: PriceFinding) -> Finding:
    """What a price says beside earlier ones."""
    return Finding(ExceptionKind(found.kind), found.evidence, found.money, found.invoice_item_id)


def duplicate_finding(invoice: Invoice, duplicate: Duplicate, other: Invoice) -> Finding:
    """That what was imported may be there already: at stake is that it is paid twice."""
    evidence = {
        "rule": duplicate.rule.value,
        "invoice_id": str(other.id),
        "number": other.invoice_number,
        "day": other.invoice_date.isoformat(),
        "total": f"{other.total_amount:.2f}",
        "currency": other.currency,
    }
    return Finding(ExceptionKind.DUPLICATE, evidence, abs(invoice.total_amount))


def _doubted(invoice: Invoice, doubt: Doubt, line: InvoiceItem | None = None) -> Finding:
    evidence = doubt.evidence | {"currency": invoice.currency}
    return Finding(ExceptionKind(doubt.kind), evidence, doubt.money, line.id if line is not None else None)


def _without_unit(line: InvoiceItem, references: References) -> Finding:
    assert line.inventory_item_id is not None
    base_id = references.items[line.inventory_item_id].default_unit_id
    evidence = {"unit": references.symbol(line.unit_id), "base": references.symbol(base_id)}
    return Finding(ExceptionKind.UNIT_MISSING, evidence, line_id=line.id)


def _is_over_billed(line: InvoiceItem) -> bool:
    return line.accepted_quantity is not None and line.accepted_quantity < line.quantity


def _over_billed(invoice: Invoice, line: InvoiceItem, references: References) -> Finding:
    assert line.accepted_quantity is not None
    # A share of what is billed, never a rounded price times a quantity.
    money = rounded(line.line_total * (line.quantity - line.accepted_quantity) / line.quantity)
    evidence: dict[str, Any] = {
        "invoiced": plain(line.quantity),
        "accepted": plain(line.accepted_quantity),
        "unit": references.symbol(line.unit_id),
        "currency": invoice.currency,
    }
    return Finding(ExceptionKind.OVER_BILLED, evidence, max(money, Decimal(0)), line.id)
