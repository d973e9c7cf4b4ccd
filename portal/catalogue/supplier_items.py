"""What suppliers call items: recognised on their next paper, and learned from this one."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from portal.catalogue.models import InventoryItem
from portal.catalogue.names import SupplierItem
from portal.db.base import db
from portal.db.many_writes import document_of, told_rows
from portal.tenancy.scope import require_scope

MAX_KEY = 300
MAX_DESCRIPTION = 1_000
MOST_AT_ONCE = 5_000
# Papers mix the alphabets: letters that look alike are one.
_ALIKE = str.maketrans("авеёкмнорстухі", "abeekmhopctyxi")
_RUNS = re.compile(r"[^\W\d_]+|\d+")

# What a paper calls something: whose paper, the words, the unit.
Name = tuple[UUID, str, UUID | None]


def description_key(text: str) -> str:
    """A description as it is recognised: its words and numbers, whatever stands between them.

    Letters' case, alphabets that look alike and signs aside; "Сыр 50% 0,5кг" and "СЫР 50 %, 0.5 кг" are one.
    """
    # Else "№" would be two letters.
    folded = unicodedata.normalize("NFKC", text.replace("№", " ")).casefold().translate(_ALIKE)
    return " ".join(_RUNS.findall(folded))[:MAX_KEY].strip()


@dataclass(frozen=True)
class Lesson:
    """That a supplier calls an item so, in a unit."""

    supplier_id: UUID
    description: str
    unit_id: UUID | None
    item_id: UUID
    sku: str | None = None

    @property
    def key(self) -> Name:
        """What it is recognised by."""
        return self.supplier_id, description_key(self.description), self.unit_id


def recognise(
    supplier_id: UUID, descriptions: Sequence[tuple[str, UUID | None]]
) -> Mapping[tuple[str, UUID | None], SupplierItem]:
    """What a supplier means by some descriptions in units, as far as it is known."""
    names = {(text, unit_id): (supplier_id, text, unit_id) for text, unit_id in descriptions}
    found = recognise_all(names.values())
    return {told: found[name] for told, name in names.items() if name in found}


def recognise_all(names: Collection[Name]) -> dict[Name, SupplierItem]:
    """The same for several suppliers in one statement.

    In a unit that was not met before the words mean the same item, where they always meant the same.
    """
    keys = {name: description_key(name[1]) for name in names}
    wanted = {key for key in keys.values() if key}
    if not wanted:
        return {}
    query = (
        select(SupplierItem)
        .join(InventoryItem, InventoryItem.id == SupplierItem.inventory_item_id)
        .where(
            SupplierItem.supplier_id.in_({name[0] for name in names}),
            SupplierItem.description_key.in_(wanted),
            SupplierItem.is_active,
            InventoryItem.is_active,
        )
        .order_by(SupplierItem.created_at, SupplierItem.id)
    )
    known: dict[tuple[UUID, str], list[SupplierItem]] = {}
    for row in db.session.scalars(query):
        known.setdefault((row.supplier_id, row.description_key), []).append(row)
    found = {name: _meant(known.get((name[0], key), []), name[2]) for name, key in keys.items()}
    return {name: row for name, row in found.items() if row is not None}


def _meant(rows: Sequence[SupplierItem], unit_id: UUID | None) -> SupplierItem | None:
    same = next((row for row in rows if row.unit_id == unit_id), None)
    if same is not None or len({row.inventory_item_id for row in rows}) != 1:
        return same
    return rows[0]


def learn(
    supplier_id: UUID, description: str, unit_id: UUID | None, item_id: UUID, sku: str | None = None
) -> SupplierItem | None:
    """Remember what a supplier calls an item; ``None`` for a description without words."""
    lesson = Lesson(supplier_id, description, unit_id, item_id, sku)
    return learn_all([lesson]).get(lesson.key)


def learn_all(lessons: Iterable[Lesson]) -> dict[Name, SupplierItem]:
    """The same for many in few statements; of two lessons on the same words the later one counts. By their keys."""
    by_key = {lesson.key: lesson for lesson in lessons if lesson.key[1]}
    # In one order for everybody: two who learn the same wait for each other, and do not lock each other out.
    ordered = sorted(by_key.values(), key=lambda lesson: tuple(map(str, lesson.key)))
    found: dict[Name, SupplierItem] = {}
    for start in range(0, len(ordered), MOST_AT_ONCE):
        for row in _learn(ordered[start : start + MOST_AT_ONCE]):
            found[row.supplier_id, row.description_key, row.unit_id] = row
    return found


def _learn(lessons: Sequence[Lesson]) -> Iterable[SupplierItem]:
    rows = [_row(lesson) for lesson in lessons]
    keys = sorted(rows[0])
    told = told_rows(SupplierItem, keys)
    query = select(*(told.c[key] for key in keys)).params(document_of(SupplierItem, rows))
    learned = insert(SupplierItem).from_select(keys, query, include_defaults=False)
    statement = learned.on_conflict_do_update(
        index_elements=["account_id", "supplier_id", "description_key", "unit_id"],
        set_={
            "inventory_item_id": learned.excluded.inventory_item_id,
            "supplier_sku": func.coalesce(learned.excluded.supplier_sku, SupplierItem.supplier_sku),
            "is_active": True,
        },
    ).returning(SupplierItem)
    return db.session.scalars(statement, execution_options={"populate_existing": True})


def _row(lesson: Lesson) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "account_id": require_scope().account_id,
        "supplier_id": lesson.supplier_id,
        "inventory_item_id": lesson.item_id,
        "supplier_sku": lesson.sku,
        "description": lesson.description[:MAX_DESCRIPTION],
        "description_key": lesson.key[1],
        "unit_id": lesson.unit_id,
    }
