"""Sealing of whole rows: every column that holds a secret, in the account in scope."""

from flask import current_app
from sqlalchemy import select

from portal.db.base import TenantEntity, db
from portal.db.secrets import Place


def place_of(row: TenantEntity, column: str = "credentials") -> Place:
    """Where a row's secret stands; the row must have its id and account."""
    return Place(row.__tablename__, column, row.id, row.account_id)


def secret_holders() -> list[type[TenantEntity]]:
    """Every mapped class with a ``credentials`` column."""
    classes = (mapper.class_ for mapper in TenantEntity.registry.mappers)
    return [each for each in classes if "credentials" in each.__table__.columns]


def seal_account_secrets() -> int:
    """Seal or reseal the account's secrets under the newest key; how many needed it."""
    keyring = current_app.config["KEYRING"]
    count = 0
    for entity in secret_holders():
        for row in db.session.scalars(select(entity).with_for_update()):
            if keyring.needs_resealing(row.credentials):  # type: ignore[attr-defined]
                row.credentials = keyring.reseal(row.credentials, place_of(row))  # type: ignore[attr-defined]
                count += 1
    return count
