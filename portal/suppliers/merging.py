"""Two cards of one supplier made one, with everything that hangs on them; undone as long as the other one stands.

What went along is kept by the ids of its rows, so that undoing takes back that and nothing else. Prices are told by the
lines of invoices and follow those. Where both have the same invoice number, name of an item or layout of files:

- both invoices stay, for nobody knows which is right; the one that came says why it may, and an exception asks;
- the name and the layout of the one that stays count, the other's stay with the merged card and are asked no more.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists, extract, select, update
from sqlalchemy.orm import aliased

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.catalogue.names import SupplierItem
from portal.catalogue.prices import ItemPrice
from portal.catalogue.pricing import reckon_changes
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.deliveries.models import Delivery
from portal.documents.models import Document
from portal.invoices.duplicates import Duplicate
from portal.invoices.files.models import InvoiceFile
from portal.invoices.judging import duplicate_finding
from portal.invoices.likeness import Rule
from portal.invoices.models import Invoice, InvoiceException, InvoiceItem
from portal.invoices.words import DuplicateReason, ExceptionKind, ExceptionState, InvoiceStatus
from portal.purchase_orders.models import PurchaseOrder
from portal.reconciliations.models import Reconciliation
from portal.suppliers.models import Supplier, SupplierLayout, SupplierMerge
from portal.suppliers.queries import taken_apart
from portal.tenancy.scope import require_scope

# What an invoice says that came with a merged supplier though its number was there already.
CAME_ALONG = DuplicateReason.MERGED
# The keys of ``SupplierMerge.moved`` are tables, and this one the invoices that were told ``CAME_ALONG``.
TWICE = "twice"
# What hangs on a supplier, and what each of them has once.
HANGING: tuple[Any, ...] = (
    Invoice, SupplierItem, Document, ItemPrice, Reconciliation, SupplierLayout, InvoiceFile,
    PurchaseOrder, Delivery,
)  # fmt: skip
UNIQUE: dict[Any, tuple[tuple[str, ...], ...]] = {
    SupplierItem: (("description_key", "unit_id"),),
    SupplierLayout: (("purpose", "headings_key"),),
}

MERGED_ALREADY = _l("One of the two was merged meanwhile. Look at their pages.")


def merge(supplier: Supplier, into: Supplier) -> SupplierMerge:
    """Make ``supplier`` part of ``into``. Raises ``MoveRefused`` where one of them is part of another already."""
    _hold(supplier, into)
    if supplier.id == into.id or supplier.is_merged or into.is_merged:
        raise MoveRefused(MERGED_ALREADY)
    twice = twice_numbered(supplier.id, into.id)
    _explain_numbers(twice)
    _ask_about_numbers(twice)
    moved: dict[str, Any] = {TWICE: _texts(twice)}
    for entity in HANGING:
        moved[entity.__tablename__] = _texts(_move(entity, entity.supplier_id == supplier.id, into.id))
    _bring_prices(Invoice.supplier_id == into.id, into.id)
    reckon_changes([into.id])
    moved[Supplier.__tablename__] = _texts(_redirect(Supplier.merged_into_id == supplier.id, into.id))
    supplier.merged_into_id, supplier.is_active = into.id, False
    made = SupplierMerge(supplier_id=supplier.id, into_id=into.id, moved=moved, user_id=acting_id())
    db.session.add(made)
    told = {"moved_invoices": len(moved[Invoice.__tablename__]), TWICE: len(twice)}
    record(Action.MERGED, supplier, after={"merged_into_id": into.name, **told})
    record(Action.MERGED, into, after={"merged_from": supplier.name, **told})
    db.session.flush()
    return made


def undo(made: SupplierMerge) -> None:
    """Take a merging back: what went along returns, what came since stays. Raises ``MoveRefused``."""
    supplier, into = (db.session.get_one(Supplier, row_id) for row_id in (made.supplier_id, made.into_id))
    _hold(supplier, into)
    db.session.refresh(made, with_for_update=True)
    if made.undone_at is not None:
        raise MoveRefused(_("This merging was undone already."))
    if into.is_merged:
        raise MoveRefused(_("%(name)s is part of another supplier itself. Undo that first.", name=into.name))
    ids = {table: [UUID(each) for each in told] for table, told in made.moved.items()}
    returning = ids.get(Invoice.__tablename__, [])
    _explain_numbers(twice_numbered(into.id, supplier.id, among=returning))
    for entity in HANGING:
        back = entity.id.in_(ids.get(entity.__tablename__, []))
        _move(entity, and_(back, entity.supplier_id == into.id), supplier.id)
    _bring_prices(and_(Invoice.id.in_(returning), Invoice.supplier_id == supplier.id), supplier.id)
    reckon_changes([supplier.id, into.id])
    _forget_explanation(ids.get(TWICE, []))
    came = Supplier.id.in_(ids.get(Supplier.__tablename__, []))
    _redirect(and_(came, Supplier.merged_into_id == into.id), supplier.id)
    supplier.merged_into_id, supplier.is_active, made.undone_at = None, True, utc_now()
    record(Action.UNMERGED, supplier, before={"merged_into_id": into.name})
    record(Action.UNMERGED, into, before={"merged_from": supplier.name})
    db.session.flush()


def keep_apart(supplier: Supplier, other: Supplier) -> None:
    """Two that look alike are two: nobody is asked of them again."""
    if supplier.id == other.id or frozenset((supplier.id, other.id)) in taken_apart():
        return
    apart = SupplierMerge(supplier_id=supplier.id, into_id=other.id, user_id=acting_id(), undone_at=utc_now())
    db.session.add(apart)
    db.session.flush()


def twice_numbered(supplier_id: UUID, into_id: UUID, among: Collection[UUID] | None = None) -> dict[UUID, UUID]:
    """The invoices of one supplier (``among`` those) whose number another one has in the same year, none cancelled.

    Each with the invoice that has it there.
    """
    mine, theirs = Invoice, aliased(Invoice)
    is_twin = and_(
        theirs.account_id == mine.account_id,
        theirs.supplier_id == into_id,
        theirs.kind == mine.kind,
        theirs.number_key == mine.number_key,
        extract("year", theirs.invoice_date) == extract("year", mine.invoice_date),
        _guards_its_number(theirs),
    )
    query = select(mine.id, theirs.id).join(theirs, is_twin)
    query = query.where(mine.supplier_id == supplier_id, mine.number_key != "", _guards_its_number(mine))
    if among is not None:
        query = query.where(mine.id.in_(among))
    return {row[0]: row[1] for row in db.session.execute(query)}


def _guards_its_number(invoice: Any) -> ColumnElement[bool]:
    """Whether the database lets no other invoice of the supplier have the same number."""
    return and_(invoice.status != InvoiceStatus.CANCELLED, invoice.duplicate_reason.is_(None))


def _explain_numbers(invoice_ids: Collection[UUID]) -> None:
    if invoice_ids:
        db.session.execute(update(Invoice).where(Invoice.id.in_(invoice_ids)).values(duplicate_reason=CAME_ALONG))


def _ask_about_numbers(twice: Mapping[UUID, UUID]) -> None:
    """Open an exception for each invoice that came with a number that was there: it may be one paper, paid twice."""
    asked = select(InvoiceException.invoice_id).where(
        InvoiceException.invoice_id.in_(twice), _is_open_question(InvoiceException)
    )
    left = set(twice) - set(db.session.scalars(asked))
    wanted = {*left, *(twice[each] for each in left)}
    invoices = {each.id: each for each in db.session.scalars(select(Invoice).where(Invoice.id.in_(wanted)))}
    for invoice_id in left:
        twin = invoices[twice[invoice_id]]
        is_same = Duplicate(Rule.SAME_NUMBER, is_stop=True, invoice=twin, sentence=str(Rule.SAME_NUMBER.label))
        found = duplicate_finding(invoices[invoice_id], is_same, twin)
        db.session.add(
            InvoiceException(
                invoice_id=invoice_id, kind=found.kind, evidence=found.evidence, money_at_stake=found.money
            )
        )


def _is_open_question(exception: Any) -> ColumnElement[bool]:
    return and_(exception.kind == ExceptionKind.DUPLICATE, exception.state == ExceptionState.OPEN)


def _forget_explanation(invoice_ids: Collection[UUID]) -> None:
    """Numbers that stood twice because of the merging stand once again, and nobody is asked about them."""
    told = select(Invoice).where(Invoice.id.in_(invoice_ids), Invoice.duplicate_reason == CAME_ALONG)
    for invoice in db.session.scalars(told):
        others = select(Invoice.id).where(
            Invoice.supplier_id == invoice.supplier_id,
            Invoice.kind == invoice.kind,
            Invoice.number_key == invoice.number_key,
            extract("year", Invoice.invoice_date) == invoice.invoice_date.year,
            _guards_its_number(Invoice),
        )
        if db.session.scalars(others.limit(1)).first() is None:
            invoice.duplicate_reason = None
            for each in InvoiceException.of(invoice):
                if each.kind == ExceptionKind.DUPLICATE and each.evidence.get("rule") == Rule.SAME_NUMBER:
                    each.end()
            db.session.flush()


def _move(entity: Any, condition: ColumnElement[bool], to: UUID) -> list[UUID]:
    """Let rows hang on another supplier, those aside whose place is taken there; their ids."""
    conditions = [condition]
    if entity is ItemPrice:
        # The others are told by their invoices.
        conditions.append(ItemPrice.invoice_item_id.is_(None))
    for keys in UNIQUE.get(entity, ()):
        other = aliased(entity)
        same = [getattr(other, key).is_not_distinct_from(getattr(entity, key)) for key in keys]
        conditions.append(~exists().where(other.account_id == entity.account_id, other.supplier_id == to, *same))
    moving = update(entity).where(*conditions).values(supplier_id=to).returning(entity.id)
    return list(db.session.scalars(moving))


def _bring_prices(of_invoices: ColumnElement[bool], to: UUID) -> None:
    """Let the prices of invoices name the supplier that the invoices have now."""
    lines = select(InvoiceItem.id).join(Invoice, Invoice.id == InvoiceItem.invoice_id).where(of_invoices)
    moving = ItemPrice.invoice_item_id.in_(lines), ItemPrice.supplier_id != to
    db.session.execute(update(ItemPrice).where(*moving).values(supplier_id=to))


def _redirect(condition: ColumnElement[bool], to: UUID) -> list[UUID]:
    """Let suppliers that were merged earlier lead to where their goods come from now; their ids."""
    return list(db.session.scalars(update(Supplier).where(condition).values(merged_into_id=to).returning(Supplier.id)))


def _hold(*suppliers: Supplier) -> None:
    """Keep others from changing the two until the commit; in one order, whoever comes first."""
    assert require_scope().restaurant_ids is None, "what hangs on a supplier in other restaurants would stay behind"
    for supplier in sorted(suppliers, key=lambda each: each.id):
        db.session.refresh(supplier, with_for_update=True)


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(each) for each in ids]
