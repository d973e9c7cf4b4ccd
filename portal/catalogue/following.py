"""What else is done once a conversion holds that did not before."""

from collections.abc import Callable, Collection
from typing import TypeAlias
from uuid import UUID

from portal.db.base import db
from portal.tenancy.scope import account_scope, require_scope

# The items for which it holds; ``None``: for all.
ItemIds: TypeAlias = Collection[UUID] | None

_followers: list[Callable[[ItemIds], object]] = []


def follow_conversions(act: Callable[[ItemIds], object]) -> None:
    """Have something done then: rooms above this one say it."""
    if act not in _followers:
        _followers.append(act)


def tell_conversions(item_ids: ItemIds) -> None:
    """Say that conversions were added or changed: whoever does it, they hold for the papers of every restaurant."""
    db.session.flush()
    with account_scope(require_scope().account_id):
        for act in _followers:
            act(item_ids)
