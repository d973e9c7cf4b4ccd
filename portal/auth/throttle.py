"""Throttling of guesses, in PostgreSQL, so that it holds over all processes and machines.

A browser that has signed the person in before has a counter of its own (``portal.auth.devices``): strangers who guess
wear out the strangers' counters, never the owner's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import TooManyRequests

from portal.access.keyed import keyed_digest
from portal.access.networks import network_of
from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.db.base import Model, db
from portal.db.types import utc_now

WINDOW = timedelta(minutes=5)
DAY = timedelta(days=1)
GUESSES_PER_WINDOW = 10
# Over all people and addresses: what a guesser with many machines gets.
STRANGERS_PER_WINDOW = 1_000
RESETS_PER_DAY = 5


class SignInAttempt(Model):
    """A guess at a password, counted by e-mail and by address over all processes; no account's row."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_subject", "subject", "at"),
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # A keyed hash of the e-mail or address: the table tells nobody who tried.
    subject: Mapped[bytes]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted under one name, and how often it may be within the attempt's time."""

    name: str
    limit: int

    @property
    def subject(self) -> bytes:
        """The name as the table holds it."""
        return keyed_digest("throttle", self.name)

    @property
    def is_shared(self) -> bool:
        """Whether so many use it that they are not made to wait for each other: then it is kept nearly."""
        return self.limit >= STRANGERS_PER_WINDOW


class Attempt:
    """One of the things that may be done seldom, counted under several names at once."""

    def __init__(
        self,
        counters: Iterable[Counter],
        within: timedelta = WINDOW,
        kind: AttackKind = AttackKind.SIGN_IN_THROTTLED,
    ) -> None:
        self.counters = sorted(counters, key=lambda counter: counter.subject)
        self.within = within
        self._ids: list[int] = []
        self._kind = kind

    def count(self) -> None:
        """Note the attempt for good, or refuse it (429) and note nothing where there were too many.

        Those of one name wait for each other, so that attempts made side by side all see each other.
        """
        now = utc_now()
        locks = [_lock(counter.subject) for counter in self.counters if not counter.is_shared]
        db.session.execute(select(*(func.pg_advisory_xact_lock(lock) for lock in locks)))
        if (free_at := self._free_at(now)) is not None:
            db.session.rollback()
            note_attack(self._kind)
            raise TooManyRequests(retry_after=max(int((free_at - now).total_seconds()), 1))
        rows = [{"subject": counter.subject, "at": now} for counter in self.counters]
        self._ids = list(db.session.scalars(insert(SignInAttempt).returning(SignInAttempt.id), rows))
        db.session.commit()

    def was_right(self) -> None:
        """A right guess is no guess: people who share an address do not shut each other out."""
        db.session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(self._ids)))

    def _free_at(self, now: datetime) -> datetime | None:
        """When one more will be allowed; ``None`` where it is now."""
        limits = {counter.subject: counter.limit for counter in self.counters}
        counts = db.session.execute(
            select(SignInAttempt.subject, func.count(), func.min(SignInAttempt.at))
            .where(SignInAttempt.subject.in_(list(limits)), SignInAttempt.at > now - self.within)
            .group_by(SignInAttempt.subject)
        )
        full = [first + self.within for subject, count, first in counts if count >= limits[subject]]
        return max(full, default=None)


def password_guess(email: str, address: str | None, device: str | None) -> Attempt:
    """A guess at somebody's password; ``device`` names the browser where the person is known there."""
    if device is not None:
        return Attempt([Counter(f"password:device:{device}:{email.lower()}", GUESSES_PER_WINDOW)])
    return Attempt(
        [
            Counter(f"password:email:{email.lower()}", GUESSES_PER_WINDOW),
            Counter(f"password:address:{network_of(address)}", GUESSES_PER_WINDOW),
            Counter("password:strangers", STRANGERS_PER_WINDOW),
        ]
    )


def present_password_guess(person: str) -> Attempt:
    """A guess, by whoever sits at a signed-in browser, at the password of the person who signed in there."""
    return Attempt([Counter(f"password:present:{person}", GUESSES_PER_WINDOW)])


def reset_request(email: str, address: str | None, device: str | None) -> Attempt:
    """Asking for a link to set a new password; a day's worth of them that strangers use up is not the owner's."""
    if device is not None:
        return Attempt(
            [Counter(f"reset:device:{device}:{email.lower()}", RESETS_PER_DAY)], DAY, AttackKind.RESET_THROTTLED
        )
    return Attempt(
        [
            Counter(f"reset:email:{email.lower()}", RESETS_PER_DAY),
            Counter(f"reset:address:{network_of(address)}", GUESSES_PER_WINDOW * RESETS_PER_DAY),
            Counter("reset:strangers", STRANGERS_PER_WINDOW * RESETS_PER_DAY),
        ],
        DAY,
        AttackKind.RESET_THROTTLED,
    )


def forget_old_attempts() -> int:
    """Remove what no longer counts; how many rows that were."""
    result = db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < utc_now() - DAY))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _lock(subject: bytes) -> int:
    """The number of the advisory lock of a subject."""
    return int.from_bytes(subject[:8], "big", signed=True)
