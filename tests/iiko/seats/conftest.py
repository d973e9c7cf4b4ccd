"""A server with few seats, and a chain that logs in there."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.db.base import db
from portal.iiko.client.addresses import outbound_guard, server_key
from portal.iiko.client.client import IikoClient, Server
from portal.iiko.seats.lock import server_lock
from portal.iiko.seats.seat import open_seat
from portal.tenancy.scope import enter_account
from tests.fakes.iiko import FakeIiko
from tests.jobs.conftest import run_job, waiting_jobs

__all__ = ["run_job", "waiting_jobs"]


@pytest.fixture(autouse=True)
def loopback(app, monkeypatch):
    """This machine's own addresses may be called, as in development."""
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], allow_loopback_addresses=True))
    monkeypatch.setattr("portal.iiko.client.client.LOG_OUT_PAUSE_SECONDS", 0)


@pytest.fixture
def iiko():
    with FakeIiko(seats=1) as running:
        yield running


class Desk:
    """Where a chain's runs log in."""

    def __init__(self, app, sql, chain, iiko):
        self.app, self.sql, self.chain, self.iiko = app, sql, chain, iiko
        self.connection_id, self.run_id = chain.id_of("iiko_connection"), chain.id_of("iiko_run")
        self.now = 0.0

    @contextmanager
    def scope(self):
        with self.app.test_request_context():
            enter_account(self.chain.account_id)
            db.session.rollback()
            yield

    def client(self, **options):
        server = Server(self.iiko.base_url, self.iiko.login, options.pop("password", self.iiko.password))
        return IikoClient(server, guard=outbound_guard(), pause=lambda seconds: None, **options)

    @contextmanager
    def lock(self):
        with server_lock(server_key(self.iiko.base_url)) as lock:
            yield lock

    @contextmanager
    def seat(self, lock=None, **options):
        """In a scope of its own, with a lock of its own where none is given."""
        with (
            self.scope(),
            self.lock() as own,
            open_seat(
                self.connection_id, self.run_id, self.client(**options), lock or own, clock=lambda: self.now
            ) as seat,
        ):
            yield seat

    @property
    def rows(self):
        return self.sql(
            "SELECT * FROM getinn_ops.iiko_session WHERE connection_id = %s AND server_key <> %s ORDER BY opened_at",
            [self.connection_id, "cd" * 32],
        )

    @property
    def open_rows(self):
        return [row for row in self.rows if row.closed_at is None]

    def age(self, minutes):
        """Let every row have been written so many minutes before."""
        self.sql(
            "UPDATE getinn_ops.iiko_session SET opened_at = opened_at - %(by)s, token_at = token_at - %(by)s,"
            " next_try_at = next_try_at - %(by)s, rests_until = rests_until - %(by)s",
            {"by": timedelta(minutes=minutes)},
        )


@pytest.fixture
def desk(app, world, superuser_sql, iiko):
    return Desk(app, superuser_sql, world.pelmenya, iiko)


@pytest.fixture
def other_desk(app, world, superuser_sql, iiko):
    """Another chain that names the same server."""
    return Desk(app, superuser_sql, world.vareniki, iiko)
