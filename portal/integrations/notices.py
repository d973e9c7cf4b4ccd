"""What people are told of connections to other systems."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.notices.kinds import NoticeContent, NoticeKind, Severity


def _page(content: NoticeContent) -> str:
    return url_for("account.integrations.index")


def _reason(content: NoticeContent) -> str:
    """The words of the check: kept in English, and known to the catalogue where the portal wrote them."""
    reason = str(content["reason"])
    return _(reason)


CONNECTION_RECOVERED = NoticeKind(
    key="connection_recovered",
    label=_l("A connection works again"),
    permission=Permission.INTEGRATIONS_SEE,
    severity=Severity.RECOVERY,
    sentence=lambda content: _("The connection to %(system)s works again.", system=content.label),
    link=_page,
)
CONNECTION_FAILED = NoticeKind(
    key="connection_failed",
    label=_l("A connection failed"),
    permission=Permission.INTEGRATIONS_SEE,
    severity=Severity.PROBLEM,
    sentence=lambda content: _("The connection to %(system)s failed.", system=content.label),
    detail=_reason,
    link=_page,
    recovery=CONNECTION_RECOVERED,
)
