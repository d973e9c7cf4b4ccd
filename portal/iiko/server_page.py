"""What the page of one iiko server says: its check, its licence seat, its runs, and what was said of its tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.db.base import db
from portal.db.words import Label
from portal.iiko.client.answers import Outcome
from portal.iiko.listing import COUNTS
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, Purpose, RunState
from portal.iiko.seats.models import IikoSession
from portal.iiko.state_page import RUN_TONES, read_states
from portal.iiko.sync.deciding import decider_id
from portal.iiko.sync.models import IikoNode
from portal.iiko.sync.running import start_run
from portal.iiko.words_page import kind_label, why_failed
from portal.integrations.models import AccountIntegrationCredentials
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import require_scope
from portal.users.chain import chain_zone

LATEST = 6
# So long iiko keeps a log-in that nobody ended.
SEAT_LIVES = timedelta(hours=1)
# What a failed kind of a check says of the right to read it.
ALLOWANCES: dict[str, tuple[Label, str]] = {
    Outcome.NO_RIGHT: (_l("Not allowed"), "bad"),
    Outcome.NOT_OFFERED: (_l("Not offered"), "warn"),
}


class ServerPage:
    """One server: its state, what a check found, its licence seat, its runs and what was said of its tree."""

    def __init__(self, integration_id: UUID) -> None:
        found = read_states(AccountIntegrationCredentials.id == integration_id)
        self.state = found[0] if found else abort(404)
        self.integration, self.connection = self.state.integration, self.state.connection

    @property
    def told_rows(self) -> list[Any]:
        """The rows whose lines of the log belong here."""
        return [self.integration, *([self.connection] if self.connection else [])]

    @cached_property
    def runs(self) -> Sequence[IikoRun]:
        """The latest runs, the newest first."""
        if self.connection is None:
            return []
        query = select(IikoRun).where(IikoRun.connection_id == self.connection.id)
        return db.session.scalars(query.order_by(IikoRun.created_at.desc()).limit(LATEST)).all()

    @cached_property
    def check(self) -> "CheckReport | None":
        """What the latest check found; ``None`` before the first."""
        return CheckReport.of(self.connection) if self.connection else None

    @cached_property
    def seats(self) -> Sequence[IikoSession]:
        """Log-ins whose licence seat did not come back for certain, the latest first."""
        if self.connection is None:
            return []
        query = select(IikoSession).where(
            IikoSession.connection_id == self.connection.id, IikoSession.closed_at.is_(None)
        )
        return db.session.scalars(query.order_by(IikoSession.opened_at.desc()).limit(LATEST)).all()

    @property
    def taken_until(self) -> datetime | None:
        """Until when a seat of ours may be taken, where no run is using one."""
        if self.state.is_moving or not self.seats:
            return None
        return self.seats[0].opened_at + SEAT_LIVES

    @cached_property
    def nodes(self) -> Sequence[Any]:
        """The parts of iiko's tree that were given a restaurant: (node, the restaurant's name)."""
        if self.connection is None:
            return []
        query = (
            select(IikoNode, Restaurant.name)
            .join(Restaurant, Restaurant.id == IikoNode.restaurant_id)
            .where(IikoNode.connection_id == self.connection.id)
            .order_by(IikoNode.name, IikoNode.id)
        )
        return db.session.execute(query).all()

    @property
    def zone(self) -> str:
        """By whose clocks the nightly run is meant."""
        return (self.connection.timezone if self.connection else None) or chain_zone() or "UTC"

    @property
    def night_at(self) -> str | None:
        """The time of the nightly run, as clocks show it."""
        return f"{self.connection.night_at:%H:%M}" if self.connection else None

    @property
    def shows_runs(self) -> bool:
        """Whether the person may open a run, which names restaurants of the whole chain."""
        return require_scope().restaurant_ids is None

    @property
    def fingerprint(self) -> str | None:
        """What the server shows and nobody trusts yet, as certificates' fingerprints are written."""
        connection = self.connection
        if connection is None or connection.shown_certificate in (None, connection.pinned_certificate):
            return None
        return in_pairs(connection.shown_certificate)

    @property
    def pinned(self) -> str | None:
        """What is trusted by an owner's word."""
        return in_pairs(self.connection.pinned_certificate) if self.connection else None


@dataclass(frozen=True)
class CheckReport:
    """What a check found: the run, and each kind with whether it may be read."""

    run: IikoRun
    kinds: Sequence[IikoRunKind]

    @classmethod
    def of(cls, connection: IikoConnection) -> "CheckReport | None":
        """The latest check that has come to an end."""
        latest = (
            select(IikoRun.id)
            .where(
                IikoRun.connection_id == connection.id, IikoRun.purpose == Purpose.CHECK, IikoRun.ended_at.is_not(None)
            )
            .order_by(IikoRun.created_at.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(IikoRun, IikoRunKind)
            .outerjoin(IikoRunKind, IikoRunKind.run_id == IikoRun.id)
            .where(IikoRun.id == latest)
            .order_by(IikoRunKind.position)
        )
        found = db.session.execute(query).all()
        return cls(found[0][0], [kind for _run, kind in found if kind is not None]) if found else None

    @property
    def failure(self) -> str:
        """Why it could not be checked."""
        return why_failed(self.run)

    @property
    def lines(self) -> list[tuple[Label, Label, str, str]]:
        """(kind, whether it may be read, its tone, why not)."""
        return [(kind_label(each.kind), *_allowance(each)) for each in self.kinds]

    @property
    def seat(self) -> tuple[Label, str]:
        """What became of the licence seat, and how that is coloured."""
        run = self.run
        if run.seat_opened_at is None:
            return _l("None was taken"), "neutral"
        return (_l("Taken and returned"), "good") if run.seat_returned_at else (_l("Taken, not returned yet"), "bad")


def _allowance(row: IikoRunKind) -> tuple[Label, str, str]:
    if row.failure is None:
        return _l("Allowed"), "good", ""
    word, tone = ALLOWANCES.get(row.failure, (_l("Not known"), "neutral"))
    return word, tone, why_failed(row)


def in_pairs(fingerprint: str | None) -> str | None:
    """A fingerprint as tools print it: pairs of digits, parted by colons."""
    if not fingerprint:
        return None
    told = fingerprint.upper()
    return ":".join(told[place : place + 2] for place in range(0, len(told), 2))


def begin_preview(connection: IikoConnection) -> IikoRun:
    """Have the server read and compared, for the person of the request."""
    return start_run(connection, Purpose.PREVIEW, decider_id())


def begin_check(connection: IikoConnection) -> IikoRun:
    """Have the connection checked, for the person of the request."""
    return start_run(connection, Purpose.CHECK, decider_id())


def runs_context() -> dict[str, Any]:
    """What the list of runs is told with."""
    return {
        "purposes": {each.value: each.label for each in Purpose},
        "states": {each.value: each.label for each in RunState},
        "tones": RUN_TONES,
        "counts": COUNTS,
        "why_failed": why_failed,
        "shows_runs": require_scope().restaurant_ids is None,
    }
