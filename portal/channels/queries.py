"""Reading and claiming connections, and what stands on a platform's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

from flask import abort
from sqlalchemy import CursorResult, Select, Subquery, Update, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import contains_eager, selectinload

from portal.accounts.models import Account
from portal.bots.models import BotInstance
from portal.channels.events import BotPlatformEvent
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.db.base import SCHEMA, db
from portal.db.cursor import execute
from portal.messaging.events import MessageState
from portal.messengers.protocol import Messenger
from portal.messengers.registry import UnknownPlatform, platform
from portal.tenancy.objects import ObjectQuery
from portal.tenancy.reading import id_named
from portal.tenancy.scope import require_scope

# Longer than a check takes: until then nobody else asks the same platform.
CLAIM = timedelta(minutes=3)
LINES = 20


def _connected(query: Select[Any]) -> Select[Any]:
    p = BotPlatformCredential.__table__.c
    wanted = (p.bot_id == id_named("bot_id"), p.platform == bindparam("platform", None, type_=p.platform.type))
    return query.where(*wanted, p.superseded_at.is_(None))


def _held(query: Select[Any]) -> Select[Any]:
    return _connected(query).with_for_update(of=BotPlatformCredential.__table__, key_share=True)


@cache
def _platform_query(*, to_change: bool) -> ObjectQuery[BotPlatformCredential]:
    """A bot's platform with all that its page and its switch ask for."""
    beside = {
        BotPlatformCredential.bot: (),
        BotPlatformCredential.connection: (),
        # Of the live scenario only that there is one: its text is large.
        BotInstance.live_scenario: ("account_id", "bot_id"),
    }
    return ObjectQuery(BotPlatformCredential, _held if to_change else _connected, beside)


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """A platform with its bot and its connection; ``is_wanted`` where messages are to be answered there."""

    credential: BotPlatformCredential
    is_wanted: bool


def platform_row(credential_id: UUID, *, to_change: bool = False) -> PlatformRow | None:
    """A platform of the account in scope, read anew; ``to_change`` holds it until the transaction ends."""
    query = (
        select(BotPlatformCredential, Account.is_active)
        .join(BotPlatformCredential.bot)
        .join(Account, Account.id == BotPlatformCredential.account_id)
        .options(contains_eager(BotPlatformCredential.bot))
        .options(selectinload(BotPlatformCredential.connection).joinedload(BotConnection.picture))
        .where(BotPlatformCredential.id == credential_id)
        .execution_options(populate_existing=True)
    )
    if to_change:
        query = query.with_for_update(of=BotPlatformCredential, key_share=True)
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    credential: BotPlatformCredential = row[0]
    return PlatformRow(credential, credential.superseded_at is None and credential.is_live and row[1])


def others_like(credential: BotPlatformCredential) -> BotPlatformCredential | None:
    """The platform in use of the same bot, beside a former one."""
    return db.session.scalars(
        select(BotPlatformCredential).where(
            BotPlatformCredential.bot_id == credential.bot_id,
            BotPlatformCredential.platform == credential.platform,
            BotPlatformCredential.superseded_at.is_(None),
        )
    ).one_or_none()


def heals_since(credential_id: UUID, since: datetime) -> int:
    """How often the portal has set the webhook again by itself."""
    query = select(func.count()).where(
        BotPlatformEvent.credential_id == credential_id,
        BotPlatformEvent.at > since,
        BotPlatformEvent.occasion == "check",
        BotPlatformEvent.result == "healed",
    )
    return db.session.scalars(query).one()


