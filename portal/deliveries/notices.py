"""What people are told of deliveries: that one came short, or that something of it was sent back."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.notices.kinds import NoticeContent, NoticeKind, Severity


def _sentence(content: NoticeContent) -> str:
    told = []
    for name, words in (("short", _short), ("back", _back)):
        count = content.parameters.get(name)
        if isinstance(count, int) and count:
            told.append(words(count))
    named = {"supplier": content["supplier"], "place": content["place"]}
    return _("%(place)s, %(supplier)s: %(told)s.", told=", ".join(told) or "—", **named)


def _short(count: int) -> str:
    return ngettext("%(num)s line came short", "%(num)s lines came short", count)


def _back(count: int) -> str:
    return ngettext("%(num)s line was sent back", "%(num)s lines were sent back", count)


DELIVERY_SHORT = NoticeKind(
    key="delivery_short",
    label=_l("A delivery came short, or was sent back in part"),
    # Whoever can ask the supplier.
    permission=Permission.ORDERS_EDIT,
    severity=Severity.NEWS,
    sentence=_sentence,
    link=lambda content: url_for("account.deliveries.show", delivery_id=content.entity_id),
)
