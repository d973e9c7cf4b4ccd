"""Days within a text: 04.05.2026, 04.05.26, 2026-05-04, 4 мая 2026; and the period that a title names."""

import re
from calendar import monthrange
from datetime import date

# In the genitive as days name them, and by their beginnings as periods do: "за май 2026", "за Январь 2026 г.".
MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
MONTH_WORD = "|".join(f"{month}[а-я]{{0,2}}" for month in MONTHS)
DAY = re.compile(
    rf"(?:(?<!\d)\d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d{{2}})(?!\d)|(?<!\d)\d{{4}}-\d{{2}}-\d{{2}}(?!\d)"
    rf"|(?<!\d)\d{{1,2}}\s+(?:{MONTH_WORD})\s+\d{{4}}(?!\d))",
    re.I,
)
MONTH = re.compile(rf"(?P<month>{MONTH_WORD})\s+(?P<year>\d{{4}})", re.I)
QUARTER = re.compile(r"(?P<quarter>[1-4]|iv|i{1,3})(?:-?[ий]й)?\s+квартал\w*\s+(?P<year>\d{4})", re.I)
YEAR = re.compile(r"\bза\s+(?P<year>\d{4})\s*г", re.I)
# Years that statements are of. Others are slips of the hand, or a day left empty, which 1C writes as 01.01.0001.
YEARS = range(1990, 2101)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

Period = tuple[date, date]


def days_in(text: str) -> list[date]:
    """Every day that a text names, in its order; what no calendar has is left out."""
    return [day for found in DAY.findall(text) if (day := _day(found)) is not None]


def period_in(text: str) -> Period | None:
    """The period that a title names: two days, a month, a quarter or a year."""
    days = days_in(text)
    if len(days) > 1:
        return (days[0], days[1]) if days[0] <= days[1] and all(map(is_likely, days[:2])) else None
    if days:
        return None
    if found := MONTH.search(text):
        return _months(int(found["year"]), _month(found["month"]), 1)
    if found := QUARTER.search(text):
        quarter = ROMAN.get(found["quarter"].lower()) or int(found["quarter"])
        return _months(int(found["year"]), quarter * 3 - 2, 3)
    return _months(int(found["year"]), 1, 12) if (found := YEAR.search(text)) else None


def is_likely(day: date) -> bool:
    """Whether a statement may be of that day."""
    return day.year in YEARS


def _months(year: int, first: int, count: int) -> Period | None:
    if year not in YEARS:
        return None
    last = first + count - 1
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _month(word: str) -> int:
    return next(place for place, month in enumerate(MONTHS, 1) if re.fullmatch(f"{month}[а-я]{{0,2}}", word.lower()))


def _day(text: str) -> date | None:
    try:
        if "-" in text:
            return date.fromisoformat(text)
        parts = re.split(r"[./]|\s+", text)
        month = int(parts[1]) if parts[1].isdigit() else _month(parts[1])
        year = int(parts[2]) + (2000 if len(parts[2]) == 2 else 0)
        return date(year, month, int(parts[0]))
    except ValueError:
        return None
