"""The least that a worker can do: the same rows read and written by raw psycopg, the same calls from threads.

No walls but row security, no engine, no limits, no retries, no recovery: one loop takes chats, another claims messages.
Run by ``bench.drain`` as one of several (its place and their number are its arguments); ends when its input does.
"""

import http.client
import json
import os
import queue
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import namedtuple_row

from portal.db.base import SCHEMA as S

NOW = "timezone('utc', clock_timestamp())"
SENDERS = 16
DUE = f"""
    SELECT DISTINCT ON (credential_id, chat_id) account_id, credential_id, chat_id FROM {S}.bot_inbound_update
    WHERE state = 'pending' AND abs(hashtext(chat_id)) %% %s = %s
    ORDER BY credential_id, chat_id, position, seq LIMIT 64
"""
TIMERS = f"""
    SELECT d.account_id, c.id AS credential_id, d.platform_chat_id AS chat_id FROM {S}.bot_dialog_state d
    JOIN {S}.bot_platform_credential c ON c.bot_id = d.bot_id AND c.platform = d.platform
    WHERE d.wake_at <= {NOW} AND d.state = 'running' AND abs(hashtext(d.platform_chat_id)) %% %s = %s LIMIT 64
"""
ENTER = """
    SELECT set_config('getinn.account_id', %(account)s, true),
        pg_try_advisory_xact_lock(hashtextextended(%(credential)s || ' ' || %(chat)s, 0))
"""
HEAD = f"""
    SELECT u.id, u.payload, c.bot_id, c.platform, s.id AS live_id FROM {S}.bot_inbound_update u
    JOIN {S}.bot_platform_credential c ON c.id = u.credential_id
    LEFT JOIN {S}.bot_scenario s ON s.bot_id = u.bot_id AND s.is_live
    WHERE u.account_id = %(account)s::uuid AND u.credential_id = %(credential)s::uuid AND u.chat_id = %(chat)s
    AND u.state = 'pending' AND u.kind <> 'receipt' ORDER BY u.position, u.seq LIMIT 1 FOR UPDATE OF u
"""
DIALOG = f"""
    SELECT d.* FROM {S}.bot_dialog_state d JOIN {S}.bot_platform_credential c
        ON c.bot_id = d.bot_id AND c.platform = d.platform AND c.id = %(credential)s::uuid
    WHERE d.account_id = %(account)s::uuid AND d.platform_chat_id = %(chat)s FOR NO KEY UPDATE OF d
"""
BEGIN = f"""
    INSERT INTO {S}.bot_dialog_state (id, account_id, bot_id, platform, platform_chat_id, current_step, turn,
        scenario_id, last_interaction_at, last_inbound_at, person, wake_at)
    VALUES (%(id)s, %(account)s, %(bot)s, %(platform)s, %(chat)s, 'one', 1, %(live)s, {NOW}, {NOW}, %(person)s,
        CASE WHEN %(waits)s THEN {NOW} END)
"""
GO_ON = (
    f"UPDATE {S}.bot_dialog_state SET wake_at = NULL, turn = turn + 1 WHERE account_id = %(account)s AND id = %(id)s"
)
SAY = f"""
    INSERT INTO {S}.bot_message (id, account_id, bot_id, credential_id, dialog_id, direction, author, kind, text,
        content, state, update_id) VALUES (%(m)s, %(account)s, %(bot)s, %(credential)s, %(id)s, %(direction)s, %(author)s,
        'text', %(text)s, %(content)s, %(state)s, %(update)s)
"""
DONE = f"UPDATE {S}.bot_inbound_update SET state = 'done', processed_at = {NOW} WHERE account_id = %s AND id = %s"
WORKER = "SELECT set_config('getinn.door', 'worker', true)"
CLAIM = f"""
    UPDATE {S}.bot_message m SET state = 'sending', worker = 1, claimed_at = {NOW}, attempts = attempts + 1
    FROM {S}.bot_dialog_state d, {S}.bot_platform_credential c WHERE d.id = m.dialog_id AND c.id = m.credential_id
    AND m.id IN (SELECT q.id FROM {S}.bot_message q WHERE q.state = 'queued' AND NOT EXISTS (
        SELECT FROM {S}.bot_message e WHERE e.dialog_id = q.dialog_id AND e.seq < q.seq
        AND e.state IN ('queued', 'sending', 'uncertain')) ORDER BY q.due_at LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING m.id, d.platform_chat_id, m.content, c.credentials
"""
SENT = f"""
    UPDATE {S}.bot_message m SET state = 'sent', platform_message_id = t.ref, sent_at = {NOW}
    FROM unnest(%s::uuid[], %s::text[]) AS t (id, ref) WHERE m.id = t.id
"""
CONTENT = json.dumps(
    {"segments": [["Welcome", False]], "choices": [], "attachment": None, "wish": None, "notice": False}
)


