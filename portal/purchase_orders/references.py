"""What orders refer to: the store, the supplier, what the supplier calls an item, which units are weighed."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import and_, select

from portal.catalogue.models import MeasureUnit, UnitCategory, UnitCategoryName
from portal.catalogue.names import SupplierItem
from portal.db.base import TenantEntity, db
from portal.db.states import MoveRefused
from portal.stores.models import Store
from portal.suppliers.models import Supplier

Row = TypeVar("Row", bound=TenantEntity)
WEIGHED = (UnitCategoryName.WEIGHT, UnitCategoryName.VOLUME)


def rows_of(entity: type[Row], ids: Collection[UUID]) -> dict[UUID, Row]:
    """The rows with those ids, as far as they are there; they stay in the session: the log asks for their names."""
    if not ids:
        return {}
    return {row.id: row for row in db.session.scalars(select(entity).where(entity.id.in_(ids)))}


def place_of(store_id: UUID) -> Store:
    """The store; 404 where it is not there, or not the person's."""
    return rows_of(Store, {store_id}).get(store_id) or abort(404)


def refuse_supplier(supplier_id: UUID) -> None:
    """Raises ``MoveRefused`` for a card that nothing is ordered from any more; 404 where there is none."""
    supplier = rows_of(Supplier, {supplier_id}).get(supplier_id) or abort(404)
    if supplier.merged_into_id is not None:
        into = rows_of(Supplier, {supplier.merged_into_id})[supplier.merged_into_id]
        raise MoveRefused(_("%(name)s was merged into %(into)s.", name=supplier.name, into=into.name))
    if not supplier.is_active:
        raise MoveRefused(_("%(name)s is archived. Restore it first.", name=supplier.name))


def names_at(supplier_id: UUID, item_ids: Collection[UUID]) -> dict[tuple[UUID, UUID | None], SupplierItem]:
    """What a supplier calls items, by item and unit; of several names the latest."""
    if not item_ids:
        return {}
    n = SupplierItem
    query = select(n).where(n.supplier_id == supplier_id, n.inventory_item_id.in_(item_ids), n.is_active)
    rows = db.session.scalars(query.order_by(n.created_at, n.id))
    return {(row.inventory_item_id, row.unit_id): row for row in rows}


def weighed_units(unit_ids: Collection[UUID]) -> set[UUID]:
    """Those of some units that measure weight or volume."""
    if not unit_ids:
        return set()
    u, c = MeasureUnit, UnitCategory
    query = select(u.id).join(c, and_(c.account_id == u.account_id, c.id == u.unit_category_id))
    return set(db.session.scalars(query.where(u.id.in_(unit_ids), c.name.in_(WEIGHED))))
