"""Who may do what: one table of resources and actions by role, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import EnumType, StrEnum
from typing import TYPE_CHECKING

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class Role(LabelledEnum):
    """What a member is within their account."""

    OWNER = "owner", _l("Owner")
    MANAGER = "manager", _l("Manager")
    CHEF = "chef", _l("Chef")
    VIEWER = "viewer", _l("Viewer")

    @property
    def meaning(self) -> LazyString:
        """What it may do, in a sentence."""
        return ROLE_MEANINGS[self]


ROLE_MEANINGS = {
    Role.OWNER: _l("Everything, people and connections included."),
    Role.MANAGER: _l(
        "Edits restaurants, stores, staff and supply; sees bots and whether connections work; takes over conversations."
    ),
    Role.CHEF: _l(
        "Sees restaurants, stores, staff and supply; drafts orders, receives, counts; ticks the chef's steps."
    ),
    Role.VIEWER: _l("Sees restaurants, stores, staff, supply, bots and conversations; changes nothing."),
}

ACTION_LABELS = {
    "see": _l("sees"),
    "edit": _l("edits"),
    "draft": _l("drafts"),
    "receive": _l("receives and counts"),
    "replace": _l("replaces"),
    "take_over": _l("takes over and writes"),
    "private": _l("sees personal data"),
    "tick": _l("ticks steps"),
    "set_up": _l("sets up"),
    "erase": _l("erases personal data"),
    "export": _l("takes personal data out"),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """Something in a chain, and the actions that each role may do to it, parted by blanks; an owner may do all."""

    key: str
    label: LazyString
    owner: str
    manager: str = ""
    chef: str = ""
    viewer: str = ""

    def allowed(self, role: str) -> list[str]:
        """The actions of a role."""
        actions: str = getattr(self, role)
        return actions.split()

    def allowed_labels(self, role: str) -> list[LazyString]:
        """The same for people; who edits something sees it."""
        actions = self.allowed(role)
        return [ACTION_LABELS[action] for action in actions if not (action == "see" and "edit" in actions)]

    def permissions(self, role: str = Role.OWNER) -> Iterator[str]:
        """The same as permissions, such as ``restaurants.edit``."""
        return (f"{self.key}.{action}" for action in self.allowed(role))


# A room adds a line here, and its views ask for ``Permission.<KEY>_<ACTION>``.
RESOURCES = (
    #         key             label                               owner            manager          chef   viewer
    Resource("overview",     _l("Overview"),                     "see",           "see",           "see", "see"),
    Resource("account",      _l("Settings of the chain"),        "edit"),
    Resource("users",        _l("People"),                       "edit"),
    Resource("audit",        _l("Audit log"),                    "see"),
    Resource("integrations", _l("Integrations"),                 "see edit",      "see"),
    Resource("platforms",    _l("Bots on platforms"),            "see edit",      "see"),
    Resource("credentials",  _l("Stored credentials"),           "replace"),
    Resource("restaurants",  _l("Restaurants and stores"),       "see edit",      "see edit",      "see", "see"),
    Resource("catalogue",    _l("Suppliers, items, prices"),     "see edit set_up", "see edit",    "see", "see"),
    Resource("orders",       _l("Orders to suppliers"),
             "see edit draft", "see edit draft", "see draft", "see"),
    Resource("stock",        _l("Deliveries and stock"),
             "see edit receive", "see edit receive", "see receive", "see"),
    Resource("invoices",     _l("Invoices"),                     "see edit",      "see edit",      "see", "see"),
    Resource("reconciliations", _l("Statements of suppliers"),   "see edit",      "see edit",      "",    "see"),
    Resource("bots",         _l("Bots, scenarios, files"),       "see edit",      "see",           "",    "see"),
    Resource("dialogs",      _l("Conversations"),                "see take_over erase", "see take_over", "", "see"),
    Resource("staff",        _l("Staff and checklists"),
             "see edit private tick set_up export erase", "see edit private tick", "see tick", "see"),
)  # fmt: skip


class _NamedByTable(EnumType):
    if TYPE_CHECKING:

        def __getattr__(cls, name: str) -> "Permission": ...


class Permission(StrEnum, metaclass=_NamedByTable):
    """What a person may see or do within one account: ``RESTAURANTS_EDIT`` is ``restaurants.edit``."""

    _ignore_ = ["resource", "permission"]
    for resource in RESOURCES:
        for permission in resource.permissions():
            vars()[permission.replace(".", "_").upper()] = permission


ROLE_GRANTS = {
    role: frozenset(Permission(each) for resource in RESOURCES for each in resource.permissions(role)) for role in Role
}

# A superuser acts as an owner, but handles neither the chain's secrets nor what it holds about one guest or person.
VISITOR_GRANTS = frozenset(Permission) - {
    Permission.CREDENTIALS_REPLACE,
    Permission.DIALOGS_ERASE,
    Permission.STAFF_ERASE,
    Permission.STAFF_EXPORT,
}

# Who holds one of these can read and replace the chain's secrets; support never makes somebody one of them.
CREDENTIAL_ROLES = frozenset(role for role, grants in ROLE_GRANTS.items() if Permission.CREDENTIALS_REPLACE in grants)

# Whose holders are told of what happens: each kind of notice (``portal/notices``) names one of them.
NOTIFIED = frozenset(
    {
        Permission.DIALOGS_TAKE_OVER,
        Permission.INTEGRATIONS_SEE,
        Permission.INVOICES_EDIT,
        Permission.ORDERS_EDIT,
        Permission.PLATFORMS_SEE,
        Permission.STAFF_PRIVATE,
        Permission.USERS_EDIT,
    }
)
