"""Workers that are killed at every point: no seat is lost, no row is half written."""

import base64
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from portal.iiko.models import Purpose
from portal.iiko.seats.sweep import possible_seat_until
from tests.conftest import CREDENTIAL_KEY, SECRET_KEY
from tests.iiko.running.conftest import brought
from tests.iiko.running.dying import POINTS
from tests.jobs.conftest import eventually
from tests.leftovers import end_with_us

KILLED = -signal.SIGKILL
# Whether the log-in came to be is known to nobody then; such a seat is named until an hour has passed.
UNKNOWABLE = {"before-the-log-in", "before-the-token-is-stored", "auth"}
WRITING = ["while-a-kind-is-written", "before-a-kind-is-committed", "after-the-first-kind"]
BETWEEN_DAYS = "after-the-first-day"
REQUESTS = ["info", "auth", "departments", "stores", "logout"]


class Workers:
    """Processes that work at runs."""

    def __init__(self, database_url: str) -> None:
        settings = {
            "DATABASE_URL": database_url,
            "ENVIRONMENT": "test",
            "SECRET_KEY": SECRET_KEY,
            "CREDENTIAL_KEYS": base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode(),
            "ALLOW_LOOPBACK_ADDRESSES": "on",
            "LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-m", "tests.iiko.running.dying"]
        self._process = subprocess.Popen(
            command, env={**os.environ, **settings}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        end_with_us(self._process)

    def start(self, point: str, run_id: object, account_id: object) -> int:
        """A process that dies at a point; its id."""
        return self._ask(f"start {point} {run_id} {account_id}")

    def wait(self, pid: int) -> int:
        """Its exit code, negative where a signal ended it."""
        return self._ask(f"wait {pid}")

    def _ask(self, command: str) -> int:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{command}\n")
        stdin.flush()
        return int(stdout.readline())

    def close(self) -> None:
        """No more of them."""
        self._process.communicate()


@pytest.fixture(scope="session")
def workers(app, database) -> Iterator[Workers]:
    running = Workers(app.config["PORTAL"].database_url)
    yield running
    running.close()


def recover(office, run_id):
    """What the next worker does, once the database knows that the first is gone."""

    def taken_up():
        run = office.work(run_id)
        return run if run.state in ("planned", "done", "failed") else None

    return eventually(taken_up)


def assert_no_seat_is_lost(office, iiko, point):
    assert (iiko.overlaps, iiko.leaks) == (0, 0)
    if point not in UNKNOWABLE:
        assert (iiko.seats.held, office.sessions()) == ([], [])
        return
    assert len(iiko.seats.held) <= (0 if point == "before-the-log-in" else 1)
    assert [row.token for row in office.sessions()] == [None]
    with office.scope():
        assert possible_seat_until(office.connection_id) is not None


@pytest.mark.parametrize("point", [point for point in POINTS if point not in (*WRITING, BETWEEN_DAYS)])
def test_a_worker_that_dies_while_it_reads_or_compares_loses_no_seat(office, iiko, workers, point):
    iiko.seats.total, before = 2, office.restaurants()
    run_id = office.begin()
    assert workers.wait(workers.start(point, run_id, office.account_id)) == KILLED
    assert office.restaurants() == before
    assert recover(office, run_id).state == "planned"
    assert_no_seat_is_lost(office, iiko, point)
    assert sum(kind.creates for kind in office.kinds(run_id).values()) > 0


@pytest.mark.parametrize("name", REQUESTS)
def test_a_worker_that_dies_during_a_request_loses_no_seat(office, iiko, workers, name):
    iiko.seats.total, is_known, pids = 2, threading.Event(), []

    def kill(call):
        if call.name == name and len(pids) < 2:
            assert is_known.wait(10)
            os.kill(pids[0], signal.SIGKILL)
            pids.append(0)

    iiko.on_call = kill
    run_id = office.begin()
    pids.append(workers.start("none", run_id, office.account_id))
    is_known.set()
    assert workers.wait(pids[0]) == KILLED
    assert recover(office, run_id).state == "planned"
    assert_no_seat_is_lost(office, iiko, name)


@pytest.mark.parametrize("point", WRITING)
def test_a_worker_that_dies_while_it_writes_leaves_whole_kinds_and_another_goes_on(office, iiko, workers, point):
    run_id = office.begin(Purpose.SCHEDULE, user=False)
    assert workers.wait(workers.start(point, run_id, office.account_id)) == KILLED
    linked = "SELECT kind, count(*) AS rows FROM getinn_ops.iiko_link WHERE connection_id = %s GROUP BY kind"
    counts = {row.kind: row.rows for row in office.sql(linked, [office.connection_id])}
    assert counts == ({"legal_entities": 1} if point == "after-the-first-kind" else {})
    assert recover(office, run_id).state == "done"
    counts = {row.kind: row.rows for row in office.sql(linked, [office.connection_id])}
    assert counts["departments"] == 3
    assert_no_seat_is_lost(office, iiko, point)
    again = office.kinds(office.sync().id)
    assert [(kind.creates, kind.updates, kind.missing) for kind in again.values()] == [(0, 0, 0)] * len(again)


def invoice_links(office):
    query = "SELECT id FROM getinn_ops.iiko_link WHERE connection_id = %s AND kind = 'incoming_invoices'"
    return len(office.sql(query, [office.connection_id]))


def test_a_worker_that_dies_between_two_days_leaves_whole_days_and_another_goes_on(blank, buying, workers):
    office, before = blank, len(brought(blank))
    run_id = office.begin(Purpose.SCHEDULE, user=False)
    assert workers.wait(workers.start(BETWEEN_DAYS, run_id, office.account_id)) == KILLED
    came = brought(office)
    # The oldest day alone, and each of its papers with all that belongs to it.
    assert (len(came) - before, invoice_links(office)) == (1, 1)
    assert recover(office, run_id).state == "done"
    assert (len(brought(office)) - before, invoice_links(office)) == (8, 8)
    assert (buying.seats.held, office.sessions(), buying.overlaps) == ([], [], 0)
    again = office.kinds(office.sync().id)["incoming_invoices"]
    assert (again.creates, again.updates, again.missing) == (0, 0, 0)
