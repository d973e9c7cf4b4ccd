"""Throttling of guesses, in PostgreSQL, so that it holds over all processes and machines."""

import hashlib
import hmac
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Index, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import TooManyRequests

from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.db.base import Model, db
from portal.db.types import utc_now
from portal.telemetry.context import keyed_hash

WINDOW = timedelta(minutes=5)
GUESSES_PER_WINDOW = 10


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


class LoginAttempt:
    """One guess at somebody's password, from one address; or another thing (``of``) to be done seldom."""

    def __init__(self, email: str, address: str | None, *, of: str = "password") -> None:
        self.subjects = [_subject(f"{of}:email", email.lower()), _subject(f"{of}:address", address or "")]
        self._ids: list[int] = []
        self._kind = AttackKind.RESET_THROTTLED if of == "reset" else AttackKind.SIGN_IN_THROTTLED
        self._email_hash = keyed_hash(email.lower())

    def count(self) -> None:
        """Note the guess for good, then refuse it (429) where there were too many.

        Noted and committed before it is counted: guesses made side by side all see each other.
        """
        now = utc_now()
        rows = [{"subject": subject, "at": now} for subject in self.subjects]
        self._ids = list(db.session.scalars(insert(SignInAttempt).returning(SignInAttempt.id), rows))
        db.session.commit()
        counts = db.session.execute(
            select(SignInAttempt.subject, func.count())
            .where(SignInAttempt.subject.in_(self.subjects), SignInAttempt.at > now - WINDOW)
            .group_by(SignInAttempt.subject)
        )
        if any(count > GUESSES_PER_WINDOW for _, count in counts):
            note_attack(self._kind, email_hash=self._email_hash)
            raise TooManyRequests(retry_after=int(WINDOW.total_seconds()))
        db.session.rollback()

    def was_right(self) -> None:
        """A right guess is no guess: people who share an address do not shut each other out."""
        db.session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(self._ids)))


def forget_old_login_attempts() -> int:
    """Remove what no longer counts; how many rows that were."""
    result = db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < utc_now() - WINDOW))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _subject(kind: str, value: str) -> bytes:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"{kind}:{value}".encode(), hashlib.sha256)
