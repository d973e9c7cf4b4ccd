"""What goes wrong, one after the other. Each takes its time and puts right what it broke."""

import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from bench.operated.stack import Stack
from portal.db.base import SCHEMA

LOCK_SECONDS = 20
HANG_SECONDS = 15

Injection = Callable[[], None]


class Injections:
    """Everything that can be broken about a running stack and its messengers."""

    def __init__(self, stack: Stack, superuser_url: str, fakes: Mapping[str, Any], mail: Any) -> None:
        self.stack, self.superuser_url, self.fakes, self.mail = stack, superuser_url, fakes, mail

    def all(self) -> list[tuple[str, Injection]]:
        """Each with its name."""
        stack = self.stack
        return [
            ("conversations locked", lambda: self.lock("bot_dialog_state")),
            ("restaurants locked", lambda: self.lock("restaurant")),
            ("web killed", lambda: self.kill(stack.webs[0])),
            ("web restarted", lambda: self.restart(stack.webs[1])),
            ("worker killed", lambda: self.kill(stack.workers[0])),
            ("worker restarted", lambda: self.restart(stack.workers[1])),
            ("PostgreSQL restarted", self.restart_database),
            ("pooler killed", lambda: self.kill(stack.pooler, 2)),
            ("connections ended", self.end_connections),
            ("connections used up", self.use_up_connections),
            ("messengers hang", lambda: self.for_a_while(lambda fake: fake.faults.hang(None, on="send"))),
            ("messengers fail", lambda: self.for_a_while(lambda fake: fake.faults.fail(None, on="send"))),
            ("messengers throttle", lambda: self.for_a_while(lambda fake: fake.faults.throttle(20, 2, on="send"))),
            ("messengers hang up after accepting", lambda: self.cut(accepted=True)),
            ("messengers hang up before accepting", lambda: self.cut(accepted=False)),
            ("deliveries come twice", lambda: self.for_a_while(lambda fake: fake.deliveries.duplicate(50))),
            ("mail hangs", self.hang_mail),
            ("slow bodies", self.slow_bodies),
            ("a new SECRET_KEY", self.change_secret_key),
            ("both workers killed", self.kill_workers),
        ]

    def lock(self, table: str) -> None:
        """Somebody holds a table, as a careless migration does."""
        with psycopg.connect(self.superuser_url) as database:
            database.execute(f"LOCK TABLE {SCHEMA}.{table} IN ACCESS EXCLUSIVE MODE")
            time.sleep(LOCK_SECONDS)

    def kill(self, program: Any, pause: float = 5) -> None:
        """SIGKILL; a supervisor starts it again."""
        program.kill()
        time.sleep(pause)
        program.start()

    def restart(self, program: Any) -> None:
        """SIGTERM, as at each new version."""
        seconds = program.stop()
        print(f"    {program.name} ended within {seconds:.1f} s")
        program.start()
        # The next one follows once this one serves, as getinn-restart does it.
        self.stack.wait_for_webs()

    def kill_workers(self) -> None:
        """Both at once: nobody is left."""
        for worker in self.stack.workers:
            worker.kill()
        time.sleep(3)
        for worker in self.stack.workers:
            worker.start()

    def restart_database(self) -> None:
        """All connections are cut; it is away for some seconds."""
        self.stack.server.stop()
        time.sleep(5)
        self.stack.server.start()

    def end_connections(self) -> None:
        """Every backend but this one is told to go."""
        with psycopg.connect(self.superuser_url, autocommit=True) as database:
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def use_up_connections(self) -> None:
        """Another program takes all that PostgreSQL gives to ordinary roles."""
        with contextlib.ExitStack() as held:
            with contextlib.suppress(psycopg.OperationalError):
                for _ in range(200):
                    held.enter_context(
                        contextlib.closing(psycopg.connect(self.stack.server.url().replace("+psycopg", "")))
                    )
            time.sleep(HANG_SECONDS)

    def for_a_while(self, break_it: Callable[[Any], Any]) -> None:
        """Something of each messenger, until it is put right."""
        for fake in self.fakes.values():
            break_it(fake)
        time.sleep(HANG_SECONDS)
        for fake in self.fakes.values():
            fake.faults.clear()
            fake.deliveries.clear()

    def cut(self, *, accepted: bool) -> None:
        """Twenty calls of each end without an answer."""
        self.for_a_while(lambda fake: fake.faults.cut(20, accepted=accepted, on="send"))

    def hang_mail(self) -> None:
        """The mail server takes the line and says nothing."""
        self.mail.hangs.set()
        time.sleep(HANG_SECONDS)
        self.mail.hangs.clear()

    def slow_bodies(self) -> None:
        """Forty clients send a byte a second."""
        lines = []
        for _ in range(40):
            line = socket.create_connection(("127.0.0.1", self.stack.port), 5)
            line.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n")
            lines.append(line)
        for _ in range(HANG_SECONDS):
            time.sleep(1)
            for line in lines:
                with contextlib.suppress(OSError):
                    line.sendall(b"x")
        for line in lines:
            line.close()

    def change_secret_key(self) -> None:
        """A new key with the old one behind it, machine by machine."""
        programs = [*self.stack.webs, *self.stack.workers]
        former, new = programs[0].environment["SECRET_KEY"], secrets.token_hex(32)
        for program in programs:
            program.environment |= {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": former}
            self.restart(program)
            time.sleep(3)


class HangingMail:
    """A mail server that takes everything, and for a while says nothing."""

    def __init__(self) -> None:
        self.hangs = threading.Event()
        self.taken = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            line, _address = self._listener.accept()
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, line.makefile("rwb", buffering=0) as told, contextlib.suppress(OSError):
            while self.hangs.is_set():
                time.sleep(0.2)
            told.write(b"220 here\r\n")
            for command in told:
                verb = command[:4].upper()
                if verb == b"DATA":
                    told.write(b"354 go on\r\n")
                    for text in told:
                        if text == b".\r\n":
                            break
                    self.taken += 1
                told.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
