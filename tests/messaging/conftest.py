"""What tests of the traffic share: a messenger that does what it is told, and a worker that goes step by step."""

import base64
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from psycopg.rows import namedtuple_row
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import create_app
from portal.auth.passwords import hash_password
from portal.channels.credentials import webhook_secret
from portal.channels.open_channel import open_channel
from portal.db.base import db
from portal.db.secrets import Place
from portal.development.embedded import EmbeddedServer, throwaway_server
from portal.development.system_account import EmbeddedServerError
from portal.messaging import due
from portal.messaging.receiving import inbox
from portal.messaging.receiving.receipts import take_receipts
from portal.messaging.receiving.update_processor import Step, UpdateProcessor
from portal.messaging.sending.dispatcher import Dispatcher
from portal.messaging.sending.sender import PressToAcknowledge, Sender
from portal.messaging.shares import Share
from portal.messaging.transactions import line_transaction
from portal.messengers.calls import Calls
from portal.messengers.registry import PLATFORMS
from portal.messengers.results import Sent
from tests.conftest import CREDENTIAL_KEY, SECRET_KEY, config_for
from tests.database import Database
from tests.fakes import DEMO, FAKES, FakePlatform
from tests.fakes.bots import Bot
from tests.world import Chain, make_world
from tests.world_rows import PASSWORD

S = "getinn_ops"


@dataclass
class Messenger:
    """A platform that accepts everything, except where ``answers`` says otherwise, one call after the other."""

    app: Flask
    sent: list[tuple[str, str]] = field(default_factory=list)
    rows: list[UUID] = field(default_factory=list)
    acknowledged: list[tuple[str, str | None]] = field(default_factory=list)
    answers: list[Exception | None] = field(default_factory=list)
    refs: Any = field(default_factory=lambda: itertools.count(1000))
    on_send: Callable[[], None] = lambda: None

    def send(self, call, chat_id, outgoing, file, row_id, reply_to=None) -> Sent:
        with self.app.app_context():
            assert db.engine.pool.checkedout() == 0, "a connection is in use while a platform is asked"
        self.on_send()
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.sent.append((chat_id, outgoing.text))
        self.rows.append(UUID(row_id))
        return Sent(f"ref-{next(self.refs)}")

    def acknowledge(self, call, callback, text=None) -> None:
        self.acknowledged.append((callback, text))

    def said_to(self, chat_id: str) -> list[str]:
        return [text for chat, text in self.sent if chat == chat_id]


