"""What a run leaves at its connection: how it stands, when it is tried next, and what people are told."""

import random
from typing import Any

from portal.db.types import utc_now
from portal.iiko.client.answers import Outcome
from portal.iiko.models import IikoConnection, IikoRun, Purpose
from portal.iiko.sync.backoff import Standing, after_failure
from portal.iiko.sync.schedule import plan_next
from portal.integrations.notices import CONNECTION_FAILED
from portal.notices.raising import Subject, raise_notice, resolve_notice


def note_success(connection: IikoConnection) -> None:
    """The server answered and accepted the log-in: what went wrong before is over."""
    now = utc_now()
    connection.worked_at = now
    connection.failures, connection.waits_for, connection.shown_certificate = 0, None, None
    connection.integration.note_outcome(Outcome.CONNECTED)
    resolve_notice(CONNECTION_FAILED, connection.integration_id)
    plan_next(connection, now)


def note_failure(connection: IikoConnection, run: IikoRun, outcome: Outcome, details: dict[str, Any]) -> Outcome:
    """A run failed as a whole; returns the word for it, which may be sharper than that of this one call.

    A check is looked at by whoever asked for it: nobody else is told, and nothing is tried again.
    """
    now = utc_now()
    standing = Standing(connection.failures, connection.refusals, connection.refused_on, connection.waits_for)
    verdict = after_failure(standing, outcome, now, random.random())  # noqa: S311 (spreads tries)
    told = verdict.standing
    connection.refusals, connection.refused_on = told.refusals, told.refused_on
    connection.waits_for = told.waits_for
    connection.integration.note_outcome(verdict.outcome, **details)
    if run.purpose is Purpose.CHECK:
        plan_next(connection, now)
        return verdict.outcome
    connection.failures = told.failures
    plan_next(connection, now)
    if connection.next_run_at is not None and verdict.pause is not None:
        connection.next_run_at = min(connection.next_run_at, now + verdict.pause)
    if verdict.is_news:
        subject = Subject.of(connection.integration)
        raise_notice(CONNECTION_FAILED, subject, reason=connection.integration.connection_error)
    return verdict.outcome
