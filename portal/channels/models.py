"""A bot on a messenger: its credentials and switch as owners set them, and how it stands with the platform."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from portal.audit.models import Action
from portal.audit.recording import record
from portal.bots.models import BotInstance
from portal.channels.credentials import CREDENTIAL_FIELDS, StoredCredentials
from portal.channels.states import ChannelState
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.sealing import place_of
from portal.db.states import Flagged, MoveRefused
from portal.db.tables import tenant_key
from portal.db.types import LabelledEnum, utc_now
from portal.media.files import BotFile
from portal.messengers.protocol import Messenger
from portal.messengers.registry import PLATFORMS, platform_label

NOT_CONNECTED = _l("It has no credentials yet. Connect it first.")
UNREADABLE = _l("Its stored credentials cannot be read any more. An owner has to set them again.")
INCOMPLETE = _l("Its stored credentials are not complete. An owner has to set them again.")
BOT_ARCHIVED = _l("The bot is archived, so it answers nowhere. Restore the bot first.")

STATES = ("off", "connecting", "live", "polling", "failing", "removing")
# Work is under way there: the owner's wish and the platform do not agree yet.
UNDER_WAY = ("connecting", "removing")
# A job that was queued has so long to come to it before the round takes its place.
HEAD_START = timedelta(seconds=60)


class SwitchRefused(MoveRefused):
    """A platform cannot be switched."""


class BotPlatformCredential(
    Flagged,
    TenantEntity,
    label=_l("Bot platform"),
    plural=_l("Bot platforms"),
    fields=CREDENTIAL_FIELDS,
):
    """One platform of a bot: its sealed credentials, its switch (``is_active``) and its webhook."""

    __tablename__ = "bot_platform_credential"
    __joint__ = True
    __flag__ = (ChannelState.OFF, ChannelState.ON)
    __moves__ = {
        ChannelState.OFF: {ChannelState.ON: "activated", ChannelState.DISCONNECTED: "disconnected"},
        ChannelState.ON: {ChannelState.OFF: "deactivated", ChannelState.DISCONNECTED: "disconnected"},
    }
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
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

    @property
    def display_name(self) -> str:
        """Bot and platform."""
        return f"{self.bot.name}: {self.label}"

    @classmethod
    def connect(cls, bot: BotInstance, adapter: Messenger) -> "BotPlatformCredential":
        """A platform that the bot did not speak on, still without credentials and switched off."""
        row = cls(id=uuid4(), account_id=bot.account_id, bot_id=bot.id, bot=bot, platform=adapter.key, credentials={})
        row.is_active, row.webhook_auto_refresh = False, True
        return row

    @property
    def adapter(self) -> Messenger | None:
        """The platform's adapter; ``None`` for one that an older writer brought and the portal does not know."""
        return PLATFORMS.get(self.platform)

    @property
    def label(self) -> str:
        """The platform's name for people."""
        return platform_label(self.platform)

    @property
    def state(self) -> LabelledEnum:
        """On or off, until it is disconnected for good."""
        return super().state if self.superseded_at is None else ChannelState.DISCONNECTED

    def enter_state(self, state: LabelledEnum) -> None:
        """What is disconnected is off, too."""
        super().enter_state(state)
        if state == ChannelState.DISCONNECTED:
            self.superseded_at = utc_now()

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
        return self.transition(ChannelState.ON)

    def deactivate(self) -> bool:
        """Ignore messages; whether that changed anything."""
        return self.transition(ChannelState.OFF)

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
            self.transition(ChannelState.ON)

    def disconnect(self) -> None:
        """The row stays for the record, and the platform can be connected anew.

        The credentials stay until the webhook is removed with them: see :meth:`forget`.
        """
        before = {"identity": self.stored.handle or None, "is_active": self.is_active}
        self.transition(ChannelState.DISCONNECTED, before=before)

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
        record(action, self, before=before, after=after)


