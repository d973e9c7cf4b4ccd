"""A platform's credentials at rest: sealed for one row, opened only while they are needed."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _l

from portal.db import secrets
from portal.db.secrets import Place, Redacted, SecretUnreadable
from portal.messengers.protocol import Messenger

# What the audit log calls the fields of a bot's platform.
CREDENTIAL_FIELDS = {
    "bot_id": _l("Bot"),
    "chat": _l("Chat"),
    "credentials": _l("Credentials"),
    "identity": _l("Known there as"),
    "is_active": _l("Active"),
    "platform": _l("Platform"),
    "webhook_auto_refresh": _l("Automatic refresh"),
    "webhook_last_checked": _l("Last check"),
    "webhook_url": _l("Delivery address"),
}


@dataclass(frozen=True)
class StoredCredentials:
    """What one row holds. ``adapter`` is ``None`` for a platform that the portal does not know."""

    adapter: Messenger | None
    envelope: Any
    place: Place

    def open(self) -> Redacted:
        """The values by field; raises ``SecretUnreadable`` under a lost key."""
        return Redacted(current_app.config["KEYRING"].open_allowing_clear(self.envelope, self.place))

    @property
    def is_readable(self) -> bool:
        """Whether they can be opened."""
        try:
            self.open()
        except SecretUnreadable:
            return False
        return True

    @property
    def values(self) -> Redacted:
        """The values by field; none where they cannot be opened."""
        try:
            return self.open()
        except SecretUnreadable:
            return Redacted()

    @property
    def is_usable(self) -> bool:
        """Whether the platform could be spoken to with them."""
        return self.adapter is not None and self.adapter.is_complete(self.values)

    @property
    def handle(self) -> str:
        """What may be shown to tell one bot from another, or an empty text."""
        return self.adapter.setup.identify(self.values) if self.adapter else ""

    @property
    def set_at(self) -> datetime | None:
        """When they were set; unknown for those of an older writer."""
        return secrets.set_at(self.envelope)

    @property
    def secrets(self) -> list[tuple[Any, str | None]]:
        """Label and last characters of each secret that is stored."""
        if self.adapter is None:
            return []
        stored = self.adapter.normalise(self.values)
        fields = [field for field in self.adapter.fields if field.secret and stored[field.name]]
        return [(field.label, secrets.hint(self.envelope, field.name)) for field in fields]

    def sealed(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The envelope of new values for the same place."""
        hinted = self.adapter.secret_fields if self.adapter else ()
        envelope: dict[str, Any] = current_app.config["KEYRING"].seal(values, self.place, hinted=hinted)
        return envelope


def webhook_secret(secret_key: str, credential_id: UUID | str, external_id: str) -> str:
    """43 characters of A-Z a-z 0-9 _ -, one for each platform credential and the bot behind it.

    ``external_id`` is the bot's identity at the platform: another bot under the same credential gets another one.
    """
    message = f"webhook\0{UUID(str(credential_id))}\0{external_id}".encode("utf-8", "surrogatepass")
    digest = hmac.digest(secret_key.encode("utf-8", "surrogatepass"), message, hashlib.sha256)
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
