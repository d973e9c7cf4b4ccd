"""The library of a bot and the platforms' own copies of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.verbs import MasterRecord
from portal.bots.connection import credential_key, file_key
from portal.bots.files import BotFile
from portal.bots.models import BotInstance, bot_key
from portal.db.base import SCHEMA, TenantEntity

KINDS = ("image", "video", "animation", "audio", "voice", "document")


class BotMedia(MasterRecord):
    """A file that scenarios send; ``key`` is what they call it (``file_id`` in the scenario)."""

    __tablename__ = "bot_media"
    __table_args__ = (
        bot_key(),
        file_key("file_id"),
        UniqueConstraint("account_id", "id"),
        UniqueConstraint("bot_id", "key"),
        CheckConstraint(f"kind IN {KINDS!r}", "kind"),
        Index("ix_bot_media_bot_id", "account_id", "bot_id", "is_active", "name", "id"),
        Index("ix_bot_media_file_id", "account_id", "file_id"),
    )

    bot_id: Mapped[UUID]
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[UUID]

    bot: Mapped[BotInstance] = relationship(
        primaryjoin="and_(BotInstance.id == BotMedia.bot_id, BotInstance.account_id == BotMedia.account_id)",
        foreign_keys="BotMedia.bot_id",
        viewonly=True,
    )
    file: Mapped[BotFile] = relationship(
        primaryjoin="and_(BotFile.id == BotMedia.file_id, BotFile.account_id == BotMedia.account_id)",
        foreign_keys="BotMedia.file_id",
        viewonly=True,
    )


class BotMediaUpload(TenantEntity):
    """A platform's own id of a library file, good for one bot's identity there (``external_id``) and one content."""

    __tablename__ = "bot_media_upload"
    __table_args__ = (
        credential_key(),
        file_key("file_id", ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["account_id", "media_id"],
            [f"{SCHEMA}.bot_media.account_id", f"{SCHEMA}.bot_media.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("media_id", "credential_id"),
        Index("ix_bot_media_upload_media_id", "account_id", "media_id"),
        Index("ix_bot_media_upload_credential_id", "account_id", "credential_id"),
        Index("ix_bot_media_upload_file_id", "account_id", "file_id"),
    )

    media_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    file_id: Mapped[UUID]
    external_id: Mapped[str]
    platform_file_id: Mapped[str]
    expires_at: Mapped[datetime | None]
