"""What people are told of those who join them."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission, Role
from portal.mail.models import MailKind
from portal.mail.smtp import MailFault
from portal.notices.kinds import NoticeContent, NoticeKind, Severity


def _role(content: NoticeContent) -> str:
    return str(Role.read(content["role"]).label)


INVITATION_ACCEPTED = NoticeKind(
    key="invitation_accepted",
    label=_l("An invitation was accepted"),
    permission=Permission.USERS_EDIT,
    severity=Severity.NEWS,
    sentence=lambda content: _(
        "%(name)s has joined your chain. Role: %(role)s.", name=content.label, role=_role(content)
    ),
    link=lambda content: url_for("account.users.show", user_id=content.entity_id),
)


def _failure(content: NoticeContent) -> str:
    reason = MailFault.read(content["fault"]).label
    if content["mail"] == MailKind.INVITATION:
        return _("The invitation of %(name)s could not be mailed: %(reason)s.", name=content.label, reason=reason)
    if content["mail"] == MailKind.PROTECTION:
        return _(
            "%(name)s could not be told by mail that their sign-in protection has changed: %(reason)s.",
            name=content.label,
            reason=reason,
        )
    return _(
        "The link for a new password could not be mailed to %(name)s: %(reason)s.", name=content.label, reason=reason
    )


def _page_of_failure(content: NoticeContent) -> str:
    if content["mail"] == MailKind.INVITATION:
        return url_for("account.invitations.show", invitation_id=content.entity_id)
    return url_for("account.users.show", user_id=content.entity_id)


MAIL_FAILED = NoticeKind(
    key="mail_failed",
    label=_l("A mail to somebody could not be sent"),
    permission=Permission.USERS_EDIT,
    severity=Severity.NEWS,
    sentence=_failure,
    link=_page_of_failure,
)

OWNER_ADDED = NoticeKind(
    key="owner_added",
    label=_l("Somebody became an owner"),
    permission=Permission.USERS_EDIT,
    severity=Severity.NEWS,
    sentence=lambda content: _(
        "%(name)s is an owner of your chain now, by the hand of %(by)s.", name=content.label, by=content["by"]
    ),
    link=lambda content: url_for("account.users.show", user_id=content.entity_id),
    is_grave=True,
)

FACTOR_RESET = NoticeKind(
    key="factor_reset",
    label=_l("Somebody's sign-in protection was reset"),
    permission=Permission.USERS_EDIT,
    severity=Severity.NEWS,
    sentence=lambda content: _(
        "The sign-in protection of %(name)s was reset by %(by)s. The password alone lets them in until it is on again.",
        name=content.label,
        by=content["by"],
    ),
    link=lambda content: url_for("account.users.show", user_id=content.entity_id),
    is_grave=True,
)
