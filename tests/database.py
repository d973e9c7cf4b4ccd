"""The tests' database: migrated once, filled with the cast, and put back before each test."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from portal.db.base import JOBS_SCHEMA, SCHEMA
from portal.development.embedded import EmbeddedServer

SNAPSHOT = "snapshot"
# A table is swept after it was put back so many times.
SWEPT_AFTER = 40
# Whoever goes on writing for so long is not waited for.
MAX_ATTEMPTS = 3


class Database:
    """One migrated database, seen by its superuser."""

    def __init__(self, server: EmbeddedServer, name: str) -> None:
        self.server, self.name = server, name
        self.url = server.url(name)
        address = libpq(server.superuser_url(name))
        self.connection = psycopg.connect(address, autocommit=True, row_factory=namedtuple_row)
        # Replica: no trigger fires and no foreign key is asked, so the order of the tables is free. To become one costs
        # a connection all its plans.
        self._restorer = psycopg.connect(
            address, autocommit=True, options="-c session_replication_role=replica -c lock_timeout=10s"
        )
        self._restoring: dict[str, str] = {}
        self._marks_query = ""
        self._rows: dict[str, int] = {}
        self._marks: dict[str, tuple[int, int]] = {}
        self._restored_at = ""
        self._unswept: Counter[str] = Counter()

    def sql(self, statement: str, parameters: Any = None) -> list[Any]:
        """The rows that a statement gives, past row security; the timestamps are naive UTC."""
        cursor = self.connection.execute(statement, parameters)
        if cursor.description:
            return cursor.fetchall()
        # A row without columns ("SELECT FROM ...") is a row all the same.
        return [()] * cursor.rowcount if (cursor.statusmessage or "").startswith("SELECT") else []

    def insert(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Insert rows, triggers and constraints included."""
        with self.connection.transaction():
            for table, values in rows:
                self.connection.execute(insertion(table, values), [adapted(value) for value in values.values()])

    def tables(self, schema: str = SCHEMA) -> list[str]:
        """Every table of a schema."""
        found = self.sql(
            "SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'p')"
            " ORDER BY 1",
            [schema],
        )
        return [row.name for row in found]

    def take_snapshot(self) -> None:
        """Remember every row, for ``restore``."""
        self.sql(f"CREATE SCHEMA {SNAPSHOT}")
        for table in self.tables():
            if table == "alembic_version":
                continue
            name, columns = f'{SCHEMA}."{table}"', self._stored_columns(table)
            self.sql(f'CREATE TABLE {SNAPSHOT}."{table}" AS SELECT {columns} FROM {name}')
            self._restoring[name] = (
                f"DELETE FROM {name}; INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE"
                f' SELECT {columns} FROM {SNAPSHOT}."{table}"'
            )
        for table in self.tables(JOBS_SCHEMA):
            name = f'{JOBS_SCHEMA}."{table}"'
            self._restoring[name] = f"DELETE FROM {name}"
        self._marks_query = " UNION ALL ".join(
            f"SELECT '{name}' AS name, count(*) AS rows, coalesce(max(xmin::text::bigint), 0) AS newest FROM {name}"
            for name in self._restoring
        )
        # Of the queue nothing is put back.
        of_queue = f'{JOBS_SCHEMA}."'
        self._rows = {n: 0 if n.startswith(of_queue) else mark[0] for n, mark in self._read_marks().items()}

    def restore(self) -> None:
        """Put every row back as it was when the snapshot was taken, unless nothing was written since the last time."""
        if self._moment() == self._restored_at:
            return
        for _attempt in range(MAX_ATTEMPTS):
            written = self.written()
            if not written:
                break
            self._put_back(written)
        self._restored_at = self._moment()

    def _put_back(self, written: list[str]) -> None:
        with self._restorer.transaction():
            self._restorer.execute("; ".join(self._restoring[name] for name in written))
            [(transaction,)] = self._restorer.execute("SELECT pg_current_xact_id()::text::bigint").fetchall()
        self._sweep_up(written)
        # A process that a test has not waited for may have written once more: those tables are not as they were.
        self._marks |= {
            name: mark
            for name, mark in self._read_marks().items()
            if name in written and mark[0] == self._rows[name] and mark[1] <= transaction
        }

    def written(self) -> list[str]:
        """The tables, with their schemas, that hold other rows or versions of rows than when they were put back."""
        return [name for name, mark in self._read_marks().items() if self._marks.get(name) != mark]

    def _read_marks(self) -> dict[str, tuple[int, int]]:
        """How many rows each table has, and the transaction that wrote last of those: no writing leaves both."""
        return {row.name: (row.rows, row.newest) for row in self.sql(self._marks_query)}

    def _sweep_up(self, written: list[str]) -> None:
        """Remove what was deleted: nobody else does it here, and every reader would walk past all of it."""
        self._unswept.update(written)
        for name in [name for name, count in self._unswept.items() if count >= SWEPT_AFTER]:
            self._restorer.execute(f"VACUUM (SKIP_LOCKED, INDEX_CLEANUP ON) {name}")
            del self._unswept[name]

    def _moment(self) -> str:
        """Tells apart any two moments between which a transaction wrote, or one that had begun to ended."""
        [row] = self.sql("SELECT pg_current_snapshot()::text AS told")
        return str(row.told)

    def transactions(self) -> int:
        """A number that moves when a transaction that writes begins: while it stands still nothing was written."""
        [row] = self.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS number")
        return int(row.number)

    def _stored_columns(self, table: str) -> str:
        """The columns that are not generated from others."""
        [row] = self.sql(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [f'{SCHEMA}."{table}"'],
        )
        return str(row.names)

    def close(self) -> None:
        """Let go of the connections."""
        self.connection.close()
        self._restorer.close()


def libpq(url: str) -> str:
    """An address as psycopg reads it."""
    return url.replace("+psycopg", "")


def insertion(table: str, columns: Iterable[str], schema: str = SCHEMA) -> sql.Composed:
    """An INSERT of those columns."""
    names = list(columns)
    return sql.SQL("INSERT INTO {}.{} ({}) VALUES ({})").format(
        sql.Identifier(schema),
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join([sql.Placeholder()] * len(names)),
    )


def adapted(value: Any) -> Any:
    """A value as psycopg sends it."""
    return Jsonb(value, dumps=json.dumps) if isinstance(value, dict) else value
