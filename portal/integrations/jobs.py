"""Checking a connection, outside of the request that asks for it."""

from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.http.breaker import shared_breaker
from portal.integrations.iiko.client import ConnectionReport, ConnectionStatus, IikoClient, outbound_guard
from portal.integrations.models import UNREADABLE, AccountIntegrationCredentials
from portal.jobs.queue import job
from portal.tenancy.scope import enter_account


@job(queue="outside", once_by=("integration_id",), is_outgoing=True)
def check_connection(integration_id: str, account_id: str) -> None:
    """Log in, look, log out, and keep what was found; no transaction is open meanwhile."""
    enter_account(UUID(account_id))
    integration = db.session.get(AccountIntegrationCredentials, UUID(integration_id))
    if integration is None:
        return
    checked = integration.connection_parts()
    db.session.rollback()
    report = _report(*checked)
    query = select(AccountIntegrationCredentials).where(AccountIntegrationCredentials.id == UUID(integration_id))
    integration = db.session.scalars(query.with_for_update()).first()
    # Somebody may have typed another address or log-in meanwhile: then another check is on its way.
    if integration is not None and integration.connection_parts() == checked:
        integration.end_check(report)


def _report(base_url: str, login: str, password: str) -> ConnectionReport:
    if not (login and password):
        return ConnectionReport(ConnectionStatus.FAILED, UNREADABLE)
    return IikoClient(base_url, login, password, guard=outbound_guard(), breaker=shared_breaker()).check()
