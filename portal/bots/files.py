"""Stored files: what owners upload for their bots, what people send to them, pictures of bots."""

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity


class BotFile(TenantEntity):
    """The bytes of a file, which never change; in the row itself or in a bucket under the row's id."""

    __tablename__ = "bot_file"
    __table_args__ = (
        CheckConstraint("storage IN ('database', 'bucket')", "storage"),
        UniqueConstraint("account_id", "id"),
    )

    sha256: Mapped[bytes]
    size: Mapped[int] = mapped_column(BigInteger)
    content_type: Mapped[str]
    storage: Mapped[str]
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
