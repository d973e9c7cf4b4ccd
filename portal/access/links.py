"""Links that carry a secret: invitations and password resets.

The secret (256 bits) is derived from the row's id under the portal's key, so a mail can be written
later from the row alone; the database holds only its hash.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from flask import current_app, url_for

from portal.access.signing import signing_keys

MAX_SECRET = 100


def link_secret(purpose: str, row_id: UUID, known_hash: bytes | None = None) -> str:
    """The secret of one link; of one that was made under a former key that which ``known_hash`` was kept of."""
    secrets = [_derived(key, purpose, row_id) for key in signing_keys()]
    return next((secret for secret in secrets if secret_hash(secret) == known_hash), secrets[0])


def _derived(key: str, purpose: str, row_id: UUID) -> str:
    digest = hmac.digest(key.encode(), f"link\0{purpose}\0{row_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def secret_hash(secret: str) -> bytes:
    """What the database keeps of a link's secret."""
    return hashlib.sha256(secret[:MAX_SECRET].encode("utf-8", "surrogatepass")).digest()


def link_address(endpoint: str, secret: str) -> str:
    """The whole address of a link, on the portal's public address where one is configured."""
    path = url_for(endpoint, secret=secret, _external=False)
    base = current_app.config["PUBLIC_URL"]
    return f"{base}{path}" if base else url_for(endpoint, secret=secret, _external=True)
