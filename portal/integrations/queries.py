"""Reading the integrations of the account in scope."""

from sqlalchemy import select

from portal.db.base import db
from portal.db.secrets import Redacted, SecretUnreadable
from portal.integrations.models import AccountIntegrationCredentials

INTEGRATION_TYPES = ("iiko",)


def integration_of(integration_type: str) -> AccountIntegrationCredentials | None:
    """The account's connection to one kind of system."""
    query = select(AccountIntegrationCredentials).where(
        AccountIntegrationCredentials.integration_type == integration_type
    )
    return db.session.scalars(query).first()


def stored_login(integration: AccountIntegrationCredentials | None) -> Redacted:
    """What is stored, or nothing where there is none or its key is lost."""
    try:
        return integration.open_credentials() if integration else Redacted()
    except SecretUnreadable:
        return Redacted()
