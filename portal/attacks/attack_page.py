"""The superusers' page of attacks, over all chains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select

from portal.accounts.models import Account
from portal.attacks.models import AttackKind
from portal.attacks.queries import read_counts
from portal.db.base import db
from portal.tenancy.scope import system_scope

Row = tuple[Any, str | None, int]


@dataclass(frozen=True, slots=True)
class AttackPage:
    """The last 24 hours by kind, chain and address; a row is label, address of a page, number."""

    kinds: Sequence[Row]
    chains: Sequence[Row]
    addresses: Sequence[Row]


def read_attacks() -> AttackPage:
    """What was refused, the most first."""
    found: dict[str, dict[str, int]] = {"kind": {}, "chain": {}, "address": {}}
    for row in read_counts():
        found[row.grouping][str(row.key)] = row.total
    return AttackPage(
        [(AttackKind.read(kind).label, None, total) for kind, total in found["kind"].items()],
        _chains({UUID(key): total for key, total in found["chain"].items()}),
        [(address, None, total) for address, total in found["address"].items()],
    )


def _chains(counts: Mapping[UUID, int]) -> list[Row]:
    with system_scope("accounts"):
        chosen = select(Account.id, Account.name, Account.slug).where(Account.id.in_(counts), ~Account.is_operator)
        found = db.session.execute(chosen).all()
    rows = [(name, url_for("accounts.edit", edited_slug=slug), counts[key]) for key, name, slug in found]
    return sorted(rows, key=lambda row: -row[2])
