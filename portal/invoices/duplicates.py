"""Whether a paper is there already: asked before it is written, and anew when its supplier, number or day changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from portal.db.base import db
from portal.invoices.likeness import Known, Likeness, Rule, is_split
from portal.invoices.models import Invoice
from portal.invoices.paper import Paper
from portal.invoices.queries import file_hashes, invoices_by_file, living_like, number_keys
from portal.invoices.words import DuplicateReason
from portal.suppliers.models import Supplier
from portal.web.language import choose_locale
from portal.web.times import day_in_words

PRESET_REASONS = (DuplicateReason.SECOND_PART, DuplicateReason.CORRECTION, DuplicateReason.OTHER_PAPER)


@dataclass(frozen=True)
class Duplicate:
    """One that a paper may be. ``invoice`` is ``None`` where it stands in a restaurant that the person does not see.

    ``paper`` is the one before it, of those that are entered together, where it is no invoice yet. ``is_split``: it
    shares the number, but neither store nor total.
    """

    rule: Rule
    is_stop: bool
    invoice: Invoice | None
    sentence: str
    paper: Paper | None = None
    is_split: bool = False


class DuplicateFound(Exception):
    """A paper may be there already, and nobody said why it is to be entered all the same.

    ``paper`` is the first of those that were to be entered to which that happened.
    """

    def __init__(self, duplicates: Sequence[Duplicate], paper: Paper) -> None:
        super().__init__("; ".join(each.sentence for each in duplicates))
        self.duplicates, self.paper = duplicates, paper

    @property
    def is_stop(self) -> bool:
        """Whether one of them cannot be chance."""
        return any(each.is_stop for each in self.duplicates)


def find_duplicates(paper: Paper, but: Invoice | None = None) -> list[Duplicate]:
    """What a paper may be, those that stop first; ``but`` is the invoice that it is itself."""
    return find_duplicates_of_all([paper], [but])[0]


def find_duplicates_of_all(papers: Sequence[Paper], but: Sequence[Invoice | None] = ()) -> list[list[Duplicate]]:
    """The same for many at once, in few statements: each is held against what is there and those before it."""
    own = [*but, *[None] * (len(papers) - len(but))]
    likenesses = _likenesses(papers)
    known = _known(likenesses)
    found = []
    for paper, likeness, invoice in zip(papers, likenesses, own, strict=True):
        found.append(_duplicates(likeness, known, invoice))
        # One file may hold many papers.
        known.add(replace(likeness, files=frozenset()), paper)
    return found


def hidden_duplicate() -> Duplicate:
    """One that the database knows of and the person does not see."""
    told = _("This number of this supplier was entered already, in a restaurant that you do not see.")
    return Duplicate(Rule.SAME_NUMBER, True, None, told)


def _duplicates(new: Likeness, known: Known[Invoice | Paper], but: Invoice | None) -> list[Duplicate]:
    found = [
        _duplicate(rule, row, is_split(new, former) and rule is Rule.SAME_NUMBER)
        for rule, former, row in known.like(new)
        if but is None or row is not but
    ]
    return sorted(found, key=lambda each: each.rule)


def _duplicate(rule: Rule, row: Invoice | Paper, is_split: bool) -> Duplicate:
    is_there = isinstance(row, Invoice)
    invoice, paper = (row, None) if is_there else (None, row)
    number = row.invoice_number if isinstance(row, Invoice) else row.number
    day = day_in_words(row.invoice_date, choose_locale())
    return Duplicate(rule, rule.is_stop, invoice, _sentence(rule, number, day), paper, is_split)  # type: ignore[arg-type]


def _sentence(rule: Rule, number: str, day: str) -> str:
    told = {"number": number or _("A paper without a number"), "day": day}
    match rule:
        case Rule.SAME_NUMBER:
            return _("%(number)s of %(day)s: this number of this supplier was entered already.", **told)
        case Rule.SAME_TAX_ID:
            return _("%(number)s of %(day)s: this number is on another card with the same tax number.", **told)
        case Rule.SAME_DIGITS:
            return _("%(number)s of %(day)s: the same digits and the same total.", **told)
        case Rule.OTHER_YEAR:
            return _("%(number)s of %(day)s: the same number and total. Is the year right?", **told)
        case Rule.SAME_DELIVERY:
            return _("%(number)s of %(day)s: the same supplier, store, day and total.", **told)
        case _:
            return _("%(number)s of %(day)s: made from the same file.", **told)


def _likenesses(papers: Sequence[Paper]) -> list[Likeness]:
    keys = number_keys([(paper.number, paper.invoice_date) for paper in papers])
    tax_ids = _tax_ids({paper.supplier_id for paper in papers})
    hashes = file_hashes({paper.document_id for paper in papers if paper.document_id is not None})
    return [
        Likeness(
            supplier_id=paper.supplier_id,
            tax_id=tax_ids.get(paper.supplier_id),
            store_id=paper.store_id,
            kind=paper.kind,
            key=key,
            core=core,
            day=paper.invoice_date,
            total=paper.total,
            files=frozenset({hashes[paper.document_id]} if paper.document_id in hashes else ()),
        )
        for paper, (key, core) in zip(papers, keys, strict=True)
    ]


def _known(papers: Sequence[Likeness]) -> Known[Invoice | Paper]:
    by_file = invoices_by_file({file for each in papers for file in each.files})
    invoices = living_like(papers, by_file)
    tax_ids = _tax_ids({invoice.supplier_id for invoice in invoices})
    known: Known[Invoice | Paper] = Known()
    for invoice in invoices:
        likeness = Likeness(
            supplier_id=invoice.supplier_id,
            tax_id=tax_ids.get(invoice.supplier_id),
            store_id=invoice.store_id,
            kind=invoice.kind,
            key=invoice.number_key,
            core=invoice.number_core,
            day=invoice.invoice_date,
            total=invoice.total_amount,
            files=frozenset(by_file.get(invoice.id, ())),
        )
        known.add(likeness, invoice)
    return known


def _tax_ids(supplier_ids: set[UUID]) -> dict[UUID, str | None]:
    query = select(Supplier.id, Supplier.tax_id).where(Supplier.id.in_(supplier_ids))
    return {row.id: row.tax_id for row in db.session.execute(query)}