class BotConnection(TenantEntity, label=_l("Connection of a platform")):
    """One for each platform credential, made when it is first needed; the seed's row holds what owners set.

    ``external_id`` is the bot's identity at the platform, ``identity_digest`` the same, keyed, while this connection
    holds the bot (see :mod:`portal.channels.attachment`), ``profile`` what the platform calls it (``name``,
    ``username``, ``link``). ``problem`` is a code of what is wrong, ``detail`` the platform's own words.
    ``generation`` counts the owner's switching, so that an older queued action knows that it is out of date;
    ``due_at`` is when the webhook is looked at next, ``failures`` how often that went wrong in a row.
    ``allowance`` (messages, at ``allowance_at``) is the token bucket, ``paused_until`` the platform's own wish.
    """

    __tablename__ = "bot_connection"
    __joint__ = True
    __mapper_args__ = {"eager_defaults": True}
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
        tenant_key("bot_platform_credential", "credential_id", "CASCADE"),
        tenant_key("bot_file", "picture_id"),
        UniqueConstraint("credential_id"),
        CheckConstraint(f"state IN {STATES!r}", "state"),
        Index("ix_bot_connection_bot_id", "account_id", "bot_id"),
        Index("ix_bot_connection_credential_id", "account_id", "credential_id"),
        Index(
            "ix_bot_connection_picture_id",
            "account_id",
            "picture_id",
            postgresql_where=text("picture_id IS NOT NULL"),
        ),
        Index("ix_bot_connection_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    bot_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    external_id: Mapped[str | None]
    identity_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    profile: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    picture_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="off", server_default="off")
    problem: Mapped[str | None]
    detail: Mapped[str | None]
    generation: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    due_at: Mapped[datetime | None]
    allowance: Mapped[float | None]
    allowance_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    poll_offset: Mapped[int | None] = mapped_column(BigInteger)
    last_update_at: Mapped[datetime | None]
    # Since when it stands as it does; a trigger notes it, whoever writes.
    since: Mapped[datetime | None] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())

    credential: Mapped[BotPlatformCredential] = relationship(
        primaryjoin="and_(BotPlatformCredential.id == BotConnection.credential_id,"
        " BotPlatformCredential.account_id == BotConnection.account_id)",
        foreign_keys="BotConnection.credential_id",
        viewonly=True,
    )
    picture: Mapped[BotFile | None] = relationship(
        primaryjoin="and_(BotFile.id == BotConnection.picture_id, BotFile.account_id == BotConnection.account_id)",
        foreign_keys="BotConnection.picture_id",
        viewonly=True,
    )

    @classmethod
    def of(cls, credential: BotPlatformCredential) -> "BotConnection":
        """The platform's row, made where there was none."""
        if credential.connection is None:
            account_id, bot_id = credential.account_id, credential.bot_id
            made = cls(id=uuid4(), account_id=account_id, bot_id=bot_id, credential_id=credential.id, state="off")
            made.generation, made.failures, made.profile = 0, 0, {}
            db.session.add(made)
            set_committed_value(credential, "connection", made)
        connection = credential.connection
        assert connection is not None
        return connection

    def begin(self, state: str) -> None:
        """The owner wants something else: work that was under way for the former wish is void."""
        self.generation += 1
        self.state, self.problem, self.detail, self.failures = state, None, None, 0
        self.due_at, self.paused_until = utc_now() + HEAD_START, None

    def settle_again(self) -> None:
        """Another check may have come between: do once more what the owner wants."""
        self.state = "removing" if self.state in ("off", "removing") else "connecting"
        self.due_at = utc_now()

    def forget_bot(self) -> None:
        """Other credentials may be another bot's: neither name nor place in its updates nor allowance go over to it."""
        self.external_id, self.profile, self.picture_id = None, {}, None
        self.poll_offset = self.allowance = self.allowance_at = self.paused_until = None
