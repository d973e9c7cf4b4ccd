"""Reading the library and the files that pages of a bot may show."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import Column, Engine, delete, exists, or_, select
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import joinedload

from portal.db.base import SCHEMA, db
from portal.db.cursor import rows
from portal.db.moments import NOW
from portal.db.types import utc_now
from portal.media.bucket import Bucket, BucketUnavailable, current_bucket, require_bucket
from portal.media.content_types import type_named
from portal.media.files import BotFile, object_key
from portal.media.models import BotMedia, BotMediaUpload
from portal.media.names import download_name, visible
from portal.messaging.failures import Failure
from portal.messaging.messages import BotMessage
from portal.messaging.papers import brings_paper
from portal.messengers.errors import Unavailable
from portal.tenancy.finding import get_or_404
from portal.tenancy.scope import SET_ACCOUNT

# Whoever has just stored a file may not have come to the row that names it.
ORPHAN_AGE = timedelta(days=1)
BATCH = 200


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A stored file and what it is called, without a name of its own after its type; ``paper_in`` is the conversation
    in which it came as a paper, in anybody's record or not.
    """

    file: BotFile
    name: str
    paper_in: UUID | None


def find_media(bot_id: UUID, media_id: UUID) -> BotMedia:
    """The library file of that bot, its bot and content with it; or 404."""
    media = get_or_404(BotMedia, media_id, joinedload(BotMedia.bot), joinedload(BotMedia.file))
    if media.bot_id != bot_id:
        abort(404)
    return media


def keys_of(bot_id: UUID) -> set[str]:
    """Every key that the bot's library has, those of archived files included."""
    return set(db.session.scalars(select(BotMedia.key).where(BotMedia.bot_id == bot_id)))


def find_file(bot_id: UUID, file_id: UUID) -> FoundFile:
    """A file that belongs to the bot: of its library, of one of its conversations, or its picture; else 404."""
    of_media = (BotMedia.bot_id == bot_id, BotMedia.file_id == BotFile.id)
    of_message = (BotMessage.bot_id == bot_id, BotMessage.file_id == BotFile.id)
    sent_name = BotMessage.content["file"]["name"].astext
    query = select(
        BotFile,
        select(BotMedia.name).where(*of_media).limit(1).scalar_subquery(),
        select(sent_name).where(*of_message).limit(1).scalar_subquery(),
        select(BotMessage.dialog_id).where(*of_message, brings_paper()).limit(1).scalar_subquery(),
    ).where(
        BotFile.id == file_id,
        or_(*(exists().where(column == BotFile.id, column.table.c.bot_id == bot_id) for column in naming_columns())),
    )
    row = db.session.execute(query).one_or_none() or abort(404)
    return FoundFile(row[0], called(row[0], row[1] or row[2]), row[3])


def keeping_columns() -> list[Column[Any]]:
    """Every column that names a stored file, whichever room its table belongs to."""
    tables = BotFile.metadata.tables.values()
    return [key.parent for table in tables for key in table.foreign_keys if key.column is BotFile.__table__.c.id]


def naming_columns() -> list[Column[Any]]:
    """Those by which a bot's rows name one."""
    return [column for column in keeping_columns() if "bot_id" in column.table.c]


def called(file: BotFile, name: str | None = None) -> str:
    """The name under which a file is saved."""
    file_type = type_named(file.content_type)
    return download_name(visible(name) or (file_type.kind if file_type else "file"), file_type)


