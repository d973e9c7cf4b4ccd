"""What the inbox tidies up by itself."""

import logging
from datetime import timedelta

from sqlalchemy import CursorResult, delete, select

from portal.db.base import db
from portal.db.types import utc_now
from portal.jobs.queue import job
from portal.messaging.inbound_updates import InboundUpdate
from portal.tenancy.scope import system_scope

log = logging.getLogger(__name__)
# A platform delivers again for a day, ids start anew after a week; dead letters stay until somebody looks.
DAYS_KEPT = 30
BATCH = 2000


@job(cron="23 * * * *")
def forget_old_updates() -> None:
    """Remove what was worked off long ago, a batch to a transaction, so that nobody waits for it."""
    forgotten = 0
    while removed := _forget_batch():
        db.session.commit()
        forgotten += removed
    if forgotten:
        log.info("removed %s old updates", forgotten)


def _forget_batch() -> int:
    old = (
        select(InboundUpdate.id)
        .where(InboundUpdate.created_at < utc_now() - timedelta(days=DAYS_KEPT))
        .where(InboundUpdate.state.in_(("done", "ignored")))
        .order_by(InboundUpdate.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with system_scope("worker"):
        result = db.session.execute(delete(InboundUpdate).where(InboundUpdate.id.in_(old.scalar_subquery())))
    assert isinstance(result, CursorResult)
    return result.rowcount
