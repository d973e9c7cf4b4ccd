"""``python -m bench.iiko``: reading, comparing and writing a chain as iiko sends it, beside a server that answers at once.

Trees of 400 restaurants with 1 000 stores, then of four and of ten times that. Measured for each: the first run, one
that finds nothing changed, and one that finds a tenth renamed; seconds, statements, memory, rows that got a new date.
``--bought``: 3 000 suppliers and 20 000 products as well, and days of 2 000 invoices with 16 000 lines.
"""

import argparse
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
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
SUPPLIERS, PRODUCTS, INVOICES, LINES = 3000, 20_000, 2000, 8
LAST_DAY = date(2026, 11, 20)
WORTH_TELLING = 0.2
# What a server of trees alone says of the rest.
NOTHING = {"suppliers": b"<employees/>", "invoices 0": b"<incomingInvoiceDtoes/>"}


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="times the large chain")
    parser.add_argument("--bought", type=int, nargs="*", help="days of invoices, for each a chain that buys")
    asked = parser.parse_args()
    with database() as server:
        url = server.superuser_url("getinn").replace("+psycopg", "")
        for size in () if asked.bought is not None else asked.sizes:
            _measure(url, size)
        for days in asked.bought or ():
            _measure_bought(url, days)


def _measure_bought(url: str, days: int) -> None:
    """A chain that buys: its first run, one that finds nothing changed, one with a day more."""
    from portal import create_app
    from portal.tenancy.scope import enter_account

    account_id = uuid5(SPACE, f"buyer of {days}")
    with psycopg.connect(url, autocommit=True) as superuser:
        connection_id = _chain(superuser, account_id, f"buyer-{days}")
        with create_app().app_context():
            _seed(account_id)
            for called, count in (("first", days), ("unchanged", days), ("a day more", days + 1)):
                enter_account(account_id)
                answers = trees(1, 0) | goods() | {f"invoices {at}": invoices(at) for at in range(count)}
                _print(days, called, *_run(account_id, connection_id, answers))


def _seed(account_id: UUID) -> None:
    """The units that every chain has; the server's are called otherwise, so that nobody is asked."""
    from portal.catalogue.seeds import seed_units
    from portal.tenancy.scope import enter_account

    enter_account(account_id)
    seed_units()
    db.session.commit()


def _measure(url: str, size: int) -> None:
    from portal import create_app
    from portal.tenancy.scope import enter_account

    account_id = uuid5(SPACE, f"account {size}")
    with psycopg.connect(url, autocommit=True) as superuser:
        connection_id = _chain(superuser, account_id, f"chain-{size}")
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

    _of_days(answers)
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
                with _told(f"{kind.key} compared", backend):
                    plan_or_fail(run, kind, reading.rows(kind))
                    db.session.commit()
        resume_scope()
        run.state, run.planned_at = RunState.APPLYING, utc_now()
        db.session.commit()
        for line in lines:
            resume_scope()
            with _told(f"{line.kind} written", backend):
                apply_kind(run, line, by=None, only_safe=True, progress=Progress(run))
                db.session.commit()
    took = (time.perf_counter() - began, time.process_time() - own, _used(backend) - its)
    resume_scope()
    counts = {line.kind: (line.creates, line.updates, line.unchanged, str(line.state)) for line in lines}
    return took, len(statements), (max(peak) - before) / 1024**2, counts


@contextmanager
def _told(step: str, backend: psutil.Process) -> Iterator[None]:
    """What a step takes of the clock and of both processors, where that is worth a line."""
    began, own, its = time.perf_counter(), time.process_time(), _used(backend)
    yield
    took = time.process_time() - own, _used(backend) - its
    if sum(took) > WORTH_TELLING:
        clock = time.perf_counter() - began
        print(f"    {step:<28} clock {clock:6.2f} s, portal {took[0]:6.2f} s, database {took[1]:6.2f} s", flush=True)


def _of_days(answers: dict[str, bytes]) -> None:
    """Let a run ask for the days that there are answers of."""
    from portal.iiko.client.requests import STORES as STORE_REQUEST
    from portal.iiko.client.requests import SUPPLIERS, UNITS, incoming_invoices
    from portal.iiko.kinds import KINDS

    count = sum(key.startswith("invoices") for key in answers)
    days = [incoming_invoices(LAST_DAY - timedelta(days=at)) for at in reversed(range(count))]
    object.__setattr__(KINDS["incoming_invoices"], "requests", lambda run: (UNITS, SUPPLIERS, STORE_REQUEST, *days))