def sendable(key: str, bot_id: UUID) -> tuple[BotMedia, BotFile] | None:
    """The file that a scenario calls by a key; ``None`` where the library lacks it or has archived it."""
    query = select(BotMedia, BotFile).join(BotFile, BotFile.id == BotMedia.file_id)
    row = db.session.execute(
        query.where(BotMedia.bot_id == bot_id, BotMedia.key == key, BotMedia.is_active)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def known_upload(media: BotMedia, credential_id: UUID, external_id: str) -> str | None:
    """The platform's own id of a file's present content, if it gave one that is still good."""
    return db.session.scalars(
        select(BotMediaUpload.platform_file_id).where(
            BotMediaUpload.media_id == media.id,
            BotMediaUpload.credential_id == credential_id,
            BotMediaUpload.external_id == external_id,
            BotMediaUpload.file_id == media.file_id,
            or_(BotMediaUpload.expires_at.is_(None), BotMediaUpload.expires_at > utc_now()),
        )
    ).first()


def reader_of(file: BotFile) -> Callable[[], bytes]:
    """A function that reads a file later, on a connection of its own: nobody's transaction stays open for it.

    It raises the platforms' ``Unavailable`` where the file cannot be read: nothing was sent, another try may do.
    """
    account_id, file_id = file.account_id, file.id
    bucket, engine = current_bucket(), db.engine
    if file.storage == "bucket":
        return lambda: _read_object(bucket, object_key(account_id, file_id))
    return lambda: _read_row(engine, account_id, file_id)


def _read_object(bucket: Bucket | None, key: str) -> bytes:
    try:
        if bucket is not None:
            return b"".join(bucket.pieces(key))
    except BucketUnavailable:
        pass
    raise Unavailable(Failure.FILE_UNREADABLE)


def _read_row(engine: Engine, account_id: UUID, file_id: UUID) -> bytes:
    try:
        with engine.connect() as connection:
            connection.execute(SET_ACCOUNT, {"account_id": str(account_id)})
            query = select(BotFile.data).where(BotFile.account_id == account_id, BotFile.id == file_id)
            return connection.scalars(query).one() or b""
    except (DBAPIError, NoResultFound):
        raise Unavailable(Failure.FILE_UNREADABLE) from None


def remove_orphans() -> int:
    """Remove a batch of the account's files that nothing names; gives how many.

    The objects go first: a row that outlives its object is found again, an object without a row never.
    """
    orphans = (
        select(BotFile)
        .where(BotFile.created_at < utc_now() - ORPHAN_AGE)
        .where(*(~exists().where(column == BotFile.id) for column in keeping_columns()))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    found = db.session.scalars(orphans).all()
    for file in found:
        if file.storage == "bucket":
            require_bucket().delete(object_key(file.account_id, file.id))
    db.session.execute(delete(BotFile).where(BotFile.id.in_([file.id for file in found])))
    return len(found)


# Files that guests sent and nobody fetches: their time is over, or the credentials were changed that were refused.
# What is claimed stands apart: as a condition it may be asked again for each row, and each time it takes other ones.
_LOST = f"""
    WITH waiting AS (
        SELECT m.id, row_number() OVER (PARTITION BY m.account_id ORDER BY m.due_at) AS place
        FROM {SCHEMA}.bot_message m JOIN {SCHEMA}.bot_platform_credential c
            ON c.account_id = m.account_id AND c.id = m.credential_id
        WHERE m.file_state = 'waiting' AND (m.due_at < {NOW} - %(lost_after)s
            OR m.error = ANY(%(refused)s) AND c.updated_at > m.updated_at)
    ), claimed AS MATERIALIZED (
        SELECT m.id FROM waiting JOIN {SCHEMA}.bot_message m USING (id)
        ORDER BY place LIMIT %(most)s FOR UPDATE OF m SKIP LOCKED
    )
    UPDATE {SCHEMA}.bot_message SET due_at = {NOW} WHERE id IN (SELECT id FROM claimed) RETURNING id, account_id
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class LostFile:
    """A message whose file is to be asked for again."""

    id: UUID
    account_id: UUID


def claim_lost_files(lost_after: timedelta, refused: Iterable[str], most: int) -> Sequence[LostFile]:
    """Files that should have been fetched so long ago, the accounts in turns; nobody else finds them for that long.

    Beside them those that wait since one of the reasons ``refused`` for credentials which were changed meanwhile.
    """
    return rows(LostFile, _LOST, lost_after=lost_after, refused=list(map(str, refused)), most=most)
