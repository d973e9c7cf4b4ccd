"""A round through the accounts: a batch of each in turn, so that nobody waits for the one that has most."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from portal.db.base import db
from portal.telemetry.failures import failure_location
from portal.tenancy.scope import account_scope

log = logging.getLogger(__name__)
# What is left when the time is over has its turn with the next round.
ROUND_SECONDS = 1800

Done = TypeVar("Done")


def in_turns(
    account_ids: Sequence[UUID], batch: Callable[[], Done], has_more: Callable[[Done], bool]
) -> Iterator[tuple[UUID, Done]]:
    """Of each account a batch after a batch of the others, in a transaction of its own; gives what each has done.

    Another one follows while ``has_more`` says so of the last. What goes wrong in one account is nobody else's.
    """
    until, waiting = time.monotonic() + ROUND_SECONDS, deque(account_ids)
    while waiting and time.monotonic() < until:
        account_id = waiting.popleft()
        try:
            with account_scope(account_id):
                done = batch()
            db.session.commit()
        except Exception as error:
            db.session.rollback()
            log.error("account %s: %s: %s", account_id, batch.__qualname__, failure_location(error))
            continue
        if has_more(done):
            waiting.append(account_id)
        yield account_id, done
