"""What the mapped class of a tenant's table says of its keys and indexes, as ``migrations/tables.py`` makes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from portal.db.base import SCHEMA


def tenant_key(table: str, column: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """The composite key that keeps a row in the account of the row that ``column`` names.

    The table is named and not imported, so that rooms may refer to rows of rooms above them.
    """
    targets = [f"{SCHEMA}.{table}.account_id", f"{SCHEMA}.{table}.id"]
    return ForeignKeyConstraint(["account_id", column], targets, ondelete=ondelete)


def place_key() -> ForeignKeyConstraint:
    """The key of a row that names a store and the store's restaurant: they never disagree, and move together."""
    targets = [f"{SCHEMA}.store.{column}" for column in ("account_id", "restaurant_id", "id")]
    return ForeignKeyConstraint(["account_id", "restaurant_id", "store_id"], targets, onupdate="CASCADE")


def table_args(
    name: str,
    *constraints: Any,
    references: Mapping[str, str],
    listed_by: Sequence[str] = (),
    archivable: bool = True,
    on_delete: Mapping[str, str] | None = None,
) -> tuple[SchemaItem, ...]:
    """The ``__table_args__``: composite keys to the tables of ``references`` by column, and the lists' indexes."""
    keys = [tenant_key(table, key, ondelete=(on_delete or {}).get(key)) for key, table in references.items()]
    return (
        UniqueConstraint("account_id", "id"),
        *keys,
        *_indexes(name, list(references), listed_by, archivable),
        *constraints,
    )


def _indexes(name: str, references: Sequence[str], listed_by: Sequence[str], archivable: bool) -> list[Index]:
    first = listed_by[:1]
    found = [Index(f"ix_{name}_{key}", "account_id", key, *first, "id") for key in references]
    for place, order in enumerate(listed_by):
        if not archivable or place == 0:
            found.append(Index(f"ix_{name}_account_id_{order}", "account_id", order, "id"))
        if archivable:
            found.append(Index(f"ix_{name}_account_id_is_active_{order}", "account_id", "is_active", order, "id"))
    return found
