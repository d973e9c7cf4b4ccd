"""What the worker does for the owner's switch, and the round of checks."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast
from uuid import UUID

from flask import Flask, current_app

from portal.channels.models import UNDER_WAY
from portal.channels.queries import claim_due, follow_address, follow_owners
from portal.channels.shared_calls import shared_calls
from portal.channels.webhook_health.record import CheckRecord
from portal.channels.webhook_health.repair import WebhookRepair
from portal.channels.webhook_health.target import open_target
from portal.db.base import db
from portal.db.types import utc_now
from portal.jobs.queue import job
from portal.messengers.errors import SendFailed
from portal.tenancy.scope import enter_account, system_scope


def check_webhook(credential_id: UUID, *, generation: int | None = None, asked: bool = False) -> None:
    """Settle what is under way, else examine; a check for a former ``generation`` of the owner's wishes does nothing.

    The account is in scope; the caller commits.
    """
    target = open_target(credential_id)
    # What follows may take half a minute.
    db.session.rollback()
    if target is None or generation not in (None, target.generation):
        return
    repair = WebhookRepair(target, shared_calls())
    result = repair.settle() if target.state in UNDER_WAY else repair.examine(asked=asked)
    CheckRecord(target, result, asked=asked).keep()


log = logging.getLogger(__name__)
# Each hung platform holds its checks for half a minute at most; the round is as long as its slowest check.
MAX_CHECKS, CHECKERS = 32, 8
_round = threading.Lock()


@job(queue="outside", once_by=("credential_id",), is_outgoing=True)
def settle_connection(credential_id: str, account_id: str, generation: str) -> None:
    """Bring a platform to what its owner wants, unless the owner wants something else by now."""
    enter_account(UUID(account_id))
    check_webhook(UUID(credential_id), generation=int(generation))


@job(queue="outside", once_by=("credential_id",), is_outgoing=True)
def check_platform(credential_id: str, account_id: str) -> None:
    """Examine a platform because somebody asked."""
    enter_account(UUID(account_id))
    check_webhook(UUID(credential_id), asked=True)


@job(queue="outside", once_by=("credential_id",), is_outgoing=True)
def renew_webhook(credential_id: str, account_id: str) -> None:
    """Tell a platform the secret of the present key, where its deliveries still carry that of a former one."""
    enter_account(UUID(account_id))
    target = open_target(UUID(credential_id))
    db.session.rollback()
    if target is None or target.state in UNDER_WAY:
        return
    try:
        WebhookRepair(target, shared_calls()).renew()
    except SendFailed as error:
        log.warning("the webhook of platform %s was not renewed: %s", credential_id, error.code)


@job(cron="* * * * * */15", queue="outside", is_outgoing=True)
def look_after_platforms() -> None:
    """Check the platforms whose time has come; one round at a time in each process.

    A check that was cut off is due again after its claim: nothing is kept but what was written down.
    """
    if not _round.acquire(blocking=False):
        return
    try:
        with system_scope("worker"):
            follow_owners(utc_now())
            follow_address(bool(current_app.config["PUBLIC_URL"]), utc_now())
            due = [(row.credential_id, row.account_id) for row in claim_due(utc_now(), MAX_CHECKS)]
        # From here on others see the claims, and no transaction is open.
        db.session.commit()
        app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
        with ThreadPoolExecutor(CHECKERS, thread_name_prefix="webhook check") as checkers:
            list(checkers.map(lambda row: check_in_background(app, *row), due))
    finally:
        _round.release()


def check_in_background(app: Flask, credential_id: UUID, account_id: UUID) -> None:
    """One check in a context and a transaction of its own; what goes wrong in it is nobody else's."""
    try:
        with app.app_context():
            enter_account(account_id)
            check_webhook(credential_id)
            db.session.commit()
    except Exception as error:
        # The words of an error may quote a row.
        log.warning("the check to platform %s failed: %s", credential_id, type(error).__name__)
