"""Reading suppliers: those with an ИНН, where a merged one went, and pairs that may be one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.db.base import db
from portal.suppliers.likeness import Pair, find_pairs
from portal.suppliers.models import Supplier, SupplierMerge

MAX_PAIRS, MAX_ALIKE = 50, 10


def name_of_merged(supplier_id: UUID) -> Any:
    """Id and name of the supplier that one was merged into; ``None`` where it was not, or is not there."""
    into = aliased(Supplier)
    query = select(into.id, into.name).join(Supplier, Supplier.merged_into_id == into.id)
    return db.session.execute(query.where(Supplier.id == supplier_id)).one_or_none()


def holders_of_tax_id(tax_id: str, kpp: str | None, but: UUID | None) -> Sequence[Any]:
    """Other suppliers in use (id, name) that have this ИНН, and no other КПП: the same one, or a branch."""
    query = select(Supplier.id, Supplier.name).where(Supplier.tax_id == tax_id, Supplier.is_active)
    if kpp:
        query = query.where(or_(Supplier.kpp.is_(None), Supplier.kpp == kpp))
    if but is not None:
        query = query.where(Supplier.id != but)
    return db.session.execute(query.order_by(Supplier.name, Supplier.id).limit(MAX_ALIKE)).all()


def possible_doubles() -> list[Pair]:
    """Pairs of suppliers in use that may be one, the surest first.

    Of a pair that somebody took apart again nobody is asked a second time.
    """
    columns = (Supplier.id, Supplier.name, Supplier.tax_id, Supplier.kpp)
    suppliers = db.session.execute(select(*columns).where(Supplier.is_active).order_by(Supplier.name, Supplier.id))
    apart = taken_apart()
    return [each for each in find_pairs(suppliers.all()) if each.key not in apart][:MAX_PAIRS]


def taken_apart() -> set[frozenset[UUID]]:
    """The pairs of which somebody said that they are two, or whose merging was undone."""
    query = select(SupplierMerge.supplier_id, SupplierMerge.into_id).where(SupplierMerge.undone_at.is_not(None))
    return {frozenset(each) for each in db.session.execute(query)}


def merges_of(supplier: Supplier) -> Sequence[SupplierMerge]:
    """The mergings that stand, of others into it and of it into another, the latest first."""
    both = joinedload(SupplierMerge.supplier), joinedload(SupplierMerge.into)
    query = (
        select(SupplierMerge)
        .options(*both)
        .where(
            SupplierMerge.undone_at.is_(None),
            or_(SupplierMerge.supplier_id == supplier.id, SupplierMerge.into_id == supplier.id),
        )
    )
    return db.session.scalars(query.order_by(SupplierMerge.created_at.desc(), SupplierMerge.id)).all()
