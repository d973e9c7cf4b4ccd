"""The table behind searches: one entry a row, kept by triggers, read by ``search_ids`` alone.

Under row-level security a trigram index is of no use (LIKE is not leakproof), so what is searched
stands in a table whose owner is not bound by its policy, and a function of that owner takes the
account from the setting and gives out ids.
"""

from sqlalchemy import Column, Index, String, Table, Text, Uuid

from portal.db.base import Base

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
# Only where the server offers pg_trgm.
OPTIONAL_INDEX = "ix_search_entry_content"
