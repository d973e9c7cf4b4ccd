"""The dispatcher: claims messages and hands them to its senders, so that nobody's trouble is everybody's.

A bot has a few senders at most, an account some more, a platform half of them: a queue of thousands, or a platform that
hangs, leaves hands for the others.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from flask import Flask

from portal.http.gate import rests
from portal.messaging.backoff import wait_after
from portal.messaging.sending.candidates import QueuedMessage
from portal.messaging.sending.outbox import Claims, claim
from portal.messaging.sending.room import Room
from portal.messaging.sending.sender import Sender
from portal.messaging.shares import Share
from portal.messaging.transactions import is_database_away, line_transaction, run_forever
from portal.messengers.registry import PLATFORMS
from portal.telemetry.failures import failure_location

log = logging.getLogger(__name__)

SENDERS = 32
SENDERS_AN_ACCOUNT = 12
SENDERS_A_BOT = 4
MAX_IDLE_SECONDS = 1.0
# Claims are gathered a little, so that under load one statement claims several messages.
GATHER_SECONDS = 0.01


class InHand:
    """Who has how many senders at work; ``finished`` is called whenever one is free again."""

    def __init__(
        self, senders: int, a_bot: int, finished: Callable[[], None], an_account: int = SENDERS_AN_ACCOUNT
    ) -> None:
        self.senders, self.a_bot, self.an_account, self.finished = senders, a_bot, an_account, finished
        self._lock = threading.Lock()
        self._bots: Counter[UUID] = Counter()
        self._accounts: Counter[UUID | None] = Counter()
        self._platforms: Counter[str] = Counter()

    @property
    def a_platform(self) -> int:
        """The most senders of one platform."""
        return max(self.senders // 2, 1)

    @property
    def count(self) -> int:
        """How many senders are at work."""
        with self._lock:
            return sum(self._platforms.values())

    def room(self) -> Room:
        """What else can be taken in hand."""
        with self._lock:
            taken = sum(self._platforms.values())
            left = {key: self.a_platform - self._platforms[key] for key in {*PLATFORMS, *self._platforms}}
            accounts = {account_id: count for account_id, count in self._accounts.items() if account_id and count}
            return Room(self.senders - taken, self.a_bot, self.an_account, dict(+self._bots), left, accounts)

    def take(self, credential_id: UUID, platform: str, account_id: UUID | None = None) -> None:
        """One more."""
        with self._lock:
            self._accounts[account_id] += 1
            self._bots[credential_id] += 1
            self._platforms[platform] += 1

    def give_back(self, credential_id: UUID, platform: str, account_id: UUID | None = None) -> None:
        """One less."""
        with self._lock:
            self._accounts[account_id] -= 1
            self._bots[credential_id] -= 1
            self._platforms[platform] -= 1
        self.finished()


class Dispatcher:
    """Claims for the worker number that ``number`` tells; while there is none nothing is claimed.

    ``share`` tells which chats come first.
    """

    def __init__(
        self,
        app: Flask,
        sender: Sender,
        number: Callable[[], int | None],
        share: Callable[[], Share] = Share,
        senders: int = SENDERS,
    ) -> None:
        self.app, self.sender, self.number, self.share = app, sender, number, share
        self.wake = threading.Event()
        self.in_hand = InHand(senders, SENDERS_A_BOT, self.wake.set)
        self._again_at: float | None = None
        self._places: dict[UUID, UUID] = {}
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._last_claim = threading.Event()
        self._threads = [threading.Thread(target=self._send, name=f"sender {i}", daemon=True) for i in range(senders)]

    # One step at a time; tests call these.

    def claim(self) -> Claims:
        """Take in hand what may be sent now."""
        number, room = self.number(), self.in_hand.room()
        if number is None or room.senders <= 0 or rests():
            return Claims(())
        with line_transaction(self.app):
            claims = claim(number, replace(room, share=self.share()), self._places)
        for message in claims.messages:
            self.in_hand.take(message.credential_id, message.platform, message.account_id)
        return claims

    def deliver(self, message: QueuedMessage, number: int) -> None:
        """Send one claimed message and note what came of it, however long the database is away."""
        try:
            verdict = self.sender.attempt(message)
            failures = 0
            while True:
                try:
                    return self.sender.settle(message, number, verdict)
                except Exception as error:
                    failures += 1
                    if not is_database_away(error) and failures > 3:
                        log.error("message %s: %s", message.id, failure_location(error))
                        return None
                    if self._ended.wait(wait_after(failures, first=0.1, longest=1.0)):
                        return None
        finally:
            self.in_hand.give_back(message.credential_id, message.platform, message.account_id)

    # The threads.

    def run(self, stop: threading.Event) -> None:
        """Start the senders and claim until ``stop``."""
        for thread in self._threads:
            thread.start()
        try:
            run_forever("dispatcher", stop, self._step)
        finally:
            self._last_claim.set()

    def finish(self, seconds: float) -> bool:
        """Wait for what is in hand; whether all of it came to an end."""
        deadline = time.monotonic() + seconds
        # What a claim under way takes in hand is sent as well.
        self._last_claim.wait(seconds)
        while self.in_hand.count and time.monotonic() < deadline:
            self.wake.wait(0.05)
            self.wake.clear()
        self._ended.set()
        for _ in self._threads:
            self._work.put(None)
        return not self.in_hand.count

    def _step(self) -> None:
        self.wake.wait(self._idle_seconds())
        self.wake.clear()
        self._again_at = None
        number = self.number()
        if number is None:
            return
        claims = self.claim()
        for message in claims.messages:
            self._work.put(lambda message=message: self.deliver(message, number))  # type: ignore[misc]
        if claims.again_after is not None:
            self._again_at = time.monotonic() + claims.again_after
        time.sleep(GATHER_SECONDS)

    def _idle_seconds(self) -> float:
        if self._again_at is None:
            return MAX_IDLE_SECONDS
        return min(max(self._again_at - time.monotonic(), 0.0), MAX_IDLE_SECONDS)

    def _send(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception as error:
                log.error("sender: %s", failure_location(error))
