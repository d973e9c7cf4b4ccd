"""``python -m bench.attacks``: forged and malformed deliveries by the thousand against the portal on loopback.

None may be accepted, none may be a fault, known and unknown addresses answer alike; no log line holds a secret or a
word of what was delivered. Ends with status 1 where one of that does not hold.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.client import Line  # noqa: E402
from bench.data import Bench  # noqa: E402
from bench.deliveries import Hook  # noqa: E402
from bench.forgeries import Attack, forgeries  # noqa: E402
from bench.malformed import malformed  # noqa: E402
from bench.serving import serving, start  # noqa: E402
from bench.webhooks import bench_database, connect  # noqa: E402

THREADS = 8
CREDENTIALS = {
    "telegram": {"token": "12345678{0}:planted-telegram-token-planted-tok{0}"},
    "whatsapp": {
        "phone_number_id": "10000000000000{0}",
        "access_token": "EAAplanted-access-token-planted-{0}",
        "app_secret": "{0}123456789abcdef0123456789abcdef",
        "verify_token": "planted-verify-token-{0}",
    },
    "viber": {"auth_token": "{0}planted0viber0-token0token-planted0token", "sender_name": "Bot {0}"},
}


def main() -> None:
    """Attack, then look at what is there."""
    arguments = _arguments()
    with bench_database() as (superuser_url, data), tempfile.NamedTemporaryFile() as log:
        hooks = list(_hooks(superuser_url, data))
        os.environ["LOG_LEVEL"] = "debug"
        with Path(log.name).open("ab") as told, serving(start("wsgi:app", stderr=told)) as (served,):
            faults = _forge(served.port, superuser_url, hooks, arguments.forged)
            faults += _malform(served.port, superuser_url, hooks, arguments.malformed)
            _time_refusals(served.port, hooks[0], arguments.timed)
        faults += _look_into(Path(log.name).read_text(errors="replace"), hooks)
    for fault in faults:
        print("FAULT:", fault)
    sys.exit(bool(faults))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forged", type=int, default=10_000)
    parser.add_argument("--malformed", type=int, default=5_000)
    parser.add_argument("--timed", type=int, default=1_000, help="refusals of each kind whose time is taken")
    return parser.parse_args()


def _hooks(superuser_url: str, data: Bench) -> Iterator[Hook]:
    """All platforms of two chains."""
    for number, chain in enumerate((data, other_chain(superuser_url, data)), 1):
        for platform, values in CREDENTIALS.items():
            own = {name: value.format(number) for name, value in values.items()}
            yield connect(superuser_url, chain, platform, own)


def other_chain(superuser_url: str, data: Bench) -> Bench:
    """The ids of a chain beside the one that is looked at."""
    from portal.db.base import SCHEMA

    with psycopg.connect(superuser_url) as database:
        row = database.execute(
            f"SELECT account_id, id FROM {SCHEMA}.bot_instance WHERE account_id <> %s LIMIT 1", (data.account_id,)
        ).fetchone()
    assert row is not None
    return Bench("other", row[0], row[1], data.restaurant_id)


def _forge(port: int, superuser_url: str, hooks: list[Hook], count: int) -> list[str]:
    answers = _send(port, forgeries(list(hooks), count))
    stored = _stored(superuser_url)
    statuses = Counter((attack.kind, status) for attack, status in answers)
    print(f"{count:,} forged, {stored} rows stored:", _told(statuses))
    wrong = {f"{a.kind} answered {status}: {a.path}" for a, status in answers if status not in (*a.answers, 0)}
    return [*sorted(wrong), *([f"{stored} rows were stored"] if stored else [])]


def _malform(port: int, superuser_url: str, hooks: list[Hook], count: int) -> list[str]:
    answers = _send(port, malformed(list(hooks), count))
    statuses = Counter(("malformed", status) for _, status in answers)
    print(f"{count:,} malformed with a good proof, {_stored(superuser_url):,} rows stored:", _told(statuses))
    return sorted(
        {f"malformed answered {status}: {a.body[:200]!r}" for a, status in answers if status not in a.answers}
    )


def _time_refusals(port: int, hook: Hook, count: int) -> None:
    """What a stranger could measure: known and unknown addresses in turn over one line."""
    body = hook.message(1)
    paths = {
        "known id": hook.path,
        "unknown id": f"/hooks/{hook.platform}/{uuid.uuid4()}",
        "unknown platform": f"/hooks/nowhere/{uuid.uuid4()}",
    }
    times, line = defaultdict(list), Line(port)
    for _ in range(count):
        for told, path in paths.items():
            request = _request(Attack("timed", path, {"Content-Type": "application/json"}, body))
            started = time.perf_counter()
            line.ask(request)
            times[told].append(time.perf_counter() - started)
    print(
        "refused within:", ", ".join(f"{told} {statistics.median(each) * 1000:.2f} ms" for told, each in times.items())
    )


def _send(port: int, attacks: Iterable[Attack]) -> list[tuple[Attack, int]]:
    """Every answer's status; 0 where the server hung up on what was too large."""
    waiting, lock, answers = iter(attacks), threading.Lock(), []

    def work() -> None:
        line = Line(port)
        while True:
            with lock:
                attack = next(waiting, None)
            if attack is None:
                return
            try:
                status = line.ask(_request(attack))[0]
            except OSError:
                status = 0 if 413 in attack.answers else -1
            if status in (0, -1, 413):
                line = Line(port)
            answers.append((attack, status))

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _request(attack: Attack) -> bytes:
    told = "".join(f"{name}: {value}\r\n" for name, value in attack.headers.items())
    head = f"POST {attack.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}Content-Length: {len(attack.body)}\r\n\r\n"
    return head.encode("latin-1") + attack.body


def _stored(superuser_url: str) -> int:
    from portal.db.base import SCHEMA

    with psycopg.connect(superuser_url) as database:
        row = database.execute(f"SELECT count(*) FROM {SCHEMA}.bot_inbound_update").fetchone()
    return int(row[0]) if row else 0


def _told(statuses: Counter) -> str:
    return ", ".join(f"{kind} {status}: {count}" for (kind, status), count in sorted(statuses.items()))


def _look_into(log: str, hooks: list[Hook]) -> list[str]:
    secrets = {value for hook in hooks for value in hook.values.values() if len(value) > 12}
    secrets |= {proof for hook in hooks for proof in hook.proof(b"{}").values()}
    print(f"{len(log.splitlines()):,} lines in the log")
    found = [secret for secret in secrets if secret in log]
    return [f"the log holds a secret of {len(secret)} characters" for secret in found] + (
        ["the log holds what was delivered"] if "update_id" in log or "message_token" in log else []
    )


if __name__ == "__main__":
    main()
