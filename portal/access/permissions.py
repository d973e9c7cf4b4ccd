"""Every permission, every role and the one table that joins them."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class Permission(StrEnum):
    """What a person may see or do within one account."""

    OVERVIEW_SEE = "overview.see"
    ACCOUNT_EDIT = "account.edit"
    USERS_EDIT = "users.edit"
    INTEGRATIONS_SEE = "integrations.see"
    INTEGRATIONS_EDIT = "integrations.edit"
    PLATFORMS_SEE = "platforms.see"
    PLATFORMS_EDIT = "platforms.edit"
    CREDENTIALS_REPLACE = "credentials.replace"
    RESTAURANTS_SEE = "restaurants.see"
    RESTAURANTS_EDIT = "restaurants.edit"
    BOTS_SEE = "bots.see"
    BOTS_EDIT = "bots.edit"
    DIALOGS_TAKE_OVER = "dialogs.take_over"
    AUDIT_SEE = "audit.see"


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
    Role.MANAGER: _l("Edits restaurants and stores; sees bots and whether connections work; takes over conversations."),
    Role.CHEF: _l("Sees restaurants and stores."),
    Role.VIEWER: _l("Sees restaurants, stores, bots and conversations; changes nothing."),
}

_VIEWER = frozenset({Permission.OVERVIEW_SEE, Permission.RESTAURANTS_SEE, Permission.BOTS_SEE})

ROLE_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: _VIEWER
    | {
        Permission.RESTAURANTS_EDIT,
        Permission.PLATFORMS_SEE,
        Permission.INTEGRATIONS_SEE,
        Permission.DIALOGS_TAKE_OVER,
    },
    Role.CHEF: frozenset({Permission.OVERVIEW_SEE, Permission.RESTAURANTS_SEE}),
    Role.VIEWER: _VIEWER,
}

# A superuser acts as an owner, but never handles the chain's secrets.
VISITOR_GRANTS = frozenset(Permission) - {Permission.CREDENTIALS_REPLACE}
