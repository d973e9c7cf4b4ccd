"""Guesses at a known person's password, in the log of the chain: a line in five minutes at most, with their number.

They are counted in the process and written down later: a guess at a known e-mail takes as long as at an unknown one.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import UniqueConstraint, or_, select
from sqlalchemy.dialects.postgresql import INET, insert
from sqlalchemy.orm import Mapped, mapped_column

from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db
from portal.db.tables import table_args
from portal.db.types import utc_now
from portal.telemetry.batches import batches
from portal.tenancy.scope import account_scope, system_scope
from portal.users.models import User

TOLD_EVERY = timedelta(minutes=5)
MAX_PEOPLE = 1_000


class FailedSignIns(TenantEntity, label=_l("Failed sign-ins")):
    """What of a person's failed sign-ins the log has not told yet."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = table_args(
        "failed_sign_ins",
        UniqueConstraint("account_id", "user_id"),
        references={"user_id": "user"},
        on_delete={"user_id": "CASCADE"},
        archivable=False,
    )

    user_id: Mapped[UUID]
    count: Mapped[int]
    told_at: Mapped[datetime | None]
    # The last one's.
    ip_address: Mapped[str | None] = mapped_column(INET)

    @property
    def is_due(self) -> bool:
        """Whether the log may be told."""
        return self.count > 0 and (self.told_at is None or self.told_at < utc_now() - TOLD_EVERY)

    def tell(self) -> None:
        """One line for all of them."""
        user = db.session.get_one(User, self.user_id)
        event = record(Action.SIGN_IN_FAILED, user, after={"failed_sign_ins": self.count})
        event.ip_address = self.ip_address
        self.count, self.told_at = 0, utc_now()


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Whose password was guessed at."""

    account_id: UUID
    user_id: UUID


class Guesses:
    """Those of one process that are not written down yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[KnownPerson] = Counter()
        self._addresses: dict[KnownPerson, str | None] = {}

    def add(self, person: KnownPerson, address: str | None) -> None:
        """One more; of very many people at once only the first are told apart."""
        with self._lock:
            if person in self._counts or len(self._counts) < MAX_PEOPLE:
                self._counts[person] += 1
                self._addresses[person] = address

    def take(self) -> list[tuple[KnownPerson, int, str | None]]:
        """All since they were last taken."""
        with self._lock:
            counts, addresses = self._counts, self._addresses
            self._counts, self._addresses = Counter(), {}
        return [(person, count, addresses[person]) for person, count in counts.items()]


def note_failed_sign_in(person: KnownPerson | None) -> None:
    """A wrong guess: a line of the security log for whatever e-mail, and for a known person the chain's log."""
    known = {} if person is None else {"chain_id": person.account_id, "user_id": person.user_id}
    note_attack(AttackKind.SIGN_IN_FAILED, **known)
    if person is not None:
        guesses: Guesses = current_app.extensions["guesses"]
        guesses.add(person, request.remote_addr)


def write_guesses() -> None:
    """Add what was counted to the people's rows, and tell the log where it may be told."""
    guesses: Guesses = current_app.extensions["guesses"]
    for person, count, address in guesses.take():
        with account_scope(person.account_id):
            row = _added(person, count, address)
            if row.is_due:
                row.tell()
        db.session.commit()


def _added(person: KnownPerson, count: int, address: str | None) -> FailedSignIns:
    values = {"account_id": person.account_id, "user_id": person.user_id, "count": count, "ip_address": address}
    adding = insert(FailedSignIns).values(values)
    adding = adding.on_conflict_do_update(
        index_elements=["account_id", "user_id"],
        set_={"count": FailedSignIns.count + adding.excluded.count, "ip_address": adding.excluded.ip_address},
    )
    return db.session.scalars(adding.returning(FailedSignIns), execution_options={"populate_existing": True}).one()


def tell_of_failed_sign_ins() -> None:
    """What came within five minutes of a line and was followed by nothing."""
    with system_scope("worker"):
        is_late = or_(FailedSignIns.told_at.is_(None), FailedSignIns.told_at < utc_now() - TOLD_EVERY)
        waiting = db.session.execute(
            select(FailedSignIns.id, FailedSignIns.account_id).where(FailedSignIns.count > 0, is_late)
        ).all()
    for row_id, account_id in waiting:
        with account_scope(account_id):
            row = db.session.get(FailedSignIns, row_id, with_for_update=True, populate_existing=True)
            if row is not None and row.is_due:
                row.tell()
        db.session.commit()


def install(app: Flask) -> None:
    """Have the processes that serve write down what was guessed."""
    app.extensions["guesses"] = Guesses()
    batches(app).writers.append(write_guesses)
