"""Files on their way out: what a sender needs of a library file, and what a platform called it."""

import base64
import hashlib
import hmac
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from portal.db.base import db
from portal.db.types import utc_now
from portal.media.content_types import type_named
from portal.media.files import BotFile
from portal.media.models import BotMediaUpload
from portal.media.queries import known_upload, reader_of, sendable
from portal.messengers.results import OutgoingFile
from portal.tenancy.scope import require_scope

# Where a messenger does not take a file its people get the address: it lasts as long as messengers keep files.
LIFETIME = timedelta(days=30)
_NONCE_BYTES = 12
_INSIDE = struct.Struct(">16s16sQ")


def public_address(file: BotFile) -> str | None:
    """Where anybody can fetch the file for a month; ``None`` where the portal has no public address.

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


def read_token(secret_keys: Sequence[str], token: str) -> tuple[UUID, UUID] | None:
    """Account and file of a token, made under any of the keys; ``None`` for one not made here, or too old."""
    inside = next(filter(None, (_opened(key, token) for key in secret_keys)), None)
    if inside is None:
        return None
    account, file, expires_at = _INSIDE.unpack(inside)
    if expires_at < utc_now().timestamp():
        return None
    return UUID(bytes=account), UUID(bytes=file)


def _opened(secret_key: str, token: str) -> bytes | None:
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return _cipher(secret_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (ValueError, InvalidTag):
        return None


def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(hmac.digest(secret_key.encode(), b"public media address", hashlib.sha256))


# The platform that forgets first does so after thirty days.
KEPT_FOR = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryFile(OutgoingFile):
    """An outgoing file that knows which content of the library it is."""

    media_id: UUID
    file_id: UUID


def outgoing_file(attachment_key: str, bot_id: UUID, credential_id: UUID, external_id: str) -> LibraryFile | None:
    """What the bot's library holds under a key, ready to be sent as the bot's identity ``external_id``.

    ``None`` where it holds nothing or has archived it. The account is in scope; ``data`` may be called later,
    from another thread and without any scope: it opens and closes a connection of its own, and raises ``Unavailable``
    where the file cannot be read now.
    """
    found = sendable(attachment_key, bot_id)
    if found is None:
        return None
    media, file = found
    return LibraryFile(
        data=reader_of(file),
        name=media.download_name,
        content_type=file.content_type,
        size=file.size,
        platform_file_id=known_upload(media, credential_id, external_id),
        public_url=public_address(file),
        media_id=media.id,
        file_id=file.id,
    )


def remember_upload(
    file: OutgoingFile | None,
    credential_id: UUID,
    external_id: str,
    platform_file_id: str | None,
    expires_at: datetime | None = None,
) -> None:
    """Keep what the platform called a file that :func:`outgoing_file` gave, to send it so from now on.

    Good for this identity of the bot and this content alone, until ``expires_at`` (``None``: for ``KEPT_FOR``). Where
    the content was replaced meanwhile the note is harmless: it names the former one. Commits nothing.
    """
    if not platform_file_id or not isinstance(file, LibraryFile):
        return
    expires_at = expires_at or utc_now() + KEPT_FOR
    told = {
        "file_id": file.file_id,
        "external_id": external_id,
        "platform_file_id": platform_file_id,
        "expires_at": expires_at,
    }
    account_id = require_scope().account_id
    note = insert(BotMediaUpload).values(
        account_id=account_id, media_id=file.media_id, credential_id=credential_id, **told
    )
    db.session.execute(note.on_conflict_do_update(index_elements=["media_id", "credential_id"], set_=told))
