"""Programs that know only the original tables, and go on writing and reading whatever happens to the database."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any
from uuid import UUID, uuid4

import psycopg

from portal.db.base import SCHEMA as S

# A statement that is held up for longer has failed, as far as its program is concerned.
LIMIT_SECONDS = 2
PASSWORD = "$2b$12$abcdefghijklmnopqrstuv"
DIALOG = (
    f"INSERT INTO {S}.bot_dialog_state (bot_id, platform, platform_chat_id, current_step, collected_data,"
    " last_interaction_at) VALUES (%s, 'telegram', %s, 'welcome', '{\"name\": \"Anna\"}', now())"
)
SCENARIO = f"INSERT INTO {S}.bot_scenario (bot_id, name, scenario_data, version) VALUES (%s, 'Welcome', '{{\"steps\": {{}}}}', '1')"
BOT = f"INSERT INTO {S}.bot_instance (id, account_id, name) VALUES (%s, %s, 'A bot')"
CREDENTIAL = (
    f'INSERT INTO {S}.bot_platform_credential (bot_id, platform, credentials) VALUES (%s, %s, \'{{"token": "x"}}\')'
)
RESTAURANT = f"INSERT INTO {S}.restaurant (account_id, name, address, iiko_id) VALUES (%s, 'A place', 'A street', %s)"
ACCOUNT = f"INSERT INTO {S}.account (id, name) VALUES (%s, 'A chain')"
USER = f'INSERT INTO {S}."user" (email, hashed_password, account_id) VALUES (%s, %s, %s)'
INTEGRATION = (
    f"INSERT INTO {S}.account_integration_credentials (account_id, integration_type, credentials)"
    ' VALUES (%s, %s, \'{"login": "a"}\')'
)
Statement = tuple[str, list[Any]]


@dataclass
class Account:
    """An account that the writer made, and a bot of it."""

    id: UUID = field(default_factory=uuid4)
    bot_id: UUID = field(default_factory=uuid4)


@dataclass
class OlderWriter:
    """Transactions at a steady pace, with what came of their statements."""

    url: str
    rows_per_second: float
    known: list[Account] = field(default_factory=list)
    statements: int = 0
    rows: int = 0
    longest: float = 0.0
    longest_statement: str = ""
    failures: list[str] = field(default_factory=list)

    def write(self, stop: threading.Event) -> None:
        """Go on until told to stop; a failed transaction is noted, and the next one begins."""
        begun = time.monotonic()
        with psycopg.connect(self.url, options=f"-c statement_timeout={LIMIT_SECONDS}s", autocommit=True) as connection:
            for transaction in cycle(TRANSACTIONS):
                if stop.is_set():
                    return
                try:
                    with connection.transaction():
                        for statement in transaction(self):
                            self._run(connection, statement)
                except psycopg.Error as error:
                    self.failures.append(f"{type(error).__name__}: {error}")
                stop.wait(max(0.0, begun + self.rows / self.rows_per_second - time.monotonic()))

    def _run(self, connection: psycopg.Connection[Any], statement: Statement) -> None:
        begun = time.monotonic()
        try:
            written = connection.execute(*statement).rowcount
            self.rows += written if statement[0].startswith("INSERT") else 0
        finally:
            self.statements += 1
            took = time.monotonic() - begun
            if took > self.longest:
                self.longest, self.longest_statement = took, statement[0].split("(")[0][:60]


def a_new_account(writer: OlderWriter) -> Iterator[Statement]:
    """All that is made when a chain joins."""
    account = Account()
    yield ACCOUNT, [account.id]
    yield USER, [f"{uuid4()}@writer.example", PASSWORD, account.id]
    yield BOT, [account.bot_id, account.id]
    yield CREDENTIAL, [account.bot_id, "telegram"]
    yield SCENARIO, [account.bot_id]
    yield DIALOG, [account.bot_id, str(uuid4())]
    writer.known = [*writer.known[-20:], account]


def from_the_last_table_to_the_first(writer: OlderWriter) -> Iterator[Statement]:
    """The same tables in the opposite order, which is another program's."""
    account, fresh = writer.known[-1], Account()
    yield DIALOG, [account.bot_id, str(uuid4())]
    yield SCENARIO, [account.bot_id]
    yield CREDENTIAL, [account.bot_id, f"viber {uuid4()}"]
    yield RESTAURANT, [account.id, str(uuid4())]
    yield USER, [f"{uuid4()}@writer.example", PASSWORD, account.id]
    yield ACCOUNT, [fresh.id]
    yield BOT, [fresh.bot_id, fresh.id]
    writer.known = [*writer.known[-20:], fresh]


def changes(writer: OlderWriter) -> Iterator[Statement]:
    """What goes on in conversations and in synchronising."""
    account = writer.known[-1]
    yield RESTAURANT, [account.id, str(uuid4())]
    yield f"UPDATE {S}.bot_dialog_state SET current_step = 'menu' WHERE bot_id = %s", [account.bot_id]
    yield f"UPDATE {S}.restaurant SET iiko_sync_status = 'ok' WHERE account_id = %s", [account.id]
    yield INTEGRATION, [account.id, f"iiko {uuid4()}"]
    yield f"DELETE FROM {S}.account_integration_credentials WHERE account_id = %s", [account.id]
    yield f"SELECT id, name FROM {S}.restaurant WHERE account_id = %s", [account.id]
    yield DIALOG, [account.bot_id, str(uuid4())]


TRANSACTIONS: tuple[Callable[[OlderWriter], Iterator[Statement]], ...] = (
    a_new_account, from_the_last_table_to_the_first, changes, changes,
)  # fmt: skip


@contextmanager
def writing(url: str, rows_per_second: float, programs: int = 2) -> Iterator[list[OlderWriter]]:
    """Several programs that write until the block ends; what came of it stands in them."""
    stop = threading.Event()
    writers = [OlderWriter(url, rows_per_second / programs) for _ in range(programs)]
    threads = [threading.Thread(target=writer.write, args=[stop]) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def fill(connection: psycopg.Connection[Any], accounts: int, dialogs: int) -> None:
    """Rows as years of such programs leave them: dialogs over the bots of as many accounts, some of them twice."""
    ids = [(uuid4(), uuid4()) for _ in range(accounts)]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {S}.account (id, name) VALUES (%s, 'A chain')", [(each,) for each, _ in ids])
        cursor.executemany(USER, [(f"{each}@years.example", PASSWORD, each) for each, _ in ids])
        cursor.executemany(RESTAURANT, [(each, str(each)) for each, _ in ids])
        cursor.executemany(BOT, [(bot, each) for each, bot in ids])
        cursor.executemany(CREDENTIAL, [(bot, "telegram") for _, bot in ids])
        cursor.executemany(SCENARIO, [(bot,) for _, bot in ids])
        with cursor.copy(
            f"COPY {S}.bot_dialog_state (bot_id, platform, platform_chat_id, current_step, collected_data,"
            " last_interaction_at) FROM STDIN"
        ) as copy:
            for number, (_, bot) in enumerate(islice(cycle(ids), dialogs)):
                chat = str(number if number % 1000 else number // 2)
                copy.write_row((bot, "telegram", chat, "welcome", '{"name": "Anna", "size": 2}', "2024-05-06"))
