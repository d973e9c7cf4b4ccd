"""Sealing of whole rows: every column that holds a secret, in the account in scope."""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import select

from portal.db.base import TenantEntity, db
from portal.db.secrets import Place, SecretUnreadable


def place_of(row: TenantEntity, column: str = "credentials") -> Place:
    """Where a row's secret stands; the row must have its id and account."""
    return Place(row.__tablename__, column, row.id, row.account_id)


def secret_holders() -> list[type[TenantEntity]]:
    """Every mapped class with a ``credentials`` column."""
    classes = (mapper.class_ for mapper in TenantEntity.registry.mappers)
    return [each for each in classes if "credentials" in each.__table__.columns]


@dataclass
class Sealed:
    """How many secrets were sealed anew, and which ones no key opens: those stay as they are."""

    count: int = 0
    unreadable: list[Place] = field(default_factory=list)


def seal_account_secrets() -> Sealed:
    """Seal or reseal the account's secrets under the newest key."""
    sealed = Sealed()
    for entity in secret_holders():
        for row in db.session.scalars(select(entity).with_for_update(of=entity)):
            _seal(row, sealed)
    return sealed


def _seal(row: Any, sealed: Sealed) -> None:
    keyring = current_app.config["KEYRING"]
    # The fields whose last characters may be shown; all, where a class does not say.
    hinted = getattr(row, "HINTED_SECRETS", None)
    if not keyring.needs_resealing(row.credentials, hinted):
        return
    try:
        row.credentials = keyring.reseal(row.credentials, place_of(row), hinted)
    except SecretUnreadable:
        sealed.unreadable.append(place_of(row))
    else:
        sealed.count += 1
