"""The rows of log-ins: each change is committed by itself, on a connection past the session.

What a log-in takes must be known whatever becomes of the work around it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from flask import current_app
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from portal.db.base import SCHEMA
from portal.db.connecting import connect
from portal.db.moments import NOW
from portal.db.secrets import Place, SecretUnreadable
from portal.iiko.client.client import Server
from portal.iiko.seats.lock import ServerLock

# iiko ends a log-in so long after it began, used or not.
SEAT_LIFE = timedelta(hours=1)
# After a time-out the server still works at the question.
REST = timedelta(seconds=30)
# When a log-out is tried again, in minutes after the last try.
TRIES = (1, 2, 5, 10, 30)
_TABLE = f"{SCHEMA}.iiko_session"
_ENTER = b"SELECT set_config('getinn.account_id', %(account_id)s, true)"
_OPEN_DOOR = b"SELECT set_config('getinn.door', 'worker', true)"
_COLUMNS = "id, connection_id, server_key, opened_at, token, token_at, tries"
_INSERT = f"""
    INSERT INTO {_TABLE} (id, account_id, connection_id, run_id, server_key, next_try_at)
    VALUES (%(id)s, %(account_id)s, %(connection_id)s, %(run_id)s, %(server_key)s, {NOW} + interval '1 minute')
""".encode()  # noqa: S608
_KEEP = f"UPDATE {_TABLE} SET token = %(token)s, token_at = {NOW} WHERE id = %(id)s".encode()  # noqa: S608
_CLOSE = f"UPDATE {_TABLE} SET closed_at = {NOW}, outcome = %(outcome)s WHERE id = %(id)s".encode()  # noqa: S608
_PUT_OFF = f"""
    UPDATE {_TABLE} SET outcome = %(outcome)s, tries = tries + %(tries)s, next_try_at = {NOW} + %(wait)s
    WHERE id = %(id)s
""".encode()  # noqa: S608
_REST = f"UPDATE {_TABLE} SET rests_until = {NOW} + %(rest)s WHERE id = %(id)s".encode()  # noqa: S608
_RESTS = f"SELECT max(rests_until) AS until FROM {_TABLE} WHERE server_key = %(server_key)s AND rests_until > {NOW}"  # noqa: S608
_OPEN_AT_SERVER = f"""
    SELECT {_COLUMNS} FROM {_TABLE} WHERE account_id = %(account_id)s AND server_key = %(server_key)s
    AND closed_at IS NULL ORDER BY opened_at
