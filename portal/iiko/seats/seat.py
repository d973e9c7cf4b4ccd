"""A seat of iiko's licence, from before the log-in until after the log-out."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from uuid import UUID

from portal.iiko.client.client import Answer, IikoClient
from portal.iiko.client.requests import ApiRequest
from portal.iiko.seats.lock import ServerLock


class Seat:
    """``requests`` were asked in it; ``returned_at`` is set once iiko has confirmed the log-out."""

    requests: int
    opened_at: datetime | None
    returned_at: datetime | None

    def read(self, request: ApiRequest) -> AbstractContextManager[Answer]:
        """Ask, with a new log-in where the old one is fifty minutes old or no longer known. Raises IikoFailure."""
        raise NotImplementedError


@contextmanager
def open_seat(connection_id: UUID, run_id: UUID | None, client: IikoClient, lock: ServerLock) -> Iterator[Seat]:
    """Log in, and out at the end however that comes; both are noted and committed before they matter.

    The account in scope is the connection's. Nothing is written in the session's transaction, which should be ended.
    Raises IikoFailure.
    """
    yield from ()
    raise NotImplementedError
