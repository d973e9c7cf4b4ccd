"""Reading what a paper is compared with, many papers at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Date, Integer, String, and_, bindparam, func, or_, select, tuple_, union
from sqlalchemy.dialects.postgresql import ARRAY

from portal.db.base import SCHEMA, db
from portal.documents.models import Document, InvoiceDocument
from portal.invoices.likeness import Likeness
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.paper import Paper
from portal.invoices.words import InvoiceStatus
from portal.suppliers.models import Supplier
from portal.tenancy.scope import require_scope


def number_keys(numbers: Sequence[tuple[str, date]]) -> list[tuple[str, str]]:
    """Key and core of each number, on the day of its paper; the database's functions alone know them."""
    if not numbers:
        return []
    given = (
        func.unnest(
            bindparam("numbers", [number for number, _day in numbers], type_=ARRAY(String)),
            bindparam("days", [day for _number, day in numbers], type_=ARRAY(Date)),
        )
        .table_valued("number", "day", with_ordinality="place", name="given")
        .render_derived()
    )
    made = getattr(func, SCHEMA)
    key, core = made.invoice_number_key(given.c.number), made.invoice_number_core(given.c.number, given.c.day)
    rows = db.session.execute(select(key, core).order_by(given.c.place))
    return [(key, core) for key, core in rows]


def file_hashes(document_ids: Collection[UUID]) -> dict[UUID, str]:
    """The SHA-256 of each document's content, in hex."""
    if not document_ids:
        return {}
    query = select(Document.id, Document.sha256).where(Document.id.in_(document_ids))
    return {row.id: row.sha256 for row in db.session.execute(query)}


def invoices_by_file(hashes: Collection[str]) -> dict[UUID, set[str]]:
    """Which invoices were made from, or show, files of those contents."""
    found: dict[UUID, set[str]] = defaultdict(set)
    if not hashes:
        return found
    made_from = select(Invoice.id, Document.sha256).join(Document, Document.id == Invoice.document_id)
    shown = select(InvoiceDocument.invoice_id, Document.sha256).join(
        Document, Document.id == InvoiceDocument.document_id
    )
    for query in (made_from, shown):
        for invoice_id, sha256 in db.session.execute(query.where(Document.sha256.in_(hashes))):
            found[invoice_id].add(sha256)
    return found


def living_like(papers: Sequence[Likeness], others: Collection[UUID]) -> Sequence[Invoice]:
    """Every invoice that is not cancelled and might be one of those papers; ``others`` are asked for by their ids.

    By index, one way after the other: what it finds is a little more than the rules take.
    """
    suppliers = {each.supplier_id for each in papers}
    tax_ids = {each.tax_id for each in papers if each.tax_id}
    totals = {each.total for each in papers}
    alike = select(Supplier.id).where(or_(Supplier.id.in_(suppliers), Supplier.tax_id.in_(tax_ids)))
    ways = [
        and_(Invoice.supplier_id.in_(alike), Invoice.number_key.in_({each.key for each in papers if each.key})),
        and_(
            Invoice.supplier_id.in_(suppliers),
            Invoice.number_core.in_({each.core for each in papers if each.core}),
            Invoice.total_amount.in_(totals),
        ),
        and_(
            Invoice.supplier_id.in_(suppliers),
            Invoice.invoice_date.in_({each.day for each in papers}),
            Invoice.total_amount.in_(totals),
        ),
        Invoice.id.in_(others),
    ]
    found = union(*(select(Invoice.id).where(way) for way in ways)).subquery()
    query = select(Invoice).where(Invoice.id.in_(select(found.c.id)), Invoice.status != InvoiceStatus.CANCELLED)
    return db.session.scalars(query.order_by(Invoice.invoice_date, Invoice.id)).all()


def lines_of(invoice_ids: Collection[UUID]) -> dict[UUID, list[InvoiceItem]]:
    """The lines of each invoice in the paper's order, one statement for all."""
    found: dict[UUID, list[InvoiceItem]] = defaultdict(list)
    if invoice_ids:
        query = select(InvoiceItem).where(InvoiceItem.invoice_id.in_(invoice_ids))
        for line in db.session.scalars(query.order_by(InvoiceItem.position, InvoiceItem.id)):
            found[line.invoice_id].append(line)
    return found


def taken_numbers(papers: Sequence[Paper], but: Collection[UUID]) -> list[bool]:
    """Whether another invoice has a paper's number already, be it of a restaurant that the person does not see."""
    c = Invoice.__table__.c
    keys = number_keys([(paper.number, paper.invoice_date) for paper in papers])
    wanted = [
        (paper.supplier_id, paper.kind, key, paper.invoice_date.year)
        for paper, (key, _core) in zip(papers, keys, strict=True)
    ]
    year = func.date_part("year", c.invoice_date).cast(Integer)
    number = (c.supplier_id, c.kind, c.number_key, year)
    query = select(*number).where(
        c.account_id == require_scope().account_id,
        c.status != InvoiceStatus.CANCELLED,
        c.duplicate_reason.is_(None),
        c.number_key != "",
        c.id.not_in(but),
        tuple_(*number).in_(wanted),
    )
    taken = {tuple(row) for row in db.session.execute(query)}
    return [each in taken for each in wanted]
