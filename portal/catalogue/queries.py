"""Reading units, conversions and items, past the session."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.catalogue.graph import Level, Step, UnitFact
from portal.catalogue.models import InventoryItem, ItemUnit, MeasureUnit, UnitCategory, UnitConversion
from portal.catalogue.names import SupplierItem
from portal.catalogue.prices import ItemPrice
from portal.db.base import db
from portal.importing.declaration import match_key
from portal.suppliers.models import Supplier
from portal.tenancy.reading import RowQuery, id_named, one_of
from portal.tenancy.scope import require_scope

# More than a page tells of what suppliers call one item.
MAX_NAMES = 100

u, k, i = MeasureUnit.__table__.c, UnitCategory.__table__.c, InventoryItem.__table__.c
c, p, s = UnitConversion.__table__.c, ItemUnit.__table__.c, SupplierItem.__table__.c

_UNITS = RowQuery(
    MeasureUnit,
    (u.id, u.name, u.symbol, u.base_factor, u.okei_code, u.is_active, k.name.label("category")),
    lambda query: query.join(
        UnitCategory.__table__, (k.account_id == u.account_id) & (k.id == u.unit_category_id)
    ).order_by(u.name, u.id),
)
_OF_ACCOUNT = RowQuery(
    UnitConversion,
    (c.id, c.from_unit_id, c.from_quantity, c.to_unit_id, c.to_quantity),
    lambda query: query.order_by(c.created_at, c.id),
)
_BASES = RowQuery(InventoryItem, (i.id, i.default_unit_id), lambda query: query.where(one_of(i.id, "ids")))
# With a row for an item that says nothing of itself, too.
_OF_ITEMS = RowQuery(
    InventoryItem,
    (i.id, i.default_unit_id, p.from_unit_id, p.from_quantity, p.to_unit_id, p.to_quantity),
    lambda query: (
        query.outerjoin(ItemUnit.__table__, (p.account_id == i.account_id) & (p.inventory_item_id == i.id))
        .where(one_of(i.id, "ids"))
        .order_by(i.id, p.position, p.created_at, p.id)
    ),
)
_OF_ALL_ITEMS = RowQuery(
    ItemUnit,
    (p.inventory_item_id, p.from_unit_id, p.from_quantity, p.to_unit_id, p.to_quantity, i.name),
    lambda query: query.join(
        InventoryItem.__table__, (i.account_id == p.account_id) & (i.id == p.inventory_item_id)
    ).order_by(i.name, i.id),
)
_AGREED = RowQuery(
    SupplierItem,
    (s.id, s.supplier_id, s.inventory_item_id, s.unit_id, s.agreed_price, s.agreed_from),
    lambda query: query.where(
        one_of(s.supplier_id, "suppliers"),
        one_of(s.inventory_item_id, "items"),
        s.agreed_price.is_not(None),
        s.is_active,
    ).order_by(s.created_at, s.id),
)
v = Supplier.__table__.c
_NAMES = RowQuery(
    SupplierItem,
    (
        s.id, s.description, s.supplier_sku, s.agreed_price, s.agreed_from, s.supplier_id,
        v.name.label("supplier"), u.symbol.label("unit"),
    ),
    lambda query: query.join(Supplier.__table__, (v.account_id == s.account_id) & (v.id == s.supplier_id))
    .outerjoin(MeasureUnit.__table__, (u.account_id == s.account_id) & (u.id == s.unit_id))
    .where(s.inventory_item_id == id_named("item_id"), s.is_active)
    .order_by(v.name, s.description, s.id)
    .limit(MAX_NAMES),
)  # fmt: skip


def unit_rows() -> list[Any]:
    """Every unit of the chain with the word of its category, by name."""
    db.session.flush()
    return _UNITS.all()


def fact_of(row: Any) -> UnitFact:
    """What conversions need to know of a unit."""
    factor = None if row.base_factor is None else Fraction(row.base_factor)
    return UnitFact(row.id, str(row.category.value), factor)


def conversion_rows() -> list[Any]:
    """Every conversion that the chain has said for all items."""
    return _OF_ACCOUNT.all()


def account_steps() -> list[Step]:
    """The same as steps of the graph."""
    return [account_step(row) for row in conversion_rows()]


def account_step(row: Any) -> Step:
    """A conversion of the chain as a step of the graph."""
    return _step(row, Level.ACCOUNT)


def base_units(item_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The base unit of each item."""
    return {row.id: row.default_unit_id for row in _BASES.all(ids=list(item_ids))} if item_ids else {}


