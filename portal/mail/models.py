"""What became of a mail that somebody waits for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity, db
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum, utc_now
from portal.mail.smtp import MailFault, MailNotSent
from portal.tenancy.scope import require_scope

# After so long each a mail is tried again; then it has failed.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (15, 60, 300, 900, 3600, 3 * 3600))

KEPT = timedelta(days=30)


class MailKind(LabelledEnum):
    """What a mail is about."""

    INVITATION = "invitation", _l("Invitation")
    PASSWORD_RESET = "password_reset", _l("Link for a new password")
    NOTICE = "notice", _l("Notice")
    PROTECTION = "protection", _l("Note on sign-in protection")
    ORDER = "order", _l("Order to a supplier")


class MailState(LabelledEnum):
    """How far a mail has come."""

    WAITING = "waiting", _l("Mail is on its way")
    SENT = "sent", _l("Mailed")
    FAILED = "failed", _l("Mail failed")


class MailDelivery(TenantEntity, label=_l("Mail")):
    """One mail to one address. ``subject_id`` is the invitation, reset or notice that it tells of, or its own id."""

    __tablename__ = "mail_delivery"
    __table_args__ = table_args(
        "mail_delivery",
        UniqueConstraint("account_id", "kind", "subject_id", "email"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", "state"),
        Index("ix_mail_delivery_unsent", "updated_at", postgresql_where=text("state <> 'sent'")),
        Index("ix_mail_delivery_updated_at", "updated_at"),
        references={},
        archivable=False,
    )

    kind: Mapped[MailKind] = mapped_column(EnumText(MailKind))
    subject_id: Mapped[UUID]
    email: Mapped[str]
    state: Mapped[MailState] = mapped_column(EnumText(MailState), default=MailState.WAITING, server_default="waiting")
    fault: Mapped[MailFault | None] = mapped_column(EnumText(MailFault))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    # When it is tried again.
    due_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    @classmethod
    def ask(cls, kind: MailKind, subject_id: UUID, email: str) -> "MailDelivery":
        """A mail of the account in scope is to be sent; one that was sent before is sent again."""
        return cls._upsert(kind, subject_id, email, {"state": MailState.WAITING, "fault": None, "attempts": 0})

    @classmethod
    def begin(cls, kind: MailKind, subject_id: UUID, email: str) -> "MailDelivery":
        """The row of a mail, as it stands; a new one where there is none."""
        # Changed to what it is, so that the row comes back whether it is new or not.
        return cls._upsert(kind, subject_id, email, {"email": email})

    @classmethod
    def _upsert(cls, kind: MailKind, subject_id: UUID, email: str, changed: Mapping[str, Any]) -> "MailDelivery":
        key = {"account_id": require_scope().account_id, "kind": kind, "subject_id": subject_id, "email": email}
        adding = insert(cls).values(key).on_conflict_do_update(index_elements=list(key), set_=dict(changed))
        return db.session.scalars(adding.returning(cls), execution_options={"populate_existing": True}).one()

    @classmethod
    def drop(cls, kind: MailKind, subject_id: UUID) -> None:
        """Nobody needs the mail any more; one that was sent stays so."""
        waiting = (cls.kind == kind, cls.subject_id == subject_id, cls.state == MailState.WAITING)
        db.session.execute(delete(cls).where(*waiting))

    @classmethod
    def forget_old(cls) -> None:
        """Remove what came to an end long ago."""
        old = (cls.updated_at < utc_now() - KEPT, cls.state != MailState.WAITING)
        db.session.execute(delete(cls).where(*old))

    @property
    def has_ended(self) -> bool:
        """Whether it was sent, or never will be."""
        return self.state != MailState.WAITING

    def note_sent(self) -> None:
        """The server has taken it."""
        self.attempts += 1
        self.state, self.fault, self.due_at, self.sent_at = MailState.SENT, None, None, utc_now()

    def note_fault(self, error: MailNotSent) -> None:
        """It is tried again after a while, unless that was the last try or would be in vain."""
        self.attempts += 1
        self.fault, self.due_at = error.fault, None
        if error.is_final or self.attempts > len(PAUSES):
            self.state = MailState.FAILED
        else:
            self.due_at = utc_now() + self.pause

    @property
    def pause(self) -> timedelta:
        """How long to wait after the last try."""
        return PAUSES[min(self.attempts, len(PAUSES)) - 1]
