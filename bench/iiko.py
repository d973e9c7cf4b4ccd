"""``python -m bench.iiko``: reading, comparing and writing a chain as iiko sends it, beside a server that answers at once.

Trees of 400 restaurants with 1 000 stores, then of four and of ten times that. Measured for each: the first run, one
that finds nothing changed, and one that finds a tenth renamed; seconds, statements, memory, rows that got a new date.
"""

import argparse
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid5

import psutil
import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import event, text

from bench.serving import database
from portal.db.base import SCHEMA, db

SPACE = UUID("5e000000-0000-4000-8000-000000000000")
RESTAURANTS, STORES, COMPANIES = 400, 1000, 20
SIZES = (1, 4, 10)
TABLES = ("legal_entity", "restaurant", "store")


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="times the large chain")
    with database() as server:
        for size in parser.parse_args().sizes:
            _measure(server.superuser_url("getinn").replace("+psycopg", ""), size)


def _measure(url: str, size: int) -> None:
    from portal import create_app
    from portal.tenancy.scope import enter_account

    account_id = uuid5(SPACE, f"account {size}")
    with psycopg.connect(url, autocommit=True) as superuser:
        connection_id = _chain(superuser, account_id, size)
        with create_app().app_context():
            for called, renamed in (("first", 0), ("unchanged", 0), ("a tenth renamed", 10), ("unchanged", 10)):
                enter_account(account_id)
                dated = _dates(superuser, account_id)
                _print(size, called, *_run(account_id, connection_id, trees(size, renamed)))
                after = _dates(superuser, account_id)
                print(f"    rows with a new date: {sum(dated.get(key) != at for key, at in after.items())}", flush=True)


def _print(
    size: int, called: str, seconds: tuple[float, float, float], statements: int, memory: float, counts: dict[str, Any]
) -> None:
    took = "in all {:6.2f} s, portal {:6.2f} s, database {:6.2f} s".format(*seconds)
    print(f"x{size:<3} {called:<16} {took}, {statements} statements, +{memory:.1f} MiB, {counts}")


def _run(
    account_id: UUID, connection_id: UUID, answers: dict[str, bytes]
) -> tuple[tuple[float, float, float], int, float, dict[str, Any]]:
    """One run in this process, as the worker does it: read, plan a kind in each transaction, write likewise."""
    from portal.db.types import utc_now
    from portal.iiko.kinds import KINDS
    from portal.iiko.models import IikoRun, Purpose, RunState
    from portal.iiko.sync.applying import apply_kind
    from portal.iiko.sync.planning import plan_or_fail, run_kind_of
    from portal.iiko.sync.progress import Progress
    from portal.iiko.sync.reading import RunReading
    from portal.tenancy.scope import resume_scope

    process, backend = psutil.Process(), psutil.Process(db.session.scalar(text("SELECT pg_backend_pid()")))
    before, began, own, its = process.memory_info().rss, time.perf_counter(), time.process_time(), _used(backend)
    with _counted() as statements, _peak(process) as peak:
        run = IikoRun(account_id=account_id, connection_id=connection_id, purpose=Purpose.PREVIEW, kinds=list(KINDS))
        db.session.add(run)
        db.session.flush()
        lines = [run_kind_of(run, kind) for kind in KINDS.values()]
        db.session.commit()
        with RunReading(run, list(KINDS.values())) as reading:
            reading.read(_Seat(answers))
            run.read_at = utc_now()
            for kind in KINDS.values():
                resume_scope()
                plan_or_fail(run, kind, reading.rows(kind))
                db.session.commit()
        resume_scope()
        run.state, run.planned_at = RunState.APPLYING, utc_now()
        db.session.commit()
        for line in lines:
            resume_scope()
            apply_kind(run, line, by=None, only_safe=True, progress=Progress(run))
            db.session.commit()
    took = (time.perf_counter() - began, time.process_time() - own, _used(backend) - its)
    resume_scope()
    counts = {line.kind: (line.creates, line.updates, line.unchanged, str(line.state)) for line in lines}
    return took, len(statements), (max(peak) - before) / 1024**2, counts


def _used(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])


class _Seat:
    """Answers at once."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers

    @contextmanager
    def read(self, request: Any) -> Iterator[Any]:
        from portal.iiko.client.answer import Answer

        body = self.answers[request.name]
        yield Answer(io.BytesIO(body), None, len(body))


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@contextmanager
def _peak(process: psutil.Process) -> Iterator[list[int]]:
    """The memory of the process at each statement: what is held at once shows there."""
    seen = [process.memory_info().rss]

    def note(*_more: Any) -> None:
        seen.append(process.memory_info().rss)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _dates(superuser: psycopg.Connection[Any], account_id: UUID) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for table in TABLES:
        query = f"SELECT id, updated_at FROM {SCHEMA}.{table} WHERE account_id = %s"
        found |= dict(superuser.execute(query, [account_id]).fetchall())
    return found


def _chain(superuser: psycopg.Connection[Any], account_id: UUID, size: int) -> UUID:
    """A chain with a server and nothing else."""
    slug = f"chain-{size}"
    superuser.execute(f"INSERT INTO {SCHEMA}.account (id, name, slug) VALUES (%s, %s, %s)", (account_id, slug, slug))
    integration, connection = uuid5(account_id, "integration"), uuid5(account_id, "connection")
    superuser.execute(
        f"INSERT INTO {SCHEMA}.account_integration_credentials"
        " (id, account_id, integration_type, credentials, is_active) VALUES (%s, %s, 'iiko', %s, true)",
        (integration, account_id, Jsonb({})),
    )
    superuser.execute(
        f"INSERT INTO {SCHEMA}.iiko_connection (id, account_id, integration_id) VALUES (%s, %s, %s)",
        (connection, account_id, integration),
    )
    return connection


def trees(size: int, renamed: int) -> dict[str, bytes]:
    """Both trees; ``renamed``: one of so many has another name."""
    companies = [_item(f"c{at}", "JURPERSON", f"ООО Компания {at}", None) for at in range(COMPANIES)]
    places = [
        _item(f"d{at}", "DEPARTMENT", _name("Ресторан", at, renamed), f"c{at % COMPANIES}")
        for at in range(RESTAURANTS * size)
    ]
    stores = [
        _item(f"s{at}", "STORE", _name("Склад", at, renamed), f"d{at % (RESTAURANTS * size)}")
        for at in range(STORES * size)
    ]
    return {"departments": _answer([*companies, *places]), "stores": _answer(stores)}


def _name(word: str, at: int, renamed: int) -> str:
    return f"{word} {at} нов." if renamed and at % renamed == 0 else f"{word} {at}"


def _item(key: str, kind: str, name: str, parent: str | None) -> str:
    above = f"<parentId>{uuid5(SPACE, parent)}</parentId>" if parent else ""
    return (
        f"<corporateItemDto><id>{uuid5(SPACE, key)}</id>{above}<code>{key}</code>"
        f"<name>{name}</name><type>{kind}</type></corporateItemDto>"
    )


def _answer(items: list[str]) -> bytes:
    return f"<corporateItemDtoes>{''.join(items)}</corporateItemDtoes>".encode()


if __name__ == "__main__":
    main()
