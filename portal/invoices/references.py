"""What papers refer to: suppliers, stores, items, units, files; read at once for many, none of it of anybody else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import select

from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.db.base import TenantEntity, db
from portal.db.states import MoveRefused
from portal.documents.models import Document
from portal.invoices.paper import Paper
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier

Row = TypeVar("Row", bound=TenantEntity)
# What the column of totals holds (numeric(14,2)).
MAX_TOTAL = Decimal(10) ** 12


@dataclass(frozen=True)
class References:
    """The rows behind the ids of papers. They stay in the session: the log asks for their names."""

    suppliers: dict[UUID, Supplier]
    stores: dict[UUID, Store]
    items: dict[UUID, InventoryItem]
    units: dict[UUID, MeasureUnit]

    @classmethod
    def of(cls, papers: Sequence[Paper]) -> "References":
        """Those of some papers; 404 where one does not exist, or not for the person."""
        lines = [line for paper in papers for line in paper.lines]
        suppliers = _rows(Supplier, (paper.supplier_id for paper in papers))
        survivors = _rows(Supplier, (each.merged_into_id for each in suppliers.values()))
        stores = _rows(Store, (paper.store_id for paper in papers))
        _rows(Restaurant, (store.restaurant_id for store in stores.values()))
        _rows(Document, (paper.document_id for paper in papers))
        items = _rows(InventoryItem, (line.item_id for line in lines))
        units = _rows(MeasureUnit, (line.unit_id for line in lines))
        return cls(suppliers | survivors, stores, items, units)

    def add_items(self, items: Iterable[UUID | None]) -> None:
        """Items that were recognised, and the base units of all."""
        self.items.update(_rows(InventoryItem, (each for each in items if each not in self.items)))
        bases = (item.default_unit_id for item in self.items.values())
        self.units.update(_rows(MeasureUnit, (each for each in bases if each not in self.units)))

    def symbol(self, unit_id: UUID | None) -> str | None:
        """How a unit is written."""
        return self.units[unit_id].symbol if unit_id is not None else None

    def settled(self, paper: Paper, former_supplier_id: UUID | None = None) -> Paper:
        """The paper as it can be entered: of a card that was merged iiko's papers are the other one's.

        Raises ``MoveRefused`` for anybody else's paper of a card that is merged or archived, unless it stays there
        (``former_supplier_id``), and for totals beyond what can be kept.
        """
        if abs(paper.total) >= MAX_TOTAL:
            raise MoveRefused(_("The lines come to more than can be kept. Check quantities and prices."))
        supplier = self.suppliers[paper.supplier_id]
        if supplier.id == former_supplier_id:
            return paper
        into = self.suppliers.get(supplier.merged_into_id) if supplier.merged_into_id else None
        if paper.source == "iiko":
            return replace(paper, supplier_id=into.id) if into is not None else paper
        if into is not None:
            raise MoveRefused(_("%(name)s was merged into %(into)s.", name=supplier.name, into=into.name))
        if not supplier.is_active:
            raise MoveRefused(_("%(name)s is archived. Restore it first.", name=supplier.name))
        return paper


def _rows(entity: type[Row], ids: Iterable[UUID | None]) -> dict[UUID, Row]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    found = {row.id: row for row in db.session.scalars(select(entity).where(entity.id.in_(wanted)))}
    if found.keys() != wanted:
        abort(404)
    return found
