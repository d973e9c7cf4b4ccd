"""``python -m bench.webhooks``: deliveries acknowledged a second, ours against the floor, on a throw-away PostgreSQL.

Every delivery is another message of one of 500 chats. Ours verifies, enters the account and stores; the floor is a
plain Flask route with one deduplicating insert by raw psycopg, verifying nothing.
"""

import itertools
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.types.json import Jsonb

from bench.comparison import Contestant, heading, in_rounds, lines, options
from bench.data import Bench
from bench.deliveries import Hook
from bench.serving import Served, database, serving, start

CHATS = 500
TOKEN = "123456789:bench-token-bench-token-bench-token-00"


def main() -> None:
    """Start both servers on the same data and print the ratio."""
    arguments = options(__doc__).parse_args()
    with bench_database() as (superuser_url, data):
        hook = connect(superuser_url, data, "telegram", {"token": TOKEN})
        os.environ.update(BENCH_ACCOUNT=str(data.account_id), BENCH_BOT=str(data.bot_id))
        with serving(start("wsgi:app"), start("bench.floor:app")) as (ours, floor):
            _compare(hook, ours, floor, arguments)
        print(f"{_stored(superuser_url):,} updates stored")


@contextmanager
def bench_database() -> Iterator[tuple[str, Bench]]:
    """A migrated database with ten chains, and the settings of the portal that runs on it."""
    from bench.data import load as load_data

    with database() as server:
        superuser_url = server.superuser_url("getinn").replace("+psycopg", "")
        yield superuser_url, load_data(superuser_url, 10, 10)


def connect(superuser_url: str, data: Bench, platform: str, values: dict[str, str]) -> Hook:
    """Give a chain's bot sealed credentials of a platform, switched on."""
    from config import parse_credential_keys
    from portal.db.base import SCHEMA
    from portal.db.secrets import Keyring, Place

    keyring = Keyring.from_keys([key.secret for key in parse_credential_keys(os.environ["CREDENTIAL_KEYS"])])
    row_id = uuid.uuid4()
    place = Place("bot_platform_credential", "credentials", row_id, data.account_id)
    with psycopg.connect(superuser_url, autocommit=True) as database:
        database.execute(
            f"DELETE FROM {SCHEMA}.bot_platform_credential WHERE bot_id = %s AND platform = %s", (data.bot_id, platform)
        )
        database.execute(
            f"INSERT INTO {SCHEMA}.bot_platform_credential (id, account_id, bot_id, platform, credentials)"
            " VALUES (%s, %s, %s, %s, %s)",
            (row_id, data.account_id, data.bot_id, platform, Jsonb(keyring.seal(values, place))),
        )
        database.execute(
            f"INSERT INTO {SCHEMA}.bot_connection (account_id, bot_id, credential_id, state)"
            " VALUES (%s, %s, %s, 'live')",
            (data.account_id, data.bot_id, row_id),
        )
    return Hook(platform, row_id, values, os.environ["SECRET_KEY"])


def deliveries(hook: Hook) -> Callable[[], bytes]:
    """Makes whole requests, each with a message that was not sent before."""
    mark_number, mark_chat = 900_000_000_000, 7_000_000_001
    body = hook.message(mark_number, text="Hello, I am the new cook", chat=mark_chat)
    number_text = str(90_000_000 + mark_number).encode()
    proof = "".join(f"{name}: {value}\r\n" for name, value in hook.headers(body).items())
    head = f"POST {hook.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{proof}Content-Length: {len(body)}\r\n\r\n".encode()
    numbers = itertools.count()

    def make() -> bytes:
        number = next(numbers)
        told = body.replace(number_text, str(90_000_000 + mark_number + number).encode())
        return head + told.replace(str(mark_chat).encode(), str(mark_chat + number % CHATS).encode())

    return make


def _compare(hook: Hook, ours: Served, floor: Served, arguments) -> None:
    make = deliveries(hook)
    contestants = [Contestant("ours", ours, {"webhook": make}), Contestant("floor", floor, {"webhook": make})]
    for clients in arguments.clients:
        print(heading("granian", clients, arguments))
        print(*lines("webhook", in_rounds("webhook", contestants, clients, arguments)), sep="\n")


def _stored(superuser_url: str) -> int:
    from portal.db.base import SCHEMA

    with psycopg.connect(superuser_url) as database:
        row = database.execute(f"SELECT count(*) FROM {SCHEMA}.bot_inbound_update").fetchone()
    return row[0] if row else 0


if __name__ == "__main__":
    main()
