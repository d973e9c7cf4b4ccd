"""Rows put together to the papers whose lines they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from flask_babel import gettext as _

from portal.invoices.files.fields import Field
from portal.invoices.files.heads import Head, Said
from portal.invoices.files.lines import Line, Problem


@dataclass
class ReadRow:
    """A row as it was read: the head of its paper and its line, where both could be."""

    number: int
    told: str
    head: Head | None
    said: Said | None
    line: Line | None
    problems: list[Problem] = field(default_factory=list)
    # What is told, and does not keep it from being taken.
    notes: list[Problem] = field(default_factory=list)
    unit_id: UUID | None = None
    item_id: UUID | None = None

    @property
    def is_good(self) -> bool:
        """Whether it can become the line of a paper."""
        return not self.problems and self.head is not None and self.line is not None


@dataclass
class PaperRows:
    """The rows of one paper, the first row's number naming it; ``rows`` are those that can be lines."""

    head: Head
    said: Said
    rows: list[ReadRow] = field(default_factory=list)
    left_out: list[ReadRow] = field(default_factory=list)

    @cached_property
    def number(self) -> int:
        """The row by which people and the file know it; asked once all of its rows are there."""
        return min(row.number for row in (*self.rows, *self.left_out))

    @property
    def stated_total(self) -> Decimal | None:
        """What the paper says; where lines of it cannot be read, at least what all of them state."""
        if self.said.stated_total is not None or not self.left_out:
            return self.said.stated_total
        rows = [*self.rows, *self.left_out]
        totals = [abs(row.line.line_total) for row in rows if row.line and row.line.line_total is not None]
        return sum(totals, Decimal(0)) if len(totals) == len(rows) else None


def papers_of(rows: Iterable[ReadRow]) -> list[PaperRows]:
    """The papers in the order of the file; two currencies in one are a fault of all its rows.

    Papers without a number are one only while their rows follow each other.
    """
    found: list[PaperRows] = []
    by_head: dict[Head, PaperRows] = {}
    last: PaperRows | None = None
    for row in rows:
        if row.head is None or row.said is None:
            last = None
            continue
        has_number = any(sign.isdigit() for sign in row.head.number)
        paper = by_head.get(row.head) if has_number else last if last and last.head == row.head else None
        if paper is None:
            paper = by_head[row.head] = PaperRows(row.head, row.said)
            found.append(paper)
        (paper.rows if row.is_good else paper.left_out).append(row)
        last = paper
    for paper in found:
        _refuse_two_currencies(paper)
    return [paper for paper in found if paper.rows]


def _refuse_two_currencies(paper: PaperRows) -> None:
    rows = [*paper.rows, *paper.left_out]
    currencies = sorted({row.said.currency for row in rows if row.said})
    if len(currencies) > 1:
        told = _("One paper has one currency; here are %(currencies)s.", currencies=", ".join(currencies))
        for row in rows:
            row.problems.append((Field.CURRENCY, told))
        paper.left_out, paper.rows = rows, []
