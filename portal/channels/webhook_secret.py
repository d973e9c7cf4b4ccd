"""The secret that a platform sends along with every delivery: derived, so that none has to be kept."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from uuid import UUID


def webhook_secret(secret_key: str, credential_id: UUID | str, external_id: str) -> str:
    """43 characters of A-Z a-z 0-9 _ -, one for each platform credential and the bot behind it.

    ``external_id`` is the bot's identity at the platform: another bot under the same credential gets another one.
    """
    message = f"webhook\0{UUID(str(credential_id))}\0{external_id}".encode("utf-8", "surrogatepass")
    digest = hmac.digest(secret_key.encode("utf-8", "surrogatepass"), message, hashlib.sha256)
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