class Stepper:
    """A worker without threads: every step is a call."""

    def __init__(self, app: Flask, chain: Chain, sql: Callable[..., list[Any]]) -> None:
        self.app, self.chain, self.sql = app, chain, sql
        self.calls = Calls.configured(app.config["PORTAL"])
        self.dispatcher = Dispatcher(app, Sender(app, self.calls), lambda: 7)
        self.pressed: list[PressToAcknowledge] = []
        self.processor = UpdateProcessor(app, self.pressed.append)
        self.ids = itertools.count(1)

    # What people and platforms do.

    def says(self, chat: str, text: str, credential_id: UUID | None = None, number: int | None = None) -> int:
        """Let a person write; gives the number of the update, to deliver it again."""
        number = number or next(self.ids)
        message = {"message_id": number, "date": 1700000000 + number, "text": text}
        person = {"id": int(chat), "first_name": "Ann", "is_bot": False}
        message |= {"chat": {"id": int(chat), "type": "private"}, "from": person}
        self.delivers({"update_id": number, "message": message}, credential_id)
        return number

    def presses(self, chat: str, marker: str, credential_id: UUID | None = None) -> None:
        """Let a person press a button."""
        number = next(self.ids)
        person = {"id": int(chat), "first_name": "Ann", "is_bot": False}
        message = {"message_id": 5, "date": 1700000000, "chat": {"id": int(chat), "type": "private"}, "text": "menu"}
        query = {"id": f"call-{number}", "from": person, "message": message, "data": marker, "chat_instance": "1"}
        self.delivers({"update_id": number, "callback_query": query}, credential_id)

    def delivers(self, payload: dict[str, Any], credential_id: UUID | None = None) -> None:
        """Let a platform deliver."""
        with self.app.app_context():
            opened = open_channel(credential_id or self.chain.telegram_id)
            inbox.receive(opened, opened.adapter.inbound.read_updates(payload, opened.values))
            db.session.commit()

    def receives(self, kind: str, payload: dict[str, Any], chat: str | None = None, **values: Any) -> UUID:
        """Put an update of any kind into the inbox."""
        row = {"id": uuid4(), "account_id": self.chain.account_id, "bot_id": self.chain.bot_id}
        row |= {"credential_id": self.chain.telegram_id, "dedupe_key": str(uuid4()), "kind": kind}
        row |= {"chat_id": chat, "payload": json.dumps(payload)} | values
        names = ", ".join(row)
        places = ", ".join(["%s"] * len(row))
        self.sql(f"INSERT INTO {S}.bot_inbound_update ({names}) VALUES ({places})", list(row.values()))
        return row["id"]

    # What the worker does.

    def drain(self) -> list[Step]:
        """Apply whatever is due, updates and timers."""
        done: list[Step] = []
        while len(done) < 500 and (found := self.look_around().chats):
            steps = [self.processor.advance(each.chat) for each in found]
            done += steps
            if Step.APPLIED not in steps:
                break
        with line_transaction(self.app):
            receipts = due.due_receipts()
        for row in receipts:
            take_receipts(self.app, row.account_id, row.ids)
        return done

    def tick(self) -> list[Step]:
        """Let those go on whose time has come."""
        return [self.processor.wake(timer) for timer in self.look_around().timers]

    def send(self, most: int = 200) -> int:
        """Send whatever may be sent; how many calls that took."""
        calls = 0
        while calls < most:
            claims = self.dispatcher.claim()
            for message in claims.messages:
                self.dispatcher.deliver(message, 7)
                calls += 1
            if not claims.messages and claims.again_after is None:
                break
        return calls

    def acknowledge(self) -> None:
        """Acknowledge the presses of steps, as the acknowledger's threads would."""
        while self.pressed:
            self.dispatcher.sender.acknowledge(self.pressed.pop(0))

    def turn(self) -> None:
        """Everything there is to do."""
        self.drain()
        self.send()

    def look_around(self) -> due.Due:
        """What is due."""
        with line_transaction(self.app):
            return due.look_around((), (), {}, Share())

    def persists(self, work: Callable[[], Any]) -> Any:
        """Do it as soon as the database lets it be done."""
        deadline = time.monotonic() + 30
        while True:
            try:
                return work()
            except (psycopg.Error, SQLAlchemyError, EmbeddedServerError):
                assert time.monotonic() < deadline
                time.sleep(0.02)

    # What is there.

    def dialog(self, chat: str) -> Any:
        rows = self.sql(
            f"SELECT * FROM {S}.bot_dialog_state WHERE platform_chat_id = %s AND superseded_at IS NULL"
            " AND account_id = %s",
            [chat, self.chain.account_id],
        )
        return rows[0] if rows else None

    def messages(self, chat: str) -> list[Any]:
        return self.sql(
            f"SELECT m.* FROM {S}.bot_message m JOIN {S}.bot_dialog_state d ON d.id = m.dialog_id"
            " WHERE d.platform_chat_id = %s AND d.account_id = %s ORDER BY m.seq",
            [chat, self.chain.account_id],
        )

    def states(self, chat: str) -> list[str]:
        return [row.state for row in self.messages(chat) if row.direction == "out"]

    def updates(self, state: str | None = None) -> list[Any]:
        """Those that tests have put there; the cast's own have words as chat ids."""
        rows = self.sql(f"SELECT * FROM {S}.bot_inbound_update WHERE dedupe_key NOT LIKE 'zq%%' ORDER BY seq")
        return [row for row in rows if state is None or row.state == state]

    def make_due(self) -> None:
        """Let all waiting times have passed."""
        for table in ("bot_message", "bot_inbound_update"):
            self.sql(f"UPDATE {S}.{table} SET due_at = due_at - interval '1 day'")
        self.sql(f"UPDATE {S}.bot_connection SET paused_until = NULL, allowance = NULL")
        self.sql(f"UPDATE {S}.bot_dialog_state SET allowance = NULL, wake_at = wake_at - interval '1 day'")

    def publish(self, steps: dict[str, Any], start: str | None = None) -> UUID:
        """A new live version of the chain's bot."""
        data = {"version": "9", "name": "Test", "start_step": start or next(iter(steps)), "steps": steps}
        number = next(self.ids) + 1000
        new = uuid4()
        self.sql(f"UPDATE {S}.bot_scenario SET is_live = false WHERE bot_id = %s", [self.chain.bot_id])
        self.sql(
            f"INSERT INTO {S}.bot_scenario (id, account_id, bot_id, name, version, scenario_data, source, number,"
            " is_live) VALUES (%s, %s, %s, 'Test', '9', %s, %s, %s, true)",
            [new, self.chain.account_id, self.chain.bot_id, json.dumps(data), json.dumps(data), number],
        )
        return new


