"""What people are told of orders: that a supplier is late, and that an order did not reach one by mail."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.mail.smtp import MailFault
from portal.notices.kinds import NoticeContent, NoticeKind, Severity


def _late(content: NoticeContent) -> str:
    count = content.parameters.get("count")
    return ngettext(
        "%(place)s: %(num)s order has not come on its day.",
        "%(place)s: %(num)s orders have not come on their days.",
        count if isinstance(count, int) else 1,
        place=content.label,
    )


ORDERS_LATE = NoticeKind(
    key="orders_late",
    label=_l("An order is late"),
    # Whoever can ask the supplier, and close it.
    permission=Permission.ORDERS_EDIT,
    severity=Severity.PROBLEM,
    sentence=_late,
    link=lambda content: url_for("account.purchase_orders.index", restaurant_id=content.entity_id, when="late"),
)
ORDER_NOT_MAILED = NoticeKind(
    key="order_not_mailed",
    label=_l("An order could not be mailed"),
    permission=Permission.ORDERS_EDIT,
    severity=Severity.NEWS,
    sentence=lambda content: _(
        "%(name)s could not be mailed to the supplier: %(reason)s.",
        name=content.label,
        reason=MailFault.read(content["fault"]).label,
    ),
    link=lambda content: url_for("account.purchase_orders.show", purchase_order_id=content.entity_id),
)
