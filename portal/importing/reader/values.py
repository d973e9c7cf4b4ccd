"""What a cell shows, as text."""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

# Spreadsheets keep no more digits of what people type; what stands behind them comes of calculating in binary.
SHOWN_DIGITS = 15
# What a calculation that failed leaves in its cell, as the spreadsheets of both languages write it.
FAULTS = frozenset(
    {
        "#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA",
        "#ССЫЛКА!", "#Н/Д", "#ДЕЛ/0!", "#ЗНАЧ!", "#ИМЯ?", "#ЧИСЛО!", "#ПУСТО!",
    }
)  # fmt: skip


def as_text(value: Any) -> str:
    """A cell's value without its format: 7.0 is 7, a day is 2026-05-03; nothing for a calculation that failed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value) if math.isfinite(value) else ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds") if value.time() != time(0) else value.date().isoformat()
    return faultless(str(value)) if isinstance(value, str | date | time | timedelta) else ""


def number_text(value: float) -> str:
    """The shortest text of a number, never through binary again."""
    text = format(Decimal(repr(value)), "f")
    if "." not in text:
        return text
    if len(text.lstrip("-0.").replace(".", "")) > SHOWN_DIGITS:
        text = format(Decimal(format(value, f".{SHOWN_DIGITS}g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def faultless(text: str) -> str:
    """The text of a cell, or nothing where a calculation failed: never the fault as if it were said."""
    return "" if text.startswith("#") and text.strip().upper() in FAULTS else text
