"""The table behind searches: one entry a row, kept by triggers, read by ``search_ids`` alone.

Under row-level security a trigram index is of no use (LIKE is not leakproof), so what is searched
stands in a table whose owner is not bound by its policy, and a function of that owner takes the
account from the setting and gives out ids.
"""

from typing import Any

from sqlalchemy import Column, ColumnElement, Index, String, Table, Text, Uuid, select

from portal.db.base import Base, Entity
from portal.web.searching import fits_all

SEARCH_ENTRY = Table(
    "search_entry",
    Base.metadata,
    Column("row_id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("entity", String, nullable=False),
    Column("title", String),
    Column("content", Text, nullable=False),
    Index("ix_search_entry_account_id", "account_id", "entity"),
    Index("ix_search_entry_title", "account_id", "entity", "title", "row_id"),
)
# What the names of those begin with that the models do not tell: some only where the server offers pg_trgm, all of what
# functions make of a text.
FUNCTIONAL_INDEXES = ("ix_search_entry_content", "ix_search_entry_head", "ix_search_entry_signs")


def has_entry(
    entity: type[Entity], patterns: list[str] | None = None, *, key: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Whether a row's entry fits every pattern; asked row by row, for words that many rows hold.

    Without ``patterns`` those of the parameter ``patterns``. ``key`` names the row whose entry it is, where that is
    another one.
    """
    key = entity.__table__.c.id if key is None else key
    entry = select(SEARCH_ENTRY.c.content).where(SEARCH_ENTRY.c.row_id == key).correlate(entity.__table__)
    return fits_all(entry.scalar_subquery(), patterns)
