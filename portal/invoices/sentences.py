"""What each kind of exception says, of the numbers that are its evidence, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from flask_babel import gettext as _

from portal.db.amounts import DASH, format_money, format_quantity, rounded
from portal.web.language import choose_locale
from portal.web.times import day_in_words

Evidence: TypeAlias = Mapping[str, Any]


class Numbers:
    """What evidence holds, as people read it; a dash for what is not there."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def __getitem__(self, name: str) -> str:
        told = self.evidence.get(name)
        return DASH if told is None else str(told)

    def number(self, name: str) -> str:
        """A number."""
        told = self._decimal(name)
        return self[name] if told is None else format_quantity(told)

    def money(self, name: str) -> str:
        """An amount in the currency of the paper: to the kopeck, and below one to the hundredth of it."""
        told, currency = self._decimal(name), self.evidence.get("currency")
        if told is None:
            return self[name]
        shown = rounded(told, 2 if abs(told) >= 1 else 4)
        return format_money(shown, currency) if currency else format_quantity(shown)

    def day(self, name: str) -> str:
        """A day."""
        told = self.evidence.get(name)
        return day_in_words(date.fromisoformat(told), choose_locale()) if told else DASH

    def _decimal(self, name: str) -> Decimal | None:
        try:
            return Decimal(str(self.evidence[name]))
        except (ArithmeticError, KeyError):
            return None


def _arithmetic(told: Numbers) -> str:
    numbers = {name: told.money(name) for name in ("stated", "ours")}
    if told["what"] == "total":
        return _("The paper says %(stated)s in all, its lines make %(ours)s.", **numbers)
    if told["what"] == "discount":
        return _("A discount is named and not taken off: %(stated)s, or %(ours)s with it.", **numbers)
    return _("The paper says %(stated)s, quantity and price make %(ours)s.", **numbers)


def _vat(told: Numbers) -> str:
    numbers = {name: told.money(name) for name in ("stated", "ours")}
    if told["fits"] == "on_top":
        return _("VAT of %(stated)s was put on top of an amount that holds it: %(ours)s is in it.", **numbers)
    if told["fits"] == "within":
        return _("VAT of %(stated)s was taken out of an amount without it: %(ours)s comes on top.", **numbers)
    return _("The paper says VAT of %(stated)s, the rate makes %(ours)s.", **numbers)


def _rise(told: Numbers) -> str:
    numbers = {"from": told.money("from"), "to": told.money("to"), "percent": told.number("percent")}
    words = {"unit": told["unit"], "since": told.day("since")}
    return _("One %(unit)s: from %(from)s on %(since)s to %(to)s, %(percent)s %% more.", **numbers, **words)


def _above_agreed(told: Numbers) -> str:
    numbers = {"agreed": told.money("agreed"), "paid": told.money("paid"), "percent": told.number("percent")}
    return _(
        "One %(unit)s: %(paid)s instead of the agreed %(agreed)s, %(percent)s %% more.", unit=told["unit"], **numbers
    )


def _pack_shrunk(told: Numbers) -> str:
    numbers = {name: told.number(name) for name in ("from_size", "to_size", "percent")}
    words = {"pack": told["pack"], "unit": told["unit"]}
    return _(
        "One %(pack)s held %(from_size)s %(unit)s and holds %(to_size)s now: %(percent)s %% more for as much.",
        **numbers,
        **words,
    )


def _unit_missing(told: Numbers) -> str:
    if told.evidence.get("unit") is None:
        return _("The line has no unit, so nobody knows what one %(base)s costs.", base=told["base"])
    words = {"unit": told["unit"], "base": told["base"]}
    return _("No conversion leads from %(unit)s to %(base)s, so nobody knows what one %(base)s costs.", **words)


def _over_billed(told: Numbers) -> str:
    words = {"invoiced": told.number("invoiced"), "accepted": told.number("accepted"), "unit": told["unit"]}
    return _("%(invoiced)s %(unit)s are billed, %(accepted)s were taken in.", **words)


def _not_ordered(told: Numbers) -> str:
    words = {"accepted": told.number("accepted"), "unit": told["unit"], "price": told.money("price")}
    return _("Nobody ordered it: %(accepted)s %(unit)s came at %(price)s.", **words)


def _not_received(told: Numbers) -> str:
    words = {"part": told.number("part"), "unit": told["unit"], "price": told.money("price")}
    return _("%(part)s %(unit)s are billed at %(price)s, none came.", **words)


def _over_delivered(told: Numbers) -> str:
    words = {"ordered": told.number("ordered"), "accepted": told.number("accepted"), "unit": told["unit"]}
    return _("%(ordered)s %(unit)s were ordered, %(accepted)s came in all.", **words)


def _price_above_order(told: Numbers) -> str:
    words = {"unit": told["unit"], "price": told.money("price"), "ordered": told.money("price_ordered")}
    return _("One %(unit)s: %(price)s instead of the %(ordered)s of the order.", **words)


def _duplicate(told: Numbers) -> str:
    words = {"number": told["number"], "day": told.day("day"), "total": told.money("total")}
    return _("It may be the same paper as %(number)s of %(day)s over %(total)s.", **words)


SENTENCES: Mapping[str, Callable[[Numbers], str]] = {
    "arithmetic": _arithmetic,
    "vat": _vat,
    "unit_missing": _unit_missing,
    "duplicate": _duplicate,
    "over_billed": _over_billed,
    "not_ordered": _not_ordered,
    "not_received": _not_received,
    "over_delivered": _over_delivered,
    "price_above_order": _price_above_order,
    "price_shock": _rise,
    "price_drift": _rise,
    "above_agreed": _above_agreed,
    "pack_shrunk": _pack_shrunk,
}
