"""The units that chains that stand begin with (0028), as they were then."""

import json
from typing import Any

from sqlalchemy import text

from migrations.staff_seeds import CHAINS, SETTING
from portal.db.base import SCHEMA as S

CATEGORIES = ("weight", "volume", "count", "length")
# By the number in ОК 015-94: the category, how many of its smallest unit one is, name and symbol in each language.
UNITS: tuple[tuple[str, str, int, dict[str, tuple[str, str]]], ...] = (
    ("166", "weight", 1000, {"en": ("Kilogram", "kg"), "ru": ("Килограмм", "кг")}),
    ("163", "weight", 1, {"en": ("Gram", "g"), "ru": ("Грамм", "г")}),
    ("112", "volume", 1000, {"en": ("Litre", "l"), "ru": ("Литр", "л")}),
    ("111", "volume", 1, {"en": ("Millilitre", "ml"), "ru": ("Миллилитр", "мл")}),
    ("796", "count", 1, {"en": ("Piece", "pcs"), "ru": ("Штука", "шт")}),
)
ADD_CATEGORIES = text(f"""
    INSERT INTO {S}.unit_category (account_id, name) SELECT :account, unnest(CAST(:names AS varchar[]))
    ON CONFLICT DO NOTHING
""")
ADD_UNITS = text(f"""
    INSERT INTO {S}.unit (account_id, name, symbol, unit_category_id, base_factor, okei_code)
    SELECT :account, s.name, s.symbol, c.id, s.factor, s.code
    FROM json_to_recordset(:units) AS s(code text, category text, factor numeric, name text, symbol text)
        JOIN {S}.unit_category c ON c.account_id = :account AND c.name = s.category
    WHERE NOT EXISTS (SELECT FROM {S}.unit u WHERE u.account_id = :account AND u.okei_code = s.code)
    ON CONFLICT DO NOTHING
""")


def seed_chains(op: Any) -> None:
    """Give each chain the categories and the units; what is there already stays."""
    bind = op.get_bind()
    bind.execute(SETTING, {"name": "getinn.door", "value": "accounts"})
    chains = bind.execute(CHAINS).all()
    bind.execute(SETTING, {"name": "getinn.door", "value": ""})
    for chain in chains:
        bind.execute(SETTING, {"name": "getinn.account_id", "value": str(chain.id)})
        seed_chain(bind, chain.id, chain.language)
    bind.execute(SETTING, {"name": "getinn.account_id", "value": ""})


def seed_chain(bind: Any, account: Any, language: str) -> None:
    """The same for one, which is entered."""
    units = [
        {"code": code, "category": category, "factor": factor, "name": told[language][0], "symbol": told[language][1]}
        for code, category, factor, told in UNITS
    ]
    bind.execute(ADD_CATEGORIES, {"account": account, "names": list(CATEGORIES)})
    bind.execute(ADD_UNITS, {"account": account, "units": json.dumps(units)})
