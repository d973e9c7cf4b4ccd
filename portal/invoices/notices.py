"""What people are told of invoices: that something about them waits for a decision, and how much money is in it."""

from decimal import Decimal

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.db.amounts import format_money
from portal.notices.kinds import NoticeContent, NoticeKind, Severity


def _sentence(content: NoticeContent) -> str:
    stakes = content.parameters.get("stakes")
    told = stakes.items() if isinstance(stakes, dict) else ()
    count = content.parameters.get("count")
    return ngettext(
        "%(place)s: %(num)s exception waits for a decision, %(amount)s at stake.",
        "%(place)s: %(num)s exceptions wait for a decision, %(amount)s at stake.",
        count if isinstance(count, int) else 1,
        place=content.label,
        amount=", ".join(format_money(Decimal(amount), currency) for currency, amount in told) or "—",
    )


EXCEPTIONS_WAIT = NoticeKind(
    key="exceptions_wait",
    label=_l("Money is at stake in invoices"),
    # Whoever decides.
    permission=Permission.INVOICES_EDIT,
    severity=Severity.PROBLEM,
    sentence=_sentence,
    link=lambda content: url_for("account.exceptions.index", restaurant_id=content.entity_id),
)
