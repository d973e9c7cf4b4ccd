"""What one answer holds and costs beside time: its bytes and the statements that PostgreSQL was sent."""

import html
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from bench.client import COMPRESSED, Line
from bench.comparison import Contestant

SENT = re.compile(r"LOG:  (?:statement|execute [^:]+): *(.*)")
# The bounds of transactions and the settings that ride along are no statements of a page.
AROUND = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|DEALLOCATE|SELECT set_config\(.*\)$)", re.IGNORECASE)


@dataclass(frozen=True)
class Observed:
    """One answer: statements, bytes with their heads as browsers get them, and without compression."""

    statements: int
    sent: int
    plain: int
    text: str


class Observer:
    """Asks for one page at a time and reads what PostgreSQL logs meanwhile."""

    def __init__(self, server) -> None:
        self._log, self._url = server.log, server.superuser_url("getinn").replace("+psycopg", "")

    @contextmanager
    def watching(self) -> Iterator["Observer"]:
        """PostgreSQL notes each statement inside the block, and none afterwards."""
        with psycopg.connect(self._url, autocommit=True) as database:
            database.execute("ALTER SYSTEM SET log_statement = 'all'")
            database.execute("SELECT pg_reload_conf()")
            time.sleep(0.5)
        yield self
        with psycopg.connect(self._url, autocommit=True) as database:
            database.execute("ALTER SYSTEM RESET log_statement")
            database.execute("SELECT pg_reload_conf()")

    def look(self, contestant: Contestant, page: str) -> Observed:
        """The first request of a page, after the page was asked for some times."""
        line, requests = Line(contestant.served.port), contestant.pages[page]
        for request in requests * 3:
            line.ask(request)
        before = self._log.stat().st_size
        _, sent = line.ask(requests[0])
        time.sleep(0.1)
        with self._log.open(errors="replace") as log:
            log.seek(before)
            found = [statement for statement in SENT.findall(log.read()) if not AROUND.match(statement)]
        _, plain = line.fetch(requests[0].replace(COMPRESSED, b""))
        return Observed(len(found), sent, len(plain), html.unescape(plain.decode()))
