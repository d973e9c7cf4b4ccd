"""Credentials of an account at other systems, and whether the connection works."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db
from portal.db.sealing import place_of
from portal.db.secrets import Redacted, SecretUnreadable, set_at
from portal.db.states import Activatable
from portal.db.types import utc_now
from portal.iiko.client.answers import Outcome
from portal.integrations.notices import CONNECTION_FAILED
from portal.notices.raising import resolve_notice
from portal.tenancy.scope import require_scope

# The first server of a chain, and what each further one is called after.
IIKO, FURTHER = "iiko", "iiko:"
MAX_LABEL = 40
# What older writers kept, beside what is found out today.
STATUS_LABELS: dict[str, Any] = {
    "no_licence": _l("No licence seat free"),
    "unreachable": _l("Does not answer"),
    "failed": _l("Error"),
    **{each.value: each.label for each in Outcome},
}


def server_of(base_url: str | None) -> str | None:
    """Host and port of an address; ``None`` where it has none."""
    try:
        return urlsplit(base_url or "").netloc.lower() or None
    except ValueError:
        return None


class AccountIntegrationCredentials(
    Activatable,
    TenantEntity,
    label=_l("Integration"),
    plural=_l("Integrations"),
    fields={
        "integration_type": _l("System"),
        "is_active": _l("Active"),
        "credentials": _l("Credentials"),
        "connection_status": _l("Connection"),
        "connection_error": _l("Error"),
        "last_connected_at": _l("Last connected"),
    },
    values={"connection_status": STATUS_LABELS},
):
    """A server of a system (``integration_type``: ``iiko``, further ones ``iiko:<label>``); credentials are sealed."""

    __tablename__ = "account_integration_credentials"
    # A person's password shows nothing of itself, not even its end.
    HINTED_SECRETS: ClassVar[tuple[str, ...]] = ()
    __table_args__ = (
        UniqueConstraint("account_id", "integration_type", name="uix_account_integration_type"),
        UniqueConstraint("account_id", "id"),
    )

    integration_type: Mapped[str]
    credentials: Mapped[dict[str, Any]] = mapped_column(JSONB)
    base_url: Mapped[str | None]
    last_connected_at: Mapped[datetime | None]
    connection_status: Mapped[str | None]
    connection_error: Mapped[str | None]

    @property
    def server_label(self) -> str | None:
        """What tells a further server from the others; ``None`` of the first."""
        return self.integration_type.removeprefix(FURTHER) if self.integration_type.startswith(FURTHER) else None

    @property
    def display_name(self) -> str:
        """The system's name, and which of its servers."""
        return f"{IIKO}: {self.server_label}" if self.server_label else self.integration_type

    @classmethod
    def connect(cls, label: str | None = None) -> "AccountIntegrationCredentials":
        """A new connection of the account in scope, still without credentials; further ones have a label."""
        return cls(
            id=uuid4(),
            account_id=require_scope().account_id,
            integration_type=f"{FURTHER}{label}" if label else IIKO,
            credentials={},
            is_active=True,
        )

    @property
    def status_label(self) -> Any:
        """The state of the connection for people; an older writer's own word as it is."""
        if self.connection_status is None:
            return _l("Not checked yet")
        return STATUS_LABELS.get(self.connection_status, self.connection_status)

    @property
    def error_text(self) -> Any:
        """What was last complained of, in the reader's language where the portal knows the words."""
        return _(self.connection_error) if self.connection_error else None

    @property
    def credentials_set_at(self) -> datetime | None:
        """When log-in and password were set."""
        return set_at(self.credentials)

    def open_credentials(self) -> Redacted:
        """Log-in and password; raises ``SecretUnreadable`` under a lost key, and where they are another server's.

        What was sealed for one server is not sent to another, whoever changed the address beside it.
        """
        opened: Redacted = current_app.config["KEYRING"].open_allowing_clear(self.credentials, place_of(self))
        if opened.pop("server", None) not in (None, server_of(self.base_url)):
            raise SecretUnreadable("The address beside this secret is not the one it was sealed for.")
        return opened

    def connection_parts(self) -> tuple[str, str, str]:
        """Address, log-in and password; the latter two empty where the key is lost or they were never stored."""
        try:
            stored = self.open_credentials()
        except SecretUnreadable:
            stored = Redacted()
        return self.base_url or "", str(stored.get("login") or ""), str(stored.get("password") or "")

    def is_at_host_of(self, base_url: str) -> bool:
        """Whether an address leads to the host that the stored password was meant for."""
        server = server_of(base_url)
        return server is not None and server_of(self.base_url) == server

    def set_credentials(self, base_url: str, credentials: Mapping[str, str]) -> None:
        """Keep address, log-in and password; what was known of the connection is no longer true."""
        before = {"base_url": self.base_url}
        self.base_url = base_url
        sealed = {**credentials, "server": server_of(base_url)}
        self.credentials = current_app.config["KEYRING"].seal(sealed, place_of(self), hinted=self.HINTED_SECRETS)
        self.connection_status = self.connection_error = None
        db.session.add(self)
        record(Action.CREDENTIALS_SET, self, before=before, after={"base_url": base_url})

    def deactivate(self) -> bool:
        """Stop using the connection; what is stored stays, and what failed there concerns nobody any more."""
        changed = super().deactivate()
        if changed:
            resolve_notice(CONNECTION_FAILED, self.id, quietly=True)
        return changed

    def note_outcome(self, outcome: Outcome, **details: Any) -> None:
        """Keep how the server answered, its sentence in English: each reader sees it in their own language."""
        self.connection_status = str(outcome)
        with force_locale("en"):
            is_well = outcome is Outcome.CONNECTED
            self.connection_error = None if is_well else str(outcome.sentence(**details))
        if is_well:
            self.last_connected_at = utc_now()


def iiko_servers() -> Sequence[AccountIntegrationCredentials]:
    """The account's connections to iiko, the first one first."""
    kind = AccountIntegrationCredentials.integration_type
    query = select(AccountIntegrationCredentials).where((kind == IIKO) | kind.startswith(FURTHER, autoescape=True))
    return sorted(db.session.scalars(query), key=lambda each: (each.server_label is not None, each.display_name))


def stored_login(integration: AccountIntegrationCredentials | None) -> Redacted:
    """What is stored, or nothing where there is none or its key is lost."""
    try:
        return integration.open_credentials() if integration else Redacted()
    except SecretUnreadable:
        return Redacted()
