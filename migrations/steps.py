"""Steps of a migration beside which everybody else goes on: short transactions, tried again, safe to repeat.

A migration that touches filled tables runs as a row of steps outside of one transaction. Whatever ends it in the
middle, it is run again from its start: each step looks first whether it was taken.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import DBAPIError

from portal.db.base import SCHEMA as S

# Whoever comes after a waiting ALTER TABLE waits too. And a server looks for deadlocks after a second: giving up
# before that, it is never another program that is ended for one.
LOCK_TIMEOUT = "500ms"
# Building and validating wait for others without being in anybody's way.
PATIENT_LOCK_TIMEOUT = "10min"
GIVE_UP_AFTER_SECONDS = 600
BATCH = 1000
HAS_CONSTRAINT = "SELECT convalidated FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s"
IS_REQUIRED = "SELECT attnotnull FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s"
HAS_COLUMN = "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s AND attnum > 0)"


@contextmanager
def stepwise(op: Any) -> Iterator["Steps"]:
    """Take the rest of a migration in steps; what it did before is committed."""
    with op.get_context().autocommit_block():
        yield Steps(op.get_bind().connection.driver_connection)


class Steps:
    """What a migration does to a table that others read and write meanwhile."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def run(self, *statements: str | tuple[str, list[Any]], door: str = "") -> None:
        """Statements of one short transaction, tried again where a lock is not to be had."""
        self._until_locked(lambda: self._transact(statements, door))

    def make(self, work: Callable[[], None]) -> None:
        """What alembic's operations make, in one short transaction, tried again where a lock is not to be had."""
        self._until_locked(lambda: self._transact_work(work))

    def add_columns(self, table: str, columns: tuple[str, ...], *also: str) -> None:
        """Columns that need no rewriting (nullable, or with a constant default), and what has to come with them."""
        added = ", ".join(f"ADD COLUMN IF NOT EXISTS {column}" for column in columns)
        self.run(f'ALTER TABLE {S}."{table}" {added}', *also)

    def build_index(self, name: str, place: str, *, unique: bool = False, schema: str = S) -> None:
        """An index beside whoever writes. One that an interruption left half built is made again."""
        found = self.scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f"{schema}.{name}"])
        if found:
            return
        if found is False:
            self._alone(f"DROP INDEX CONCURRENTLY IF EXISTS {schema}.{name}")
        self._alone(f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {name} ON {schema}.{place}")

    def add_unique(self, table: str, *columns: str) -> None:
        """A unique key, by an index that was built beside whoever writes."""
        name = f"{table}_{'_'.join(columns)}_key"
        if self._constraint(table, name) is None:
            self.build_index(name, f'"{table}" ({", ".join(columns)})', unique=True)
            self.run(f'ALTER TABLE {S}."{table}" ADD CONSTRAINT {name} UNIQUE USING INDEX {name}')

    def add_constraint(self, table: str, name: str, rule: str) -> None:
        """A CHECK or foreign key that binds new rows at once, and the rows from before once they were looked at."""
        if self._constraint(table, name) is None:
            self.run(f'ALTER TABLE {S}."{table}" ADD CONSTRAINT {name} {rule} NOT VALID')
        self.validate(table, name)

    def validate(self, table: str, name: str) -> None:
        """Look through the rows from before, if that was not done yet."""
        if not self._constraint(table, name):
            self._alone(f'ALTER TABLE {S}."{table}" VALIDATE CONSTRAINT {name}')

    def require(self, table: str, column: str) -> None:
        """NOT NULL, without looking through the table while it is locked: a validated CHECK says it first."""
        if self.scalar(IS_REQUIRED, [f'{S}."{table}"', column]):
            return
        name = f"{table}_{column}_filled"
        self.add_constraint(table, name, f"CHECK ({column} IS NOT NULL)")
        self.run(
            f'ALTER TABLE {S}."{table}" ALTER {column} SET NOT NULL',
            f'ALTER TABLE {S}."{table}" DROP CONSTRAINT {name}',
        )

    def fill(self, table: str, column: str, value: str, *, source: str = "", door: str = "") -> None:
        """Give a column its value where it has none, some rows at a time, in the order of their keys.

        ``source`` is a FROM list with its condition; the row is ``filled``. ``door`` admits to the rows of all
        accounts where row security binds the role that migrates.
        """
        statement = f"""
            UPDATE {S}."{table}" filled SET {column} = {value} {source or "WHERE true"}
            AND filled.id = ANY(%s) AND filled.{column} IS NULL
        """
        for ids in self._batches(table, f"{column} IS NULL", door):
            self.run((statement, [ids]), door=door)

    def has_column(self, table: str, column: str) -> bool:
        """Whether the table has it."""
        return bool(self.scalar(HAS_COLUMN, [f'{S}."{table}"', column]))

    def scalar(self, query: str, parameters: list[Any] | None = None) -> Any:
        """The one value of a query, or None."""
        row = self.connection.execute(query, parameters).fetchone()
        return row and row[0]

    def values(self, query: str, parameters: list[Any] | None = None, door: str = "") -> list[Any]:
        """The first column of a query's rows."""
        with self.connection.transaction():
            self._open(door)
            return [row[0] for row in self.connection.execute(query, parameters).fetchall()]

    def _batches(self, table: str, pending: str, door: str) -> Iterator[list[UUID]]:
        """The keys of the rows that wait, a batch at a time."""
        first = f'SELECT id FROM {S}."{table}" WHERE {pending} ORDER BY id LIMIT {BATCH}'
        further = f'SELECT id FROM {S}."{table}" WHERE {pending} AND id > %s ORDER BY id LIMIT {BATCH}'
        ids = self.values(first, door=door)
        while ids:
            yield ids
            ids = self.values(further, [ids[-1]], door)

    def _constraint(self, table: str, name: str) -> bool | None:
        """Whether a constraint was validated; None where there is none."""
        found: bool | None = self.scalar(HAS_CONSTRAINT, [f'{S}."{table}"', name])
        return found

    def _transact(self, statements: tuple[str | tuple[str, list[Any]], ...], door: str) -> None:
        with self.connection.transaction():
            self.connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            self._open(door)
            for statement in statements:
                text, parameters = (statement, None) if isinstance(statement, str) else statement
                self.connection.execute(text, parameters)

    def _transact_work(self, work: Callable[[], None]) -> None:
        """The operations run on this very connection; what the driver says of locks comes wrapped."""
        try:
            with self.connection.transaction():
                self.connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                work()
        except DBAPIError as error:
            if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise error.orig from error
            raise

    def _open(self, door: str) -> None:
        if door:
            self.connection.execute("SELECT set_config('getinn.door', %s, true)", [door])

    def _alone(self, statement: str) -> None:
        """A statement that cannot be part of a transaction, or is long and in nobody's way."""
        self.connection.execute(f"SET lock_timeout = '{PATIENT_LOCK_TIMEOUT}'")
        try:
            self.connection.execute(statement)
        finally:
            self.connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")

    def _until_locked(self, work: Callable[[], None]) -> None:
        give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
        while True:
            try:
                return work()
            except (LockNotAvailable, DeadlockDetected):
                if time.monotonic() > give_up_at:
                    raise
                pause()


def pause() -> None:
    """Let others have the lock before it is asked for again."""
    time.sleep(random.uniform(0.1, 0.8))  # noqa: S311
