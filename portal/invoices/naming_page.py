"""What rows of an invoice name by its words: an item of ours, a unit. All rows of a page are looked up together."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, or_, select
from wtforms import SelectField, StringField

from portal.catalogue.models import InventoryItem, ItemUnit
from portal.catalogue.unit_names import UnitNames
from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.web.attributes import LongSelect
from portal.web.forms import Required, options
from portal.web.values import escape_like, id_of, storable, visible

MAX_SUGGESTED, MAX_STORES = 12, 1000


@dataclass(frozen=True, slots=True)
class Named:
    """A row that may be named: ``unit_id`` is an item's own unit."""

    id: UUID
    name: str
    is_active: bool = True
    unit_id: UUID | None = None
    sku: str | None = None


class Names:
    """The items and units that the rows of this page name, read once for all of them."""

    def __init__(self) -> None:
        self._items: dict[str, Named] = {}
        self._items_by_id: dict[UUID, Named] = {}
        self._asked: set[Any] = set()

    def item(self, text: str) -> Named | None:
        """The item of that name or article; of several the active one."""
        if _key(text) not in self._asked:
            self._read_items({_key(text), *_sent("inventory_item_id")})
        return self._items.get(_key(text))

    def expect_named(self, texts: Iterable[str]) -> None:
        """Read what those texts name together, before each row asks for its own."""
        missing = {key for text in texts if (key := _key(text))} - self._asked
        if missing:
            self._read_items(missing)

    def expect(self, item_ids: Iterable[UUID | None]) -> None:
        """Read those items together, before each row asks for its own."""
        missing = {item_id for item_id in item_ids if item_id is not None} - self._items_by_id.keys() - self._asked
        if missing:
            self._asked |= missing
            for found in _items(InventoryItem.id.in_(missing)):
                self._items_by_id[found.id] = found

    def item_of(self, item_id: UUID | None) -> Named | None:
        """The item of that id."""
        self.expect([item_id])
        return self._items_by_id.get(item_id) if item_id else None

    def unit(self, text: str) -> UUID | None:
        """The unit of that symbol, name or code, as papers write it."""
        return self._unit_names.find(text, text)

    def unit_of(self, unit_id: UUID | None) -> Named | None:
        """The unit of that id."""
        return self._units_by_id.get(unit_id) if unit_id else None

    @property
    def unit_rows(self) -> list[Any]:
        """All of them as they were read."""
        return self._unit_names.rows

    @property
    def units(self) -> list[Named]:
        """Those that may be chosen."""
        return [each for each in self._units_by_id.values() if each.is_active]

    @cached_property
    def _unit_names(self) -> UnitNames:
        return UnitNames()

    @cached_property
    def _units_by_id(self) -> dict[UUID, Named]:
        return {row.id: Named(row.id, row.symbol, row.is_active) for row in self._unit_names.rows}

    def _read_items(self, texts: set[str]) -> None:
        self._asked |= texts
        is_named = or_(func.lower(InventoryItem.name).in_(texts), func.lower(InventoryItem.sku).in_(texts))
        for found in _items(is_named):
            self._items_by_id[found.id] = found
            for word in (found.name, found.sku or ""):
                if found.is_active or _key(word) not in self._items:
                    self._items[_key(word)] = found


def names() -> Names:
    """Those of this request."""
    if "invoice_names" not in g:
        g.invoice_names = Names()
    found: Names = g.invoice_names
    return found


