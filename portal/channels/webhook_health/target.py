"""All that is needed to speak to a platform about its webhook, read beforehand: no transaction is open meanwhile."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from flask import current_app

from portal.channels.attachment import Claim
from portal.channels.credentials import webhook_secret
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.channels.queries import heals_since, others_like, platform_row
from portal.db.secrets import Redacted
from portal.db.types import utc_now
from portal.messengers.protocol import Messenger

# So many times within this time the webhook is set again before the owner is asked.
MAX_HEALS = 3
HEALS_COUNT_FOR = timedelta(hours=1)


class DeliveryMode(StrEnum):
    """How updates are to come."""

    NONE = "none"
    DELIVERED = "delivered"
    POLLED = "polled"
    # On, but the platform only delivers, and the portal has no public address.
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """One bot on one platform as it stood when the target was opened.

    ``values`` is empty where the credentials cannot be opened. ``address`` is where the platform should deliver.
    ``former`` means that the credentials are only kept until their webhook is removed, ``successor`` then holds the
    credentials that took their place. ``heals`` counts the latest times that the portal set the webhook by itself.
    """

    credential_id: UUID
    account_id: UUID
    generation: int
    adapter: Messenger
    mode: DeliveryMode
    address: str
    secret: str = field(repr=False)
    values: Redacted = field(repr=False)
    state: str
    problem: str | None
    failures: int
    external_id: str | None
    picture: bytes | None
    last_update_at: datetime | None
    heals_itself: bool
    heals: int
    former: bool
    successor: Redacted | None = field(repr=False)

    @property
    def claim(self) -> Claim:
        """Its wish to be the one that holds the bot."""
        return Claim(self.credential_id, self.generation, self.adapter.key)

    @property
    def is_fought_over(self) -> bool:
        """Whether somebody else takes the webhook away again and again."""
        return self.problem == "fought_over" or self.heals >= MAX_HEALS


def open_target(credential_id: UUID) -> WebhookTarget | None:
    """The webhook of a platform of the account in scope; ``None`` where there is nothing to speak about."""
    row = platform_row(credential_id)
    if row is None or row.credential.adapter is None or row.credential.connection is None:
        return None
    credential, adapter, connection = row.credential, row.credential.adapter, row.credential.connection
    values = credential.stored.values
    return WebhookTarget(
        credential_id=credential.id,
        account_id=credential.account_id,
        generation=connection.generation,
        adapter=adapter,
        mode=delivery_mode(adapter) if row.is_wanted else DeliveryMode.NONE,
        address=address_of(credential, adapter),
        secret=webhook_secret(current_app.config["SECRET_KEY"], credential.id, adapter.setup.identify(values)),
        values=values if adapter.is_complete(values) else Redacted(),
        state=connection.state,
        problem=connection.problem,
        failures=connection.failures,
        external_id=connection.external_id,
        picture=connection.picture.sha256 if connection.picture else None,
        last_update_at=connection.last_update_at,
        heals_itself=credential.webhook_auto_refresh,
        heals=heals_since(credential.id, utc_now() - HEALS_COUNT_FOR),
        former=credential.superseded_at is not None,
        successor=_successor(credential),
    )


def delivery_mode(adapter: Messenger) -> DeliveryMode:
    """How updates should come to a platform that is switched on, as the configuration stands."""
    if current_app.config["PUBLIC_URL"]:
        return DeliveryMode.DELIVERED
    return DeliveryMode.POLLED if adapter.polls else DeliveryMode.NOWHERE


def address_of(credential: BotPlatformCredential, adapter: Messenger) -> str:
    """Where the platform should deliver; empty where the portal has no public address."""
    base = current_app.config["PUBLIC_URL"]
    return f"{base.rstrip('/')}{adapter.webhook_path(credential.id)}" if base else ""


def _successor(credential: BotPlatformCredential) -> Redacted | None:
    """The credentials in use of a bot that these were replaced for."""
    if credential.superseded_at is None or credential.adapter is None:
        return None
    current = others_like(credential)
    values = current.stored.values if current else Redacted()
    return values if credential.adapter.is_complete(values) else None


def open_connection(credential_id: UUID) -> tuple[BotPlatformCredential, BotConnection] | None:
    """The rows, held until the transaction ends, to write down what a check came to."""
    row = platform_row(credential_id, to_change=True)
    if row is None or row.credential.connection is None:
        return None
    return row.credential, row.credential.connection
