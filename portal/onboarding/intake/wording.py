"""What questions say to those who answer them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.onboarding.intake.models import QuestionKind
from portal.onboarding.intake.shifts import MAX_DAYS, DateDoubt

# What the fields of the record are called.
FIELD_LABELS = {
    "name": _l("Full name"),
    "phone": _l("Phone"),
    "email": _l("E-mail"),
    "birthday": _l("Birthday"),
    "citizenship": _l("Citizenship"),
    "uniform_size": _l("Uniform size"),
    "emergency_contact": _l("Emergency contact"),
    "position": _l("Position"),
    "restaurant": _l("Restaurant"),
    "first_shift_at": _l("First shift"),
}


def sentence_of(kind: QuestionKind, details: Mapping[str, Any]) -> str:
    """Why somebody has to decide, in one sentence."""
    value = str(details.get("label") or details.get("value") or "")
    match kind:
        case QuestionKind.RESTAURANT:
            return _restaurant(value, str(details.get("archived") or ""))
        case QuestionKind.POSITION:
            return _("“%(value)s” is none of the chain's positions.", value=value)
        case QuestionKind.DATE:
            return _date(str(details.get("reason") or ""), value)
        case QuestionKind.IDENTITY:
            return _identity(str(details.get("by") or ""))
    return _("The chat tells something else than the record.")


def _restaurant(value: str, archived: str) -> str:
    if archived:
        return _("The chat told “%(name)s”, which is closed.", name=archived)
    if value:
        return _("“%(value)s” is none of the chain's restaurants.", value=value)
    return _("The chat did not ask for the restaurant.")


def _date(reason: str, value: str) -> str:
    told = {
        DateDoubt.UNREADABLE: _("“%(value)s” is no day with a time.", value=value),
        DateDoubt.IMPOSSIBLE: _("There is no such day or time: “%(value)s”.", value=value),
        DateDoubt.PAST: _("The chat told “%(value)s”, which was over by then.", value=value),
        DateDoubt.FAR: _("The chat told “%(value)s”, more than %(days)s days away.", value=value, days=MAX_DAYS),
    }
    return next(
        (text for doubt, text in told.items() if doubt == reason), _("The chat did not ask for the first shift.")
    )


def _identity(by: str) -> str:
    told = {
        "chat": _("In this person's chat somebody tells another name or birthday."),
        "phone": _("Somebody with the same phone tells another name or birthday."),
    }
    return told.get(by) or _("Somebody in a chat has the same e-mail.")
