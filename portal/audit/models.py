"""The audit event and the words it uses."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Index, literal_column, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity
from portal.db.types import EnumText, LabelledEnum, utc_now
from portal.db.words import counted


class Action(LabelledEnum):
    """What was done, in the past tense for people."""

    CREATED = "created", _l("Created")
    EDITED = "edited", _l("Edited")
    ARCHIVED = "archived", _l("Archived")
    RESTORED = "restored", _l("Restored")
    REMOVED = "removed", _l("Removed")
    ACTIVATED = "activated", _l("Switched on")
    DEACTIVATED = "deactivated", _l("Switched off")
    CREDENTIALS_SET = "credentials_set", _l("Credentials set")
    DISCONNECTED = "disconnected", _l("Disconnected")
    PUBLISHED = "published", _l("Published")
    MOVED = "moved", _l("Conversations moved")
    INVITED = "invited", _l("Invited")
    INVITATION_REVOKED = "invitation_revoked", _l("Invitation withdrawn")
    JOINED = "joined", _l("Joined")
    SIGNED_IN = "signed_in", _l("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _l("Failed sign-ins")
    SIGNED_OUT = "signed_out", _l("Signed out")
    PASSWORD_CHANGED = "password_changed", _l("Password changed")
    PASSWORD_RESET_OFFERED = "password_reset_offered", _l("Password reset offered")
    FACTOR_ON = "factor_on", _l("Second factor switched on")
    FACTOR_OFF = "factor_off", _l("Second factor switched off")
    FACTOR_RESET = "factor_reset", _l("Second factors reset")
    FACTOR_REFUSED = "factor_refused", _l("Second factor refused")
    RECOVERY_CODES_MADE = "recovery_codes_made", _l("Recovery codes made")
    SESSION_ENDED = "session_ended", _l("Session ended")
    VISIT_STARTED = "visit_started", _l("Support visit started")
    VISIT_ENDED = "visit_ended", _l("Support visit ended")
    EXPORTED = "exported", _l("Exported")
    CHECKED = "checked", _l("Connection checked")
    TESTED = "tested", _l("Test message sent")
    WEBHOOK_SET = "webhook_set", _l("Connected again")
    TAKEN_OVER = "taken_over", _l("Taken over")
    HANDED_BACK = "handed_back", _l("Handed back to the bot")
    REPLAYED = "replayed", _l("Tried again")
    DISMISSED = "dismissed", _l("Dismissed")
    IMPORTED = "imported", _l("Imported")
    IMPORT_UNDONE = "import_undone", _l("Import undone")
    EXPIRED = "expired", _l("Removed after its time")
    ERASED = "erased", _l("Guest erased")
    PAPER_RECEIVED = "paper_received", _l("Paper received")
    PAPER_ACCEPTED = "paper_accepted", _l("Paper accepted")
    PAPER_REFUSED = "paper_refused", _l("Paper refused")
    PAPER_OPENED = "paper_opened", _l("Paper opened")
    HIRED = "hired", _l("Hired")
    STEP_DONE = "step_done", _l("Step done")
    STEP_REOPENED = "step_reopened", _l("Step opened again")
    STEP_FAILED = "step_failed", _l("Step failed")
    STEP_NOT_NEEDED = "step_not_needed", _l("Step not needed")
    STEP_NOTED = "step_noted", _l("Step noted on")
    CHECKLIST_DONE = "checklist_done", _l("Checklist finished")
    CHECKLIST_CHANGED = "checklist_changed", _l("Checklist changed")
    LEFT = "left", _l("Left")
    WRITTEN_TO = "written_to", _l("Written to through the bot")
    PERSON_ERASED = "person_erased", _l("Employee erased")
    LINKED = "iiko_linked", _l("Linked with iiko")
    UNLINKED = "iiko_unlinked", _l("Link with iiko removed")
    PINNED = "iiko_pinned", _l("Kept as typed here")
    RELEASED = "iiko_released", _l("Left to iiko again")
    STATEMENT_COMPLETED = "statement_completed", _l("Statement completed")
    CANCELLED = "cancelled", _l("Cancelled")
    PAID = "paid", _l("Marked as paid")
    UNPAID = "unpaid", _l("Marked as not paid")
    DECIDED = "decided", _l("Decided")
    MERGED = "merged", _l("Merged")
    UNMERGED = "unmerged", _l("Merging undone")
    WRITTEN_OFF = "written_off", _l("Written off")
    TRANSFERRED = "transferred", _l("Transferred")
    STOCK_UNDONE = "stock_undone", _l("Stock taken back")
    DELIVERY_REVERSED = "delivery_reversed", _l("Delivery reversed")
    COUNT_POSTED = "count_posted", _l("Count posted")
    COUNT_ABANDONED = "count_abandoned", _l("Count given up")
    ORDER_SENT = "order_sent", _l("Order sent")
    ORDER_CLOSED = "order_closed", _l("Order closed")
    ORDER_REOPENED = "order_reopened", _l("Order opened again")


# Coming and going, which would drown what was done; the log shows it to whoever asks.
COMINGS = (Action.SIGNED_IN, Action.SIGNED_OUT)
# Literally, as the indexes say it: of parameters the server could not tell that an index holds them.
NO_COMINGS = "action NOT IN ({})".format(", ".join(f"'{each.value}'" for each in COMINGS))
WITHOUT_COMINGS = literal_column(NO_COMINGS, Boolean())


class AuditEvent(TenantEntity, label=_l("Line of the log"), count=counted("%(num)s entry", "%(num)s entries")):
    """One line of the log. Triggers refuse to change or delete it, whoever tries.

    Three functions of the database may: one removes lines that are older than a year, two what a line says of an
    erased guest or employee (``forget_log``, ``erase_from_log``, ``erase_person_from_log``).
    """

    __tablename__ = "audit_event"
    __joint__ = True
    # Nobody asks a line that was just written for its columns.
    __mapper_args__ = {"eager_defaults": False}
    __table_args__ = (
        Index("ix_audit_event_account_id", "account_id", "at", "id"),
        Index("ix_audit_event_entity", "account_id", "entity", "at", "id"),
        Index("ix_audit_event_entity_id", "account_id", "entity_id", "at", "id"),
        Index("ix_audit_event_action", "account_id", "action", "at", "id"),
        Index("ix_audit_event_actor_email", "account_id", "actor_email", "at", "id"),
        Index("ix_audit_event_changes", "account_id", "at", "id", postgresql_where=text(NO_COMINGS)),
        *(
            Index(f"ix_audit_event_{key}_changes", "account_id", key, "at", "id", postgresql_where=text(NO_COMINGS))
            for key in ("entity", "entity_id")
        ),
    )

    at: Mapped[datetime] = mapped_column(default=utc_now)
    action: Mapped[Action] = mapped_column(EnumText(Action))
    entity: Mapped[str]
    entity_id: Mapped[UUID | None]
    entity_label: Mapped[str]
    # Copied, not joined: the log tells the truth of its day even when people leave or are renamed.
    actor_id: Mapped[UUID | None]
    actor_email: Mapped[str | None]
    actor_name: Mapped[str | None]
    as_superuser: Mapped[bool] = mapped_column(default=False)
    visit_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    ip_address: Mapped[str | None] = mapped_column(INET)
