"""``python -m bench.adoption``: a database of the original tables is adopted while its older programs go on.

Prints what came of their statements: how many, how many failed, the longest; and how long the upgrade took.
``--kill-after`` ends the upgrade in the middle after so many seconds, and begins it again.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.older_writer import OlderWriter, fill, writing
from bench.serving import ROOT, configure, throwaway_server
from portal.db.base import SCHEMA

SEED = ROOT / "tests" / "schema"
WRITER = "older_writer"


def main() -> None:
    """One line for each question."""
    arguments = _arguments()
    with _adoptable(arguments) as url, writing(url, arguments.rate) as writers:
        time.sleep(1)
        began = time.monotonic()
        interrupted = _upgrade(arguments.kill_after)
        took = time.monotonic() - began
        time.sleep(1)
    print(f"rows before            {arguments.accounts} accounts, {arguments.dialogs} dialogs")
    print(f"upgrade                {took:.1f} s, {interrupted} times interrupted")
    _tell(writers, took + 2)


def _tell(writers: list[OlderWriter], seconds: float) -> None:
    slowest = max(writers, key=lambda writer: writer.longest)
    failures = [failure for writer in writers for failure in writer.failures]
    rows, statements = (sum(getattr(writer, each) for writer in writers) for each in ("rows", "statements"))
    print(f"older programs         {statements} statements, {rows / seconds:.0f} rows inserted a second")
    print(f"failed statements      {len(failures)}")
    print(f"longest statement      {slowest.longest:.3f} s ({slowest.longest_statement})")
    for failure in failures[:10]:
        print("   ", failure)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--dialogs", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=70, help="rows a second")
    parser.add_argument("--kill-after", type=float, nargs="*", default=[], help="seconds, one for each interruption")
    return parser.parse_args()


@contextmanager
def _adoptable(arguments: argparse.Namespace) -> Iterator[str]:
    """The original tables with rows, and the address at which an older program finds them."""
    with throwaway_server() as server:
        configure(server.url())
        server.create_role(WRITER, bypass_row_security=True)
        with psycopg.connect(_plain(server.superuser_url("getinn")), autocommit=True) as connection:
            connection.execute(
                "CREATE FUNCTION public.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'"
            )
            connection.execute(f"CREATE SCHEMA {SCHEMA} AUTHORIZATION getinn")
            connection.execute("SET ROLE getinn")
            for file in ("seed.sql", "webhook_columns.sql"):
                connection.execute((SEED / file).read_text("utf-8").replace("{schema}", SCHEMA))
            connection.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {WRITER}")
            connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {WRITER}")
            fill(connection, arguments.accounts, arguments.dialogs)
            connection.execute(f"ANALYZE {SCHEMA}.bot_dialog_state")
        yield _plain(server.url(role=WRITER))


def _upgrade(kill_after: list[float]) -> int:
    """Run the command to its end, however often it is killed before; how often it was."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    interrupted = 0
    for seconds in kill_after:
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            interrupted += 1
    subprocess.run(command, cwd=ROOT, check=True)
    return interrupted


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


if __name__ == "__main__":
    main()
