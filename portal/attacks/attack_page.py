"""The superusers' page of attacks, over all chains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import select

from portal.accounts.models import Account
from portal.attacks.models import AttackKind
from portal.attacks.queries import counts_by
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
    return AttackPage(
        [(AttackKind.read(str(kind)).label, None, count) for kind, count in counts_by("kind")],
        _chains(dict(counts_by("chain_id"))),
        [(str(address), None, count) for address, count in counts_by("address")],
    )


def _chains(counts: Mapping[Any, int]) -> list[Row]:
    with system_scope("accounts"):
        chosen = select(Account.id, Account.name, Account.slug).where(Account.id.in_(counts), ~Account.is_operator)
        found = db.session.execute(chosen).all()
    rows = [(name, url_for("accounts.edit", edited_slug=slug), counts[key]) for key, name, slug in found]
    return sorted(rows, key=lambda row: -row[2])
