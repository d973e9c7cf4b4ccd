"""A server of iiko's beside its credentials, and the runs that read it."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import TenantEntity, db
from portal.db.states import log_verb
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.integrations.models import AccountIntegrationCredentials

HASH = String(64)
ZERO = text("0")
NO_DETAILS = text("'{}'")
_OF_INTEGRATION = (
    "and_(AccountIntegrationCredentials.id == IikoConnection.integration_id,"
    " AccountIntegrationCredentials.account_id == IikoConnection.account_id)"
)


class WaitsFor(LabelledEnum):
    """What a person has to see to before a connection is tried again by itself."""

    PASSWORD = "password", _l("The password")
    LICENCE = "licence", _l("The API licence")
    CERTIFICATE = "certificate", _l("The certificate")
    ADDRESS = "address", _l("The address")


class Purpose(LabelledEnum):
    """What a run is for."""

    CHECK = "check", _l("Check of the connection")
    PREVIEW = "preview", _l("Preview")
    SCHEDULE = "schedule", _l("Scheduled synchronisation")


class RunState(LabelledEnum):
    """How far a run has come."""

    QUEUED = "queued", _l("Queued")
    WAITING = "waiting", _l("Waiting for another run")
    READING = "reading", _l("Reading")
    COMPARING = "comparing", _l("Comparing")
    PLANNED = "planned", _l("Preview ready")
    APPLYING = "applying", _l("Being applied")
    DONE = "done", _l("Done")
    FAILED = "failed", _l("Failed")
    CANCELLED = "cancelled", _l("Cancelled")

    @property
    def is_over(self) -> bool:
        """Whether nothing works at it any more."""
        return self in (RunState.PLANNED, RunState.DONE, RunState.FAILED, RunState.CANCELLED)


class KindState(LabelledEnum):
    """How far a run has come with one kind of rows."""

    WAITS = "waits", _l("Waits")
    READS = "reads", _l("Reading")
    COMPARES = "compares", _l("Comparing")
    PLANNED = "planned", _l("Ready")
    HELD = "held", _l("Held")
    WRITES = "writes", _l("Writing")
    DONE = "done", _l("Done")
    FAILED = "failed", _l("Failed")
    LEFT_OUT = "left_out", _l("Left out")


class IikoConnection(
    TenantEntity,
    label=_l("iiko server"),
    plural=_l("iiko servers"),
    fields={
        "is_scheduled": _l("Synchronise by itself"),
        "night_at": _l("Time of the nightly run"),
        "timezone": _l("Time zone"),
        "pinned_certificate": _l("Trusted certificate"),
    },
):
    """What the portal keeps of a server beside its credentials; one row to each of those."""

    __tablename__ = "iiko_connection"
    __table_args__ = (
        *table_args(
            "iiko_connection",
            references={"integration_id": "account_integration_credentials"},
            archivable=False,
            on_delete={"integration_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "integration_id"),
        CheckConstraint(f"waits_for IN {tuple(WaitsFor.words())}", name="waits_for"),
        Index("ix_iiko_connection_next_run_at", "next_run_at", postgresql_where=text("next_run_at IS NOT NULL")),
    )

    integration_id: Mapped[UUID]
    server_name: Mapped[str | None]
    server_type: Mapped[str | None]
    edition: Mapped[str | None]
    version: Mapped[str | None]
    timezone: Mapped[str | None]
    is_scheduled: Mapped[bool] = mapped_column(default=True, server_default=true())
    night_at: Mapped[time] = mapped_column(default=time(4), server_default=text("'04:00'"))
    pinned_certificate: Mapped[str | None] = mapped_column(HASH)
    shown_certificate: Mapped[str | None] = mapped_column(HASH)
    needs_browser_agent: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    corporation_id: Mapped[str | None]
    restaurants_seen: Mapped[int | None]
    worked_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=ZERO)
    waits_for: Mapped[WaitsFor | None] = mapped_column(EnumText(WaitsFor))
    refused_on: Mapped[date | None]
    refusals: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=ZERO)
    next_run_at: Mapped[datetime | None]

    integration: Mapped[AccountIntegrationCredentials] = relationship(
        foreign_keys="IikoConnection.integration_id", primaryjoin=_OF_INTEGRATION, viewonly=True
    )

    @property
    def display_name(self) -> str:
        """The system, and which of its servers."""
        return self.integration.display_name

    @classmethod
    def find(cls, integration: AccountIntegrationCredentials) -> "IikoConnection | None":
        """What is kept of the server; ``None`` where it stands in an older writer's row that nobody has used yet."""
        return db.session.scalars(select(cls).where(cls.integration_id == integration.id)).first()

    @classmethod
    def of(cls, integration: AccountIntegrationCredentials) -> "IikoConnection":
        """What is kept of the server, from now on at the latest."""
        found = cls.find(integration)
        if found is None:
            found = cls(account_id=integration.account_id, integration_id=integration.id)
            db.session.add(found)
            db.session.flush()
        return found

    def renew(self) -> None:
        """Somebody saved or pressed: what a person was waited for is tried anew."""
        self.waits_for, self.failures, self.refusals = None, 0, 0

    def forget_server(self) -> None:
        """The address leads to another machine: what was known of the former and trusted there is not this one's.

        Which chain it held (``corporation_id``) is kept: of another one nothing is taken unasked.
        """
        for name in ("server_name", "server_type", "edition", "version", "shown_certificate", "worked_at"):
            setattr(self, name, None)
        self.pinned_certificate, self.needs_browser_agent = None, False

    def set_schedule(self, *, is_scheduled: bool, night_at: time, timezone: str | None) -> None:
        """When it is read by itself; without a zone by the clocks of the chain."""
        self.is_scheduled, self.night_at, self.timezone = is_scheduled, night_at, timezone
        log_verb("edited", self)

    def trust(self, fingerprint: str) -> None:
        """From now on this certificate alone, whoever signed it."""
        self.pinned_certificate = fingerprint
        log_verb("edited", self)
        self.renew()

    def distrust(self) -> None:
        """From now on only certificates that the world trusts."""
        self.pinned_certificate = None
        log_verb("edited", self)


