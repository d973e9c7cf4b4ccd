"""The rows of a person's second factors."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.exceptions import TooManyRequests

from portal.db.base import TenantEntity, db
from portal.db.sealing import place_of
from portal.db.secrets import Redacted, SecretUnreadable
from portal.db.tables import table_args
from portal.db.types import utc_now
from portal.users.sessions import CASCADE

USER = {"user_id": "user"}
# After so many wrong guesses in a row the person waits, twice as long after each further one.
FREE_FAILURES = 5
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=1)


class SecondFactor(TenantEntity, label=_l("Second factor")):
    """One row a person: the authenticator app's secret, and the count of wrong guesses at any factor.

    ``credentials`` holds, sealed, the ``secret`` in use and one that is ``proposed``, until a code confirms it.
    """

    __tablename__ = "second_factor"
    # Nothing of the secret is shown, not even its end.
    HINTED_SECRETS: ClassVar[tuple[str, ...]] = ()
    __table_args__ = table_args(
        "second_factor",
        UniqueConstraint("account_id", "user_id"),
        references=USER,
        archivable=False,
        on_delete=CASCADE,
    )

    user_id: Mapped[UUID]
    credentials: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    # Since when the app is on; none while its secret is only proposed.
    app_since: Mapped[datetime | None]
    # The time step of the last code that was accepted: no code is accepted twice (RFC 6238, 5.2).
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    wait_until: Mapped[datetime | None]

    @classmethod
    def find(cls, user_id: UUID, *, lock: bool = False) -> "SecondFactor | None":
        """The row of a person in the account in scope, as it stands in the database now."""
        query = select(cls).where(cls.user_id == user_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return db.session.scalars(query).first()

    @classmethod
    def keep_for(cls, user: TenantEntity) -> "SecondFactor":
        """The row of a person, made where there is none; locked."""
        found = cls.find(user.id, lock=True)
        if found is None:
            found = cls(id=uuid4(), account_id=user.account_id, user_id=user.id)
            db.session.add(found)
            db.session.flush()
        return found

    def opened(self) -> dict[str, Any]:
        """The secrets by name; none where no key opens them any more."""
        try:
            return Redacted(current_app.config["KEYRING"].open(self.credentials, place_of(self)))
        except SecretUnreadable:
            return {}

    def seal(self, **secrets: str) -> None:
        """Keep these secrets and no others; no part of them stays readable."""
        self.credentials = current_app.config["KEYRING"].seal(secrets, place_of(self), hinted=())

    def count_guess(self) -> None:
        """Note a guess before it is judged; 429 while the person has to wait. The caller commits, then judges."""
        now = utc_now()
        if self.wait_until is not None and self.wait_until > now:
            raise TooManyRequests(retry_after=int((self.wait_until - now).total_seconds()) + 1)
        self.failures += 1
        if self.failures >= FREE_FAILURES:
            # The exponent is bounded: the count is not.
            doubled = SHORTEST_WAIT * 2 ** min(self.failures - FREE_FAILURES, 10)
            self.wait_until = now + min(doubled, LONGEST_WAIT)

    def was_right(self) -> None:
        """Right: what was counted before is forgotten."""
        self.failures, self.wait_until = 0, None


class Passkey(TenantEntity, label=_l("Passkey"), plural=_l("Passkeys")):
    """A passkey or security key of a person; the private key never leaves it."""

    __tablename__ = "passkey"
    __table_args__ = table_args("passkey", references=USER, archivable=False, on_delete=CASCADE)

    user_id: Mapped[UUID]
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    transports: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    # When the challenge that it answered last was made: an answer is good once, and none to an older challenge is.
    last_challenge_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    user: Mapped[Any] = relationship("User", viewonly=True)


class RecoveryCode(TenantEntity, label=_l("Recovery code")):
    """One of the codes on paper: its first letters to find it by, the rest hashed like a password."""

    __tablename__ = "recovery_code"
    __table_args__ = table_args(
        "recovery_code",
        UniqueConstraint("account_id", "user_id", "prefix"),
        references=USER,
        archivable=False,
        on_delete=CASCADE,
    )

    user_id: Mapped[UUID]
    prefix: Mapped[str]
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]