class ItemField(StringField):
    """An item of ours by its name or article; ``data`` is its id. What names none stays as it was typed."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The item that was named."""
        if not valuelist:
            return
        self.data, text = None, _typed(valuelist)
        if not text:
            return
        found = names().item(text)
        if found is None:
            raise ValueError(_("There is no item of this name. Choose one, or leave this empty."))
        if not found.is_active:
            raise ValueError(_("This item is archived. Choose another one, or restore it."))
        self.data = found.id

    def process_data(self, value: Any) -> None:
        """The id that is stored."""
        self.data = id_of(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        found = names().item_of(self.data)
        return found.name if found else ""


class UnitField(StringField):
    """A unit as papers write it; ``data`` is its id. What names none stays as it was typed."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The unit that was named."""
        if not valuelist:
            return
        self.data, text = None, _typed(valuelist)
        if not text:
            return
        self.data = names().unit(text)
        if self.data is None:
            raise ValueError(_("There is no unit like this. Choose one, or add it to the units."))

    def process_data(self, value: Any) -> None:
        """The id that is stored."""
        self.data = id_of(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        found = names().unit_of(self.data)
        return found.name if found else ""


class StoreField(SelectField):
    """One of the stores where the person works; an archived one only where it is chosen already."""

    is_empty = False
    widget = LongSelect()

    def __init__(self, label: Any, **settings: Any) -> None:
        validators = [Required(_l("Choose the store."))]
        super().__init__(label, validators, coerce=id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        offered = _stores(also=self.data)
        self.choices = options([("", _l("Choose…")), *offered])
        self.is_empty = not offered


def _stores(also: UUID | None) -> list[tuple[str, str]]:
    """Stores by the names of their restaurants and their own."""
    is_offered = and_(Store.is_active, Restaurant.is_active)
    wanted = is_offered if also is None else or_(is_offered, Store.id == also)
    query = (
        select(Store.id, Restaurant.name, Store.name.label("store"))
        .join(Restaurant, and_(Restaurant.account_id == Store.account_id, Restaurant.id == Store.restaurant_id))
        .where(wanted)
        .order_by(Restaurant.name, Store.name, Store.id)
        .limit(MAX_STORES)
    )
    return [(str(row.id), f"{row.name} · {row.store}") for row in db.session.execute(query)]


def packs_of(item_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The symbols of the units that each item is bought in, its own first."""
    found: dict[UUID, list[str]] = {}
    if not item_ids:
        return found
    known = names()
    query = select(ItemUnit.inventory_item_id, ItemUnit.from_unit_id, ItemUnit.to_unit_id)
    rows = db.session.execute(query.where(ItemUnit.inventory_item_id.in_(item_ids))).all()
    for item_id in item_ids:
        item = known.item_of(item_id)
        packs = [unit for row in rows if row[0] == item_id for unit in row[1:]]
        units = map(known.unit_of, dict.fromkeys([item.unit_id if item else None, *packs]))
        found[item_id] = [unit.name for unit in units if unit is not None]
    return found


def suggested_items(text: str) -> list[tuple[str, str]]:
    """(name, article) of the active items whose name or article holds the words, those that begin so first."""
    words = [escape_like(word) for word in _key(text).split()[:6]]
    if not words:
        return []
    name, sku = func.lower(InventoryItem.name), func.lower(func.coalesce(InventoryItem.sku, ""))
    holds = [or_(name.like(f"%{word}%"), sku.like(f"{word}%")) for word in words]
    query = select(InventoryItem.name, InventoryItem.sku).where(InventoryItem.is_active, *holds)
    order = (name.like(f"{words[0]}%").desc(), InventoryItem.name, InventoryItem.id)
    return [(row.name, row.sku or "") for row in db.session.execute(query.order_by(*order).limit(MAX_SUGGESTED))]


def _items(condition: Any) -> list[Named]:
    i = InventoryItem
    rows = db.session.execute(select(i.id, i.name, i.is_active, i.default_unit_id, i.sku).where(condition))
    return [Named(*row) for row in rows]


def _sent(name: str) -> set[str]:
    """What the rows of the form name in one of their fields."""
    sent = (value for key, value in request.form.items() if key.endswith(f"-{name}"))
    return {key for value in sent if (key := _key(value))}


def _typed(valuelist: list[Any]) -> str:
    return visible(storable(str(valuelist[0]))).strip()


def _key(text: str) -> str:
    return " ".join(storable(visible(text)).lower().split())
