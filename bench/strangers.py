"""``python -m bench.strangers``: whether the time of an answer tells who has access.

Wrong log-ins and requests for a link to set a password, of people who exist and of people who do not, in turn against
the portal on loopback. A quarter of those who exist have a hash that another program left behind, which takes
several times as long to check. Prints the ratio of known to unknown: 1 tells nothing.
"""

import argparse
import itertools
import os
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlencode

import bcrypt
import psycopg

from bench.client import Line
from bench.serving import serving, start
from bench.webhooks import bench_database

ADOPTED_ROUNDS = 10
SETTINGS = {"PROXY_HOPS": "1", "SMTP_URL": "smtp+plain://127.0.0.1:9", "MAIL_FROM": "portal@example.com"}


def main() -> None:
    """Ask in turn and print what a stranger could read from the times."""
    arguments = _arguments()
    with bench_database() as (superuser_url, data):
        known = _people(superuser_url, data.account_id, arguments.people)
        os.environ.update(SETTINGS)
        with serving(start("wsgi:app")) as (served,):
            unknown = [f"person{number}@nowhere.example" for number in range(len(known))]
            for path, fields in (("/login", {"password": "not the right one"}), ("/password", {})):
                _tell(path, _times(served.port, path, fields, known, unknown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200, help="of each kind; strangers have a ceiling of 1,000")
    return parser.parse_args()


def _people(superuser_url: str, account_id: object, count: int) -> list[str]:
    """People of a chain, every fourth with an adopted hash."""
    from portal.auth.passwords import hash_password
    from portal.db.base import SCHEMA

    own = hash_password("seven lanterns on the quay")
    adopted = bcrypt.hashpw(b"another one", bcrypt.gensalt(ADOPTED_ROUNDS)).decode()
    emails = [f"member{number}@chain.example" for number in range(count)]
    with psycopg.connect(superuser_url) as database:
        database.execute(f"""UPDATE {SCHEMA}."user" SET is_active = false""")
        database.cursor().executemany(
            f"""INSERT INTO {SCHEMA}."user" (account_id, email, hashed_password, role) VALUES (%s, %s, %s, 'viewer')""",
            [(account_id, email, adopted if place % 4 == 0 else own) for place, email in enumerate(emails)],
        )
    return emails


def _times(
    port: int, path: str, fields: dict[str, str], known: list[str], unknown: list[str]
) -> dict[str, list[float]]:
    times, line, addresses = defaultdict(list), Line(port), _addresses()
    cookie, proof = _form(line, path)
    for turn, pair in enumerate(zip(known, unknown, strict=True)):
        asked = list(zip(("known", "unknown"), pair, strict=True))
        # Each goes first as often as the other: what the first leaves behind is no news about the second.
        for told, email in asked[:: 1 if turn % 2 else -1]:
            body = urlencode({"email": email, "csrf_token": proof, **fields}).encode()
            request = _post(path, cookie, next(addresses), body)
            started = time.perf_counter()
            status = line.ask(request)[0]
            times[told].append(time.perf_counter() - started)
            if status not in (200, 422):
                raise SystemExit(f"{path} answered {status}")
    return times


def _form(line: Line, path: str) -> tuple[str, str]:
    """The cookie and the token of a form."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    page = line.fetch(head)[1].decode()
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    cookies = re.findall(r"(?im)^set-cookie: ([^;]+)", page)
    assert found is not None
    return "; ".join(cookies), found[1]


def _post(path: str, cookie: str, address: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nX-Forwarded-For: {address}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _addresses() -> Iterator[str]:
    return (f"10.{a}.{b}.{c}" for a, b, c in itertools.product(range(256), repeat=3))


def _tell(path: str, times: dict[str, list[float]]) -> None:
    middles = {told: statistics.median(each) * 1000 for told, each in times.items()}
    means = {told: statistics.fmean(each) * 1000 for told, each in times.items()}
    print(
        f"{path}: known {middles['known']:.1f} ms, unknown {middles['unknown']:.1f} ms, "
        f"ratio of medians {middles['known'] / middles['unknown']:.3f}, "
        f"of means {means['known'] / means['unknown']:.3f}"
    )


if __name__ == "__main__":
    main()
