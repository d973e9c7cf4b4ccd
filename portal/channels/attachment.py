"""One bot of a messenger answers in one place: who holds it, and what happens where a second one asks for it.

A connection holds the bot from the moment that its credentials were proved until it is off: its row has a keyed digest
of the bot's identity there, and a unique index keeps one row for each, of all accounts. Nothing is held, and nobody is
told that a bot is held, without credentials that the messenger accepts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, and_, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from portal.access.keyed import keyed_digest
from portal.bots.models import BotInstance
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.db.base import db
from portal.messaging.failures import Failure
from portal.messengers.errors import Rejected, Unavailable
from portal.messengers.protocol import Messenger
from portal.tenancy.scope import require_scope

KEY = "bot_connection_identity_digest_key"


def identity_digest(platform: str, external_id: str) -> bytes:
    """What a connection that holds that bot has in its row."""
    return keyed_digest("bot identity", f"{platform}\0{external_id}")


@dataclass(frozen=True, slots=True)
class Claim:
    """One connection's wish to hold the bot that its credentials lead to, as its owner wanted at ``generation``."""

    credential_id: UUID
    generation: int
    platform: str

    def take(self, external_id: str) -> None:
        """Hold the bot from now on; commits.

        Raises ``Rejected`` where another connection does, ``Unavailable`` where the owner wants something else by now.
        Rows of the account that are off, or on their way there, make room: whoever connected anew wants it more.
        """
        digest = identity_digest(self.platform, external_id)
        try:
            if not self._hold(digest):
                # The rows that made room keep what they hold, too.
                db.session.rollback()
                raise Unavailable
            db.session.commit()
        except IntegrityError as error:
            db.session.rollback()
            if KEY not in str(error.orig):
                raise
            refusal = _refusal(digest)
        else:
            return
        # Outside of the handler: a chained error would carry the digest.
        raise refusal

    def is_taken(self, external_id: str) -> bool:
        """Whether another connection, of any account, holds the bot; nothing is held by asking."""
        try:
            self._hold(identity_digest(self.platform, external_id))
        except IntegrityError as error:
            if KEY not in str(error.orig):
                raise
            return True
        finally:
            db.session.rollback()
        return False

    def _hold(self, digest: bytes) -> bool:
        """Whether there is such a connection, and its owner still wants the same."""
        row = BotConnection.credential_id == self.credential_id
        idle = and_(BotConnection.identity_digest == digest, ~row, BotConnection.state.in_(("off", "removing")))
        wanted = and_(row, BotConnection.generation == self.generation)
        _set(idle, None)
        return _set(wanted, digest) > 0


def _set(condition: ColumnElement[bool], digest: bytes | None) -> int:
    change = update(BotConnection).where(condition).values(identity_digest=digest)
    result = db.session.execute(change.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount


def _refusal(digest: bytes) -> Rejected:
    """Of a bot of the account its name is told, of another account's that there is one."""
    query = select(BotInstance.name).join(BotConnection, BotConnection.bot_id == BotInstance.id)
    name = db.session.scalars(query.where(BotConnection.identity_digest == digest)).first()
    db.session.rollback()
    if name is None:
        return Rejected(Failure.IN_USE_ELSEWHERE)
    return Rejected(Failure.IN_USE_BY_ANOTHER_BOT, name)


def same_bot(adapter: Messenger, values: Mapping[str, str], bot: BotInstance) -> list[BotPlatformCredential]:
    """The platforms of the account's other bots with credentials of the very same one, held until the request ends."""
    wanted = adapter.setup.identity(values)
    query = (
        select(BotPlatformCredential)
        .join(BotPlatformCredential.bot)
        .outerjoin(BotPlatformCredential.connection)
        .options(contains_eager(BotPlatformCredential.bot), contains_eager(BotPlatformCredential.connection))
        .where(
            BotPlatformCredential.platform == adapter.key,
            BotPlatformCredential.superseded_at.is_(None),
            BotPlatformCredential.bot_id != bot.id,
        )
        .order_by(BotPlatformCredential.id)
    )
    found = [row for row in db.session.scalars(query) if adapter.setup.identity(row.stored.values) == wanted]
    held = query.where(BotPlatformCredential.id.in_([row.id for row in found]))
    held = held.with_for_update(of=BotPlatformCredential, key_share=True).execution_options(populate_existing=True)
    return list(db.session.scalars(held)) if wanted and found else []


def take_turns(adapter: Messenger) -> None:
    """Whoever sets credentials of a messenger in the account waits for who does so already; ends with the request."""
    subject = f"credentials {require_scope().account_id} {adapter.key}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))
