"""The audit event and the words it uses."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity
from portal.db.types import utc_now


class Action(StrEnum):
    """What was done."""

    CREATED = "created"
    EDITED = "edited"
    ARCHIVED = "archived"
    RESTORED = "restored"
    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    CREDENTIALS_SET = "credentials_set"
    DISCONNECTED = "disconnected"
    PUBLISHED = "published"
    MOVED = "moved"
    INVITED = "invited"
    INVITATION_REVOKED = "invitation_revoked"
    JOINED = "joined"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_RESET_OFFERED = "password_reset_offered"  # noqa: S105
    SESSION_ENDED = "session_ended"
    VISIT_STARTED = "visit_started"
    VISIT_ENDED = "visit_ended"
    EXPORTED = "exported"
    CHECKED = "checked"
    TESTED = "tested"
    WEBHOOK_SET = "webhook_set"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"
    REPLAYED = "replayed"
    DISMISSED = "dismissed"
    IMPORTED = "imported"
    IMPORT_UNDONE = "import_undone"

    @property
    def label(self) -> LazyString:
        """The action in the past tense, for people."""
        return ACTION_LABELS[self]


ACTION_LABELS = {
    Action.CREATED: _l("Created"),
    Action.EDITED: _l("Edited"),
    Action.ARCHIVED: _l("Archived"),
    Action.RESTORED: _l("Restored"),
    Action.ACTIVATED: _l("Switched on"),
    Action.DEACTIVATED: _l("Switched off"),
    Action.CREDENTIALS_SET: _l("Credentials set"),
    Action.DISCONNECTED: _l("Disconnected"),
    Action.PUBLISHED: _l("Published"),
    Action.MOVED: _l("Conversations moved"),
    Action.INVITED: _l("Invited"),
    Action.INVITATION_REVOKED: _l("Invitation withdrawn"),
    Action.JOINED: _l("Joined"),
    Action.SIGNED_IN: _l("Signed in"),
    Action.SIGNED_OUT: _l("Signed out"),
    Action.PASSWORD_CHANGED: _l("Password changed"),
    Action.PASSWORD_RESET_OFFERED: _l("Password reset offered"),
    Action.SESSION_ENDED: _l("Session ended"),
    Action.VISIT_STARTED: _l("Support visit started"),
    Action.VISIT_ENDED: _l("Support visit ended"),
    Action.EXPORTED: _l("Exported"),
    Action.CHECKED: _l("Connection checked"),
    Action.TESTED: _l("Test message sent"),
    Action.WEBHOOK_SET: _l("Webhook set again"),
    Action.TAKEN_OVER: _l("Taken over"),
    Action.HANDED_BACK: _l("Handed back to the bot"),
    Action.REPLAYED: _l("Tried again"),
    Action.DISMISSED: _l("Dismissed"),
    Action.IMPORTED: _l("Imported"),
    Action.IMPORT_UNDONE: _l("Import undone"),
}

ENTITY_LABELS = {
    "account": _l("Chain"),
    "user": _l("Person"),
    "invitation": _l("Invitation"),
    "restaurant": _l("Restaurant"),
    "store": _l("Store"),
    "bot_instance": _l("Bot"),
    "bot_platform_credential": _l("Bot platform"),
    "bot_scenario": _l("Scenario"),
    "bot_media": _l("File"),
    "bot_dialog_state": _l("Conversation"),
    "bot_message": _l("Message"),
    "bot_inbound_update": _l("Received message"),
    "account_integration_credentials": _l("Integration"),
    "superuser_visit": _l("Support visit"),
    "user_session": _l("Session"),
    "import_batch": _l("Import"),
}


class AuditEvent(TenantEntity):
    """One line of the log. A trigger refuses to change or delete it, whoever tries."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_account_id", "account_id", "at", "id"),
        Index("ix_audit_event_entity", "account_id", "entity", "at", "id"),
        Index("ix_audit_event_entity_id", "account_id", "entity_id", "at", "id"),
        Index("ix_audit_event_action", "account_id", "action", "at", "id"),
        Index("ix_audit_event_actor_email", "account_id", "actor_email", "at", "id"),
    )

    at: Mapped[datetime] = mapped_column(default=utc_now)
    action: Mapped[str]
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
