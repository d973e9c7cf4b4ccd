"""What rows of an invoice name by its words: an item of ours, a unit. All rows of a page are looked up together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, request
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from wtforms import StringField

from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.db.base import db
from portal.web.values import escape_like, id_of, storable, visible

MAX_SUGGESTED, MAX_UNITS = 12, 500
# What papers write, by the code of the unit in OKEI.
_OTHER_WORDS = {
    "166": ("кг", "kg", "килограмм", "kilogram"),
    "163": ("г", "гр", "g", "грамм", "gram"),
    "112": ("л", "l", "литр", "litre", "дм3", "л; дм3"),
    "111": ("мл", "ml", "миллилитр", "millilitre"),
    "796": ("шт", "pcs", "pc", "piece", "штука", "штук"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A row that may be named: ``unit_id`` is an item's own unit."""

    id: UUID
    name: str
    is_active: bool = True
    unit_id: UUID | None = None


class Names:
    """The items and units that the rows of this page name, read once for all of them."""

    def __init__(self) -> None:
        self._items: dict[str, Named] = {}
        self._items_by_id: dict[UUID, Named] = {}
        self._asked: set[Any] = set()
        self._units: dict[str, Named] | None = None

    def item(self, text: str) -> Named | None:
        """The item of that name or article; of several the active one."""
        if _key(text) not in self._asked:
            self._read_items({_key(text), *_sent("inventory_item_id")})
        return self._items.get(_key(text))

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

    def unit(self, text: str) -> Named | None:
        """The unit of that symbol, name or code, as papers write it."""
        return self._units_by_word.get(_word(text))

    def unit_of(self, unit_id: UUID | None) -> Named | None:
        """The unit of that id."""
        return next((each for each in self._units_by_word.values() if each.id == unit_id), None) if unit_id else None

    @property
    def units(self) -> list[Named]:
        """Those that may be chosen."""
        return list({each.id: each for each in self._units_by_word.values() if each.is_active}.values())

    def _read_items(self, texts: set[str]) -> None:
        self._asked |= texts
        is_named = or_(func.lower(InventoryItem.name).in_(texts), func.lower(InventoryItem.sku).in_(texts))
        for found in _items(is_named):
            self._items_by_id[found.id] = found
        rows = db.session.execute(select(InventoryItem.id, InventoryItem.name, InventoryItem.sku).where(is_named))
        for row in rows:
            found = self._items_by_id[row.id]
            for word in (row.name, row.sku):
                known = self._items.get(_key(word or ""))
                if word and (known is None or found.is_active):
                    self._items[_key(word)] = found

    @property
    def _units_by_word(self) -> dict[str, Named]:
        if self._units is None:
            self._units = _units()
        return self._units


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
        found = names().unit(text)
        if found is None:
            raise ValueError(_("There is no unit like this. Choose one, or add it to the units."))
        self.data = found.id

    def process_data(self, value: Any) -> None:
        """The id that is stored."""
        self.data = id_of(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        found = names().unit_of(self.data)
        return found.name if found else ""


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
    rows = db.session.execute(select(i.id, i.name, i.is_active, i.default_unit_id).where(condition))
    return [Named(*row) for row in rows]


def _units() -> dict[str, Named]:
    """Units by each word that they go by; what a chain calls its own comes before what others call theirs."""
    u = MeasureUnit
    rows = db.session.execute(
        select(u.id, u.symbol, u.is_active, u.name, u.okei_code).order_by(u.symbol, u.id).limit(MAX_UNITS)
    ).all()
    found: dict[str, Named] = {}
    for words_of in (_own_words, _paper_words):
        for row in rows:
            for word in words_of(row):
                found.setdefault(_word(word), Named(row.id, row.symbol, row.is_active))
    return found


def _own_words(row: Any) -> tuple[str, ...]:
    return (row.symbol, row.name)


def _paper_words(row: Any) -> tuple[str, ...]:
    return (row.okei_code, *_OTHER_WORDS.get(row.okei_code, ())) if row.okei_code else ()


def _sent(name: str) -> set[str]:
    """What the rows of the form name in one of their fields."""
    sent = (value for key, value in request.form.items() if key.endswith(f"-{name}"))
    return {key for value in sent if (key := _key(value))}


def _typed(valuelist: list[Any]) -> str:
    return visible(storable(str(valuelist[0]))).strip()


def _key(text: str) -> str:
    return " ".join(storable(visible(text)).lower().split())


def _word(text: str) -> str:
    return _key(text).rstrip(".").replace(". ", " ")
