"""The sections of the portal that a person may enter."""

from dataclasses import dataclass

from flask import request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.access.viewer import current_account, grants


@dataclass(frozen=True)
class Section:
    """One entry of the navigation, and the permission that shows it."""

    path: str
    label: LazyString
    icon: str
    permission: Permission


@dataclass(frozen=True)
class Item:
    """A section as the templates see it."""

    label: LazyString
    url: str
    icon: str
    is_current: bool


SECTIONS = (
    Section("", _l("Overview"), "overview", Permission.OVERVIEW_SEE),
    Section("restaurants", _l("Restaurants"), "restaurant", Permission.RESTAURANTS_SEE),
    Section("stores", _l("Stores"), "store", Permission.RESTAURANTS_SEE),
    Section("bots", _l("Bots"), "bot", Permission.BOTS_SEE),
    Section("dialogs", _l("Conversations"), "chat", Permission.DIALOGS_SEE),
    Section("users", _l("People"), "users", Permission.USERS_EDIT),
    Section("integrations", _l("Integrations"), "plug", Permission.INTEGRATIONS_SEE),
    Section("audit", _l("Audit log"), "history", Permission.AUDIT_SEE),
    Section("settings", _l("Settings"), "settings", Permission.ACCOUNT_EDIT),
)


def account_url(path: str = "") -> str:
    """An address within the account of the page."""
    account = current_account()
    return f"/accounts/{account.slug if account else ''}/{path}"


def navigation() -> list[Item]:
    """The sections that the person may enter; none outside an account."""
    allowed = grants()
    home = account_url()
    rest = request.path.removeprefix(home).partition("/")[0] if request.path.startswith(home) else None
    return [
        Item(each.label, home + each.path, each.icon, rest == each.path)
        for each in SECTIONS
        if each.permission in allowed
    ]