""".encode()  # noqa: S608
_OPEN_BY_ID = f"SELECT {_COLUMNS} FROM {_TABLE} WHERE id = %(id)s AND closed_at IS NULL".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class OpenLogIn:
    """A log-in that no log-out has ended, as it stands in its row; moments are aware."""

    id: UUID
    connection_id: UUID
    server_key: str
    opened_at: datetime
    token: dict[str, Any] | None
    token_at: datetime | None
    tries: int

    @property
    def ends_at(self) -> datetime:
        """When iiko ends it by itself at the latest."""
        return (self.token_at or self.opened_at) + SEAT_LIFE

    @property
    def is_over(self) -> bool:
        """Whether it ended by itself."""
        return self.ends_at <= datetime.now(UTC)


class LogIns:
    """Those of one account, written on the connection of the lock, or on another where that was lost."""

    def __init__(self, account_id: UUID, lock: ServerLock) -> None:
        self.account_id, self._lock = account_id, lock

    def begin(self, connection_id: UUID, run_id: UUID | None) -> UUID:
        """Note that a log-in is about to be tried."""
        row_id = uuid4()
        values = {"connection_id": connection_id, "run_id": run_id, "server_key": self._lock.key.hex()}
        self._write(_INSERT, id=row_id, **values)
        return row_id

    def keep_token(self, row_id: UUID, token: str, server: Server, *, needs_browser_agent: bool) -> None:
        """Seal the token, with all that its log-out takes: the connection may lead elsewhere by then."""
        content = {
            "token": token,
            "base_url": server.base_url,
            "certificate": server.pinned_certificate,
            "browser": needs_browser_agent,
        }
        sealed = current_app.config["KEYRING"].seal(content, self._place(row_id), hinted=())
        self._write(_KEEP, id=row_id, token=Jsonb(sealed))

    def open_token(self, log_in: OpenLogIn) -> tuple[str, Server] | None:
        """The token and where it is to be given back; ``None`` where nobody knows it."""
        try:
            content = current_app.config["KEYRING"].open(log_in.token, self._place(log_in.id))
        except SecretUnreadable:
            return None
        server = Server(
            str(content.get("base_url") or ""),
            "",
            "",
            pinned_certificate=content.get("certificate"),
            needs_browser_agent=bool(content.get("browser")),
            worked_before=True,
        )
        return str(content.get("token") or ""), server

    def close(self, row_id: UUID, outcome: str) -> None:
        """It holds no seat any more."""
        self._write(_CLOSE, id=row_id, outcome=outcome)

    def put_off(self, row_id: UUID, outcome: str, *, tries: int = 0, ends_at: datetime | None = None) -> None:
        """Its log-out did not work; ``tries`` were made before. It is not looked at later than it ends."""
        wait = timedelta(minutes=TRIES[min(tries, len(TRIES) - 1)])
        if ends_at is not None:
            wait = min(wait, max(ends_at - datetime.now(UTC), timedelta()))
        self._write(_PUT_OFF, id=row_id, outcome=outcome, tries=1, wait=wait)

    def let_lapse(self, row_id: UUID, outcome: str, ends_at: datetime) -> None:
        """Nobody knows its token: it is looked at again when it has ended by itself."""
        wait = max(ends_at - datetime.now(UTC), timedelta())
        self._write(_PUT_OFF, id=row_id, outcome=outcome, tries=0, wait=wait)

    def rest(self, row_id: UUID) -> None:
        """Leave the server alone for a while, whoever asks."""
        self._write(_REST, id=row_id, rest=REST)

    def rests_until(self) -> datetime | None:
        """Until when the server is left alone, over all accounts; ``None`` where it may be asked."""
        with self._line() as cursor:
            cursor.execute(_OPEN_DOOR)
            found = cursor.execute(_RESTS.encode(), {"server_key": self._lock.key.hex()}).fetchone()
        return _aware(found["until"]) if found else None

    def still_open(self) -> list[OpenLogIn]:
        """The account's at this server, the oldest first."""
        with self._line() as cursor:
            values = {"account_id": self.account_id, "server_key": self._lock.key.hex()}
            return [_log_in(row) for row in cursor.execute(_OPEN_AT_SERVER, values)]

    def find(self, row_id: UUID) -> OpenLogIn | None:
        """One of them, where it is still open."""
        with self._line() as cursor:
            row = cursor.execute(_OPEN_BY_ID, {"id": row_id}).fetchone()
        return _log_in(row) if row else None

    def _place(self, row_id: UUID) -> Place:
        return Place("iiko_session", "token", row_id, self.account_id)

    def _write(self, statement: bytes, **values: Any) -> None:
        with self._line() as cursor:
            cursor.execute(statement, {"account_id": self.account_id, **values})

    @contextmanager
    def _line(self) -> Iterator[psycopg.Cursor[dict[str, Any]]]:
        """A transaction of its own in the account, committed at the end. Raises ``psycopg.Error``."""
        if self._lock.is_alive():
            with self._entered(self._lock.connection) as cursor:
                yield cursor
            return
        with connect(current_app.config["PORTAL"], autocommit=True) as another, self._entered(another) as cursor:
            yield cursor

    @contextmanager
    def _entered(self, connection: psycopg.Connection[Any]) -> Iterator[psycopg.Cursor[dict[str, Any]]]:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(_ENTER, {"account_id": str(self.account_id)})
            yield cursor


def _log_in(row: Mapping[str, Any]) -> OpenLogIn:
    moments = {key: _aware(row[key]) for key in ("opened_at", "token_at")}
    return OpenLogIn(**{**row, **moments})


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
