"""A server that the chain is connected to, and what works at its runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from portal.db.base import db
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, Purpose
from portal.iiko.sync.holds import confirm
from portal.iiko.sync.jobs import run_sync
from portal.iiko.sync.running import begin_apply, cancel_run, start_run
from portal.integrations.models import AccountIntegrationCredentials
from portal.tenancy.scope import enter_account
from tests.fakes.iiko import Chain as Tree
from tests.fakes.iiko import FakeIiko
from tests.fakes.iiko.oddities import odd_invoices
from tests.jobs.conftest import run_job

__all__ = ["run_job"]


@pytest.fixture(autouse=True)
def loopback(app, monkeypatch):
    """This machine's own addresses may be called, as in development; nobody waits for a second try."""
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], allow_loopback_addresses=True))
    monkeypatch.setattr("portal.iiko.client.client.SECOND_TRY_SECONDS", 0)
    monkeypatch.setattr("portal.iiko.client.client.LOG_OUT_PAUSE_SECONDS", 0)


@pytest.fixture
def iiko() -> Iterator[FakeIiko]:
    """An iiko server of three restaurants with one seat."""
    with FakeIiko(seats=1, chain=Tree.of_size(3)) as running:
        yield running


FORMER = ("iiko_link", "iiko_pin", "iiko_refusal", "iiko_node", "iiko_session", "iiko_run", "iiko_connection")


class Office:
    """One chain's side: connects, begins runs, and works at them as a worker does."""

    def __init__(self, app: Flask, sql: Callable[..., list[Any]], chain: Any) -> None:
        self.app, self.sql, self.chain = app, sql, chain
        self.account_id: UUID = chain.account_id
        self.connection_id: UUID = UUID(int=0)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """A transaction in the chain's account, committed at the end."""
        with self.app.test_request_context():
            enter_account(self.account_id)
            yield
            db.session.commit()

    def connect(self, server: FakeIiko, password: str | None = None) -> "Office":
        """Type the server's address, log-in and password; nothing is known of it yet."""
        for table in FORMER if self.connection_id == UUID(int=0) else ():
            self.sql(f"DELETE FROM getinn_ops.{table} WHERE account_id = %s", [self.account_id])
        with self.scope():
            integration = db.session.get_one(AccountIntegrationCredentials, self.chain.integration_id)
            integration.set_credentials(
                server.base_url, {"login": server.login, "password": password or server.password}
            )
            integration.is_active = True
            self.connection_id = IikoConnection.of(integration).id
        return self

    @property
    def connection(self) -> Any:
        """What is kept of the server."""
        return self.sql("SELECT * FROM getinn_ops.iiko_connection WHERE id = %s", [self.connection_id])[0]

    @property
    def integration(self) -> Any:
        """What the seed keeps of it."""
        query = "SELECT * FROM getinn_ops.account_integration_credentials WHERE id = %s"
        return self.sql(query, [self.chain.integration_id])[0]

    def begin(self, purpose: Purpose = Purpose.PREVIEW, user: bool = True) -> UUID:
        """A run that waits for its worker."""
        with self.scope():
            connection = db.session.get_one(IikoConnection, self.connection_id)
            return start_run(connection, purpose, self.chain.owner.id if user else None).id

    def work(self, run_id: UUID) -> Any:
        """Do the run's job once."""
        with self.app.test_request_context():
            run_sync.function(run_id=str(run_id), account_id=str(self.account_id))
            db.session.commit()
        return self.run(run_id)

    def sync(self, purpose: Purpose = Purpose.PREVIEW) -> Any:
        """Begin a run and do its job."""
        return self.work(self.begin(purpose, user=purpose is not Purpose.SCHEDULE))

    def apply(self, run_id: UUID) -> Any:
        """Have its plan written."""
        with self.scope():
            begin_apply(db.session.get_one(IikoRun, run_id), self.chain.owner.id)
        return self.work(run_id)

    def cancel(self, run_id: UUID) -> None:
        """Have it stopped."""
        with self.scope():
            cancel_run(db.session.get_one(IikoRun, run_id))

    def confirm(self, run_kind_id: UUID) -> None:
        """Say that what looks wrong is right."""
        with self.scope():
            confirm(db.session.get_one(IikoRunKind, run_kind_id))

    def run(self, run_id: UUID) -> Any:
        """The run's row."""
        return self.sql("SELECT * FROM getinn_ops.iiko_run WHERE id = %s", [run_id])[0]

    def kinds(self, run_id: UUID) -> dict[str, Any]:
        """The run's kinds by name."""
        rows = self.sql("SELECT * FROM getinn_ops.iiko_run_kind WHERE run_id = %s ORDER BY position", [run_id])
        return {row.kind: row for row in rows}

    def sessions(self, *, are_open: bool = True) -> list[Any]:
        """Log-ins that were not ended for certain, or all."""
        rows = self.sql("SELECT * FROM getinn_ops.iiko_session WHERE account_id = %s", [self.account_id])
        return [row for row in rows if not (are_open and row.closed_at)]

    def waiting_jobs(self, task: str = "run_sync") -> list[Any]:
        """The jobs that wait."""
        query = "SELECT * FROM getinn_ops_jobs.procrastinate_jobs WHERE status = 'todo' AND task_name = %s"
        return self.sql(query, [task])

    def restaurants(self) -> list[Any]:
        """The chain's restaurants, whole."""
        query = "SELECT * FROM getinn_ops.restaurant WHERE account_id = %s ORDER BY id"
        return self.sql(query, [self.account_id])


@pytest.fixture
def office(app, world, superuser_sql, iiko) -> Office:
    """Pelmenya, connected to the server."""
    return Office(app, superuser_sql, world.pelmenya).connect(iiko)


ODD = ("packs", "kegs", "short", "two_stores", "transfer", "freight", "same_number", "same_number_again")


@pytest.fixture
def buying(iiko):
    """The server, with some of the odd invoices of the last days."""
    iiko.chain = Tree.of_size(2, stores_each=1)
    iiko.trade()
    iiko.purchases.daily = None
    today = datetime.now(UTC).date()
    iiko.purchases.invoices.clear()
    odd = odd_invoices(iiko.chain, today)
    iiko.purchases.add(*(odd[name] for name in ODD))
    return iiko


@pytest.fixture
def blank(office):
    """Pelmenya without what other tests brought from iiko."""
    for table in ("invoice", "inventory_item", "supplier"):
        query = f"UPDATE getinn_ops.{table} SET iiko_id = NULL WHERE account_id = %s"
        office.sql(query, [office.account_id])
    return office


def rows_of(office: Office, table: str = "invoice") -> list[Any]:
    """The chain's rows of a table, whole."""
    return office.sql(f"SELECT * FROM getinn_ops.{table} WHERE account_id = %s ORDER BY id", [office.account_id])


def brought(office: Office) -> list[Any]:
    """The invoices that came from iiko."""
    return [row for row in rows_of(office) if row.iiko_id is not None]
