"""Suppliers, stores and items by what files call them, read at once for all rows."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from portal.catalogue.models import InventoryItem
from portal.db.base import db
from portal.importing.declaration import match_key
from portal.invoices.files.fields import Field
from portal.invoices.files.lines import Problem
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.suppliers.tax_ids import TaxId, check_tax_id

# Marks of companies' kinds say little: «Ромашка», ООО is ООО "Ромашка".
_COMPANY = re.compile(r"\b(?:ооо|зао|оао|пао|ао|ип|общество с ограниченной ответственностью)\b|[«»\"'“”„,.]")


def company_key(name: str) -> str:
    """A company's name as it is compared: without quotation marks and the mark of its kind."""
    return " ".join(_COMPANY.sub(" ", name.casefold()).split()) or match_key(name)


class Names:
    """The names of a chain, as the person who sent a file may see them.

    ``supplier_id`` and ``store_id`` are those of the whole file; another supplier's tax number is told.
    """

    def __init__(self, supplier_id: UUID | None, store_id: UUID, rows: Sequence[Mapping[str, str]]) -> None:
        self.supplier_id, self.store_id = supplier_id, store_id
        tax_ids = {text for row in rows if (text := row.get(Field.TAX_ID))}
        self.tax_ids = {text: check_tax_id(text) for text in tax_ids}
        self.suppliers = _suppliers(supplier_id, self._known_tax_ids(), any(row.get(Field.SUPPLIER) for row in rows))
        self.by_key: dict[str, list[Any]] = defaultdict(list)
        self.by_tax_id: dict[str, list[Any]] = defaultdict(list)
        for row in self.suppliers.values():
            self.by_key[company_key(row.name)].append(row)
            self.by_tax_id[row.tax_id].append(row)
        self.stores = _stores() if any(row.get(Field.STORE) for row in rows) else {}
        self._found: dict[tuple[str, ...], tuple[UUID | None, Problem | None]] = {}

    def _known_tax_ids(self) -> set[str]:
        return {found.value for found in self.tax_ids.values() if isinstance(found, TaxId)}

    def supplier(self, texts: Mapping[str, str]) -> tuple[UUID | None, Problem | None]:
        """The supplier of a row: by tax number, else by name, else the whole file's."""
        told = (texts.get(Field.TAX_ID, ""), texts.get(Field.REGISTRATION, ""), texts.get(Field.SUPPLIER, ""))
        if told not in self._found:
            self._found[told] = self._find_supplier(*told)
        return self._found[told]

    def _find_supplier(self, tax_id: str, kpp: str, name: str) -> tuple[UUID | None, Problem | None]:
        chosen = self.suppliers.get(self.supplier_id) if self.supplier_id else None
        if chosen is not None:
            return self._of_chosen(chosen, tax_id)
        if tax_id:
            return self._by_tax_id(tax_id, kpp)
        if name:
            return self._one(self.by_key.get(company_key(name), []), Field.SUPPLIER, name)
        return None, (Field.SUPPLIER, _("Say whose paper it is."))

    def _of_chosen(self, chosen: Any, tax_id: str) -> tuple[UUID | None, Problem | None]:
        found = self.tax_ids.get(tax_id)
        if isinstance(found, TaxId) and chosen.tax_id and chosen.tax_id != found.value:
            told = _("This is not %(name)s: the paper is from %(tax_id)s.", name=chosen.name, tax_id=found.value)
            return None, (Field.TAX_ID, told)
        return self._one([chosen], Field.SUPPLIER, chosen.name)

    def _by_tax_id(self, tax_id: str, kpp: str) -> tuple[UUID | None, Problem | None]:
        found = self.tax_ids[tax_id]
        if not isinstance(found, TaxId):
            return None, (Field.TAX_ID, str(found.label))
        same = self.by_tax_id.get(found.value, [])
        # Branches of one company have one tax number and codes of their own.
        branch = [row for row in same if kpp and row.kpp == kpp]
        return self._one(branch or same, Field.TAX_ID, found.value)

    def _one(self, same: list[Any], field: Field, told: str) -> tuple[UUID | None, Problem | None]:
        active = {self._standing(row).id: self._standing(row) for row in same}
        active = {row_id: row for row_id, row in active.items() if row.is_active}
        if len(active) == 1:
            return next(iter(active)), None
        if active:
            names = ", ".join(sorted(row.name for row in active.values())[:3])
            return None, (field, _("Several suppliers are “%(text)s”: %(names)s. Choose one.", text=told, names=names))
        if same:
            return None, (field, _("“%(text)s” is archived. Restore it first.", text=same[0].name))
        return None, (field, _("There is no supplier “%(text)s” yet. Add it first.", text=told[:80]))

    def _standing(self, row: Any) -> Any:
        """Where a merged supplier went: its papers are the other's."""
        return self.suppliers.get(row.merged_into_id, row) if row.merged_into_id else row

    def store(self, text: str) -> tuple[UUID | None, Problem | None]:
        """A store by its name, or its restaurant's with it; the file's where a row names none."""
        if not text:
            return self.store_id, None
        same = self.stores.get(match_key(text), [])
        if len(same) == 1:
            return same[0], None
        if same:
            told = _("Several stores are called “%(text)s”. Write “restaurant, store”.", text=text[:80])
            return None, (Field.STORE, told)
        return None, (Field.STORE, _("“%(text)s” is not among your stores.", text=text[:80]))


def _suppliers(chosen: UUID | None, tax_ids: set[str], by_name: bool) -> dict[UUID, Any]:
    columns = (Supplier.id, Supplier.name, Supplier.tax_id, Supplier.kpp, Supplier.is_active, Supplier.merged_into_id)
    wanted = select(*columns)
    if not by_name:
        wanted = wanted.where(or_(Supplier.id == chosen, Supplier.tax_id.in_(tax_ids)))
    found = {row.id: row for row in db.session.execute(wanted)}
    into = {row.merged_into_id for row in found.values() if row.merged_into_id} - found.keys()
    if into:
        found |= {row.id: row for row in db.session.execute(select(*columns).where(Supplier.id.in_(into)))}
    return found


def _stores() -> dict[str, list[UUID]]:
    query = select(Store.id, Store.name, Restaurant.name.label("restaurant")).join(
        Restaurant, Restaurant.id == Store.restaurant_id
    )
    found: dict[str, list[UUID]] = defaultdict(list)
    for row in db.session.execute(query.where(Store.is_active, Restaurant.is_active)):
        for name in {row.name, f"{row.restaurant}, {row.name}", f"{row.restaurant} · {row.name}", row.restaurant}:
            found[match_key(name)].append(row.id)
    return found


def items_named(descriptions: Iterable[str]) -> dict[str, UUID]:
    """The items in use whose very name a paper writes, by the folded name."""
    names = {match_key(text) for text in descriptions}
    query = select(InventoryItem.id, InventoryItem.name).where(
        InventoryItem.is_active, func.lower(InventoryItem.name).in_(names)
    )
    return {match_key(row.name): row.id for row in db.session.execute(query)}
