"""What people are told of stock: what ran low, and what the books say is less than nothing."""

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.notices.kinds import NoticeContent, NoticeKind, Severity


def _counts(content: NoticeContent) -> tuple[int, int]:
    low, below = (content.parameters.get(name) for name in ("low", "below"))
    return low if isinstance(low, int) else 0, below if isinstance(below, int) else 0


def _sentence(content: NoticeContent) -> str:
    low, below = _counts(content)
    told = []
    if low:
        told.append(
            ngettext("%(num)s item is below its reorder level", "%(num)s items are below their reorder level", low)
        )
    if below:
        told.append(ngettext("%(num)s balance is below zero", "%(num)s balances are below zero", below))
    return f"{content.label}: {', '.join(told)}."


def _link(content: NoticeContent) -> str:
    low, _below = _counts(content)
    return url_for("account.stock.index", restaurant_id=content.entity_id, level="low" if low else "below")


STOCK_LOW = NoticeKind(
    key="stock_low",
    label=_l("Stock is low or below zero, once a day"),
    # Whoever orders it anew.
    permission=Permission.ORDERS_EDIT,
    severity=Severity.NEWS,
    sentence=_sentence,
    link=_link,
)
