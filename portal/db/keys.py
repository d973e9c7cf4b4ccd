"""Foreign keys between tables of tenants."""

from sqlalchemy import ForeignKeyConstraint

from portal.db.base import SCHEMA


def tenant_key(table: str, column: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """The composite key that keeps a row in the account of the row that ``column`` names.

    The table is named and not imported, so that rooms may refer to rows of rooms above them.
    """
    targets = [f"{SCHEMA}.{table}.account_id", f"{SCHEMA}.{table}.id"]
    return ForeignKeyConstraint(["account_id", column], targets, ondelete=ondelete)
