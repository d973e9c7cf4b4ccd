"""One question at a time for each server, over threads, processes, machines and accounts: a lock in the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


class ServerLock:
    """Held as long as its connection lives."""

    def __init__(self, key: bytes, connection: psycopg.Connection) -> None:
        self.key, self.connection = key, connection

    def is_alive(self) -> bool:
        """Whether the lock is still held; asks the database."""
        raise NotImplementedError


@contextmanager
def server_lock(key: bytes) -> Iterator[ServerLock | None]:
    """The lock of a server (``server_key``), or ``None`` where somebody else holds it; nobody waits."""
    yield from ()
    raise NotImplementedError
