"""How the chain's owner keeps time and speaks, where nothing nearer says it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from portal.access.permissions import Role
from portal.accounts.models import Account
from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.users.models import User

# Of an owner who has not chosen a language yet, what the chain reckons in tells it.
RUSSIAN_CURRENCIES = ("RUB", "BYN", "KZT", "KGS")


def chain_zone() -> str | None:
    """The zone of the longest-standing owner who chose one."""
    return _of_owner(User.timezone)


def zone_of(restaurant_id: UUID | None) -> str | None:
    """The zone of a restaurant, and where there is none that of the chain."""
    restaurant = db.session.get(Restaurant, restaurant_id) if restaurant_id else None
    return (restaurant.timezone if restaurant else None) or chain_zone()


def zone_of_chain(account_id: ColumnElement[Any]) -> ColumnElement[str | None]:
    """``chain_zone`` within a statement, of the account that a column names."""
    u = User.__table__.alias("chain_owner")
    owners = select(u.c.timezone).where(
        u.c.account_id == account_id,
        u.c.role == Role.OWNER,
        u.c.is_active,
        ~u.c.is_superuser,
        u.c.timezone.is_not(None),
    )
    return owners.order_by(u.c.created_at, u.c.id).limit(1).scalar_subquery()


def chain_language() -> str:
    """The language of the longest-standing owner who chose one; else what the currency suggests."""
    return _of_owner(User.locale) or ("ru" if Account.current().currency in RUSSIAN_CURRENCIES else "en")


def _of_owner(column: Any) -> str | None:
    owners = select(column).where(User.role == Role.OWNER, User.is_active, ~User.is_superuser, column.is_not(None))
    return db.session.scalar(owners.order_by(User.created_at, User.id).limit(1))
