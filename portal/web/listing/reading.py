"""Reading a page: straight through psycopg on the session's own connection.

``docs/decisions/006`` says what each convenience costs; this is the one fast path, used by all lists.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
from flask import abort
from psycopg.rows import namedtuple_row
from sqlalchemy import ColumnElement

from portal.db.base import SCHEMA, TenantEntity
from portal.db.cursor import connection, cursor
from portal.web.listing.declaration import COUNT_CAP, PAGE_SIZE, Listing
from portal.web.listing.page import Page
from portal.web.listing.parent import read_parent
from portal.web.listing.request import ListRequest, read_request
from portal.web.listing.search import has_entry
from portal.web.listing.statement import ListStatement

# For the one statement that reads in the order of an index and stops soon: the planner, misled by the policy's
# estimate, would rather read and sort the whole account.
_SET = "SELECT set_config('enable_sort', '{0}', true) AS sort, set_config('enable_bitmapscan', '{0}', true) AS bitmaps"
_IN_ORDER, _PLANNER_AS_BEFORE = _SET.format("off").encode(), _SET.format("on").encode()

# A file of a whole list may be ordered anew, however long it is; and whoever downloads it slowly may.
_EXPORT_TIME = b"""
    SELECT set_config('statement_timeout', '120s', true) AS statements,
        set_config('idle_in_transaction_session_timeout', '30min', true) AS pauses
"""

# What the cursor gives at a time: little more is read than the first rows that are waited for.
ROWS_AT_ONCE = 250

_SEARCH_IDS = f"SELECT {SCHEMA}.search_ids(%s, %s, %s, %s)"


def read_page(listing: Listing, args: Mapping[str, str], path: str, parent_id: UUID | None = None) -> Page:
    """The page that a query string asks of a list; at most two statements.

    For a list with a parent ``parent_id`` names it; 404 where the account has no such row.
    """
    wanted = read_request(listing, args)
    patterns = search_patterns(listing, wanted)
    parent, ids = None, None
    if listing.parent is not None:
        parent, ids = read_parent(listing, parent_id, patterns, COUNT_CAP)
        if parent is None:
            abort(404)
    elif patterns is not None:
        ids = search_ids(listing, wanted, patterns)
    statement, rows = _read_rows(listing, wanted, ids, parent_id, patterns)
    if not rows and wanted.cursor is not None:
        return read_page(listing, _without_place(args), path, parent_id)
    more = len(rows) > PAGE_SIZE
    total = rows[0].total if rows else 0
    rows = rows[:PAGE_SIZE]
    if statement.backward:
        rows.reverse()
    return Page(listing, wanted, rows, path, total=total, more=more, parent=parent, is_common=statement.is_common)


def _read_rows(
    listing: Listing, wanted: ListRequest, ids: list[UUID] | None, parent_id: UUID | None, patterns: list[str] | None
) -> tuple[ListStatement, list[Any]]:
    """The rows; of a common word those among the first by title, or else in the list's own order."""
    first_by_title = ids is not None and ids[:1] == [None]
    statement = ListStatement(listing, wanted, ids[1:] if ids and first_by_title else ids, parent_id=parent_id)
    # How many rows name what many others are called is not known from those.
    is_own = listing.search_key is None
    statement.is_common = first_by_title or (is_own and patterns is not None and ids is None)
    rows = execute(statement).fetchall()
    if first_by_title and len(rows) <= PAGE_SIZE:
        return _read_rows(listing, wanted, None, parent_id, patterns)
    return statement, rows


def search_ids(
    listing: Listing, wanted: ListRequest, patterns: list[str], *, by_title: bool = True
) -> list[UUID] | None:
    """The ids that match a search, or ``None`` where the list is better read in its own order.

    Of a common word, where the first page by name is wanted: ``None`` and then its first ids by title.
    """
    if listing.find is not None and (ids := listing.find(wanted.search)) is not None:
        return ids
    is_first = wanted.sort.key == "name" and not (wanted.descending or wanted.cursor or wanted.from_end)
    found = cursor().execute(_SEARCH_IDS, (listing.search_entity, patterns, COUNT_CAP, by_title and is_first))
    row = found.fetchone()
    return row[0] if row else None


def search_patterns(listing: Listing, wanted: ListRequest) -> list[str] | None:
    """What the search entries are asked for; ``None`` where the list has none or nothing is looked for."""
    return wanted.patterns if listing.is_tenant and listing.search_entity and wanted.patterns else None


def found_by(entity: type[TenantEntity], patterns: list[str]) -> ColumnElement[bool]:
    """The condition by which rows of the account are found, for statements that are no list."""
    row = cursor().execute(_SEARCH_IDS, (entity.__tablename__, patterns, COUNT_CAP, False)).fetchone()
    ids = row[0] if row else None
    return has_entry(entity, patterns) if ids is None else entity.id.in_(ids)


def read_all(listing: Listing, args: Mapping[str, str], parent_id: UUID | None = None) -> psycopg.ServerCursor[Any]:
    """Every row that the filters show, from a cursor at the server; the caller closes it."""
    wanted = read_request(listing, _without_place(args))
    patterns = search_patterns(listing, wanted)
    ids = None if patterns is None else search_ids(listing, wanted, patterns, by_title=False)
    statement = ListStatement(listing, wanted, ids, parent_id=parent_id, limit=None)
    text = statement.text()
    cursor().execute(_EXPORT_TIME)
    reading = connection().cursor(name="export", row_factory=namedtuple_row)
    reading.itersize = ROWS_AT_ONCE
    try:
        reading.execute(text, statement.parameters)
    except BaseException:
        reading.close()
        raise
    return reading


def execute(statement: ListStatement) -> psycopg.Cursor[Any]:
    """Run it; where it looks for a common word, in the list's own order."""
    text, reading = statement.text(), cursor()
    if statement.ids is not None or not statement.is_common:
        return reading.execute(text, statement.parameters)
    # In one round trip: what else the request reads is planned as if nobody had searched.
    with connection().pipeline():
        cursor().execute(_IN_ORDER)
        reading.execute(text, statement.parameters)
        cursor().execute(_PLANNER_AS_BEFORE)
    return reading


def _without_place(args: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in args.items() if key not in ("after", "before", "page")}
