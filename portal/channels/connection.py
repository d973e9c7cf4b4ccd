"""How a bot stands with a platform: what the platform says of it, its webhook, its allowance of messages."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from portal.bots.models import BotPlatformCredential, bot_key
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.types import utc_now
from portal.media.files import BotFile

STATES = ("off", "connecting", "live", "polling", "failing", "removing")
# Work is under way there: the owner's wish and the platform do not agree yet.
UNDER_WAY = ("connecting", "removing")
# A job that was queued has so long to come to it before the doctor takes its place.
HEAD_START = timedelta(seconds=60)


def credential_key() -> ForeignKeyConstraint:
    """The composite key that keeps a platform's rows in the platform's own account."""
    return ForeignKeyConstraint(
        ["account_id", "credential_id"],
        [f"{SCHEMA}.bot_platform_credential.account_id", f"{SCHEMA}.bot_platform_credential.id"],
        ondelete="CASCADE",
    )


def file_key(column: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """The composite key to a stored file."""
    targets = [f"{SCHEMA}.bot_file.account_id", f"{SCHEMA}.bot_file.id"]
    return ForeignKeyConstraint(["account_id", column], targets, ondelete=ondelete)


class BotConnection(TenantEntity):
    """One for each platform credential, made when it is first needed; the seed's row holds what owners set.

    ``external_id`` is the bot's identity at the platform, ``profile`` what the platform calls it (``name``,
    ``username``, ``link``). ``problem`` is a code of what is wrong, ``detail`` the platform's own words.
    ``generation`` counts the owner's switching, so that an older queued action knows that it is out of date;
    ``due_at`` is when the webhook is looked at next, ``failures`` how often that went wrong in a row.
    ``allowance`` (messages, at ``allowance_at``) is the token bucket, ``paused_until`` the platform's own wish.
    """

    __tablename__ = "bot_connection"
    __table_args__ = (
        bot_key(),
        credential_key(),
        file_key("picture_id"),
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
            made = cls(
                id=uuid4(),
                account_id=credential.account_id,
                bot_id=credential.bot_id,
                credential_id=credential.id,
                state="off",
                generation=0,
                failures=0,
                profile={},
            )
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
        """Another visit may have come between: do once more what the owner wants."""
        self.state = "removing" if self.state in ("off", "removing") else "connecting"
        self.due_at = utc_now()

    def forget_bot(self) -> None:
        """Other credentials may be another bot's: neither name nor place in its updates nor allowance go over to it."""
        self.external_id, self.profile, self.picture_id = None, {}, None
        self.poll_offset = self.allowance = self.allowance_at = self.paused_until = None