def claim_due(now: datetime, most: int) -> Sequence[Any]:
    """Connections whose time has come (credential_id, account_id), for nobody else for a while.

    Accounts take turns, and a platform that hangs keeps its share of the places only: neither crowds out the others.
    """
    platform, account = BotPlatformCredential.platform, BotConnection.account_id
    turn = func.row_number().over(partition_by=(account, platform), order_by=BotConnection.due_at)
    share = func.row_number().over(partition_by=platform, order_by=BotConnection.due_at)
    due = (
        select(BotConnection.id, turn.label("turn"), share.label("share"))
        .join(BotPlatformCredential, BotPlatformCredential.id == BotConnection.credential_id)
        .where(BotConnection.due_at <= now)
        .subquery()
    )
    chosen = select(due.c.id).order_by(due.c.turn, due.c.share).limit(most)
    locked = (
        select(BotConnection.id)
        .where(BotConnection.id.in_(chosen), BotConnection.due_at <= now)
        .with_for_update(skip_locked=True)
    )
    claimed = (
        update(BotConnection)
        .where(BotConnection.id.in_(locked))
        .values(due_at=now + CLAIM)
        .returning(BotConnection.credential_id, BotConnection.account_id)
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(claimed).all()


def follow_owners(now: datetime) -> int:
    """Have connections settled that do not agree with the switches, as after an account was deactivated.

    Platforms that never were switched here have no connection and are left as they are.
    """
    differing = _differing()
    moved = 0
    for is_wanted, state in ((True, "connecting"), (False, "removing")):
        ids = select(differing.c.id).where(differing.c.is_wanted.is_(is_wanted))
        change = update(BotConnection).where(BotConnection.id.in_(ids))
        values = {"state": state, "generation": BotConnection.generation + 1, "problem": None, "failures": 0}
        moved += _change(change.values(**values, due_at=now))
    return moved


def _differing() -> Subquery:
    """The connections (id, is_wanted) whose state is not what switch, bot and account make of it."""
    wanted = and_(
        BotPlatformCredential.superseded_at.is_(None),
        BotPlatformCredential.is_active,
        BotInstance.is_active,
        Account.is_active,
    )
    down, up = ("off", "removing"), ("live", "polling", "failing", "connecting")
    return (
        select(BotConnection.id, wanted.label("is_wanted"))
        .join(BotPlatformCredential, BotPlatformCredential.id == BotConnection.credential_id)
        .join(BotInstance, BotInstance.id == BotConnection.bot_id)
        .join(Account, Account.id == BotConnection.account_id)
        .where(or_(and_(wanted, BotConnection.state.in_(down)), and_(~wanted, BotConnection.state.in_(up))))
        .subquery()
    )


def follow_address(has_address: bool, now: datetime) -> None:
    """Have connections looked at that were made before the portal was given a public address, or lost it.

    Those whose check is near or under way are left to it; without automatic refresh there is no next check.
    """
    made_otherwise = "polling" if has_address else "live"
    moved = update(BotConnection).where(BotConnection.state == made_otherwise, BotConnection.due_at > now + CLAIM)
    _change(moved.values(due_at=now))


def connections_of(bot_ids: Sequence[UUID]) -> Sequence[BotPlatformCredential]:
    """The platforms of those bots that were switched on at least once, held until the request ends."""
    query = (
        select(BotPlatformCredential)
        .join(BotPlatformCredential.connection)
        .join(BotPlatformCredential.bot)
        .options(contains_eager(BotPlatformCredential.connection), contains_eager(BotPlatformCredential.bot))
        .where(BotPlatformCredential.bot_id.in_(bot_ids), BotPlatformCredential.superseded_at.is_(None))
        .with_for_update(of=BotPlatformCredential, key_share=True)
    )
    return db.session.scalars(query).all()


_CANCEL_QUEUED = f"""
    UPDATE {SCHEMA}.bot_message SET state = '{MessageState.CANCELLED}', error = 'switched_off'
    WHERE account_id = %(account)s AND credential_id = %(credential)s AND state = '{MessageState.QUEUED}'
""".encode()  # noqa: S608


def cancel_queued(credential_id: UUID) -> int:
    """Have nothing sent any more that waits to be sent; how many messages that were."""
    return execute(_CANCEL_QUEUED, account=require_scope().account_id, credential=credential_id)


def _change(statement: Update) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount


def timeline_of(credential: BotPlatformCredential, before: tuple[datetime, UUID] | None) -> Sequence[BotPlatformEvent]:
    """The lines of a platform before a place, the newest first; one more than a page holds where there are more."""
    at, row_id = BotPlatformEvent.at, BotPlatformEvent.id
    query = select(BotPlatformEvent).where(BotPlatformEvent.credential_id == credential.id)
    if before is not None:
        query = query.where(or_(at < before[0], and_(at == before[0], row_id < before[1])))
    return db.session.scalars(query.order_by(at.desc(), row_id.desc()).limit(LINES + 1)).all()


def adapter_of(key: str) -> Messenger:
    """The adapter that an address names, or 404."""
    try:
        return platform(key)
    except UnknownPlatform:
        abort(404)


def connected_platform(bot_id: UUID, adapter: Messenger, *, to_change: bool = False) -> BotPlatformCredential | None:
    """The bot's row for a platform, its bot with it; ``to_change`` holds the row until the request ends."""
    return _platform_query(to_change=to_change).first(bot_id=bot_id, platform=adapter.key)
