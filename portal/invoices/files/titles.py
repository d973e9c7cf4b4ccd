"""What stands above a table: "Накладная № УТ-000123 от 4 мая 2026 г."."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.importing.cells import CellFault, read_day

MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
          "декабря")  # fmt: skip
MAX_NUMBER = 64

_NUMBERED = re.compile(r"(?:№|\bN[o°]?\.?)\s*(?P<number>\S+(?: \S+){0,2}?)\s+от\s+(?P<day>.{6,24})", re.IGNORECASE)
_IN_WORDS = re.compile(rf"[«\"]?(\d{{1,2}})[»\"]?\s+({'|'.join(MONTHS)})\s+(\d{{4}})", re.IGNORECASE)
_IN_DIGITS = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d{2}-\d{2}")
# A contract and the paper on which something is based have numbers as well.
_OTHERS = re.compile(r"договор|основани|исправлени|доверенност|contract", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Title:
    """The number and the day of a paper, as the rows above its table tell them."""

    number: str
    day: date


def find_title(rows: Sequence[tuple[int, list[str]]]) -> Title | None:
    """The first number with a day in those rows that is not a contract's; the parts may stand in cells of their own."""
    for _number, cells in rows:
        text = " ".join(" ".join(cells).split())
        for found in _NUMBERED.finditer(text):
            day = day_in(found["day"])
            if day is not None and not _OTHERS.search(text[: found.start()]) and len(found["number"]) <= MAX_NUMBER:
                return Title(found["number"], day)
    return None


def day_in(text: str) -> date | None:
    """The day that a text begins with, in digits or in words."""
    if words := _IN_WORDS.match(text):
        try:
            return date(int(words[3]), MONTHS.index(words[2].lower()) + 1, int(words[1]))
        except ValueError:
            return None
    digits = _IN_DIGITS.match(text)
    try:
        return read_day(digits[0]) if digits else None
    except CellFault:
        return None