class Floor:
    """Both loops and the threads that call."""

    def __init__(self, place: int, of: int) -> None:
        # Several share the chats out by a rule and never meet at one.
        self.share = (of, place)
        self.url = os.environ["DATABASE_URL"].replace("+psycopg", "")
        self.base = urlsplit(os.environ["TELEGRAM_API_BASE"])
        self.todo: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.noted: list[tuple[UUID, str]] = []
        self.free = SENDERS
        self.lock = threading.Lock()
        self.stop = threading.Event()

    def run(self) -> None:
        """Work until the input ends."""
        for work in [self.drain, self.dispatch] + [self.send] * SENDERS:
            threading.Thread(target=self.guarded, args=(work,), daemon=True).start()
        print("ready", flush=True)
        sys.stdin.read()
        self.stop.set()

    def guarded(self, work: Any) -> None:
        """A loop that fails ends everything: no figure then."""
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)

    def connect(self) -> psycopg.Connection[Any]:
        """As the worker connects."""
        return psycopg.connect(self.url, autocommit=True, row_factory=namedtuple_row, options="-c timezone=UTC")

    def drain(self) -> None:
        """Chats one after the other, two round trips each."""
        line = self.connect()
        while not self.stop.is_set():
            with line.transaction():
                line.execute(WORKER)
                due, timers = line.execute(DUE, self.share).fetchall(), line.execute(TIMERS, self.share).fetchall()
            for chat in due:
                self.step(line, chat, woken=False)
            for chat in timers:
                self.step(line, chat, woken=True)
            if not due and not timers:
                time.sleep(0.01)

    def step(self, line: psycopg.Connection[Any], chat: Any, *, woken: bool) -> None:
        """One update, or one timer, and its answer."""
        own = {"account": str(chat.account_id), "credential": str(chat.credential_id), "chat": chat.chat_id}
        with line.pipeline():
            line.execute("BEGIN")
            line.execute(ENTER, own)
            head, dialog = line.execute(HEAD, own), line.execute(DIALOG, own)
        found, row = head.fetchone(), dialog.fetchone()
        with line.pipeline():
            if woken:
                self.answer(line, own | {"id": row.id, "bot": row.bot_id, "update": None})
                line.execute(GO_ON, own | {"id": row.id})
            else:
                self.greet(line, own, found)
            line.execute("COMMIT")

    def greet(self, line: psycopg.Connection[Any], own: dict[str, Any], head: Any) -> None:
        """A new person's first word."""
        message = json.loads(head.payload)["message"]
        own = own | {"id": uuid4(), "bot": head.bot_id, "platform": head.platform, "live": head.live_id}
        person = json.dumps({"name": message["from"]["first_name"]})
        line.execute(BEGIN, own | {"person": person, "waits": "two" in message["text"]})
        told = {"direction": "in", "author": "guest", "text": message["text"], "content": "{}", "state": "received"}
        line.execute(SAY, own | told | {"m": uuid4(), "update": head.id})
        self.answer(line, own | {"update": None})
        line.execute(DONE, (own["account"], head.id))

    def answer(self, line: psycopg.Connection[Any], own: dict[str, Any]) -> None:
        """One message to be sent."""
        told = {"direction": "out", "author": "bot", "text": "Welcome", "content": CONTENT, "state": "queued"}
        line.execute(SAY, own | told | {"m": uuid4()})

    def dispatch(self) -> None:
        """Claim and note, many at once."""
        line = self.connect()
        while not self.stop.is_set():
            with self.lock:
                free, noted, self.noted = self.free, self.noted, []
            with line.pipeline():
                line.execute("BEGIN")
                line.execute(WORKER)
                if noted:
                    line.execute(SENT, ([each for each, _ in noted], [ref for _, ref in noted]))
                claimed = line.execute(CLAIM, (free,))
                line.execute("COMMIT")
            found = claimed.fetchall()
            with self.lock:
                self.free -= len(found)
            for message in found:
                self.todo.put(message)
            time.sleep(0.01)

    def send(self) -> None:
        """One call after the other over a kept connection."""
        line = http.client.HTTPConnection(self.base.hostname, self.base.port)
        while not self.stop.is_set():
            message = self.todo.get()
            text = "".join(part for part, _ in message.content["segments"])
            body = json.dumps({"chat_id": message.platform_chat_id, "text": text})
            path = "/bot100000000:bench-token-bench-token-bench-token/sendMessage"
            line.request("POST", path, body, {"Content-Type": "application/json"})
            ref = str(json.loads(line.getresponse().read())["result"]["message_id"])
            with self.lock:
                self.noted.append((message.id, ref))
                self.free += 1


if __name__ == "__main__":
    Floor(*map(int, sys.argv[1:] or (0, 1))).run()