def limit(monkeypatch, adapter, **limits) -> None:
    """Give a platform other limits for the time of a test."""
    monkeypatch.setattr(adapter, "limits", replace(adapter.limits, **limits))


@pytest.fixture
def messenger(app, monkeypatch) -> Messenger:
    """Stands in for what every adapter sends to."""
    messenger = Messenger(app)
    for adapter in PLATFORMS.values():
        monkeypatch.setattr(adapter.outbound, "send", messenger.send)
        monkeypatch.setattr(adapter.outbound, "acknowledge", messenger.acknowledge)
        # Tests of the limits set their own.
        limit(monkeypatch, adapter, chat_rate=0.0, burst=1000.0)
    return messenger


@pytest.fixture
def traffic(app, world, messenger, superuser_sql):
    """Pelmenya's bot and a worker without threads."""
    stepper = Stepper(app, world.pelmenya, superuser_sql)
    yield stepper
    stepper.calls.close()


@pytest.fixture
def queued(traffic, world, superuser_sql):
    """``queued(3, chat="7")``: messages of the bot that wait in one conversation."""

    def queue(count, chat="1001", chain=None, author="bot", platform="telegram", credential_id=None):
        chain = chain or traffic.chain
        credential_id = credential_id or chain.telegram_id
        found = superuser_sql(
            f"SELECT id FROM {S}.bot_dialog_state WHERE platform_chat_id = %s AND bot_id = %s", [chat, chain.bot_id]
        )
        dialog = found[0].id if found else uuid4()
        if not found:
            superuser_sql(
                f"INSERT INTO {S}.bot_dialog_state (id, account_id, bot_id, platform, platform_chat_id, current_step,"
                " last_interaction_at) VALUES (%s, %s, %s, %s, %s, 'x', now())",
                [dialog, chain.account_id, chain.bot_id, platform, chat],
            )
        superuser_sql(
            f"INSERT INTO {S}.bot_message (account_id, bot_id, credential_id, dialog_id, direction, author, kind, text,"
            " content, state, turn) SELECT %s, %s, %s, %s, 'out', %s, 'text', n::text,"
            " jsonb_build_object('segments', jsonb_build_array(jsonb_build_array(n::text, false))), 'queued', 1"
            " FROM generate_series(1, %s) n ORDER BY n",
            [chain.account_id, chain.bot_id, credential_id, dialog, author, count],
        )
        return dialog

    return queue


@pytest.fixture
def waiting_jobs(superuser_sql):
    """Reads the jobs in the queue."""
    return lambda: superuser_sql("SELECT * FROM getinn_ops_jobs.procrastinate_jobs ORDER BY id")


