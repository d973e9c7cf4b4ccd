"""The columns of a statement: the row that names them, once, or twice side by side for the books of both parties."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_ROWS_ABOVE = 30

Rows = Sequence[tuple[int, list[str]]]

# What headings say, by what they begin with; letters and digits alone.
ROLES: dict[str, tuple[str, ...]] = {
    "position": ("пп", "nпп", "нпп", "номерпп"),
    "date": ("дата", "date"),
    "number": ("номер", "документномер", "number", "invoicenumber"),
    "document": (
        "документ", "наименованиеоперации", "операци", "содержание", "хозяйственн", "основание", "document",
        "description", "operation",
    ),
    "debit": ("дебет", "дт", "debit"),
    "credit": ("кредит", "кт", "credit"),
    "amount": ("сумма", "amount", "total"),
    "currency": ("валюта", "currency"),
}  # fmt: skip
# What cannot be read without: amounts, and what tells one row from another.
AMOUNTS = ({"debit", "credit"}, {"amount"})


@dataclass(frozen=True)
class Side:
    """The columns of one party's books by what they hold.

    A column reaches to the next heading, for cells are merged: its value stands in the first of them.
    """

    columns: dict[str, int]
    start: int
    end: int

    def cell(self, cells: Sequence[str], role: str) -> str:
        """What a row holds under a heading, without blanks; nothing where there is no such column."""
        first = self.columns.get(role)
        if first is None:
            return ""
        later = [place for place in self.columns.values() if place > first]
        return next((told for each in cells[first : min(later, default=self.end)] if (told := each.strip())), "")

    def texts(self, cells: Sequence[str]) -> list[str]:
        """Every cell of the side that holds anything."""
        return [told for each in cells[self.start : self.end] if (told := each.strip())]

    @property
    def is_readable(self) -> bool:
        """Whether there are amounts, and a day or a document to tell rows apart by."""
        named = set(self.columns)
        return any(each <= named for each in AMOUNTS) and bool(named & {"date", "document", "number"})


def role_of(heading: str) -> str | None:
    """What a column of that heading holds; ``None`` for an unknown one."""
    key = re.sub(r"[\W_]+", "", heading.casefold().replace("ё", "е"))
    if not key or len(key) > 60:
        return None
    return next((role for role, names in ROLES.items() if key.startswith(names)), None)


def find_header(rows: Rows) -> int | None:
    """The number of the row among the first that names most columns, debit and credit or an amount among them."""
    best, most = None, 0
    for number, cells in rows[:MAX_ROWS_ABOVE]:
        roles = [role for each in cells if (role := role_of(each))]
        if len(roles) > most and any(each <= set(roles) for each in AMOUNTS):
            best, most = number, len(roles)
    return best


def sides_of(cells: Sequence[str], width: int) -> list[Side]:
    """The sides that a row of headings names; a column named anew begins the next one."""
    named = [(place, role) for place, each in enumerate(cells) if (role := role_of(each))]
    return _sides(named, width)


def sides_as_told(roles: Sequence[str], width: int) -> list[Side]:
    """The sides where a person said what each column is."""
    return _sides([(place, role) for place, role in enumerate(roles) if role], width)


def _sides(named: Iterable[tuple[int, str]], width: int) -> list[Side]:
    groups: list[dict[str, int]] = [{}]
    for place, role in named:
        if role in groups[-1]:
            groups.append({})
        groups[-1][role] = place
    starts = [min(group.values(), default=0) for group in groups]
    # What stands left of the first heading belongs to it: numbers of rows, labels of totals.
    bounds = [0, *starts[1:], max(width, *(start + 1 for start in starts))]
    return [Side(group, bounds[place], bounds[place + 1]) for place, group in enumerate(groups) if group]
