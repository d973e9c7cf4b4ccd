"""Turns by account: whoever has work for a pool of threads gets its share, whatever the others have.

Accounts take turns. Within an account what has waited longest comes first. An account has a number of threads at most,
and so much processor time a second: who used up more waits while others have something to do.
"""

import heapq
import itertools
import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

Work = TypeVar("Work")

# Seconds of a processor that an account may use in each second while others wait.
BUDGET = 0.25


@dataclass(slots=True)
class _Spent:
    """Processor seconds that are not paid off yet; every second pays ``BUDGET`` of them."""

    seconds: float = 0.0
    at: float = 0.0

    def add(self, seconds: float, now: float) -> None:
        self.seconds = self.left(now) + seconds
        self.at = now

    def left(self, now: float) -> float:
        return max(self.seconds - BUDGET * (now - self.at), 0.0)


class Turns(Generic[Work]):
    """The work that waits; ``share`` is how many threads one account has at most."""

    def __init__(self, share: int) -> None:
        self.share = share
        self._changed = threading.Condition()
        # In the order in which their turn comes.
        self._waiting: OrderedDict[UUID, list[tuple[float, int, Work]]] = OrderedDict()
        self._places = itertools.count()
        self._in_hand: Counter[UUID] = Counter()
        self._spent: dict[UUID, _Spent] = {}
        self._is_closed = False

    def put(self, account_id: UUID, work: Work, since: float) -> None:
        """Let it wait; ``since`` orders it within its account."""
        with self._changed:
            heapq.heappush(self._waiting.setdefault(account_id, []), (since, next(self._places), work))
            self._changed.notify()

    def take(self) -> tuple[UUID, Work] | None:
        """Whose turn it is, waited for; None once it is closed."""
        with self._changed:
            while not self._is_closed:
                account_id = self._next()
                if account_id is not None:
                    return account_id, self._pop(account_id)
                self._changed.wait()
        return None

    def finished(self, account_id: UUID, seconds: float = 0.0) -> None:
        """One that was taken is done; it used so many seconds of the processor."""
        with self._changed:
            self._in_hand[account_id] -= 1
            if not self._in_hand[account_id]:
                del self._in_hand[account_id]
            self._spent.setdefault(account_id, _Spent()).add(seconds, time.monotonic())
            self._forget()
            self._changed.notify()

    def count(self, account_id: UUID) -> int:
        """How much of one account waits."""
        with self._changed:
            return len(self._waiting.get(account_id, ()))

    def crowded(self, most: int) -> list[UUID]:
        """The accounts of which at least so much waits."""
        with self._changed:
            return [account_id for account_id, waiting in self._waiting.items() if len(waiting) >= most]

    @property
    def is_empty(self) -> bool:
        """Whether nobody waits."""
        with self._changed:
            return not self._waiting

    def close(self) -> None:
        """Hand out nothing more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _next(self) -> UUID | None:
        """The first in turn that is within its budget, else the first; nobody has more than its share of threads."""
        now = time.monotonic()
        free = [account_id for account_id in self._waiting if self._in_hand[account_id] < self.share]
        thrifty = (account_id for account_id in free if self._owes(account_id, now) <= BUDGET)
        return next(thrifty, free[0] if free else None)

    def _owes(self, account_id: UUID, now: float) -> float:
        spent = self._spent.get(account_id)
        return spent.left(now) if spent else 0.0

    def _pop(self, account_id: UUID) -> Work:
        waiting = self._waiting[account_id]
        _, _, work = heapq.heappop(waiting)
        self._in_hand[account_id] += 1
        if waiting:
            self._waiting.move_to_end(account_id)
        else:
            del self._waiting[account_id]
        return work

    def _forget(self) -> None:
        if len(self._spent) > 1000:
            now = time.monotonic()
            self._spent = {account_id: spent for account_id, spent in self._spent.items() if spent.left(now)}
