"""Bots and the platforms they speak on."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import Action
from portal.audit.recording import record
from portal.audit.verbs import MasterRecord
from portal.channels.credentials import StoredCredentials
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.sealing import place_of
from portal.db.types import utc_now
from portal.messengers.protocol import Platform
from portal.messengers.registry import PLATFORMS

if TYPE_CHECKING:
    from portal.channels.connection import BotConnection

NOT_CONNECTED = _l("It has no credentials yet. Connect it first.")
UNREADABLE = _l("Its stored credentials cannot be read any more. An owner has to set them again.")
INCOMPLETE = _l("Its stored credentials are not complete. An owner has to set them again.")
BOT_ARCHIVED = _l("The bot is archived, so it answers nowhere. Restore the bot first.")


class SwitchRefused(Exception):  # noqa: N818
    """A platform cannot be switched; ``reason`` says why, in words for people."""

    def __init__(self, reason: LazyString) -> None:
        super().__init__(reason)
        self.reason = reason


def bot_key() -> ForeignKeyConstraint:
    """The composite key that keeps a bot's rows in the bot's own account."""
    return ForeignKeyConstraint(
        ["account_id", "bot_id"], [f"{SCHEMA}.bot_instance.account_id", f"{SCHEMA}.bot_instance.id"]
    )


class BotInstance(MasterRecord):
    """A bot; archived it is silent on every platform, whose switches stay as they are."""

    __tablename__ = "bot_instance"
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        Index("ix_bot_instance_account_id_name", "account_id", "name", "id"),
        Index("ix_bot_instance_account_id_is_active_name", "account_id", "is_active", "name", "id"),
        Index("ix_bot_instance_account_id_is_active_updated_at", "account_id", "is_active", "updated_at", "id"),
    )

    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)

    platforms: Mapped[list["BotPlatformCredential"]] = relationship(
        back_populates="bot",
        primaryjoin="and_(BotInstance.id == BotPlatformCredential.bot_id,"
        " BotPlatformCredential.superseded_at.is_(None))",
        foreign_keys="BotPlatformCredential.bot_id",
        viewonly=True,
    )


class BotPlatformCredential(TenantEntity):
    """One platform of a bot: its sealed credentials, its switch (``is_active``) and its webhook."""

    __tablename__ = "bot_platform_credential"
    __table_args__ = (
        bot_key(),
        UniqueConstraint("account_id", "id"),
        Index(
            "uix_bot_platform_credential_bot_id_platform",
            "bot_id",
            "platform",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_bot_platform_credential_bot_id", "account_id", "bot_id"),
    )

    bot_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.bot_instance.id"))
    platform: Mapped[str]
    credentials: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    webhook_url: Mapped[str | None]
    webhook_last_checked: Mapped[datetime | None]
    webhook_auto_refresh: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Set when the platform is disconnected, and on the older of two rows of an adopted database.
    superseded_at: Mapped[datetime | None]

    bot: Mapped[BotInstance] = relationship(foreign_keys=[bot_id], viewonly=True)
    connection: Mapped["BotConnection | None"] = relationship(
        "BotConnection",
        primaryjoin="and_(BotPlatformCredential.id == foreign(BotConnection.credential_id),"
        " BotPlatformCredential.account_id == BotConnection.account_id)",
        uselist=False,
        viewonly=True,
    )

    @classmethod
    def connect(cls, bot: BotInstance, adapter: Platform) -> "BotPlatformCredential":
        """A platform that the bot did not speak on, still without credentials and switched off."""
        return cls(
            id=uuid4(),
            account_id=bot.account_id,
            bot_id=bot.id,
            bot=bot,
            platform=adapter.key,
            credentials={},
            is_active=False,
            webhook_auto_refresh=True,
        )

    @property
    def adapter(self) -> Platform | None:
        """The platform's adapter; ``None`` for one that an older writer brought and the portal does not know."""
        return PLATFORMS.get(self.platform)

    @property
    def label(self) -> str:
        """The platform's name for people."""
        return self.adapter.label if self.adapter else self.platform

    @property
    def is_live(self) -> bool:
        """Whether messages are answered here: switched on, and the bot is not archived."""
        return self.is_active and self.bot.is_active

    @property
    def stored(self) -> StoredCredentials:
        """Its credentials."""
        return StoredCredentials(self.adapter, self.credentials, place_of(self))

    def activate(self) -> bool:
        """Answer messages; whether that changed anything. Raises ``SwitchRefused`` where it cannot work."""
        self.require_readiness()
        if self.is_active:
            return False
        self.is_active = True
        self.record(Action.ACTIVATED)
        return True

    def deactivate(self) -> bool:
        """Ignore messages; whether that changed anything."""
        if not self.is_active:
            return False
        self.is_active = False
        self.record(Action.DEACTIVATED)
        return True

    def set_credentials(self, values: Mapping[str, str], *, switch_on: bool = False) -> None:
        """Seal new values; what was known of the webhook is no longer true.

        Raises ``IntegrityError`` where somebody else has connected the same platform meanwhile.
        """
        before, stored = self.stored.handle, self.stored
        self.credentials = stored.sealed(values)
        self.webhook_last_checked = None
        db.session.add(self)
        db.session.flush()
        self.record(Action.CREDENTIALS_SET, {"identity": before or None}, {"identity": self.stored.handle or None})
        if switch_on:
            self.is_active = True
            self.record(Action.ACTIVATED)

    def disconnect(self) -> None:
        """The row stays for the record, and the platform can be connected anew.

        The credentials stay until the webhook is removed with them: see :meth:`forget`.
        """
        before = {"identity": self.stored.handle or None, "is_active": self.is_active}
        self.superseded_at, self.is_active = utc_now(), False
        self.record(Action.DISCONNECTED, before)

    def forget(self) -> None:
        """Forget the credentials of a platform that is no longer connected."""
        self.credentials, self.webhook_url = self.stored.sealed({}), None

    def former(self, values: Mapping[str, str]) -> "BotPlatformCredential":
        """A row for credentials that were replaced, which remembers them until their webhook is removed."""
        assert self.adapter is not None
        row = BotPlatformCredential.connect(self.bot, self.adapter)
        row.superseded_at, row.webhook_url = utc_now(), self.webhook_url
        row.credentials = row.stored.sealed(values)
        db.session.add(row)
        db.session.flush()
        return row

    def refresh_webhook(self, wanted: bool) -> None:
        """Whether the portal may set the webhook again by itself."""
        if self.webhook_auto_refresh != wanted:
            self.webhook_auto_refresh = wanted
            changed = {"webhook_auto_refresh": wanted}
            self.record(Action.EDITED, {"webhook_auto_refresh": not wanted}, changed)

    def require_readiness(self) -> None:
        """Raises ``SwitchRefused`` where it cannot be switched on."""
        if not self.bot.is_active:
            raise SwitchRefused(BOT_ARCHIVED)
        if not self.stored.is_readable:
            raise SwitchRefused(UNREADABLE)
        if not self.stored.is_usable:
            raise SwitchRefused(INCOMPLETE if self.stored.values else NOT_CONNECTED)

    def record(self, action: Action, before: Any = None, after: Any = None) -> None:
        """A line in the audit log, under the names of bot and platform."""
        record(action, self, before=before, after=after, label=f"{self.bot.name}: {self.label}")
