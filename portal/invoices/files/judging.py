"""The verdict on every row of a file of invoices, and the papers that its rows come to."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from portal.accounts.models import Account
from portal.catalogue.supplier_items import recognise_all
from portal.catalogue.unit_names import UnitNames
from portal.db.amounts import plain
from portal.db.base import db
from portal.db.types import utc_now
from portal.importing.declaration import match_key
from portal.importing.verdicts import Judgement, Verdict
from portal.invoices.duplicates import Duplicate, find_duplicates_of_all
from portal.invoices.files.fields import OF_PAPER, Field
from portal.invoices.files.grouping import PaperRows, ReadRow, papers_of
from portal.invoices.files.heads import Head, Said, Whole, read_head
from portal.invoices.files.lines import Problem, read_line
from portal.invoices.files.models import InvoiceFile
from portal.invoices.files.naming import Names, items_named
from portal.invoices.files.rows import RowTexts, rows_of
from portal.invoices.paper import Paper, PaperLine

MAX_LABEL = 200
MAX_TOLD_DUPLICATES = 5
# How much of the work is done when the rows are read, and when their papers were compared with those there are.
READ, COMPARED = 50, 70
EACH = 500

Tell = Callable[[int], None]


@dataclass
class FilePaper:
    """A paper of the file with the rows that it was made of, and those that are there already and look like it."""

    rows: PaperRows
    paper: Paper
    duplicates: list[Duplicate] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The number of its first row, by which the file knows it."""
        return self.rows.number


