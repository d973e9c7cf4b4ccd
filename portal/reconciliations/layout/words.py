"""What the words of a statement mean: movements, the number and day of a document, balances and totals."""

import re
from datetime import date
from enum import StrEnum

from portal.reconciliations.layout.days import DAY, days_in

MAX_NUMBER = 64
# What a document is stands at the beginning: nothing further is looked at.
MAX_TEXT = 300


class Movement(StrEnum):
    """What moved: goods, money, or goods on their way back (corrections among them)."""

    DELIVERY = "delivery"
    PAYMENT = "payment"
    RETURN = "return"


class Label(StrEnum):
    """What a row that is no movement stands for; a balance opens or closes by where it stands."""

    OPENING = "opening"
    CLOSING = "closing"
    BALANCE = "balance"
    TURNOVER = "turnover"


# In this order: "возврат оплаты" is money, "возврат товаров" is goods, "поступление на расчётный счёт" is money.
WORDS = (
    (
        Movement.PAYMENT,
        r"оплат|платеж|списани|расчетн\w* счет|денежн|\bп/п\b|\bпко\b|\bрко\b|касс|зачет|payment",
    ),
    (Movement.RETURN, r"возврат|корректиров|сторно|return|credit note|correction"),
    (
        Movement.DELIVERY,
        r"продаж|реализац|отгрузк|накладн|\bупд\b|поступлени|приход|закупк|счет-фактур|торг-?12|invoice|deliver|shipment",
    ),
)
LABELS = (
    (Label.TURNOVER, r"(обороты|оборот|итого|всего|turnover|totals?)\b"),
    (Label.OPENING, r"(сальдо|остаток|задолженность)\b.*(начал|входящ)|opening balance"),
    (Label.CLOSING, r"(сальдо|остаток|задолженность)\b.*(кон(ец|ечн)|исходящ)|closing balance"),
    (Label.BALANCE, rf"((сальдо|остаток|задолженность)\b.*|balance (on|at)\b.*){DAY.pattern}"),
)
# "(УТ-000123 от 04.05.2026)", where blanks belong to the number; "УТ-000123 от 4 мая 2026"; "04.05.2026, № 45".
IN_BRACKETS = re.compile(rf"\(\s*(?P<number>[^()]+?)\s*,?\s+(?:от|of|dated)\s+{DAY.pattern}[^()]*\)", re.I)
BEFORE_DAY = re.compile(rf"(?P<number>[^\s(),]*\d[^\s(),]*)\s*,?\s+(?:от|of|dated)\s+{DAY.pattern}", re.I)
AFTER_SIGN = re.compile(r"(?:№|\bno\b\.?|#)\s*(?P<number>[^\s(),;]+)", re.I)
LONE = re.compile(r"[^\s(),;«»\"]*\d[^\s(),;«»\"]*")
TIME = re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?\b")
SIGN_BEFORE = re.compile(r"^.*(?:№|\bno\b\.?|#|\bп/п\b)\s*", re.I)
# A contract has a number and a day of its own, which are not the document's.
CONTRACT = re.compile(rf"\b(?:по\s+)?(?:договор|дог\.|контракт|contract)[^,;()]*?(?:{DAY.pattern}|(?=[,;()]|$))", re.I)


def folded(text: str) -> str:
    """A text as it is compared: letters' case, "ё" and blanks aside."""
    return " ".join(text.casefold().replace("ё", "е").split())


def movement_of(text: str) -> Movement | None:
    """What the words of a document say that moved; ``None`` where they say nothing known."""
    words = folded(text[:MAX_TEXT])
    return next((movement for movement, pattern in WORDS if re.search(pattern, words)), None)


def label_of(text: str) -> Label | None:
    """Which balance or total a row is; ``None`` for any other."""
    words = folded(text[:MAX_TEXT]).lstrip("*-– ")
    return next((label for label, pattern in LABELS if re.match(pattern, words)), None)


def number_of(text: str) -> str | None:
    """The number of a document as its text names it; ``None`` where it names none."""
    own = CONTRACT.sub(" ", text[:MAX_TEXT])
    if found := IN_BRACKETS.search(own) or BEFORE_DAY.search(own) or AFTER_SIGN.search(own):
        return _clean(found["number"])
    lone = LONE.findall(TIME.sub(" ", DAY.sub(" ", own)))
    return _clean(lone[-1]) if lone else None


def document_day(text: str) -> date | None:
    """The day of a document as its text names it."""
    days = days_in(CONTRACT.sub(" ", text[:MAX_TEXT]))
    return days[0] if days else None


def _clean(number: str) -> str | None:
    bare = SIGN_BEFORE.sub("", number).strip(' .,;:"«»')
    return bare[:MAX_NUMBER] or None
