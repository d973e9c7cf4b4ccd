"""Why a row is what it is, in words: what was kept of the finding, told to people."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.db.amounts import format_money
from portal.reconciliations.matching.scores import CORE_POINTS, EQUAL_POINTS, KEY_POINTS
from portal.reconciliations.models import RowStatus


def reasons_of(details: Mapping[str, Any], status: str, currency: str) -> list[str]:
    """Every reason as a sentence, what weighs most first."""
    return [*_reasons(details, status, currency)]


def score_reasons(score: Mapping[str, Any], currency: str) -> list[str]:
    """What speaks for a pair, and what against it."""
    return [_number(score["number"]), _amount(score, currency), _day(score["days"])]


def _reasons(details: Mapping[str, Any], status: str, currency: str) -> Iterator[str]:
    if details.get("decided"):
        yield _("Somebody decided it.")
    if "settles" in details:
        yield _("The paper of a row that an earlier statement named and we did not have.")
    if "apart" in details:
        yield from _apart(Decimal(details["apart"]), currency)
    elif "score" in details and len(details.get("proposals", ())) < 2:
        yield from score_reasons(details["score"], currency)
    if "several" in details:
        yield ngettext("%(num)s invoice of this number and day, taken together.",
                       "%(num)s invoices of this number and day, taken together.", details["several"])  # fmt: skip
    yield from _proposed(details)
    if status == RowStatus.MISSING_HERE and not details.get("named") and not details.get("decided"):
        yield _nothing(details)


def _proposed(details: Mapping[str, Any]) -> Iterator[str]:
    proposals = details.get("proposals", ())
    if len(proposals) > 1:
        yield _("As likely one as the other: nothing was taken.")
    elif proposals and len(proposals[0]["rows"]) > 1:
        rows = ", ".join(map(str, proposals[0]["rows"]))
        yield _("Rows %(rows)s come to this invoice together.", rows=rows)
    elif proposals and "score" not in proposals[0]:
        yield ngettext("%(num)s invoice comes to exactly this amount.", "%(num)s invoices come to exactly this amount.",
                       len(proposals[0]["invoices"]))  # fmt: skip
    if len(details.get("named", ())) > 1:
        yield _("Several sums of our invoices come to this amount: none of them is proposed.")
    elif details.get("named"):
        yield _("A sum of our invoices comes to this amount, but another row wants one of them, too.")
    if details.get("is_crowded"):
        yield _("Of many invoices around that day only the nearest were added up.")
    if details.get("is_given_up"):
        yield _("There are too many open rows to try every sum.")


def _nothing(details: Mapping[str, Any]) -> str:
    if "alike" in details:
        return _("Row %(row)s says the very same: it may be booked twice.", row=details["alike"])
    return _("No invoice of ours has this number, or this amount about that day.")


def _number(points: int | None) -> str:
    if points is None:
        return _("The row has no number.")
    if points == KEY_POINTS:
        return _("The number is the same.")
    return _("The digits of the number are the same.") if points == CORE_POINTS else _("The number is another.")


def _amount(score: Mapping[str, Any], currency: str) -> str:
    difference = Decimal(score["difference"])
    if score["amount"] == EQUAL_POINTS:
        return _("The amount is the same.")
    told = format_money(abs(difference), currency)
    if score["amount"]:
        return _("The amount differs by %(amount)s, within the tolerance.", amount=told)
    return (
        _("The statement names %(amount)s more than we have.", amount=told)
        if difference > 0
        else _("The statement names %(amount)s less than we have.", amount=told)
    )


def _day(days: int | None) -> str:
    if days is None:
        return _("The row has no day.")
    if days == 0:
        return _("The day is the same.")
    return ngettext("%(num)s day apart.", "%(num)s days apart.", days)


def _apart(difference: Decimal, currency: str) -> Iterator[str]:
    told = format_money(abs(difference), currency)
    if difference > 0:
        yield _("The statement names %(amount)s more than we have.", amount=told)
    elif difference:
        yield _("The statement names %(amount)s less than we have.", amount=told)
