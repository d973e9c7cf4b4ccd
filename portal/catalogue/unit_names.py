"""Units as papers and files write them: by symbol, name, number in the classification, or what they are also called."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from portal.catalogue.queries import unit_rows
from portal.catalogue.seeds import SEEDS

# By the number in ОК 015-94: what else the units that every chain has are called.
ALSO = {
    "166": ("kgs", "kilo", "кило", "килограммы", "килограммов"),
    "163": ("gr", "гр", "граммы", "граммов"),
    "112": ("lt", "ltr", "liter", "литры", "литров", "дм3"),
    "111": ("milliliter", "миллилитры", "миллилитров", "см3"),
    "796": ("pc", "piece", "pieces", "each", "ea", "шт", "штук", "штуки", "штука", "ед", "единица"),
}


def unit_key(text: str) -> str:
    """A unit's name as it is recognised: its letters and digits alone."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold().replace("ё", "е"))


class UnitNames:
    """The units of the account in scope by what they are called; active ones before archived ones."""

    def __init__(self) -> None:
        self._by_code: dict[str, Any] = {}
        self._by_key: dict[str, Any] = {}
        self.rows = rows = sorted(unit_rows(), key=lambda row: not row.is_active)
        for row in rows:
            if row.okei_code:
                self._by_code.setdefault(row.okei_code, row)
        for name in ("symbol", "name"):
            for row in rows:
                self._by_key.setdefault(unit_key(getattr(row, name)), row)
        for code, key in _aliases():
            if code in self._by_code:
                self._by_key.setdefault(key, self._by_code[code])
        # Of a symbol such as "%" nothing is left to be known by.
        self._by_key.pop("", None)

    def find(self, text: str | None, okei_code: str | None = None) -> UUID | None:
        """The unit that is meant, by its number where that is known; ``None`` where none is."""
        row = self._by_code.get((okei_code or "").strip()) or self._by_key.get(unit_key(text or ""))
        return row.id if row is not None else None


def _aliases() -> Iterable[tuple[str, str]]:
    for seed in SEEDS:
        for text in (*seed.symbols.values(), *seed.names.values(), *ALSO[seed.okei_code]):
            yield seed.okei_code, unit_key(text)
