"""Accounts and the superusers' visits to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Text, false, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.viewer import Viewer
from portal.audit.models import Action, AuditEvent
from portal.audit.recording import record, record_creation, record_edit
from portal.db.base import SCHEMA, TenantEntity, TenantRoot, db
from portal.db.states import Activatable
from portal.db.types import utc_now
from portal.db.words import counted
from portal.tenancy.scope import require_scope
from portal.web.listing.declaration import LIST_TITLES

DEFAULT_CURRENCY = "RUB"
VISIT_IDLE_LIMIT = timedelta(minutes=60)


class Account(
    Activatable,
    TenantRoot,
    label=_l("Chain"),
    plural=_l("Chains"),
    count=counted("%(num)s chain", "%(num)s chains"),
    fields={
        "currency": _l("Currency"),
        "demands_second_factor": _l("A second factor is required"),
        "name": _l("Name"),
        "description": _l("Description"),
        "slug": _l("Address"),
        "is_active": _l("Active"),
        "list": _l("List"),
        "rows": _l("Rows"),
    },
    values={"list": LIST_TITLES},
):
    """A chain, or (``is_operator``) the company that runs the portal and employs the superusers."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$'", name="slug"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("ix_account_name", "name", "id"),
        Index("ix_account_natural_name", text(f"{SCHEMA}.natural_key(name)"), "id"),
        Index("ix_account_created_at", "created_at", "id"),
    )

    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(unique=True)
    is_operator: Mapped[bool] = mapped_column(default=False, server_default=false())
    # ISO 4217. What was written down in another currency before keeps it: amounts carry their own.
    currency: Mapped[str] = mapped_column(CHAR(3), default=DEFAULT_CURRENCY, server_default=DEFAULT_CURRENCY)

    # Whether members without a second factor must set one up before they do anything else.
    demands_second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())

    @classmethod
    def current(cls) -> "Account":
        """The account in scope."""
        return db.session.get_one(cls, require_scope().account_id)

    def open(self) -> None:
        """Add a new chain; it must be the account in scope already."""
        record_creation(self)

    def change(self, name: str, description: str | None, currency: str) -> None:
        """Change what people read and what they reckon in; the address stays."""
        self.name, self.description, self.currency = name, description, currency
        record_edit(self)

    def demand_second_factor(self, is_demanded: bool) -> None:
        """Demand a second factor of every member, or leave it to each of them."""
        self.demands_second_factor = is_demanded
        record_edit(self)


class ReasonMissing(Exception):
    """A visit begins with a reason, which the owner reads."""


class SuperuserVisit(
    TenantEntity, label=_l("Support visit"), plural=_l("Support visits"), fields={"reason": _l("Reason")}
):
    """A superuser's stay in an account: seen by its owner, ended by leaving or by an idle hour.

    It belongs to one session, and ends with it: another browser of the same person is not inside.
    """

    __tablename__ = "superuser_visit"
    __table_args__ = (
        Index("ix_superuser_visit_account_id", "account_id", "started_at"),
        Index("ix_superuser_visit_user_id", "user_id", "account_id"),
        Index("ix_superuser_visit_session_id", "session_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.user.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey(f"{SCHEMA}.user_session.id", ondelete="SET NULL"))
    reason: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]

    user: Mapped[Any] = relationship("User", viewonly=True)

    @classmethod
    def open_ones(cls, viewer: Viewer) -> Sequence["SuperuserVisit"]:
        """This session's visits to the account in scope that have not ended, the newest first."""
        query = select(cls).where(cls.session_id == viewer.session_id, cls.ended_at.is_(None))
        return db.session.scalars(query.order_by(cls.started_at.desc(), cls.id)).all()

    @classmethod
    def start(cls, viewer: Viewer, reason: str | None = None) -> "SuperuserVisit":
        """Begin a visit to the account in scope, or go on with the one that is still fresh.

        Going on with another reason is a new line in the owner's log. Raises ``ReasonMissing`` where there is none.
        """
        fresh = [visit for visit in cls.open_ones(viewer) if visit.is_fresh]
        if fresh and reason in (None, fresh[0].reason):
            fresh[0].last_seen_at = utc_now()
            return fresh[0]
        if reason is None:
            raise ReasonMissing
        visit = fresh[0] if fresh else cls(id=uuid4(), user_id=viewer.id, session_id=viewer.session_id)
        visit.reason, visit.last_seen_at = reason, utc_now()
        db.session.add(visit)
        visit.log(Action.VISIT_STARTED, viewer)
        return visit

    @property
    def is_fresh(self) -> bool:
        """Whether it still lets the superuser in."""
        return self.ended_at is None and self.last_seen_at > utc_now() - VISIT_IDLE_LIMIT

    def end(self, viewer: Viewer) -> None:
        """Leave; a second time changes nothing."""
        if self.ended_at is None:
            self.ended_at = utc_now()
            self.log(Action.VISIT_ENDED, viewer)

    def tell_of_idle_end(self) -> None:
        """Write into the owner's log that it ended by itself, under the name that it began with."""
        query = select(AuditEvent.entity_label).where(AuditEvent.entity_id == self.id).order_by(AuditEvent.at)
        event = record(Action.VISIT_ENDED, self, label=db.session.scalars(query.limit(1)).first())
        event.visit_id = self.id

    def log(self, action: Action, viewer: Viewer) -> None:
        """Write into the log of the visited account."""
        self.account_id = require_scope().account_id
        after = {"reason": self.reason} if action is Action.VISIT_STARTED and self.reason else None
        event = record(action, self, after=after, label=viewer.display_name)
        event.visit_id = self.id
