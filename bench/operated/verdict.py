"""What must be true at the end: no fault of the portal's own, nothing lost, nothing twice without its flag."""

import statistics
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import psycopg

from bench.operated.traffic import Guest, Tally
from portal.db.base import SCHEMA

SETTLE_SECONDS = 180
WAITING = f"""
    SELECT (SELECT count(*) FROM {SCHEMA}.bot_inbound_update WHERE state = 'pending')
        + (SELECT count(*) FROM {SCHEMA}.bot_message WHERE state IN ('queued', 'sending', 'uncertain'))
"""


LAST = f"""
    SELECT m.created_at::time(0), m.sent_at::time(0), m.direction, m.state, m.attempts, m.maybe_twice, m.error, m.text,
        m.variable, d.state
    FROM {SCHEMA}.bot_message m JOIN {SCHEMA}.bot_dialog_state d ON d.id = m.dialog_id
    WHERE d.platform_chat_id = %s ORDER BY m.seq DESC LIMIT 8
"""


def settle(superuser_url: str) -> None:
    """Until nothing waits any more."""
    deadline = time.monotonic() + SETTLE_SECONDS
    with psycopg.connect(superuser_url, autocommit=True) as database:
        while (waiting := database.execute(WAITING).fetchone()[0]) and time.monotonic() < deadline:
            time.sleep(0.5)
    if waiting:
        print(f"FAULT: {waiting} rows still wait")


def judge(superuser_url: str, guests: Iterable[Guest], tally: Tally, faulty: list[tuple[str, float, float]]) -> int:
    """Print what came of it; how many faults."""
    faults = [f"answered 500: {kind}" for (kind, status), _count in tally.statuses.items() if status == 500]
    faults += [f"lost: {each}" for each in tally.lost]
    with psycopg.connect(superuser_url) as database:
        flagged = {row[0] for row in database.execute(f"SELECT text FROM {SCHEMA}.bot_message WHERE maybe_twice")}
        dead = database.execute(
            f"SELECT count(*) FROM {SCHEMA}.bot_inbound_update WHERE state NOT IN ('done', 'ignored')"
        ).fetchone()[0]
        failed = database.execute(
            f"SELECT error, count(*) FROM {SCHEMA}.bot_message WHERE state = 'failed' GROUP BY 1"
        ).fetchall()
    if dead:
        faults.append(f"{dead} updates were not applied")
    faults += [f"{count} messages failed: {error}" for error, count in failed]
    twice = 0
    guests = list(guests)
    _tell_of_lost(superuser_url, guests, tally)
    for guest in guests:
        counts, again = _heard(guest.person)
        twice += len(again)
        faults += [f"twice without its flag: {text}" for text in again if text not in flagged]
        faults += [f"out of order: {guest.name}"] if counts != sorted(counts) else []
    _tell(tally, faulty, twice, len(flagged))
    for fault in sorted(set(faults)):
        print("FAULT:", fault)
    return len(faults)


def _tell_of_lost(superuser_url: str, guests: list[Guest], tally: Tally) -> None:
    """The end of the conversations in which a word was lost, as the portal has it and as the guest saw it."""
    lost = {each.partition(":")[0] for each in tally.lost}
    with psycopg.connect(superuser_url) as database:
        for guest in (each for each in guests if each.name in lost):
            print(f"  {guest.name} saw: {guest.person.texts[-4:]}")
            rows = database.execute(LAST, (guest.person.id,)).fetchall()
            for row in reversed(rows):
                print("   ", *row)


def _heard(person: Any) -> tuple[list[int], list[str]]:
    """The numbers of the words in the order in which they were repeated, and what was said more than once."""
    texts = [text for text in person.texts if text.startswith("You said ")]
    numbers = [int(text.rstrip(".").rpartition("-")[2]) for text in dict.fromkeys(texts)]
    return numbers, [text for text, count in Counter(texts).items() if count > 1]


def _tell(tally: Tally, faulty: list[tuple[str, float, float]], twice: int, flagged: int) -> None:
    for (kind, status), count in sorted(tally.statuses.items()):
        print(f"{kind} {status or 'cut'}: {count:,}")
    for name, begun, ended in faulty:
        during = Counter(status for at, _kind, status in tally.bad if begun <= at < ended)
        print(f"  {name}: {dict(during) or 'nothing'}")
    quiet = [each for each in tally.bad if not any(begun <= each[0] < ended for _name, begun, ended in faulty)]
    print(f"bad answers outside of any fault: {Counter(status for _at, _kind, status in quiet)}")
    waits = sorted(tally.waits)
    if waits:
        print(
            f"{len(waits):,} words repeated: p50 {statistics.median(waits):.2f} s, p95 {waits[int(len(waits) * 0.95)]:.2f} s,"
            f" longest {waits[-1]:.1f} s; {twice} came twice, {flagged} rows say that they may have"
        )