def _used(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])


class _Seat:
    """Answers at once."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers

    @contextmanager
    def read(self, request: Any) -> Iterator[Any]:
        from portal.iiko.client.answer import Answer

        name = f"invoices {(LAST_DAY - request.days[0]).days}" if request.days else request.name
        body = self.answers.get(name, NOTHING.get(name, b"[]"))
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


def _chain(superuser: psycopg.Connection[Any], account_id: UUID, slug: str) -> UUID:
    """A chain with a server and nothing else."""
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


def goods() -> dict[str, bytes]:
    """Suppliers, units, and products with a pack each, as a large chain has them."""
    people = [_supplier(at) for at in range(SUPPLIERS)]
    units = [{"id": _guid(f"u{at}"), "name": f"мера {'абвг'[at]}"} for at in range(4)]
    products = [_product(at) for at in range(PRODUCTS)]
    return {
        "suppliers": f"<employees>{''.join(people)}</employees>".encode(),
        "units": json.dumps(units, ensure_ascii=False).encode(),
        "products": json.dumps(products, ensure_ascii=False).encode(),
        "groups": b"[]",
    }


def _supplier(at: int) -> str:
    return (
        f"<employee><id>{_guid(f'p{at}')}</id><code>{at}</code><name>ООО Поставщик {at}</name><login>l{at}</login>"
        f"<password>x</password><phone>+7 812 {at:07}</phone><taxpayerIdNumber>{7800000000 + at}</taxpayerIdNumber>"
        "<deleted>false</deleted><supplier>true</supplier><employee>false</employee></employee>"
    )


def _product(at: int) -> dict[str, Any]:
    pack = {"id": _guid(f"k{at}"), "num": "1", "name": f"упак {at % 9}", "count": 1 + at % 24, "deleted": False}
    return {
        "id": _guid(f"g{at}"), "deleted": False, "name": f"Товар {at}", "num": f"{at:05}", "type": "GOODS",
        "mainUnit": _guid(f"u{at % 4}"), "description": "", "containers": [pack],
    }  # fmt: skip


def invoices(ago: int) -> bytes:
    """A day of 2 000 invoices with eight lines each."""
    day = LAST_DAY - timedelta(days=ago)
    return (
        f"<incomingInvoiceDtoes>{''.join(_invoice(day, at) for at in range(INVOICES))}</incomingInvoiceDtoes>".encode()
    )


def _invoice(day: date, at: int) -> str:
    chance = at * 7919 + day.toordinal() * 104729
    lines = "".join(_line(number, (chance + number * 31) % PRODUCTS) for number in range(1, LINES + 1))
    return (
        f"<document><id>{_guid(f'i{day}{at}')}</id><incomingDocumentNumber>Н-{chance % 10**7}</incomingDocumentNumber>"
        f"<incomingDate>{day}</incomingDate><supplier>{_guid(f'p{chance % SUPPLIERS}')}</supplier>"
        f"<defaultStore>{_guid(f's{chance % STORES}')}</defaultStore><dateIncoming>{day}T12:00:00</dateIncoming>"
        f"<documentNumber>{at}</documentNumber><status>PROCESSED</status><items>{lines}</items></document>"
    )


def _line(number: int, product: int) -> str:
    count, price = 1 + product % 24, 50 + product % 400
    return (
        f"<item><actualAmount>{2 * count}.000000000</actualAmount><price>{price}.000000000</price>"
        f"<sum>{2 * price}.000000000</sum><vatPercent>10.000000000</vatPercent>"
        f"<vatSum>{round(2 * price / 11, 2):.9f}</vatSum><amountUnit>{_guid(f'u{product % 4}')}</amountUnit>"
        f"<containerId>{_guid(f'k{product}')}</containerId><num>{number}</num><product>{_guid(f'g{product}')}</product>"
        f"<amount>{2 * count}.000000000</amount></item>"
    )


def _guid(name: str) -> str:
    return str(uuid5(SPACE, name))


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
