"""What people are told of papers that end: how many people it is about, never which paper."""

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.notices.kinds import NoticeContent, NoticeKind, Severity

# What the list of staff calls people of no restaurant.
NO_RESTAURANT = "none"


def _people(content: NoticeContent) -> int:
    number = content.parameters.get("people")
    return number if isinstance(number, int) else 1


def _link(content: NoticeContent, papers: str) -> str:
    place = content.parameters.get("restaurant_id") or NO_RESTAURANT
    return url_for("account.staff.index", papers=papers, restaurant_id=place)


PAPERS_END = NoticeKind(
    key="papers_end",
    label=_l("Papers of employees end soon"),
    permission=Permission.STAFF_PRIVATE,
    severity=Severity.NEWS,
    sentence=lambda content: ngettext(
        "%(place)s: a paper of %(num)s employee ends soon.",
        "%(place)s: papers of %(num)s employees end soon.",
        _people(content),
        place=content.label,
    ),
    link=lambda content: _link(content, "expiring"),
)
PAPERS_EXPIRED = NoticeKind(
    key="papers_expired",
    label=_l("Somebody works with an expired paper"),
    permission=Permission.STAFF_PRIVATE,
    severity=Severity.PROBLEM,
    sentence=lambda content: ngettext(
        "%(place)s: %(num)s employee works with an expired paper.",
        "%(place)s: %(num)s employees work with expired papers.",
        _people(content),
        place=content.label,
    ),
    link=lambda content: _link(content, "expired"),
)
