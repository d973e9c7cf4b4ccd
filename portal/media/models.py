"""The library of a bot and the platforms' own copies of it."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, delete
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import Action
from portal.audit.recording import record
from portal.bots.models import BotInstance
from portal.db.base import TenantEntity, db
from portal.db.records import Archivable
from portal.db.tables import tenant_key
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.media.content_types import FileType, type_named
from portal.media.files import BotFile
from portal.media.names import Upload, download_name, free_key


class MediaKind(LabelledEnum):
    """What a file is to a messenger."""

    IMAGE = "image", _l("Picture")
    VIDEO = "video", _l("Video")
    ANIMATION = "animation", _l("Animation")
    AUDIO = "audio", _l("Sound")
    VOICE = "voice", _l("Voice")
    DOCUMENT = "document", _l("Document")


class BotMedia(
    Archivable,
    label=_l("File"),
    plural=_l("Files"),
    add=_l("Upload files"),
    count=counted("%(num)s file", "%(num)s files"),
    fields={
        "bot_id": _l("Bot"),
        "content_type": _l("Type"),
        "description": _l("Description"),
        "key": _l("Key"),
        "kind": _l("Kind"),
        "name": _l("Name"),
        "size": _l("Size in bytes"),
    },
):
    """A file that scenarios send; ``key`` is what they call it (``file_id`` in the scenario).

    Archived it is sent no more; its key stays taken.
    """

    __tablename__ = "bot_media"
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
        tenant_key("bot_file", "file_id"),
        UniqueConstraint("account_id", "id"),
        UniqueConstraint("bot_id", "key"),
        CheckConstraint(f"kind IN {tuple(MediaKind.words())}", "kind"),
        Index("ix_bot_media_bot_id", "account_id", "bot_id", "is_active", "name", "id"),
        Index("ix_bot_media_file_id", "account_id", "file_id"),
    )

    bot_id: Mapped[UUID]
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[MediaKind] = mapped_column(EnumText(MediaKind))
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

    @property
    def file_type(self) -> FileType | None:
        """What its content is; ``None`` for a type that is no longer taken."""
        return type_named(self.file.content_type)

    @property
    def download_name(self) -> str:
        """The name under which it is saved."""
        return download_name(self.name, self.file_type)

    @classmethod
    def add(cls, bot: BotInstance, upload: Upload, key: str | None, taken: set[str]) -> "BotMedia":
        """Keep an upload under a key, or under one made of its name that is not among ``taken``, where it is noted."""
        file = BotFile.store(upload.data, upload.file_type.content_type)
        kind = MediaKind(upload.file_type.kind)
        media = cls(
            bot_id=bot.id, key=key or free_key(upload.name, kind, taken), name=upload.name, kind=kind, file_id=file.id
        )
        taken.add(media.key)
        media.open()
        return media

    def replace(self, file: BotFile, file_type: FileType) -> None:
        """Give it another content under the same key; platforms are sent it anew."""
        before = {"kind": self.kind, "size": self.file.size, "content_type": self.file.content_type}
        self.file_id, self.kind = file.id, MediaKind(file_type.kind)
        self.forget_uploads()
        after = {"kind": self.kind, "size": file.size, "content_type": file.content_type}
        record(Action.EDITED, self, before=before, after=after)

    def forget_uploads(self) -> None:
        """Forget the ids that platforms gave to its former content."""
        db.session.execute(delete(BotMediaUpload).where(BotMediaUpload.media_id == self.id))


class BotMediaUpload(TenantEntity, label=_l("File on a platform")):
    """A platform's own id of a library file, good for one bot's identity there (``external_id``) and one content."""

    __tablename__ = "bot_media_upload"
    __table_args__ = (
        tenant_key("bot_platform_credential", "credential_id", "CASCADE"),
        tenant_key("bot_file", "file_id", "CASCADE"),
        tenant_key("bot_media", "media_id", "CASCADE"),
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
