"""From what a paper says to what is stored of it: which items its lines are, in which quantity of their base units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from portal.catalogue.conversions import Conversions
from portal.catalogue.supplier_items import Lesson, learn_all, recognise_all
from portal.invoices.models import InvoiceItem
from portal.invoices.paper import Paper, PaperLine
from portal.invoices.references import References


@dataclass(frozen=True)
class PreparedLine:
    """A line with what became known of it."""

    paper: PaperLine
    supplier_item_id: UUID | None

    @property
    def filled(self) -> dict[str, Any]:
        """What people fill in, by column."""
        line = self.paper
        return {
            "description": line.description,
            "inventory_item_id": line.item_id,
            "quantity": line.quantity,
            "unit_id": line.unit_id,
            "unit_price": line.unit_price,
            "vat_rate": line.vat_rate,
            "line_total": line.line_total,
            "discount": line.discount,
            "vat_amount": line.vat_amount,
        }

    def complete(self, stored: InvoiceItem) -> None:
        """Write what nobody fills in."""
        stored.supplier_item_id = self.supplier_item_id
        stored.base_quantity = self.paper.base_quantity
        stored.accepted_quantity = self.paper.accepted_quantity


def prepare(papers: Sequence[Paper], references: References, *, learning: bool) -> list[list[PreparedLine]]:
    """The lines of each paper; ``learning``: remember what its supplier calls the items that somebody chose."""
    known = recognise_all([(paper.supplier_id, line.description, line.unit_id) for paper, line in _lines(papers)])
    learned = learn_all(_lessons(papers, known)) if learning else {}
    items = {name: row.inventory_item_id for name, row in known.items()}
    named = [replace(paper, lines=tuple(_named(paper, line, items) for line in paper.lines)) for paper in papers]
    references.add_items(line.item_id for _paper, line in _lines(named))
    conversions = Conversions.of({line.item_id for _paper, line in _lines(named)})

    def row_of(paper: Paper, line: PaperLine) -> UUID | None:
        lesson = Lesson(paper.supplier_id, line.description, line.unit_id, line.item_id) if line.item_id else None
        row = learned.get(lesson.key) if lesson else None
        row = row or known.get((paper.supplier_id, line.description, line.unit_id))
        return row.id if row is not None and row.inventory_item_id == line.item_id else None

    return [[PreparedLine(_in_base(line, conversions), row_of(paper, line)) for line in paper.lines] for paper in named]


def _lines(papers: Sequence[Paper]) -> Iterator[tuple[Paper, PaperLine]]:
    return ((paper, line) for paper in papers for line in paper.lines)


def _named(paper: Paper, line: PaperLine, items: dict[Any, UUID]) -> PaperLine:
    found = items.get((paper.supplier_id, line.description, line.unit_id))
    return replace(line, item_id=found) if line.item_id is None and found is not None else line


def _lessons(papers: Sequence[Paper], known: dict[Any, Any]) -> Iterator[Lesson]:
    """What is not known yet: another item than was meant so far, or the supplier's own number of it."""
    for paper, line in _lines(papers):
        row = known.get((paper.supplier_id, line.description, line.unit_id))
        is_known = row is not None and row.inventory_item_id == line.item_id
        has_number = line.supplier_sku is None or (row is not None and row.supplier_sku == line.supplier_sku)
        if line.item_id is not None and not (is_known and has_number):
            yield Lesson(paper.supplier_id, line.description, line.unit_id, line.item_id, line.supplier_sku)


def _in_base(line: PaperLine, conversions: Conversions) -> PaperLine:
    if line.base_quantity is not None or line.item_id is None:
        return line
    return replace(line, base_quantity=conversions.to_base(line.item_id, line.quantity, line.unit_id))
