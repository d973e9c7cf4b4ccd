"""What the worker does for the owner's switch, and the doctor's round."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast
from uuid import UUID

from flask import Flask, current_app

from portal.channels.queries import claim_due, follow_address, follow_owners
from portal.channels.webhook_health.check import visit
from portal.db.base import db
from portal.db.types import utc_now
from portal.jobs.queue import job
from portal.tenancy.scope import enter, unscoped

log = logging.getLogger(__name__)
# Each hung platform holds its visits for half a minute at most; the round is as long as its slowest visit.
MOST_VISITS, VISITORS = 32, 8
_round = threading.Lock()


@job()
def settle_connection(credential_id: str, account_id: str, generation: str) -> None:
    """Bring a platform to what its owner wants, unless the owner wants something else by now."""
    enter(UUID(account_id))
    visit(UUID(credential_id), generation=int(generation))


@job()
def check_platform(credential_id: str, account_id: str) -> None:
    """Examine a platform because somebody asked."""
    enter(UUID(account_id))
    visit(UUID(credential_id), asked=True)


@job(cron="* * * * * */15")
def look_after_platforms() -> None:
    """Visit the platforms whose time has come; one round at a time in each process.

    A visit that was cut off is due again after its claim: nothing is kept but what was written down.
    """
    if not _round.acquire(blocking=False):
        return
    try:
        with unscoped("worker"):
            follow_owners(utc_now())
            follow_address(bool(current_app.config["PUBLIC_URL"]), utc_now())
            due = [(row.credential_id, row.account_id) for row in claim_due(utc_now(), MOST_VISITS)]
        # From here on others see the claims, and no transaction is open.
        db.session.commit()
        app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
        with ThreadPoolExecutor(VISITORS, thread_name_prefix="doctor") as visitors:
            list(visitors.map(lambda row: make_visit(app, *row), due))
    finally:
        _round.release()


def make_visit(app: Flask, credential_id: UUID, account_id: UUID) -> None:
    """One visit in a context and a transaction of its own; what goes wrong in it is nobody else's."""
    try:
        with app.app_context():
            enter(account_id)
            visit(credential_id)
            db.session.commit()
    except Exception as error:
        # The words of an error may quote a row.
        log.warning("the visit to platform %s failed: %s", credential_id, type(error).__name__)
