"""How the chain's owner keeps time and speaks, where nothing nearer says it."""

from typing import Any

from sqlalchemy import select

from portal.access.permissions import Role
from portal.accounts.models import Account
from portal.db.base import db
from portal.users.models import User

# Of an owner who has not chosen a language yet, what the chain reckons in tells it.
RUSSIAN_CURRENCIES = ("RUB", "BYN", "KZT", "KGS")


def chain_zone() -> str | None:
    """The zone of the longest-standing owner who chose one."""
    return _of_owner(User.timezone)


def chain_language() -> str:
    """The language of the longest-standing owner who chose one; else what the currency suggests."""
    return _of_owner(User.locale) or ("ru" if Account.current().currency in RUSSIAN_CURRENCIES else "en")


def _of_owner(column: Any) -> str | None:
    owners = select(column).where(User.role == Role.OWNER, User.is_active, ~User.is_superuser, column.is_not(None))
    return db.session.scalar(owners.order_by(User.created_at, User.id).limit(1))
