"""One question at a time for each server, over threads, processes, machines and accounts: a lock in the database."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from flask import current_app

from portal.db.connecting import BoundedConnection, connect

# So long the database may take to say whether the lock is still held.
ANSWER_SECONDS = 10.0


class ServerLock:
    """Held as long as its connection lives; nothing of any account is in it."""

    def __init__(self, key: bytes, connection: BoundedConnection) -> None:
        self.key, self.connection = key, connection

    def is_alive(self) -> bool:
        """Whether the lock is still held; asks the database, for a lost connection is a lost lock."""
        try:
            self.connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True


@contextmanager
def server_lock(key: bytes) -> Iterator[ServerLock | None]:
    """The lock of a server (``server_key``), or ``None`` where somebody else holds it; nobody waits.

    Raises ``psycopg.Error`` where the database is away.
    """
    connection = connect(current_app.config["PORTAL"], autocommit=True)
    connection.answer_seconds = ANSWER_SECONDS
    try:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [lock_number(key)]).fetchone()
        yield ServerLock(key, connection) if row and row[0] else None
    finally:
        # Said by name: of a closed connection the database hears only when it comes to it.
        with suppress(psycopg.Error):
            connection.execute("SELECT pg_advisory_unlock_all()")
        connection.close()


def lock_number(key: bytes) -> int:
    """The number of a server's advisory lock."""
    return int.from_bytes(key[:8], "big", signed=True)