def item_steps(item_ids: Collection[UUID]) -> tuple[dict[UUID, UUID], dict[UUID, list[Step]]]:
    """The base unit of each item, and the conversions of each that has some of its own."""
    bases: dict[UUID, UUID] = {}
    found: dict[UUID, list[Step]] = defaultdict(list)
    for row in _OF_ITEMS.all(ids=list(item_ids)) if item_ids else ():
        bases[row.id] = row.default_unit_id
        if row.from_unit_id is not None:
            found[row.id].append(_step(row, Level.ITEM))
    return bases, dict(found)


def steps_of_all_items() -> Mapping[tuple[UUID, str], list[Step]]:
    """The conversions of every item that has some, by its id and name."""
    found: dict[tuple[UUID, str], list[Step]] = defaultdict(list)
    for row in _OF_ALL_ITEMS.all():
        found[row.inventory_item_id, row.name].append(_step(row, Level.ITEM))
    return dict(found)


def agreed_rows(supplier_ids: Collection[UUID], item_ids: Collection[UUID]) -> list[Any]:
    """The prices that were agreed on with those suppliers for those items."""
    if not supplier_ids or not item_ids:
        return []
    return _AGREED.all(suppliers=list(supplier_ids), items=list(item_ids))


def holder_of(entity: Any, key: str, value: str, *, but: UUID | None, active_only: bool = False) -> Any:
    """The row of the chain that has that text in a column, letters' case aside: its id and name, or ``None``."""
    t = entity.__table__.c
    query = select(t.id, t.name).where(
        t.account_id == require_scope().account_id, func.lower(t[key]) == func.lower(value)
    )
    if but is not None:
        query = query.where(t.id != but)
    if active_only:
        query = query.where(t.is_active)
    return db.session.connection().execute(query.limit(1)).first()


def item_called(supplier_id: UUID | None, key: str, unit_id: UUID | None, *, but: UUID | None) -> Any:
    """The item that a supplier calls so in a unit: its id and name, or ``None``."""
    query = (
        select(i.id, i.name)
        .join(SupplierItem.__table__, (s.account_id == i.account_id) & (s.inventory_item_id == i.id))
        .where(
            s.account_id == require_scope().account_id,
            s.supplier_id == supplier_id,
            s.description_key == key,
            s.unit_id.is_not_distinct_from(unit_id),
        )
    )
    if but is not None:
        query = query.where(s.id != but)
    return db.session.connection().execute(query.limit(1)).first()


def names_of_item(item_id: UUID) -> list[Any]:
    """What suppliers call an item, with the supplier, the unit and what was agreed."""
    return _NAMES.all(item_id=item_id)


def has_prices(item_id: UUID) -> bool:
    """Whether an item has ever had a price, in whatever restaurant."""
    h = ItemPrice.__table__.c
    query = select(h.id).where(h.account_id == require_scope().account_id, h.inventory_item_id == item_id)
    return db.session.connection().execute(query.limit(1)).first() is not None


def items_with_prices() -> set[UUID]:
    """The items that have ever had a price, in whatever restaurant."""
    h = ItemPrice.__table__.c
    query = select(h.inventory_item_id).where(h.account_id == require_scope().account_id).distinct()
    return set(db.session.connection().execute(query).scalars())


def sku_holders() -> dict[str, Any]:
    """Id and name of every item that has an SKU, by the SKU as files are matched by it."""
    query = select(i.id, i.name, i.sku).where(i.account_id == require_scope().account_id, i.sku.is_not(None))
    return {match_key(row.sku): row for row in db.session.connection().execute(query)}


def _step(row: Any, level: Level) -> Step:
    from_quantity, to_quantity = Decimal(row.from_quantity), Decimal(row.to_quantity)
    return Step.of(row.from_unit_id, from_quantity, row.to_unit_id, to_quantity, level)
