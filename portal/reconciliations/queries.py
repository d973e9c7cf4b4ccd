"""Reading what a statement is compared with, and the keys of its numbers."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import ARRAY, Date, Select, Text, cast, column, func, or_, select

from portal.db.base import SCHEMA, db
from portal.db.states import MoveRefused
from portal.documents.models import Document
from portal.invoices.models import Invoice, InvoiceStatus
from portal.reconciliations.matching.papers import OwnInvoice, Row
from portal.reconciliations.models import (
    Reconciliation,
    ReconciliationItem,
    ReconciliationMatch,
    ReconciliationStatus,
    RowStatus,
)
from portal.tenancy.objects import ObjectQuery
from portal.tenancy.reading import id_named

# Papers may be booked so much earlier or later than they were written.
AROUND = timedelta(days=31)
EARLIER = timedelta(days=366)
COUNTED = (InvoiceStatus.ACTIVE, InvoiceStatus.PAID)
# Rows that a person has decided on; support leaves no name, but decides all the same.
DECIDED = ReconciliationItem.details.has_key("decided")
_db_functions = getattr(func, SCHEMA)


_STATEMENT = ObjectQuery(
    Reconciliation,
    lambda query: query.where(Reconciliation.id == id_named("id")),
    beside={Reconciliation.supplier: ()},
)


def find_statement(statement_id: UUID) -> Reconciliation:
    """The statement of that id with its supplier, or 404."""
    return _STATEMENT.first(id=statement_id) or abort(404)


def held(statement_id: UUID) -> Reconciliation:
    """The statement as it is now, held until the transaction ends; ``MoveRefused`` for a completed one."""
    query = select(Reconciliation).where(Reconciliation.id == statement_id).with_for_update()
    statement = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if statement.is_completed:
        raise MoveRefused(_("This statement is completed: its rows never change."))
    return statement


def number_keys(numbers: Sequence[str], days: Sequence[date | None]) -> list[tuple[str, str]]:
    """Key and core of each number, as the database makes them of those of invoices."""
    lists = func.unnest(cast(numbers, ARRAY(Text)), cast(days, ARRAY(Date)))
    told = lists.table_valued(
        column("number", Text), column("day", Date), with_ordinality="place", name="told"
    ).render_derived()
    key = _db_functions.invoice_number_key(told.c.number)
    core = _db_functions.invoice_number_core(told.c.number, told.c.day)
    rows = db.session.execute(select(key, core).order_by(told.c.place))
    return [(found or "", digits or "") for found, digits in rows]


def own_invoices(statement: Reconciliation, but: Collection[UUID] = ()) -> list[OwnInvoice]:
    """Our invoices that rows of the statement may be, drafts and cancelled ones aside; ``but`` are spoken for.

    What a completed statement of another time has matched is settled.
    """
    query = _of_supplier(
        select(Invoice.id, Invoice.invoice_date, Invoice.total_amount, Invoice.number_key, Invoice.number_core),
        statement,
    ).where(
        Invoice.invoice_date.between(statement.period_from - AROUND, statement.period_to + AROUND),
        Invoice.id.not_in(_settled(statement)),
        Invoice.total_amount != 0,
    )
    return [OwnInvoice(*row) for row in db.session.execute(query) if row.id not in but]


def _of_supplier(query: Select[Any], statement: Reconciliation) -> Select[Any]:
    """Invoices of the statement's supplier, currency and, where it has one, restaurant."""
    query = query.where(
        Invoice.supplier_id == statement.supplier_id,
        Invoice.status.in_(COUNTED),
        Invoice.currency == statement.currency,
    )
    if statement.store_id is not None:
        return query.where(Invoice.store_id == statement.store_id)
    return query if statement.restaurant_id is None else query.where(Invoice.restaurant_id == statement.restaurant_id)


def _other_statements(statement: Reconciliation) -> Any:
    """Completed statements of the same supplier about another time."""
    return (
        Reconciliation.supplier_id == statement.supplier_id,
        Reconciliation.status == ReconciliationStatus.COMPLETED,
        Reconciliation.id != statement.id,
        or_(Reconciliation.period_to < statement.period_from, Reconciliation.period_from > statement.period_to),
    )


def _settled(statement: Reconciliation) -> Any:
    return (
        select(ReconciliationMatch.invoice_id)
        .join(ReconciliationItem, ReconciliationItem.id == ReconciliationMatch.reconciliation_item_id)
        .join(Reconciliation, Reconciliation.id == ReconciliationItem.reconciliation_id)
        .where(*_other_statements(statement), ReconciliationMatch.undone_at.is_(None))
    )


