"""What about an invoice is for a person to decide: kinds, what each says, and keeping them in step with the paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.db.amounts import DASH, format_money, format_quantity, rounded
from portal.db.base import db
from portal.db.types import LabelledEnum, utc_now
from portal.invoices.models import ExceptionState, Invoice, InvoiceException
from portal.web.language import choose_locale
from portal.web.times import day_in_words

Evidence: TypeAlias = Mapping[str, Any]


class ExceptionKind(LabelledEnum):
    """What is not as it should be."""

    ARITHMETIC = "arithmetic", _l("Sums")
    VAT = "vat", _l("VAT")
    UNIT_MISSING = "unit_missing", _l("Unit without a conversion")
    DUPLICATE = "duplicate", _l("Possible duplicate")
    OVER_BILLED = "over_billed", _l("Billed for more than came")
    PRICE_SHOCK = "price_shock", _l("Price leapt")
    PRICE_DRIFT = "price_drift", _l("Price creeps up")
    ABOVE_AGREED = "above_agreed", _l("Above the agreed price")
    PACK_SHRUNK = "pack_shrunk", _l("Pack shrank")

    def sentence(self, evidence: Evidence) -> str:
        """What it says, with its numbers, in the reader's language."""
        return _SENTENCES[self](_Numbers(evidence))


# Kinds that compare prices: they end with the price that raised them.
PRICE_KINDS = (
    ExceptionKind.PRICE_SHOCK,
    ExceptionKind.PRICE_DRIFT,
    ExceptionKind.ABOVE_AGREED,
    ExceptionKind.PACK_SHRUNK,
)


@dataclass(frozen=True)
class Finding:
    """Something that a person is to decide about an invoice, or one of its lines."""

    kind: ExceptionKind
    evidence: dict[str, Any] = field(default_factory=dict)
    money: Decimal = Decimal(0)
    line_id: UUID | None = None

    @property
    def place(self) -> tuple[UUID | None, str]:
        """What there is one open exception of."""
        return self.line_id, str(self.kind)


def keep_exceptions(
    invoice: Invoice, findings: Sequence[Finding], former: Iterable[InvoiceException], *, but: Sequence[str] = ()
) -> None:
    """Make what is open about an invoice what was found.

    What was decided stays decided while its numbers are the same; what is no longer found is settled. Kinds in
    ``but`` are left alone.
    """
    left = {(each.invoice_item_id, each.kind): each for each in former if each.state is ExceptionState.OPEN}
    decided = [each for each in former if each.state is not ExceptionState.OPEN]
    for found in _one_a_place(findings):
        is_open = left.pop(found.place, None)
        if is_open is not None:
            is_open.evidence, is_open.money_at_stake = found.evidence, found.money
        elif not any(_is_decided(found, each) for each in decided):
            db.session.add(_exception(invoice, found))
    settle(each for each in left.values() if each.kind not in but)


def settle(exceptions: Iterable[InvoiceException], reason: str | None = None) -> None:
    """Close what is open: it is no longer so."""
    for each in exceptions:
        if each.state is ExceptionState.OPEN:
            each.state, each.decided_at, each.reason = ExceptionState.RESOLVED, utc_now(), reason


def _exception(invoice: Invoice, found: Finding) -> InvoiceException:
    return InvoiceException(
        invoice_id=invoice.id,
        invoice_item_id=found.line_id,
        kind=str(found.kind),
        evidence=found.evidence,
        money_at_stake=found.money,
        state=ExceptionState.OPEN,
    )


def _one_a_place(findings: Sequence[Finding]) -> list[Finding]:
    """Of several about the same thing, such as two like papers, the one with most money at stake."""
    kept: dict[tuple[UUID | None, str], Finding] = {}
    for each in findings:
        if each.place not in kept or each.money > kept[each.place].money:
            kept[each.place] = each
    return list(kept.values())


def _is_decided(found: Finding, former: InvoiceException) -> bool:
    is_of_it = (former.invoice_item_id, former.kind) == found.place
    # What only ended by itself may begin anew.
    return is_of_it and former.decided_by_id is not None and former.evidence == found.evidence


class _Numbers:
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


def _arithmetic(told: _Numbers) -> str:
    numbers = {name: told.money(name) for name in ("stated", "ours")}
    if told["what"] == "total":
        return _("The paper says %(stated)s in all, its lines make %(ours)s.", **numbers)
    if told["what"] == "discount":
        return _("A discount is named and not taken off: %(stated)s, or %(ours)s with it.", **numbers)
    return _("The paper says %(stated)s, quantity and price make %(ours)s.", **numbers)


def _vat(told: _Numbers) -> str:
    numbers = {name: told.money(name) for name in ("stated", "ours")}
    if told["fits"] == "on_top":
        return _("VAT of %(stated)s was put on top of an amount that holds it: %(ours)s is in it.", **numbers)
    if told["fits"] == "within":
        return _("VAT of %(stated)s was taken out of an amount without it: %(ours)s comes on top.", **numbers)
    return _("The paper says VAT of %(stated)s, the rate makes %(ours)s.", **numbers)


def _rise(told: _Numbers) -> str:
    numbers = {"from": told.money("from"), "to": told.money("to"), "percent": told.number("percent")}
    words = {"unit": told["unit"], "since": told.day("since")}
    return _("One %(unit)s: from %(from)s on %(since)s to %(to)s, %(percent)s %% more.", **numbers, **words)


def _above_agreed(told: _Numbers) -> str:
    numbers = {"agreed": told.money("agreed"), "paid": told.money("paid"), "percent": told.number("percent")}
    return _(
        "One %(unit)s: %(paid)s instead of the agreed %(agreed)s, %(percent)s %% more.", unit=told["unit"], **numbers
    )


def _pack_shrunk(told: _Numbers) -> str:
    numbers = {name: told.number(name) for name in ("from_size", "to_size", "percent")}
    words = {"pack": told["pack"], "unit": told["unit"]}
    return _(
        "One %(pack)s held %(from_size)s %(unit)s and holds %(to_size)s now: %(percent)s %% more for as much.",
        **numbers,
        **words,
    )


def _unit_missing(told: _Numbers) -> str:
    if told.evidence.get("unit") is None:
        return _("The line has no unit, so nobody knows what one %(base)s costs.", base=told["base"])
    words = {"unit": told["unit"], "base": told["base"]}
    return _("No conversion leads from %(unit)s to %(base)s, so nobody knows what one %(base)s costs.", **words)


def _over_billed(told: _Numbers) -> str:
    words = {"invoiced": told.number("invoiced"), "accepted": told.number("accepted"), "unit": told["unit"]}
    return _("%(invoiced)s %(unit)s are billed, %(accepted)s were taken in.", **words)


def _duplicate(told: _Numbers) -> str:
    words = {"number": told["number"], "day": told.day("day"), "total": told.money("total")}
    return _("It may be the same paper as %(number)s of %(day)s over %(total)s.", **words)


_SENTENCES: dict[ExceptionKind, Callable[[_Numbers], str]] = {
    ExceptionKind.ARITHMETIC: _arithmetic,
    ExceptionKind.VAT: _vat,
    ExceptionKind.UNIT_MISSING: _unit_missing,
    ExceptionKind.DUPLICATE: _duplicate,
    ExceptionKind.OVER_BILLED: _over_billed,
    ExceptionKind.PRICE_SHOCK: _rise,
    ExceptionKind.PRICE_DRIFT: _rise,
    ExceptionKind.ABOVE_AGREED: _above_agreed,
    ExceptionKind.PACK_SHRUNK: _pack_shrunk,
}
