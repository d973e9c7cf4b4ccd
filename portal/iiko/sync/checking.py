"""The check of a connection: what the portal's user may read at a server, asked in one seat."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.db.words import Label
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.client import Answer
from portal.iiko.client.reading import Reading
from portal.iiko.client.requests import (
    DEPARTMENTS,
    OLAP_COLUMNS,
    SERVER_TYPE,
    STORES,
    SUPPLIERS,
    ApiRequest,
    incoming_invoices,
    products_of,
)
from portal.iiko.client.xml_rows import XmlRow, rows
from portal.iiko.seats.seat import Seat

_SERVER_TYPE = re.compile(
    r'\s*(<\?xml[^>]*\?>\s*)?(<serverType>\s*)?"?(?P<type>CHAIN|REPLICATED_RMS|STANDALONE_RMS)"?(\s*</serverType>)?\s*'
)
# What concerns one kind alone; anything else ends the check.
OF_KIND = frozenset(
    {
        Outcome.NO_RIGHT, Outcome.NOT_OFFERED, Outcome.BUSINESS, Outcome.OUR_MISTAKE, Outcome.SERVER_ERROR,
        Outcome.TOO_LARGE, Outcome.BROKE_OFF, Outcome.MALFORMED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probe:
    """A question that tells whether rows of a kind may be read."""

    key: str
    label: Label
    request: ApiRequest


# Whether papers may be read is told by any day, and one long past has few.
SOME_DAY = date(2020, 1, 1)
PROBES = (
    Probe("departments", _l("Restaurants"), DEPARTMENTS),
    Probe("stores", _l("Stores"), STORES),
    Probe("suppliers", _l("Suppliers"), SUPPLIERS),
    Probe("products", _l("Products and recipes"), products_of()),
    Probe("incoming_invoices", _l("Incoming invoices"), incoming_invoices(SOME_DAY)),
    Probe("sales", _l("Sales"), OLAP_COLUMNS),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one question came to; ``failure`` is ``None`` where the answer came."""

    bytes: int = 0
    restaurants: int | None = None
    failure: Outcome | None = None
    details: Mapping[str, Any] | None = None


def ask(seat: Seat, probe: Probe) -> Found:
    """Whether rows of a kind may be read. Raises IikoFailure where the check cannot go on."""
    try:
        with seat.read(probe.request) as answer:
            return Found(answer.bytes, count_restaurants(answer) if probe.request is DEPARTMENTS else None)
    except IikoFailure as failure:
        if failure.outcome not in OF_KIND:
            raise
        return Found(failure=failure.outcome, details=failure.details)


def count_restaurants(answer: Answer) -> int:
    """How many of the elements of a tree are departments."""
    found = rows(answer, ("corporateItemDtoes",), "corporateItemDto", Reading())
    return sum(isinstance(row, XmlRow) and row.text("type") == "DEPARTMENT" for row in found)


def server_type(seat: Seat) -> str | None:
    """Chain or single restaurant; ``None`` where the server does not say it in one of the three known ways."""
    try:
        with seat.read(SERVER_TYPE) as answer:
            said = _SERVER_TYPE.fullmatch(answer.file.read(1000).decode("utf-8", "replace"))
    except IikoFailure as failure:
        if failure.outcome not in OF_KIND:
            raise
        return None
    return said["type"] if said else None
