"""``python -m bench.fairness``: how long a chain's guests wait while another chain does its worst, beside alone.

One worker, a platform that takes 50 ms. B's guests write at an even pace, alone and under each attack of chain A: 640
messages of 64 invented chats against the heaviest pattern that passes the check, 6 000 plain messages of 600 chats, a
queue of 100 000 outgoing messages, half of them in one chat. Then 150 guests of one bot write eight times at once: how
long each fifth of them, by id, waits. Ratios of the 95th percentile, in one run.
"""

import argparse
import json
import subprocess
import sys
import time
from uuid import UUID, uuid4

import psycopg

from bench.latency import _bot, _platform, waiting
from bench.serving import ROOT, database
from portal.db.base import SCHEMA as S
from portal.scenarios.document.patterns import pattern_fault

PATTERN = "(?:a?){480}b"
PACE = 0.1
GUESTS = 60
WORDS = 8


def main() -> None:
    """Fill a database, let chains write, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attack", choices=[*ATTACKS, "fifths"], help="this one alone")
    chosen = parser.parse_args().attack
    assert pattern_fault(PATTERN) is None, "the heaviest that passes"
    with _platform(50.0) as platform:
        assert platform.stdout is not None
        base = platform.stdout.readline().strip()
        with (
            database(PUBLIC_URL="https://portal.example", SECURE_COOKIES="on", TELEGRAM_API_BASE=base) as server,
            psycopg.connect(server.superuser_url("getinn").replace("+psycopg", ""), autocommit=True) as line,
        ):
            _run(line, chosen)


def _run(line: psycopg.Connection, chosen: str | None) -> None:
    attacker, victim = _bot(line, 0), _bot(line, 1)
    _publish_pattern(line, attacker)
    worker = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], cwd=ROOT)
    try:
        _guests(line, victim, 20)
        alone = _guests(line, victim, GUESTS)
        print(f"alone: p95 {alone * 1000:.0f} ms", flush=True)
        for name, attack in ATTACKS.items():
            if chosen in (None, name):
                attack(line, attacker)
                print(f"{name}: attacked / alone {_guests(line, victim, GUESTS) / alone:.2f}", flush=True)
                _forget(line, attacker)
        if chosen in (None, "fifths"):
            _fifths(line, victim)
    finally:
        worker.terminate()
        worker.wait(40)


def _publish_pattern(line: psycopg.Connection, bot: tuple) -> None:
    ask = {"type": "text", "variable": "x", "validation": {"pattern": PATTERN}}
    steps = {"one": {"message": "Welcome", "expected_input": ask, "next_step": "one"}}
    scenario = json.dumps({"name": "Heavy", "version": "2", "start_step": "one", "steps": steps})
    line.execute(
        f"UPDATE {S}.bot_scenario SET scenario_data = %s, source = %s WHERE bot_id = %s", (scenario, scenario, bot[1])
    )


def _deliver(line: psycopg.Connection, bot: tuple, words: list[tuple[int, str]]) -> list[UUID]:
    account, bot_id, credential = bot
    rows = []
    for chat, text in words:
        person = {"id": chat, "is_bot": False, "first_name": "Ivan"}
        message = {"message_id": 1, "date": 1, "from": person, "text": text, "chat": {"id": chat, "type": "private"}}
        payload = json.dumps({"update_id": 1, "message": message})
        rows.append((uuid4(), account, bot_id, credential, uuid4().hex, str(chat), payload))
    with line.transaction():
        line.cursor().executemany(
            f"INSERT INTO {S}.bot_inbound_update (id, account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)"
            " VALUES (%s, %s, %s, %s, %s, 'message', %s, %s)",
            rows,
        )
    return [row[0] for row in rows]


def _heavy(line: psycopg.Connection, bot: tuple) -> None:
    _deliver(line, bot, [(10_000 + number % 64, "a" * 900) for number in range(640)])


def _many(line: psycopg.Connection, bot: tuple) -> None:
    _deliver(line, bot, [(20_000 + number % 600, "hello") for number in range(6000)])


def _queue(line: psycopg.Connection, bot: tuple) -> None:
    account, bot_id, credential = bot
    line.execute(
        f"INSERT INTO {S}.bot_dialog_state (account_id, bot_id, platform, platform_chat_id, current_step,"
        " last_interaction_at) SELECT %s, %s, 'telegram', 'queue-' || n, 'one', now() FROM generate_series(1, 10000) n",
        (account, bot_id),
    )
    insert = (
        f"INSERT INTO {S}.bot_message (account_id, bot_id, credential_id, dialog_id, direction, author, kind, text, content,"
        f" state) SELECT d.account_id, d.bot_id, %s, d.id, 'out', 'bot', 'text', 'x', %s, 'queued'"
        f" FROM {S}.bot_dialog_state d, generate_series(1, %s) WHERE d.bot_id = %s AND d.platform_chat_id LIKE %s"
    )
    content = json.dumps({"segments": [["x", False]]})
    # Without the checks of foreign keys, which are not what is measured.
    line.execute("SET session_replication_role = replica")
    line.execute(insert, (credential, content, 5, bot_id, "queue-%"))
    line.execute(insert, (credential, content, 50_000, bot_id, "queue-1"))
    line.execute("RESET session_replication_role")


ATTACKS = {"pattern": _heavy, "many": _many, "queue": _queue}


def _guests(line: psycopg.Connection, bot: tuple, count: int) -> float:
    """Seconds within which 95 of 100 of B's guests, new people one after the other, have their answer sent."""
    ids = []
    for _ in range(count):
        ids += _deliver(line, bot, [(int(uuid4().int % 10**12), "/start")])
        time.sleep(PACE)
    return _answered(line, ids)[-max(count // 20, 1)]


def _answered(line: psycopg.Connection, ids: list[UUID]) -> list[float]:
    query = f"""
        SELECT extract(epoch FROM min(o.sent_at) - u.created_at)::float8 FROM {S}.bot_inbound_update u
        LEFT JOIN {S}.bot_message i ON i.account_id = u.account_id AND i.update_id = u.id
        LEFT JOIN {S}.bot_message o ON o.account_id = i.account_id AND o.dialog_id = i.dialog_id AND o.direction = 'out'
            AND o.seq > i.seq
        WHERE u.id = ANY(%s) GROUP BY u.id, u.created_at
    """
    deadline = time.monotonic() + 60
    while True:
        took = [row[0] for row in line.execute(query, (ids,)).fetchall()]
        if None not in took:
            return sorted(took)
        if time.monotonic() > deadline:
            return sorted(60.0 if each is None else each for each in took)
        time.sleep(0.1)


def _forget(line: psycopg.Connection, bot: tuple) -> None:
    """What is left of an attack is not waited for."""
    line.execute(
        f"UPDATE {S}.bot_inbound_update SET state = 'ignored' WHERE state = 'pending' AND bot_id = %s", (bot[1],)
    )
    line.execute(f"UPDATE {S}.bot_message SET state = 'cancelled' WHERE state = 'queued' AND bot_id = %s", (bot[1],))
    deadline = time.monotonic() + 30
    while waiting(line) and time.monotonic() < deadline:
        time.sleep(0.1)


def _fifths(line: psycopg.Connection, bot: tuple) -> None:
    """All write at once, their ids in no order of their writing."""
    chats = [3_000_000 + number * 7919 % 150 for number in range(150)]
    ids = _deliver(line, bot, [(chat, "hello") for _ in range(WORDS) for chat in chats])
    place = {update: int(chat) for update, chat in zip(ids, chats * WORDS, strict=True)}
    _settle(line)
    done = line.execute(
        f"SELECT id, extract(epoch FROM processed_at - created_at)::float8 FROM {S}.bot_inbound_update WHERE id = ANY(%s)",
        (ids,),
    ).fetchall()
    fifths: list[list[float]] = [[] for _ in range(5)]
    for update, took in done:
        fifths[(place[update] - 3_000_000) // 30].append(took)
    late = [sorted(each)[-max(len(each) // 20, 1)] for each in fifths]
    print(
        f"fifths of 150 guests: p95 {', '.join(f'{each:.1f}' for each in late)} s, worst / best {max(late) / min(late):.2f}"
    )


def _settle(line: psycopg.Connection) -> None:
    deadline = time.monotonic() + 100
    while waiting(line) and time.monotonic() < deadline:
        time.sleep(0.1)


if __name__ == "__main__":
    main()
