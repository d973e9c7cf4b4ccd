"""The person behind a request: who they are, where they stand and what they may do there."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import g
from flask_login import UserMixin, current_user

from portal.access.permissions import ROLE_GRANTS, VISITOR_GRANTS, Permission, Role

# Of each word the first letter or digit.
_FIRST_LETTERS = re.compile(r"(?:^|\s)[^\w\s]*([^\W_])")


@dataclass(frozen=True, slots=True)
class CurrentAccount:
    """The account that the address names, once the person was let in."""

    id: UUID
    slug: str
    name: str
    # A superuser may visit one that is deactivated.
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CurrentVisit:
    """A superuser's open visit to the current account."""

    id: UUID
    started_at: datetime
    reason: str | None
    url: str


@dataclass(frozen=True)
class Viewer(UserMixin):  # type: ignore[misc]  # Flask-Login is not annotated
    """The signed-in person, as one statement reads them at the start of a request."""

    id: UUID
    session_id: UUID
    email: str
    full_name: str | None
    role: Role
    is_superuser: bool
    locale: str | None
    timezone: str | None
    home_id: UUID
    home_slug: str
    home_name: str
    # Those that the person is limited to, maybe none any more; ``None`` is all of them.
    restaurant_ids: tuple[UUID, ...] | None
    # Whether a second factor is on, and whether one has to be set up before anything else.
    has_factor: bool
    factor_due: bool
    # Whether they have proved lately that it is them: in this session, not on another device.
    is_confirmed: bool

    @property
    def display_name(self) -> str:
        """The full name, or the e-mail where there is none."""
        return self.full_name or self.email

    @property
    def initials(self) -> str:
        """One or two letters or digits for the avatar, of the name or, where it has none, of the e-mail."""
        name, mail = self.full_name or "", self.email.partition("@")[0].replace(".", " ")
        found = next((letters for text in (name, mail) if (letters := _FIRST_LETTERS.findall(text))), ["?"])
        return "".join(found[:2]).upper()

    @property
    def role_label(self) -> str:
        """The role's name for people."""
        from flask_babel import gettext as _

        return _("Support") if self.is_superuser else str(self.role.label)


def current_viewer() -> Viewer | None:
    """The signed-in person of the present request; nobody for strangers and in jobs."""
    # Kept where the request is opened: Flask-Login looks for the person each time.
    known: Viewer | None = g.get("viewer") if g else None
    if known is None:
        user = current_user._get_current_object()
        known = user if isinstance(user, Viewer) else None
    return known


def current_account() -> CurrentAccount | None:
    """The account of the present page, if the page belongs to one."""
    return g.get("account") if g else None


def go_home() -> bool:
    """Let the page stand in the person's own chain where its address names none that they may enter.

    It depends on the person alone: the same for a chain of others, one that does not exist, and an unknown address.
    Whether anybody is signed in; superusers, and whoever must set a factor up first, stand in no chain.
    """
    viewer = current_viewer()
    if viewer is not None and current_account() is None and not (viewer.is_superuser or viewer.factor_due):
        g.account, g.account_slug = CurrentAccount(viewer.home_id, viewer.home_slug, viewer.home_name), viewer.home_slug
    return viewer is not None


def current_visit() -> CurrentVisit | None:
    """The superuser's visit that the present page is part of, if any."""
    return g.get("visit") if g else None


def grants() -> frozenset[Permission]:
    """All that the person may do in the current account; nothing outside of one."""
    viewer = current_viewer()
    if viewer is None or current_account() is None:
        return frozenset()
    if viewer.is_superuser:
        return VISITOR_GRANTS if current_visit() else frozenset()
    return ROLE_GRANTS[viewer.role]


def may(permission: str) -> bool:
    """Whether the person may do ``permission`` (its text) in the current account."""
    return Permission(permission) in grants()
