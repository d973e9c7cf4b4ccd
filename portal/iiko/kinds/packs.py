"""Packings of products as packs of our items: each is a ratio of a unit of its own to the item's.

What iiko does not have any more stays: older papers are told in it. What a person changed here stays until iiko says
something else than it did before.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.audit.recording import record_creation
from portal.catalogue.graph import Level, Step, UnitFact, find_contradiction
from portal.catalogue.models import InventoryItem, ItemUnit, MeasureUnit, UnitCategory, UnitCategoryName
from portal.catalogue.queries import account_steps, fact_of, unit_rows
from portal.db.base import db
from portal.iiko.kinds.units import NAMES, fold_unit
from portal.iiko.sync.models import Word
from portal.iiko.sync.writing import KindWriter, Links, Places, Written

# What a column of a ratio holds: numeric(14,4).
MAX_DECIMALS, MAX_QUANTITY = 4, Decimal(10) ** 10
# Packs are called by people: a number of litres in a name is not what tells one sort of pack from another.
# Measures are no packs, and where a chain lacks one nobody makes it by the way.
CODES = frozenset(NAMES.values())
_WORD = re.compile(r"[^\W\d_]{2,}\.?")


@dataclass(frozen=True, slots=True)
class Pack:
    """``count`` base units in one."""

    id: str
    name: str
    count: Decimal


def ratio_of(count: Decimal) -> tuple[Decimal, Decimal] | None:
    """So many packs are so many base units, exactly; ``None`` where the columns cannot hold that.

    Where a count has more decimals than a column, several packs are told: 1000 of 0.333333 are 333.333.
    """
    decimals = max(0, -int(count.normalize().as_tuple().exponent))
    packs = Decimal(10) ** max(0, decimals - MAX_DECIMALS)
    return (packs, packs * count) if count > 0 and packs * max(count, Decimal(1)) < MAX_QUANTITY else None


def names_of(pack: Pack) -> tuple[str, ...]:
    """What the unit of a pack may be called, the shortest first: "упак. 0,91 кг" is one of many called "упак."."""
    word = _WORD.search(pack.name)
    whole = pack.name or f"× {pack.count}"
    return tuple(dict.fromkeys((word[0].lower() if word else whole, whole, f"{whole} × {pack.count}")))


def living(told: Iterable[Mapping[str, Any]] | None) -> dict[str, Pack]:
    """The packs that iiko has, by their ids."""
    return {
        each["id"]: Pack(each["id"], each["name"], Decimal(each["count"]))
        for each in told or ()
        if not each.get("is_deleted")
    }


@dataclass
class Shelf:
    """The packs that stand here of some items, and the units that they may be in."""

    rows: dict[UUID, list[ItemUnit]]
    facts: dict[UUID, UnitFact]
    by_symbol: dict[str | None, UUID]
    room: int
    of_account: Sequence[Step]
    made: list[MeasureUnit] = field(default_factory=list)

    @classmethod
    def of(cls, items: Sequence[InventoryItem]) -> "Shelf":
        """Read in as many statements however many items there are."""
        rows: dict[UUID, list[ItemUnit]] = defaultdict(list)
        query = select(ItemUnit).where(ItemUnit.inventory_item_id.in_([item.id for item in items]))
        for row in db.session.scalars(query.order_by(ItemUnit.id)):
            rows[row.inventory_item_id].append(row)
        units = db.session.execute(select(MeasureUnit.id, MeasureUnit.name, MeasureUnit.symbol)).all()
        symbols = {fold_unit("name", unit.name): unit.id for unit in units}
        symbols |= {fold_unit("symbol", unit.symbol): unit.id for unit in units}
        facts = {row.id: fact_of(row) for row in unit_rows()}
        return cls(rows, facts, symbols, MeasureUnit.__most__ - len(facts), account_steps())

    def pack_of(self, item: InventoryItem, count: Decimal) -> ItemUnit | None:
        """The pack of an item that holds so many of its base units."""
        return next((row for row in self.rows[item.id] if count_of(row, item.default_unit_id) == count), None)

    def add(self, item: InventoryItem, pack: Pack) -> None:
        """A pack, in the first unit of its names that the item has no pack in; none where none fits."""
        if (ratio := ratio_of(pack.count)) is None:
            return
        for name in names_of(pack):
            unit_id = self._unit(name)
            if unit_id is None or unit_id == item.default_unit_id or self._is_taken(item, unit_id):
                continue
            if self._agrees(item, unit_id, ratio):
                row = ItemUnit(
                    inventory_item_id=item.id, from_unit_id=unit_id, to_unit_id=item.default_unit_id,
                    from_quantity=ratio[0], to_quantity=ratio[1], position=len(self.rows[item.id]),
                )  # fmt: skip
                db.session.add(row)
                self.rows[item.id].append(row)
                return

    def change(self, item: InventoryItem, row: ItemUnit, count: Decimal) -> None:
        """Another count of a pack; not where it would contradict what else is said of the item."""
        ratio = ratio_of(count)
        is_turned = row.from_unit_id == item.default_unit_id
        unit_id = row.to_unit_id if is_turned else row.from_unit_id
        if ratio is not None and self._agrees(item, unit_id, ratio, but=row):
            packs, base = ratio
            row.from_quantity, row.to_quantity = (base, packs) if is_turned else (packs, base)

    def _is_taken(self, item: InventoryItem, unit_id: UUID) -> bool:
        return any({row.from_unit_id, row.to_unit_id} == {unit_id, item.default_unit_id} for row in self.rows[item.id])

    def _agrees(
        self, item: InventoryItem, unit_id: UUID, ratio: tuple[Decimal, Decimal], but: ItemUnit | None = None
    ) -> bool:
        step = Step.of(unit_id, ratio[0], item.default_unit_id, ratio[1], Level.ITEM)
        own = [_step(row) for row in self.rows[item.id] if row is not but]
        return find_contradiction(self.facts, [*own, *self.of_account], [step]) is None

    def _unit(self, name: str) -> UUID | None:
        """The unit of that symbol, made where there is none and room for one."""
        folded = fold_unit("symbol", name) or name
        found = self.by_symbol.get(folded)
        if found is not None or self.room <= 0 or folded in CODES:
            return found
        self.room -= 1
        unit = MeasureUnit(name=name, symbol=name, unit_category_id=_count_category())
        db.session.add(unit)
        db.session.flush()
        record_creation(unit)
        self.by_symbol[folded] = unit.id
        self.facts[unit.id] = UnitFact(unit.id, str(UnitCategoryName.COUNT))
        return unit.id


def count_of(row: ItemUnit, base_unit_id: UUID) -> Decimal | None:
    """How many base units are in one of a pack; ``None`` where it leads elsewhere, or has no end as a decimal."""
    if base_unit_id not in (row.from_unit_id, row.to_unit_id):
        return None
    packs, base = row.from_quantity, row.to_quantity
    if row.from_unit_id == base_unit_id:
        packs, base = base, packs
    found = base / packs
    return found if Fraction(found) == Fraction(base) / Fraction(packs) else None


def _step(row: ItemUnit) -> Step:
    return Step.of(row.from_unit_id, row.from_quantity, row.to_unit_id, row.to_quantity, Level.ITEM)


def _count_category() -> Any:
    return db.session.scalar(select(UnitCategory.id).where(UnitCategory.name == UnitCategoryName.COUNT))


class PackWriter(KindWriter):
    """Writes products, and their packings beside them."""

    def _write_parts(self, written: Sequence[Written], links: Links, places: Places) -> None:
        changed = list(self._changed(written, links))
        if not changed:
            return
        shelf = Shelf.of([item for item, _former, _pack in changed])
        for item, former, pack in changed:
            row = shelf.pack_of(item, former.count) if former is not None else None
            if shelf.pack_of(item, pack.count) is not None:
                continue
            if row is not None:
                shelf.change(item, row, pack.count)
            else:
                shelf.add(item, pack)
        db.session.flush()

    def _changed(self, written: Sequence[Written], links: Links) -> Iterator[tuple[InventoryItem, Pack | None, Pack]]:
        """What iiko says otherwise than before of a pack, with what it said then."""
        for action, item in written:
            if action.word is Word.UPDATE and "packs" not in action.changes:
                # A person keeps them as they are.
                continue
            link = links.by_iiko_id.get(action.iiko_id or "")
            former = living((link.iiko_values or {}).get("packs")) if link is not None else {}
            for pack in living(action.iiko_values.get("packs")).values():
                if former.get(pack.id) != pack:
                    yield item, former.get(pack.id), pack
