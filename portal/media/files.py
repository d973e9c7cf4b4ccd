"""Stored files: what owners upload for their bots, what people send to them, pictures of bots."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity, db
from portal.media.bucket import current_bucket, require_bucket
from portal.tenancy.scope import require_scope

# So much of a file is in memory while it is read out of the database.
PIECE = 1024 * 1024
# What one account's library, pictures and received files may take in all; beyond it people's files are not taken any
# more, and what owners upload still is.
MAX_ACCOUNT_BYTES = 10 * 1024 * 1024 * 1024


class BotFile(TenantEntity, label=_l("Content of a file")):
    """The bytes of a file, which never change; in the row itself or in a bucket under the row's id."""

    __tablename__ = "bot_file"
    __table_args__ = (
        CheckConstraint("storage IN ('database', 'bucket')", "storage"),
        UniqueConstraint("account_id", "id"),
        Index("ix_bot_file_account_id", "account_id", postgresql_include=["size"]),
    )

    sha256: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    content_type: Mapped[str]
    storage: Mapped[str]
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    @classmethod
    def store(cls, data: bytes, content_type: str, file_id: UUID | None = None) -> "BotFile":
        """Keep a file; a bucket holds it before the row is committed, so that no row ever lacks its bytes.

        ``file_id`` lets a job that is run again write over what it wrote before. Raises ``BucketUnavailable``.
        """
        file = cls(
            id=file_id or uuid4(),
            account_id=require_scope().account_id,
            sha256=hashlib.sha256(data).digest(),
            size=len(data),
            content_type=content_type,
            storage="database",
        )
        if bucket := current_bucket():
            bucket.put(object_key(file.account_id, file.id), data, content_type)
            file.storage = "bucket"
        else:
            file.data = data
        db.session.add(file)
        db.session.flush()
        # Several large files may be stored in one request: none stays in memory.
        db.session.expire(file, ["data"])
        return file

    def pieces(self) -> Iterator[bytes]:
        """The bytes in their order, a piece at a time. Raises ``BucketUnavailable``."""
        if self.storage == "bucket":
            yield from require_bucket().pieces(object_key(self.account_id, self.id))
            return
        for start in range(0, self.size, PIECE):
            piece = func.substring(BotFile.data, start + 1, PIECE, type_=LargeBinary)
            yield db.session.scalars(select(piece).where(BotFile.id == self.id)).one()

    def opened(self) -> "SpooledTemporaryFile[bytes]":
        """The bytes as an open file, of which a small one alone stays in memory; the caller closes it."""
        with ExitStack() as unless_whole:
            spool = unless_whole.enter_context(SpooledTemporaryFile(max_size=PIECE))
            for piece in self.pieces():
                spool.write(piece)
            spool.seek(0)
            unless_whole.pop_all()
        return spool


def is_store_full() -> bool:
    """Whether the account's files take as much room as they may."""
    taken = db.session.scalar(select(func.sum(BotFile.size)))
    return (taken or 0) >= MAX_ACCOUNT_BYTES


def object_key(account_id: UUID, file_id: UUID) -> str:
    """Where a bucket holds a file."""
    return f"{account_id}/{file_id}"