@dataclass
class Judged:
    """What came of looking at a file."""

    papers: list[FilePaper] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by their verdict."""
        return dict(Counter(str(each.verdict) for each in self.judgements))


def judge_file(file: InvoiceFile, tell: Tell = lambda percent: None) -> Judged:
    """Look at every row below the headings; nothing is written. Nothing is judged while a needed column is unknown."""
    if file.is_incomplete:
        return Judged()
    batch = file.batch
    places = {column.field: place for place, column in enumerate(batch.file_columns) if column.field}
    rows = rows_of([(number, cells) for number, cells in batch.grid if number > batch.heading_row], places)
    read = _read_rows(file, rows, tell)
    tell(READ)
    papers = _papers(file, read)
    for each, duplicates in zip(papers, find_duplicates_of_all([each.paper for each in papers]), strict=True):
        each.duplicates = duplicates
    tell(COMPARED)
    return Judged(papers, _judgements(read, papers))


def _read_rows(file: InvoiceFile, rows: Sequence[RowTexts], tell: Tell) -> list[ReadRow]:
    names = Names(file.supplier_id, file.store_id, [row.texts for row in rows if row.is_line])
    currency = db.session.get_one(Account, file.account_id).currency
    whole, reading = Whole(file.number, file.day, currency, utc_now().date()), file.reading
    # The lines of a paper say of it what its first one says.
    heads: dict[tuple[str | None, ...], tuple[Head | None, Said, list[Problem]]] = {}
    read = []
    for place, row in enumerate(rows):
        if place % EACH == 0:
            tell(READ * place // len(rows))
        if not row.is_line:
            read.append(ReadRow(row.number, row.told, None, None, None))
            continue
        told = tuple(map(row.texts.get, OF_PAPER))
        if told not in heads:
            heads[told] = read_head(row.texts, whole, names)
        head, said, problems = heads[told]
        line = read_line(row.texts, reading)
        read.append(ReadRow(row.number, row.told, head, said, line, [*problems, *line.problems]))
    return read


def _papers(file: InvoiceFile, read: Sequence[ReadRow]) -> list[FilePaper]:
    """Each with its units and items; those of all papers are looked up together."""
    groups = papers_of(row for row in read if row.line is not None)
    units, descriptions = UnitNames(), set()
    for group in groups:
        for row in group.rows:
            assert row.line is not None
            row.unit_id = units.find(row.line.unit, row.line.unit_code)
            descriptions.add((group.head.supplier_id, row.line.description, row.unit_id))
    known = {name: found.inventory_item_id for name, found in recognise_all(descriptions).items()}
    same = items_named(name[1] for name in descriptions if name not in known)
    items = {name: known.get(name) or same.get(match_key(name[1])) for name in descriptions}
    return [FilePaper(group, _paper(file, group, items)) for group in groups]


def _paper(file: InvoiceFile, group: PaperRows, items: dict[tuple[UUID, str, UUID | None], UUID | None]) -> Paper:
    head, said = group.head, group.said
    sign = -1 if file.reading.is_credit else 1
    stated = group.stated_total
    return Paper(
        supplier_id=head.supplier_id,
        store_id=head.store_id,
        number=head.number,
        invoice_date=head.day,
        due_date=said.due,
        kind=file.kind.value,  # type: ignore[arg-type]
        currency=said.currency,
        prices_include_vat=file.prices_include_vat,
        stated_total=None if stated is None else sign * abs(stated),
        lines=tuple(_line(group, row, items) for row in group.rows),
        document_id=file.document_id,
        source="file",
        duplicate_reason=file.reasons.get(group.number),
    )


def _line(group: PaperRows, row: ReadRow, items: dict[tuple[UUID, str, UUID | None], UUID | None]) -> PaperLine:
    line = row.line
    assert line is not None
    assert line.line_total is not None
    row.item_id = items[group.head.supplier_id, line.description, row.unit_id]
    if row.unit_id is None and line.unit:
        row.notes.append((Field.UNIT, _("“%(unit)s” is no unit here: its price stays unknown.", unit=line.unit[:40])))
    return PaperLine(
        description=line.description,
        quantity=line.quantity,
        unit_id=row.unit_id,
        unit_price=line.unit_price,
        line_total=line.line_total,
        discount=line.discount,
        vat_rate=line.vat_rate,
        vat_amount=line.vat_amount,
        item_id=row.item_id,
        supplier_sku=line.sku,
    )


def _judgements(read: Sequence[ReadRow], papers: Sequence[FilePaper]) -> list[Judgement]:
    """In the order of the file; the first row of a paper tells what it may be."""
    paper_of = {row.number: paper for paper in papers for row in paper.rows.rows}
    return [_judgement(row, paper_of.get(row.number)) for row in read]


def _judgement(row: ReadRow, paper: FilePaper | None) -> Judgement:
    found = Judgement(row.number, row.told[:MAX_LABEL])
    if row.line is None:
        found.verdict = Verdict.SKIPPED
    elif paper is None:
        found.problems = row.problems or [("", _("Other rows of its paper cannot be taken."))]
    else:
        found.verdict = Verdict.KNOWN if paper.duplicates else Verdict.NEW
        found.problems = [*row.notes]
        found.values = _values(row, paper)
    return found


def _values(row: ReadRow, paper: FilePaper) -> dict[str, Any]:
    """What the preview shows of a line, and of its paper in the first of its rows."""
    line = row.line
    assert line is not None
    values: dict[str, Any] = {
        "paper": paper.number,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "price": plain(line.unit_price),
        "total": str(line.line_total),
        "currency": paper.paper.currency,
        "item": row.item_id and str(row.item_id),
    }
    if row is paper.rows.rows[0]:
        values["head"] = _head(paper)
    return values


def _head(paper: FilePaper) -> dict[str, Any]:
    told = [
        {"rule": str(each.rule), "stop": each.is_stop, "text": each.sentence, "invoice": _id_of(each)}
        for each in paper.duplicates[:MAX_TOLD_DUPLICATES]
    ]
    return {
        "number": paper.paper.number,
        "day": paper.paper.invoice_date.isoformat(),
        "supplier": str(paper.paper.supplier_id),
        "lines": len(paper.paper.lines),
        "total": str(paper.paper.total),
        "duplicates": told,
    }


def _id_of(duplicate: Duplicate) -> str | None:
    return str(duplicate.invoice.id) if duplicate.invoice is not None else None
