"""Checking a connection, outside of the request that asks for it."""

from uuid import UUID

from portal.db.base import db
from portal.db.secrets import SecretUnreadable
from portal.iiko.client import ConnectionReport, ConnectionStatus, IikoClient
from portal.integrations.forms import outbound_guard
from portal.integrations.models import UNREADABLE, AccountIntegrationCredentials
from portal.jobs.queue import job
from portal.tenancy.scope import enter


@job()
def check_connection(integration_id: str, account_id: str) -> None:
    """Log in, look, log out, and keep what was found; no transaction is open meanwhile."""
    enter(UUID(account_id))
    integration = db.session.get(AccountIntegrationCredentials, UUID(integration_id))
    if integration is None:
        return
    try:
        secret = integration.open_credentials()
        client = IikoClient(
            integration.base_url or "",
            secret.get("login", ""),
            secret.get("password", ""),
            guard=outbound_guard(),
        )
        db.session.rollback()
        report = client.check()
    except SecretUnreadable:
        report = ConnectionReport(ConnectionStatus.FAILED, UNREADABLE)
    integration = db.session.get(AccountIntegrationCredentials, UUID(integration_id), populate_existing=True)
    if integration is not None:
        integration.end_check(report)