class IikoRun(TenantEntity, label=_l("Synchronisation"), plural=_l("Synchronisations")):
    """One run over a server; ``user_id`` is ``None`` where the schedule began it."""

    __tablename__ = "iiko_run"
    __table_args__ = (
        *table_args(
            "iiko_run",
            references={"connection_id": "iiko_connection", "user_id": "user", "applied_by_id": "user"},
            listed_by=("created_at",),
            archivable=False,
            on_delete={"connection_id": "CASCADE"},
        ),
        CheckConstraint(f"purpose IN {tuple(Purpose.words())}", name="purpose"),
        CheckConstraint(f"state IN {tuple(RunState.words())}", name="state"),
        Index(
            "ix_iiko_run_unfinished",
            "beat_at",
            postgresql_where=text("state IN ('queued', 'waiting', 'reading', 'comparing', 'applying')"),
        ),
    )

    connection_id: Mapped[UUID]
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))
    user_id: Mapped[UUID | None]
    applied_by_id: Mapped[UUID | None]
    state: Mapped[RunState] = mapped_column(EnumText(RunState), default=RunState.QUEUED, server_default=RunState.QUEUED)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=NO_DETAILS)
    started_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    cancel_asked_at: Mapped[datetime | None]
    seat_opened_at: Mapped[datetime | None]
    seat_returned_at: Mapped[datetime | None]
    requests: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default=ZERO)
    restaurants_seen: Mapped[int | None]
    failure: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NO_DETAILS)


class IikoRunKind(TenantEntity, label=_l("Part of a synchronisation")):
    """How a run stands with one kind, and what it found of it: seven counts."""

    __tablename__ = "iiko_run_kind"
    __table_args__ = (
        *table_args(
            "iiko_run_kind",
            references={"run_id": "iiko_run", "confirmed_by_id": "user"},
            archivable=False,
            on_delete={"run_id": "CASCADE"},
        ),
        UniqueConstraint("run_id", "kind"),
        CheckConstraint(f"state IN {tuple(KindState.words())}", name="state"),
    )

    run_id: Mapped[UUID]
    kind: Mapped[str]
    position: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[KindState] = mapped_column(
        EnumText(KindState), default=KindState.WAITS, server_default=KindState.WAITS
    )
    bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default=ZERO)
    rows: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    total: Mapped[int | None]
    written: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    creates: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    updates: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    unchanged: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    skips: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    conflicts: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    missing: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    errors: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    failure: Mapped[str | None]
    hold: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NO_DETAILS)
    confirmed_by_id: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
