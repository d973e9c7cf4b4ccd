"""Counting SQL statements, those included that go straight through psycopg."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

# The setting that row security reads rides along with a transaction; it is no statement of a page's.
TENANT_SETTING = "set_config('getinn."


@dataclass
class Counted:
    """What was sent, in order."""

    statements: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many statements."""
        return len(self.statements)

    def note(self, statement: Any) -> None:
        """Count one, unless it is the tenant setting."""
        told = statement.decode() if isinstance(statement, bytes) else str(statement)
        if TENANT_SETTING not in told or "FROM" in told:
            self.statements.append(told)


@contextmanager
def counting(but: psycopg.Connection[Any]) -> Iterator[Counted]:
    """Count what is sent over any connection but one."""
    counted = Counted()
    with pytest.MonkeyPatch.context() as patch:
        for kind in (psycopg.Cursor, psycopg.ServerCursor):
            for name in ("execute", "executemany"):
                patch.setattr(kind, name, _noted(getattr(kind, name), counted, but))
        yield counted


def _noted(method: Any, counted: Counted, but: psycopg.Connection[Any]) -> Any:
    def send(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        if cursor.connection is not but:
            counted.note(query)
        return method(cursor, query, *arguments, **options)

    return send
