"""What a row says of its paper: whose, for which store, which number and day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from flask_babel import gettext as _

from portal.importing.cells import CellFault, read_day, read_money
from portal.invoices.days import fault_of_day
from portal.invoices.files.fields import Field
from portal.invoices.files.lines import Problem

MAX_NUMBER = 64
# As registers of 1C name a paper: "Реализация товаров и услуг УТ-000123 от 04.05.2026 12:00:00".
_WITH_DAY = re.compile(r"(?:.*\s)?(?P<number>\S+)\s+от\s+(?P<day>\d{1,2}\.\d{1,2}\.\d{2,4}.*)", re.IGNORECASE)
CURRENCIES = {"₽": "RUB", "РУБ": "RUB", "РУБ.": "RUB", "RUR": "RUB", "643": "RUB", "РОССИЙСКИЙ РУБЛЬ": "RUB"}


class Named(Protocol):
    """Who knows the suppliers and stores of a chain by what files call them."""

    def supplier(self, texts: Mapping[str, str]) -> tuple[UUID | None, Problem | None]:
        """The supplier that a row names, or what is wrong with that."""

    def store(self, text: str) -> tuple[UUID | None, Problem | None]:
        """The store of that name, the file's where there is none."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What was said of the whole file by whoever sent it."""

    number: str
    day: date | None
    currency: str
    today: date


@dataclass(frozen=True, slots=True)
class Head:
    """Rows with the same one are lines of the same paper."""

    supplier_id: UUID
    store_id: UUID
    number: str
    day: date


@dataclass(frozen=True, slots=True)
class Said:
    """What else a row says of its paper; rows of one paper may repeat it."""

    due: date | None
    currency: str
    stated_total: Decimal | None


def read_head(texts: Mapping[str, str], whole: Whole, named: Named) -> tuple[Head | None, Said, list[Problem]]:
    """The head of the row's paper, ``None`` where something of it is wrong; and what is wrong."""
    problems: list[Problem] = []
    supplier_id, fault = named.supplier(texts)
    problems += [fault] if fault else []
    store_id, fault = named.store(texts.get(Field.STORE, ""))
    problems += [fault] if fault else []
    number, day_text = number_and_day(texts.get(Field.NUMBER, ""))
    number, day = number or whole.number, _day(texts.get(Field.DAY) or day_text, whole, problems)
    if not number:
        problems.append((Field.NUMBER, _("Fill this in; “б/н” where the paper has none.")))
    elif len(number) > MAX_NUMBER:
        problems.append((Field.NUMBER, _("At most %(most)s characters.", most=MAX_NUMBER)))
    said = _said(texts, whole, problems)
    if problems or supplier_id is None or store_id is None or day is None:
        return None, said, problems
    return Head(supplier_id, store_id, number, day), said, problems


def number_and_day(text: str) -> tuple[str, str]:
    """The number in a cell, and the day behind it where one is named."""
    found = _WITH_DAY.fullmatch(" ".join(text.split()))
    return (found["number"], found["day"]) if found else (text, "")


def _day(text: str, whole: Whole, problems: list[Problem]) -> date | None:
    try:
        day = read_day(text) if text else whole.day
    except CellFault as fault:
        problems.append((Field.DAY, fault.sentence))
        return None
    # What stands above the table, or was said for all of it, may be as wrong as a cell.
    wrong = _("Fill this in.") if day is None else fault_of_day(day, whole.today)
    if wrong:
        problems.append((Field.DAY, wrong))
    return day


def _said(texts: Mapping[str, str], whole: Whole, problems: list[Problem]) -> Said:
    due = stated = None
    try:
        due = read_day(texts[Field.DUE]) if texts.get(Field.DUE) else None
    except CellFault as fault:
        problems.append((Field.DUE, fault.sentence))
    try:
        stated = read_money(texts[Field.STATED]) if texts.get(Field.STATED) else None
    except CellFault as fault:
        problems.append((Field.STATED, fault.sentence))
    currency = texts.get(Field.CURRENCY, "").strip().upper()
    currency = CURRENCIES.get(currency, currency) or whole.currency
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        problems.append((Field.CURRENCY, _("Write three letters, such as RUB.")))
    return Said(due, currency, stated)
