"""Reading a page: straight through psycopg on the session's own connection.

``shared/reference`` measured what each convenience costs; this is the one fast path, used by all lists.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
from flask import abort
from psycopg.rows import namedtuple_row

from portal.db.base import SCHEMA, db
from portal.web.listing.declaration import COUNT_CAP, PAGE_SIZE, Listing
from portal.web.listing.page import Page
from portal.web.listing.parent import read_parent
from portal.web.listing.request import ListRequest, read_request
from portal.web.listing.statement import ListStatement
from portal.web.text import escape_like

# Trigrams need three letters; shorter words are common and found soon by reading in order.
SHORTEST_TRIGRAM = 3

_SEARCH_IDS = f"SELECT {SCHEMA}.search_ids(%s, %s, %s)"


def read_page(listing: Listing, args: Mapping[str, str], path: str, parent_id: UUID | None = None) -> Page:
    """The page that a query string asks of a list; at most two statements.

    For a list with a parent ``parent_id`` names it; 404 where the account has no such row.
    """
    wanted = read_request(listing, args)
    parent = None
    if listing.parent is None:
        ids = search_ids(listing, wanted)
    else:
        parent, found = read_parent(listing, parent_id, search_patterns(listing, wanted), COUNT_CAP)
        ids = _unless_capped(found)
    if listing.parent is not None and parent is None:
        abort(404)
    statement = ListStatement(listing, wanted, ids, parent_id=parent_id)
    statement.is_common = ids is None and search_patterns(listing, wanted) is not None
    rows = _execute(statement).fetchall()
    if not rows and wanted.cursor is not None:
        return read_page(listing, _without_place(args), path, parent_id)
    more = len(rows) > PAGE_SIZE
    total = rows[0].total if rows else 0
    rows = rows[:PAGE_SIZE]
    if statement.backward:
        rows.reverse()
    return Page(listing, wanted, rows, path, total=total, more=more, parent=parent, is_common=statement.is_common)


def search_ids(listing: Listing, wanted: ListRequest) -> list[UUID] | None:
    """The ids that match a search, or ``None`` where the list is better read in its own order."""
    patterns = search_patterns(listing, wanted)
    if patterns is None:
        return None
    found = cursor().execute(_SEARCH_IDS, (listing.search_entity, patterns, COUNT_CAP)).fetchone()
    return _unless_capped(found[0] if found else [])


def search_patterns(listing: Listing, wanted: ListRequest) -> list[str] | None:
    """What the search entries are asked for, the longest word first; ``None`` where they are no help."""
    words = sorted(wanted.words, key=len, reverse=True)
    if not listing.search_entity or not words or len(words[0]) < SHORTEST_TRIGRAM:
        return None
    return [f"%{escape_like(word)}%" for word in words]


def _unless_capped(ids: list[UUID] | None) -> list[UUID] | None:
    return None if ids is None or len(ids) > COUNT_CAP else ids


def read_all(
    listing: Listing, args: Mapping[str, str], parent_id: UUID | None = None
) -> psycopg.ServerCursor[Any]:
    """Every row that the filters show, from a cursor at the server; the caller closes it."""
    wanted = read_request(listing, _without_place(args))
    ids = search_ids(listing, wanted)
    statement = ListStatement(listing, wanted, ids, parent_id=parent_id, limit=None)
    text = statement.text()
    reading = _connection().cursor(name="export", row_factory=namedtuple_row)
    reading.itersize = 2000
    reading.execute(text, statement.parameters)
    return reading


def cursor() -> psycopg.Cursor[Any]:
    """A plain cursor within the session's transaction."""
    return _connection().cursor(row_factory=namedtuple_row)


def _connection() -> psycopg.Connection[Any]:
    driver = db.session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _execute(statement: ListStatement) -> psycopg.Cursor[Any]:
    text = statement.text()
    return cursor().execute(text, statement.parameters)


def _without_place(args: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in args.items() if key not in ("after", "before", "page")}
