"""Units of measure: a person says once which of ours each of iiko's is, for they are called otherwise everywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.catalogue.models import MeasureUnit, UnitCategory, UnitCategoryName
from portal.catalogue.seeds import SEEDS
from portal.catalogue.unit_names import ALSO, unit_key
from portal.db.base import db
from portal.iiko.client.client import Answer
from portal.iiko.client.json_rows import BARE, JsonRow, rows
from portal.iiko.client.requests import UNITS as REQUEST
from portal.iiko.client.rows import RowError
from portal.iiko.kinds.texts import fault_of_name
from portal.iiko.sync.kinds import Compared, Kind, KindField, KindReading, ReadRow, Unreadable, Value, declare
from portal.iiko.sync.reasons import Reason

# What the units that every chain has are called, each by its number in the classification.
NAMES = {
    unit_key(text): seed.okei_code
    for seed in SEEDS
    for text in (*seed.symbols.values(), *seed.names.values(), *ALSO[seed.okei_code])
}


def fold_unit(key: str, value: Any) -> str | None:
    """A unit's name or symbol as it is compared: "кг.", "Килограмм" and "kg" are one."""
    if not isinstance(value, str) or not (folded := unit_key(value)):
        return None
    return NAMES.get(folded, folded)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of iiko's; ``iiko_id`` is that of the one that stands for all of its name."""

    iiko_id: str
    name: str


def read_units(answer: Answer, reading: KindReading) -> Iterator[JsonRow | Unreadable]:
    """Every unit of an answer. Raises ``IikoFailure`` where it is none."""
    for row in rows(answer, (BARE,), reading):
        yield Unreadable(row.iiko_id, "", Reason.MALFORMED, row.details) if isinstance(row, RowError) else row


def units_of(answer: Answer) -> Mapping[str, Unit]:
    """By the ids of all units the one that is meant: iiko may have several of one name."""
    found: dict[str, str] = {}
    for row in read_units(answer, KindReading()):
        if isinstance(row, JsonRow):
            try:
                found[row.iiko_id or ""] = (row.text("name") or "").strip()
            except RowError:
                continue
    firsts: dict[str, str] = {}
    # The shortest name is the plainest: "кг" stands for "кг." as well.
    for iiko_id in sorted(found, key=lambda each: (len(found[each]), each)):
        firsts.setdefault(fold_unit("name", found[iiko_id]) or iiko_id, iiko_id)
    meant = {iiko_id: firsts[fold_unit("name", name) or iiko_id] for iiko_id, name in found.items()}
    return {iiko_id: Unit(first, found[first]) for iiko_id, first in meant.items()}


def read(answers: Mapping[str, Answer], reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """The units, of several of one name one."""
    meant = units_of(answers[REQUEST.name])
    answers[REQUEST.name].file.seek(0)
    for row in read_units(answers[REQUEST.name], reading):
        if isinstance(row, Unreadable):
            yield row
            continue
        iiko_id = row.iiko_id or ""
        try:
            yield _row(iiko_id, (row.text("name") or "").strip(), meant.get(iiko_id))
        except RowError as error:
            yield Unreadable(iiko_id, "", Reason.MALFORMED, error.details)


def _row(iiko_id: str, name: str, unit: Unit | None) -> ReadRow | Unreadable:
    if (fault := fault_of_name(iiko_id, name)) is not None:
        return fault
    if unit is not None and unit.iiko_id != iiko_id:
        return ReadRow(iiko_id, name, {}, Reason.SAME_NAME, {"name": unit.name})
    return ReadRow(iiko_id, name, {"name": name, "symbol": name})


def begin(values: Mapping[str, Value]) -> dict[str, Any]:
    """A new unit is counted: whether it weighs or measures something only a person can say."""
    category = select(UnitCategory.id).where(UnitCategory.name == UnitCategoryName.COUNT)
    return {"unit_category_id": db.session.scalar(category)}


UNITS = declare(
    Kind(
        key="units",
        label=_l("Units"),
        depends_on=(),
        entity=MeasureUnit,
        # What a unit of ours is called is not iiko's to say: ours are shown on all pages.
        fields=(
            KindField("name", _l("Name"), compared=Compared.NEVER),
            KindField("symbol", _l("Symbol"), compared=Compared.NEVER),
        ),
        requests=lambda run: (REQUEST,),
        read=read,
        alike=("name", "symbol"),
        fold=fold_unit,
        unique=("symbol",),
        begin=begin,
    )
)
