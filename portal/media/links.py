"""Addresses under which platforms fetch a file: sealed, so that they tell nothing, and good for a day."""

import base64
import hashlib
import hmac
import os
import struct
from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from portal.db.types import utc_now
from portal.media.content_types import type_named
from portal.media.files import BotFile

LIFETIME = timedelta(hours=24)
_NONCE_BYTES = 12
_INSIDE = struct.Struct(">16s16sQ")


def public_address(file: BotFile) -> str | None:
    """Where anybody can fetch the file for a day; ``None`` where the portal has no public address.

    The path ends in the type's ending: some platforms look at nothing else.
    """
    base: str | None = current_app.config["PUBLIC_URL"]
    if base is None:
        return None
    token = seal_token(current_app.config["SECRET_KEY"], file.account_id, file.id)
    return f"{base}/media/{token}.{extension_of(file)}"


def extension_of(file: BotFile) -> str:
    """The ending of a file's type."""
    file_type = type_named(file.content_type)
    return file_type.extension if file_type else "bin"


def seal_token(secret_key: str, account_id: UUID, file_id: UUID, expires_at: int | None = None) -> str:
    """A text that only the portal can read: which file, until when (seconds since 1970)."""
    if expires_at is None:
        expires_at = int((utc_now() + LIFETIME).timestamp())
    nonce = os.urandom(_NONCE_BYTES)
    inside = _INSIDE.pack(account_id.bytes, file_id.bytes, expires_at)
    return base64.urlsafe_b64encode(nonce + _cipher(secret_key).encrypt(nonce, inside, None)).decode().rstrip("=")


def read_token(secret_key: str, token: str) -> tuple[UUID, UUID] | None:
    """Account and file of a token; ``None`` for one that was not made here or is too old."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        inside = _cipher(secret_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (ValueError, InvalidTag):
        return None
    account, file, expires_at = _INSIDE.unpack(inside)
    if expires_at < utc_now().timestamp():
        return None
    return UUID(bytes=account), UUID(bytes=file)


def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(hmac.digest(secret_key.encode(), b"public media address", hashlib.sha256))
