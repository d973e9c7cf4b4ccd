"""Rows that were copied out of a spreadsheet or another program, as the texts of the form's fields.

Nothing is judged here: each text goes into its field as if it had been typed, and the field says what is wrong with it.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from portal.web.numbers import parse_number

# The names that columns go by, lower case and without points; the first of a row that is known is taken.
HEADINGS: Final = {
    "number": ("№", "№ п/п", "n", "no", "#"),
    "description": (
        "наименование", "наименование товара", "товар", "номенклатура", "название", "name", "item", "description",
        "goods", "product", "товары (работы, услуги)",
    ),
    "supplier_sku": ("артикул", "код", "код товара", "sku", "article", "code"),
    "quantity": ("количество", "кол-во", "кол", "quantity", "qty"),
    "unit_id": ("ед", "ед изм", "единица", "единица измерения", "unit", "uom"),
    "unit_price": ("цена", "цена за единицу", "цена за ед", "price", "unit price", "price each"),
    "discount": ("скидка", "discount"),
    "vat_rate": ("ставка ндс", "ндс %", "% ндс", "ндс, %", "vat rate", "vat %"),
    "vat_amount": ("ндс", "сумма ндс", "vat", "vat amount"),
    "net": ("сумма без ндс", "стоимость без ндс", "net", "without vat"),
    "line_total": (
        "сумма", "всего", "сумма с ндс", "стоимость", "стоимость с ндс", "всего с ндс", "итого", "total", "amount",
        "sum", "sum with vat",
    ),
}  # fmt: skip
# What stands in a column of its own and is no field of a row.
LEFT_OUT = ("number", "net")
# A paper's last rows: sums of those above.
_SUMS = re.compile(r"(?:итого|всего|к оплате|в том числе|total|subtotal)\b", re.IGNORECASE)
_RATE = re.compile(r"(?:ндс\s*)?([0-9]{1,2}(?:[.,][0-9]+)?)\s*(?:%|/\s*1[0-9]{2})", re.IGNORECASE)
_NO_VAT = re.compile(r"(?:без\s+(?:налога\s*\()?ндс\)?|no vat|without vat|не облагается)", re.IGNORECASE)
# Below what the csv module takes for one cell (131 072): a quotation mark that is never closed makes one of all.
MAX_PASTED = 100_000

Cells = list[str]


def pasted_rows(text: str) -> list[dict[str, str]]:
    """The rows of a pasted text, each as text by field; a row of headings says what the columns are, else their order.

    Without headings: what it is called, how many, the unit, the price, and the sum last, as papers have them.
    """
    rows = list(_grid(text))
    heading = next((place for place, row in enumerate(rows[:5]) if len(_columns(row)) >= 2), None)
    if heading is None:
        found = [_guessed(row) for row in rows]
    else:
        columns = _columns(rows[heading])
        found = [_named(row, columns) for row in rows[heading + 1 :]]
    return [row for row in found if row and not _is_sum(row)]


def rate_in(text: str) -> str | None:
    """The rate of VAT that a text names, as the form offers it ("none": without VAT); ``None`` where it names none."""
    told = text.strip()
    if _NO_VAT.fullmatch(told):
        return "none"
    found = _RATE.fullmatch(told)
    return found.group(1).replace(",", ".") if found else None


def _grid(text: str) -> Iterator[Cells]:
    """The cells of each row that has any. Spreadsheets part them by tabs, and quote a cell with a line break."""
    told = text[:MAX_PASTED].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    first = told.partition("\n")[0]
    delimiter = "\t" if "\t" in told or ";" not in first else ";"
    for row in csv.reader(told.splitlines(keepends=True), delimiter=delimiter):
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            yield cells


def _columns(row: Cells) -> dict[str, int]:
    """The place of each field that a row of headings names."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        told = " ".join(cell.lower().replace(".", " ").split()).rstrip(" ,:")
        field = next((name for name, names in HEADINGS.items() if told in names), None)
        if field and field not in found:
            found[field] = place
    return found


def _named(row: Cells, columns: dict[str, int]) -> dict[str, str]:
    told = {name: row[place] for name, place in columns.items() if place < len(row) and row[place]}
    return _with_rate({name: text for name, text in told.items() if name not in LEFT_OUT})


def _with_rate(told: dict[str, str]) -> dict[str, str]:
    """A rate is told as the form offers it, also where it stands in the column of amounts."""
    for name in ("vat_rate", "vat_amount"):
        text = told.get(name, "")
        rate = rate_in(text if "%" in text or name == "vat_amount" or not _is_number(text) else f"{text}%")
        if rate is not None:
            del told[name]
            told["vat_rate"] = rate
    return told


def _guessed(row: Cells) -> dict[str, str]:
    cells = [cell for cell in row if cell]
    if len(cells) > 1 and cells[0].rstrip(".").isdigit() and not _is_number(cells[1]):
        cells = cells[1:]
    told: dict[str, str] = {}
    numbers: list[str] = []
    for cell in cells:
        if rate := rate_in(cell):
            told["vat_rate"] = rate
        elif _is_number(cell) and told:
            numbers.append(cell)
        elif "description" not in told:
            told["description"] = cell
        elif "unit_id" not in told:
            told["unit_id"] = cell
    return told | _in_order(numbers) if told else {}


def _in_order(numbers: Sequence[str]) -> dict[str, str]:
    """Quantity, price and sum; between price and sum stand the sum without VAT and the VAT."""
    if len(numbers) < 3:
        return dict(zip(("quantity", "unit_price"), numbers, strict=False))
    told = {"quantity": numbers[0], "unit_price": numbers[1], "line_total": numbers[-1]}
    return told | {"vat_amount": numbers[-2]} if len(numbers) > 3 else told


def _is_number(text: str) -> bool:
    try:
        return isinstance(parse_number(text), Decimal)
    except ValueError:
        return False


def _is_sum(told: dict[str, str]) -> bool:
    """Whether a row adds up others."""
    return _SUMS.match(told.get("description", "")) is not None or "description" not in told
