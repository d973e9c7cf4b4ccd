"""Seats that nobody gave back: a round each minute, and until when one may be taken."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.models import IikoRun, RunState
from portal.iiko.seats.lock import server_lock
from portal.iiko.seats.log_ins import SEAT_LIFE, LogIns
from portal.iiko.seats.models import IikoSession
from portal.iiko.seats.returning import give_back
from portal.jobs.queue import job
from portal.tenancy.scope import account_scope, enter_account, system_scope

# Of one round; what is left comes with the next.
MAX_AT_ONCE = 200


@job(cron="* * * * *")
def return_seats() -> None:
    """Have every log-in ended that is due for it, each in a job of its account."""
    with system_scope("worker"):
        due = db.session.execute(
            select(IikoSession.id, IikoSession.account_id)
            .where(IikoSession.closed_at.is_(None), IikoSession.next_try_at <= utc_now())
            .order_by(IikoSession.next_try_at)
            .limit(MAX_AT_ONCE)
        ).all()
    for session_id, account_id in due:
        with account_scope(account_id):
            return_seat.queue(session_id=str(session_id), account_id=str(account_id))


@job(queue="iiko", once_by=("session_id",), is_outgoing=True)
def return_seat(session_id: str, account_id: str) -> None:
    """End one log-in that no run uses: whose server's lock is free, nobody is at work there."""
    enter_account(UUID(account_id))
    session = db.session.get(IikoSession, UUID(session_id))
    if session is None or session.closed_at is not None:
        return
    key = bytes.fromhex(session.server_key)
    db.session.rollback()
    with server_lock(key) as lock:
        if lock is None:
            # A run is at work, with this log-in or another; the next round looks again.
            return
        log_ins = LogIns(UUID(account_id), lock)
        log_in = log_ins.find(UUID(session_id))
        if log_in is not None:
            give_back(log_ins, log_in)


def possible_seat_until(connection_id: UUID) -> datetime | None:
    """Until when a seat of ours may be taken that no run uses; ``None`` where all came back."""
    at_work = [each for each in RunState if not each.is_over]
    began = func.max(func.coalesce(IikoSession.token_at, IikoSession.opened_at))
    found: datetime | None = db.session.scalar(
        select(began)
        .outerjoin(IikoRun, IikoRun.id == IikoSession.run_id)
        .where(
            IikoSession.connection_id == connection_id,
            IikoSession.closed_at.is_(None),
            IikoSession.opened_at > utc_now() - SEAT_LIFE,
            or_(IikoRun.id.is_(None), IikoRun.state.not_in(at_work)),
        )
    )
    return found + SEAT_LIFE if found else None
