"""The units that a chain begins with: the metric ones and the piece, with their numbers in the classification of units.

Codes: ОК 015-94 (ОКЕИ), 163 г, 166 кг, 111 мл, 112 л, 796 шт.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.accounts.creation import begin_with
from portal.catalogue.models import MeasureUnit, UnitCategory, UnitCategoryName
from portal.db.base import db
from portal.tenancy.scope import require_scope
from portal.users.chain import chain_language


@dataclass(frozen=True, slots=True)
class Seed:
    """A unit in each language: its name and symbol, and how many of its category's smallest one is."""

    okei_code: str
    category: UnitCategoryName
    factor: int
    names: dict[str, str]
    symbols: dict[str, str]


SEEDS = (
    Seed("166", UnitCategoryName.WEIGHT, 1000, {"en": "Kilogram", "ru": "Килограмм"}, {"en": "kg", "ru": "кг"}),
    Seed("163", UnitCategoryName.WEIGHT, 1, {"en": "Gram", "ru": "Грамм"}, {"en": "g", "ru": "г"}),
    Seed("112", UnitCategoryName.VOLUME, 1000, {"en": "Litre", "ru": "Литр"}, {"en": "l", "ru": "л"}),
    Seed("111", UnitCategoryName.VOLUME, 1, {"en": "Millilitre", "ru": "Миллилитр"}, {"en": "ml", "ru": "мл"}),
    Seed("796", UnitCategoryName.COUNT, 1, {"en": "Piece", "ru": "Штука"}, {"en": "pcs", "ru": "шт"}),
)


def seed_units() -> None:
    """Give the account in scope the categories and units that it lacks; what is there stays as it is."""
    account_id, language = require_scope().account_id, chain_language()
    named = [{"id": uuid4(), "account_id": account_id, "name": name} for name in UnitCategoryName]
    db.session.execute(insert(UnitCategory).values(named).on_conflict_do_nothing(index_elements=["account_id", "name"]))
    categories = {row.name: row.id for row in db.session.scalars(select(UnitCategory))}
    given = {code for code in db.session.scalars(select(MeasureUnit.okei_code)) if code}
    missing = [seed for seed in SEEDS if seed.okei_code not in given]
    if missing:
        units = [
            {
                "id": uuid4(),
                "account_id": account_id,
                "name": seed.names[language],
                "symbol": seed.symbols[language],
                "unit_category_id": categories[seed.category],
                "base_factor": Decimal(seed.factor),
                "okei_code": seed.okei_code,
            }
            for seed in missing
        ]
        # Somebody may have used the symbol for something else.
        db.session.execute(insert(MeasureUnit).values(units).on_conflict_do_nothing())


def category_id(name: str) -> UUID:
    """The chain's row of a sort of units."""
    return _categories()[name]


def _categories() -> dict[str, UUID]:
    named = [{"id": uuid4(), "account_id": require_scope().account_id, "name": name} for name in UnitCategoryName]
    db.session.execute(insert(UnitCategory).values(named).on_conflict_do_nothing(index_elements=["account_id", "name"]))
    return {row.name: row.id for row in db.session.scalars(select(UnitCategory))}


begin_with(seed_units)
