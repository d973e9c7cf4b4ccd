"""What platforms delivered, as it came: the queue of the workers and the record of what was seen before."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db
from portal.db.tables import tenant_key
from portal.db.types import utc_now


class InboundUpdate(
    TenantEntity,
    label=_l("Received message"),
    plural=_l("Received messages"),
    fields={"state": _l("State")},
    values={"state": {"dead": _l("Failed"), "pending": _l("Waiting"), "ignored": _l("Dismissed")}},
):
    """One update of a platform.

    ``payload`` is the platform's object as ASCII JSON: a JSONB column would refuse what people can type.
    ``seq`` is the order of arrival, ``position`` the platform's own order within a chat.
    """

    __tablename__ = "bot_inbound_update"
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
        tenant_key("bot_platform_credential", "credential_id", "CASCADE"),
        UniqueConstraint("account_id", "credential_id", "dedupe_key"),
        CheckConstraint("state IN ('pending', 'done', 'ignored', 'dead')", "state"),
        Index("ix_bot_inbound_update_bot_id", "account_id", "bot_id", "state", "seq"),
        Index(
            "ix_bot_inbound_update_pending",
            "credential_id",
            "chat_id",
            "position",
            "seq",
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_bot_inbound_update_waiting",
            "credential_id",
            "chat_id",
            "position",
            "seq",
            postgresql_where=text("state = 'pending' AND kind <> 'receipt'"),
        ),
        Index(
            "ix_bot_inbound_update_receipts",
            "account_id",
            "due_at",
            postgresql_where=text("state = 'pending' AND kind = 'receipt'"),
        ),
        Index(
            "ix_bot_inbound_update_presses",
            "account_id",
            "created_at",
            postgresql_where=text("state = 'pending' AND kind = 'press' AND acknowledged_at IS NULL"),
        ),
        Index("ix_bot_inbound_update_created_at", "created_at"),
        Index("ix_bot_inbound_update_chat_id", "account_id", "chat_id"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity())
    bot_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    dedupe_key: Mapped[str]
    kind: Mapped[str]
    chat_id: Mapped[str | None]
    position: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    payload: Mapped[str] = mapped_column(Text, deferred=True)
    state: Mapped[str] = mapped_column(default="pending", server_default="pending")
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.timezone("utc", func.clock_timestamp()))
    error: Mapped[str | None]
    processed_at: Mapped[datetime | None]
    # When it was decided who acknowledges the press: once, whatever comes of it.
    acknowledged_at: Mapped[datetime | None]

    def replay(self) -> bool:
        """Work on it again, from the first try on; whether that was possible: only what is dead comes back."""
        return self._settle("pending", Action.REPLAYED)

    def dismiss(self) -> bool:
        """Leave it aside for good; whether that was possible."""
        return self._settle("ignored", Action.DISMISSED)

    def _settle(self, state: str, action: Action) -> bool:
        db.session.refresh(self, ["state"], with_for_update=True)
        if self.state != "dead":
            return False
        before = {"state": self.state, "error": self.error}
        self.state = state
        if state == "pending":
            self.attempts, self.due_at, self.error, self.processed_at = 0, utc_now(), None, None
        record(action, self, before=before, after={"state": state}, label=self.chat_id or self.kind)
        return True