class Workers:
    """Worker processes, on a database and with platforms that stand in."""

    def __init__(self, database_url: str, bases: dict[str, str]) -> None:
        settings = {f"{key.upper()}_API_BASE": base for key, base in bases.items()} | {
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "CREDENTIAL_KEYS": base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode(),
            "ENVIRONMENT": "test",
            # With a public address nobody polls.
            "PUBLIC_URL": "https://portal.example",
            "LOG_LEVEL": "error",
        }
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.messaging.nursery"],
            env={**os.environ, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started: list[int] = []

    def start(self, point: str = "") -> int:
        """A worker; at that point it dies."""
        self.started.append(int(self._ask(f"start {point}")))
        return self.started[-1]

    def wait(self, pid: int, seconds: float = 20) -> int | None:
        """Its exit code; None where it lives on."""
        answer = self._ask(f"wait {pid} {seconds}")
        if answer != "None":
            self.started.remove(pid)
        return None if answer == "None" else int(answer)

    def tell(self, pid: int, number: int) -> None:
        """Send it a signal."""
        os.kill(pid, number)

    def end_all(self) -> None:
        """Kill those that still run."""
        for pid in list(self.started):
            self.tell(pid, signal.SIGKILL)
            self.wait(pid)

    def close(self) -> None:
        """No more workers."""
        self._nursery.communicate()

    def _ask(self, command: str) -> str:
        stdin, stdout = self._nursery.stdin, self._nursery.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{command}\n")
        stdin.flush()
        return stdout.readline().strip()


@pytest.fixture(scope="session")
def fakes() -> Iterator[dict[str, FakePlatform]]:
    """The three stand-ins, listening."""
    with ExitStack() as stack:
        yield {key: stack.enter_context(make()) for key, make in FAKES.items()}


@pytest.fixture
def telegram(fakes) -> Iterator[FakePlatform]:
    """Telegram, without what former tests left."""
    yield from forgetful(fakes["telegram"])


@pytest.fixture
def whatsapp(fakes) -> Iterator[FakePlatform]:
    """WhatsApp, without what former tests left."""
    yield from forgetful(fakes["whatsapp"])


@pytest.fixture
def viber(fakes) -> Iterator[FakePlatform]:
    """Viber, without what former tests left."""
    yield from forgetful(fakes["viber"])


def forgetful(fake: FakePlatform) -> Iterator[FakePlatform]:
    yield fake
    fake.faults.clear()
    fake.calls.clear()
    fake.acks.clear()
    for bot in fake.bots.values():
        bot.chats.clear()


@pytest.fixture(scope="session")
def nursery(app, database, fakes) -> Iterator[Workers]:
    workers = Workers(app.config["PORTAL"].database_url, {key: fake.base_url for key, fake in fakes.items()})
    yield workers
    workers.close()


@pytest.fixture
def workers(nursery, world) -> Iterator[Workers]:
    """Worker processes, killed after the test."""
    yield nursery
    nursery.end_all()


@pytest.fixture(scope="session")
def portal_url(app) -> Iterator[str]:
    """The portal's web side, listening."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, *_: Any) -> None:
        return None


@pytest.fixture
def switch_on(app, world, superuser_sql) -> Callable[[str], UUID]:
    """``switch_on("viber")``: Pelmenya's bot is on there with the stand-in's credentials; gives the row's id."""

    def switch(key: str) -> UUID:
        chain, values = world.pelmenya, dict(DEMO[key])
        row_id = chain.id_of("bot_platform_credential", ("telegram", "viber", "whatsapp").index(key) + 1)
        place = Place("bot_platform_credential", "credentials", row_id, chain.account_id)
        superuser_sql(
            f"INSERT INTO {S}.bot_platform_credential (id, account_id, bot_id, platform, credentials, is_active)"
            " VALUES (%s, %s, %s, %s, %s::jsonb, true)"
            " ON CONFLICT (id) DO UPDATE SET credentials = EXCLUDED.credentials, is_active = true",
            [row_id, chain.account_id, chain.bot_id, key, json.dumps(app.config["KEYRING"].seal(values, place))],
        )
        return row_id

    return switch


@pytest.fixture
def connect_bot(switch_on, portal_url) -> Callable[[FakePlatform], Bot]:
    """``connect_bot(fake)``: Pelmenya's bot is switched on there, and the stand-in delivers to the portal."""

    def connect(fake: FakePlatform) -> Bot:
        row_id = switch_on(fake.key)
        bot = fake.bot()
        bot.webhook.url = f"{portal_url}/hooks/{fake.key}/{row_id}"
        bot.webhook.secret = webhook_secret(SECRET_KEY, row_id, PLATFORMS[fake.key].setup.identify(DEMO[fake.key]))
        return bot

    return connect


@pytest.fixture
def whatsapp_guest(whatsapp, connect_bot) -> Any:
    """Somebody who writes to Pelmenya's bot on another platform than the cast's."""
    return connect_bot(whatsapp).user("79001112233", "Olga")


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedServer]:
    """A PostgreSQL that a test may stop."""
    with throwaway_server() as running:
        config = config_for(running.url())
        app = create_app(config)
        with app.app_context():
            upgrade()
            db.engine.dispose()
        database = Database(running, "getinn")
        database.insert(make_world().rows(app.config["KEYRING"], hash_password(PASSWORD), SECRET_KEY))
        database.close()
        yield running


@pytest.fixture
def own_database(own_server, messenger) -> Iterator[tuple[Stepper, EmbeddedServer]]:
    """The cast on that server, and the server."""
    address = own_server.superuser_url("getinn").replace("+psycopg", "")

    def sql(statement: str, parameters: Any = None) -> list[Any]:
        with psycopg.connect(address, autocommit=True, row_factory=namedtuple_row) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    app = create_app(config_for(own_server.url()))
    stepper = Stepper(app, make_world().pelmenya, sql)
    yield stepper, own_server
    stepper.calls.close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def own_workers(own_server, fakes) -> Iterator[Workers]:
    """Workers on that server."""
    workers = Workers(own_server.url(), {key: fake.base_url for key, fake in fakes.items()})
    yield workers
    workers.end_all()
    workers.close()
