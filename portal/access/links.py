"""Links that carry a secret: invitations and password resets.

The secret (256 bits) is derived from the row's id under the portal's key, so a mail can be written
later from the row alone; the database holds only its hash.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from flask import current_app, url_for

MAX_SECRET = 100


def link_secret(purpose: str, row_id: UUID) -> str:
    """The secret of one link."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.digest(key, f"link\0{purpose}\0{row_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def secret_hash(secret: str) -> bytes:
    """What the database keeps of a link's secret."""
    return hashlib.sha256(secret[:MAX_SECRET].encode("utf-8", "surrogatepass")).digest()


def link_address(endpoint: str, secret: str) -> str:
    """The whole address of a link, on the portal's public address where one is configured."""
    path = url_for(endpoint, secret=secret, _external=False)
    base = current_app.config["PUBLIC_URL"]
    return f"{base}{path}" if base else url_for(endpoint, secret=secret, _external=True)
