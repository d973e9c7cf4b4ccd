"""Files on their way out: what a sender needs of a library file, and what a platform called it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from portal.db.base import db
from portal.db.types import utc_now
from portal.media.links import public_address
from portal.media.models import BotMediaUpload
from portal.media.queries import known_upload, reader_of, sendable
from portal.messengers.results import OutgoingFile
from portal.tenancy.scope import require_scope

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
