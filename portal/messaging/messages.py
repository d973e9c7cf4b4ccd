"""What was said in a conversation, both ways: its history, and for what goes out its queue as well."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, UniqueConstraint, false, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db
from portal.db.tables import tenant_key
from portal.db.types import utc_now
from portal.messaging.events import MessageState

STATES = tuple(state.value for state in MessageState)
MAX_LABEL = 100
FILE_STATES = ("waiting", "stored", "refused", "failed", "removed")


class BotMessage(
    TenantEntity,
    label=_l("Message"),
    plural=_l("Messages"),
    fields={"state": _l("State")},
    values={
        "state": {
            "cancelled": _l("Not sent"),
            "failed": _l("Not delivered"),
            "queued": _l("Waiting to be sent"),
        }
    },
):
    """One message of a conversation.

    Inbound: ``kind`` says what it was (text, press, image …), ``variable`` and ``value`` what it answered,
    ``update_id`` the update that brought it. Outbound: ``content`` is the outgoing message as it goes out, ``state``
    how far it has come, ``worker`` who is sending it, ``maybe_twice`` that it may have arrived twice, ``error`` a
    code of why it failed. ``text`` is what people read in both directions.
    """

    __tablename__ = "bot_message"
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
        tenant_key("bot_platform_credential", "credential_id", "CASCADE"),
        tenant_key("bot_file", "file_id"),
        tenant_key("bot_dialog_state", "dialog_id", "CASCADE"),
        tenant_key("user", "author_id"),
        UniqueConstraint("account_id", "id"),
        CheckConstraint("direction IN ('in', 'out')", "direction"),
        CheckConstraint("author IN ('guest', 'bot', 'person')", "author"),
        CheckConstraint(f"state IN {STATES!r}", "state"),
        CheckConstraint(f"file_state IN {FILE_STATES!r}", "file_state"),
        Index("ix_bot_message_dialog_id", "account_id", "dialog_id", "seq"),
        Index("ix_bot_message_created_at", "account_id", "created_at"),
        Index("ix_bot_message_queued", "credential_id", "due_at", postgresql_where=sql("state = 'queued'")),
        Index(
            "ix_bot_message_unsent",
            "dialog_id",
            "seq",
            postgresql_where=sql("state IN ('queued', 'sending', 'uncertain')"),
        ),
        Index(
            "ix_bot_message_outgoing",
            "credential_id",
            "dialog_id",
            "seq",
            postgresql_where=sql("state IN ('queued', 'sending', 'uncertain')"),
        ),
        Index("ix_bot_message_sending", "worker", postgresql_where=sql("state IN ('sending', 'uncertain')")),
        Index("ix_bot_message_failed", "account_id", "bot_id", "seq", postgresql_where=sql("state = 'failed'")),
        Index(
            "ix_bot_message_platform_message_id",
            "account_id",
            "credential_id",
            "platform_message_id",
            postgresql_where=sql("platform_message_id IS NOT NULL"),
        ),
        Index("ix_bot_message_author_id", "account_id", "author_id", postgresql_where=sql("author_id IS NOT NULL")),
        Index("ix_bot_message_file_waiting", "account_id", "due_at", postgresql_where=sql("file_state = 'waiting'")),
        Index("ix_bot_message_file_id", "account_id", "file_id", postgresql_where=sql("file_id IS NOT NULL")),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity())
    bot_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    dialog_id: Mapped[UUID]
    direction: Mapped[str]
    author: Mapped[str]
    author_id: Mapped[UUID | None]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=sql("'{}'"))
    step_id: Mapped[str | None]
    turn: Mapped[int | None]
    variable: Mapped[str | None]
    value: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[UUID | None]
    file_state: Mapped[str | None]
    state: Mapped[str]
    platform_message_id: Mapped[str | None]
    update_id: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.timezone("utc", func.clock_timestamp()))
    worker: Mapped[int | None] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime | None]
    maybe_twice: Mapped[bool] = mapped_column(default=False, server_default=false())
    error: Mapped[str | None]
    detail: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    def replay(self) -> bool:
        """Send it again, from the first try on; whether that was possible: only what failed is sent again."""
        db.session.refresh(self, ["state"], with_for_update=True)
        if self.state != MessageState.FAILED:
            return False
        before = {"state": self.state, "error": self.error}
        self.state, self.attempts, self.due_at = MessageState.QUEUED.value, 0, utc_now()
        self.error = self.detail = self.worker = self.claimed_at = None
        self._record(Action.REPLAYED, before)
        return True

    def dismiss(self) -> bool:
        """Leave it unsent for good; whether that was possible."""
        db.session.refresh(self, ["state"], with_for_update=True)
        if self.state != MessageState.FAILED:
            return False
        before = {"state": self.state, "error": self.error}
        self.state = MessageState.CANCELLED.value
        self._record(Action.DISMISSED, before)
        return True

    def _record(self, action: Action, before: dict[str, Any]) -> None:
        told = " ".join(self.text.split()) or self.kind
        record(action, self, before=before, after={"state": self.state}, label=told[:MAX_LABEL])