def unsettled_before(statement: Reconciliation) -> list[tuple[UUID, Row]]:
    """Rows of earlier statements of which we had no invoice, by their items; nothing has settled them since."""
    key, core = ReconciliationItem.number_key, _db_functions.invoice_number_core
    query = (
        select(
            ReconciliationItem.id,
            ReconciliationItem.invoice_date,
            ReconciliationItem.amount,
            key,
            core(ReconciliationItem.invoice_number, ReconciliationItem.invoice_date).label("core"),
        )
        .join(Reconciliation, Reconciliation.id == ReconciliationItem.reconciliation_id)
        .where(
            *_other_statements(statement),
            Reconciliation.period_to.between(statement.period_from - EARLIER, statement.period_from),
            Reconciliation.restaurant_id.is_not_distinct_from(statement.restaurant_id),
            ReconciliationItem.currency == statement.currency,
            ReconciliationItem.status.in_((RowStatus.MISSING_HERE, RowStatus.SUGGESTED)),
            ReconciliationItem.resolved_in_id.is_(None),
        )
        .order_by(Reconciliation.period_to, ReconciliationItem.position)
    )
    found = db.session.execute(query).all()
    return [
        (row.id, Row(place, row.invoice_date, row.amount, row.number_key, row.core or ""))
        for place, row in enumerate(found)
    ]


def items_of(statement: Reconciliation, *conditions: Any) -> Sequence[ReconciliationItem]:
    """The statement's rows, in their order."""
    query = select(ReconciliationItem).where(ReconciliationItem.reconciliation_id == statement.id, *conditions)
    return db.session.scalars(query.order_by(ReconciliationItem.position, ReconciliationItem.id)).all()


def live_matches(statement: Reconciliation, *conditions: Any) -> Sequence[ReconciliationMatch]:
    """What rows of the statement are of our invoices at present."""
    query = (
        select(ReconciliationMatch)
        .join(ReconciliationItem, ReconciliationItem.id == ReconciliationMatch.reconciliation_item_id)
        .where(
            ReconciliationItem.reconciliation_id == statement.id, ReconciliationMatch.undone_at.is_(None), *conditions
        )
    )
    return db.session.scalars(query.order_by(ReconciliationMatch.created_at, ReconciliationMatch.id)).all()


def invoices_named(ids: Collection[UUID]) -> dict[UUID, Invoice]:
    """Invoices by their ids."""
    if not ids:
        return {}
    return {each.id: each for each in db.session.scalars(select(Invoice).where(Invoice.id.in_(ids)))}


def count_by_status(statement: Reconciliation) -> dict[str, int]:
    """How many rows stand how."""
    query = (
        select(ReconciliationItem.status, func.count())
        .where(ReconciliationItem.reconciliation_id == statement.id)
        .group_by(ReconciliationItem.status)
    )
    return {str(status): count for status, count in db.session.execute(query)}


def last_position(statement: Reconciliation) -> int:
    """The position of the last row."""
    query = select(func.max(ReconciliationItem.position)).where(ReconciliationItem.reconciliation_id == statement.id)
    return db.session.scalar(query) or 0


def earlier_items_lacking(statement: Reconciliation, invoice_ids: Collection[UUID]) -> Sequence[UUID]:
    """Rows of earlier statements that say of these invoices that they were lacking there."""
    query = (
        select(ReconciliationItem.id)
        .join(Reconciliation, Reconciliation.id == ReconciliationItem.reconciliation_id)
        .where(
            *_other_statements(statement),
            Reconciliation.period_to <= statement.period_to,
            ReconciliationItem.invoice_id.in_(invoice_ids),
            ReconciliationItem.status == RowStatus.MISSING_THERE,
        )
    )
    return db.session.scalars(query).all()


def same_statements(sha256: str, supplier_id: UUID) -> Sequence[Reconciliation]:
    """Statements of a supplier that were made of the very same file, the newest first."""
    query = (
        select(Reconciliation)
        .join(Document, Document.id == Reconciliation.document_id)
        .where(Document.sha256 == sha256, Reconciliation.supplier_id == supplier_id)
    )
    return db.session.scalars(query.order_by(Reconciliation.created_at.desc(), Reconciliation.id)).all()


def numbered_like(statement: Reconciliation, text: str, most: int) -> Sequence[UUID]:
    """Invoices that a row may be whose number holds the text, the latest first."""
    query = _of_supplier(select(Invoice.id), statement).where(Invoice.invoice_number.icontains(text, autoescape=True))
    return db.session.scalars(query.order_by(Invoice.invoice_date.desc(), Invoice.id).limit(most)).all()


def are_comparable(statement: Reconciliation, ids: Collection[UUID]) -> bool:
    """Whether rows of the statement may be all of these invoices, whenever they were written."""
    query = _of_supplier(select(func.count()).select_from(Invoice), statement).where(Invoice.id.in_(ids))
    return db.session.scalar(query) == len(ids)


def core_of(number: str, day: date | None) -> str:
    """The digits of a number that tell one paper from another."""
    return number_keys([number], [day])[0][1]


def invoices_of_rows(item_ids: Collection[UUID]) -> dict[UUID, Any]:
    """What the invoices of each row come to."""
    match = ReconciliationMatch
    query = (
        select(match.reconciliation_item_id, func.sum(Invoice.total_amount))
        .join(Invoice, Invoice.id == match.invoice_id)
        .where(match.reconciliation_item_id.in_(item_ids), match.undone_at.is_(None))
        .group_by(match.reconciliation_item_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
