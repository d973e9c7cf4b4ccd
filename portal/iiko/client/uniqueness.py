"""Each id once in an answer: rows that are alike count once, rows that contradict each other not at all."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.outcomes import Flaw, Outcome
from portal.iiko.client.reading import Note, Reading
from portal.iiko.client.rows import Fault, Row, RowError

# More rows than the largest chain has of any kind; of each a few bytes are kept.
MAX_ROWS = 300_000
R = TypeVar("R", bound=Row)


def unique_rows(
    read: Callable[[Reading], Iterable[R | RowError]], key: str | None, reading: Reading
) -> Iterator[R | RowError]:
    """The rows of two readings of one answer: the first looks whether it is whole, the second gives them out.

    Raises IikoFailure before the first row.
    """
    known = _known(read(Reading()), key)
    return _given_out(read(reading), key, known, reading)


def _known(rows: Iterable[R | RowError], key: str | None) -> dict[int, int | None]:
    """The content of each id; ``None`` where rows contradict each other. Hashes of both: they are many."""
    known: dict[int, int | None] = {}
    for number, row in enumerate(rows):
        if number >= MAX_ROWS:
            raise IikoFailure(Outcome.MALFORMED, flaw=Flaw.TOO_MANY.value)
        if key is None or isinstance(row, RowError) or (iiko_id := _id_of(row, key)) is None:
            continue
        content, place = hash(row.content()), hash(iiko_id)
        if known.setdefault(place, content) != content:
            known[place] = None
    return known


def _given_out(
    rows: Iterable[R | RowError], key: str | None, known: dict[int, int | None], reading: Reading
) -> Iterator[R | RowError]:
    for row in rows:
        if key is None or isinstance(row, RowError):
            yield row
            continue
        try:
            iiko_id = row.guid(key)
        except RowError as error:
            yield error
            continue
        if iiko_id is None:
            yield RowError(Fault.MISSING, key)
            continue
        row.iiko_id = iiko_id
        if hash(iiko_id) not in known:
            reading.note(Note.REPEATED_ROWS)
        elif known.pop(hash(iiko_id)) is None:
            yield RowError(Fault.REPEATED_ID, key, iiko_id, iiko_id)
        else:
            yield row


def _id_of(row: Row, key: str) -> str | None:
    try:
        return row.guid(key)
    except RowError:
        return None
