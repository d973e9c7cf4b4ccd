"""The dispatcher: claims messages and hands them to its senders, so that nobody's trouble is everybody's.

A bot has a few senders at most, a platform half of them: a queue of thousands, or a platform that hangs, leaves
hands for the others.
"""

import logging
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from uuid import UUID

from flask import Flask

from portal.http.gate import rests
from portal.messaging.backoff import wait_after
from portal.messaging.sending.outbox import Claims, QueuedMessage, Room, claim
from portal.messaging.sending.sender import PressToAcknowledge, Sender
from portal.messaging.transactions import failure_location, is_database_away, run_forever, transaction
from portal.messengers.registry import PLATFORMS

log = logging.getLogger(__name__)

SENDERS = 32
SENDERS_A_BOT = 4
# Presses are acknowledged at once or not at all: their notes are worth nothing later.
MAX_PRESSES = 1000
MAX_IDLE_SECONDS = 1.0
# Claims are gathered a little, so that under load one statement claims several messages.
GATHER_SECONDS = 0.01


class InHand:
    """Who has how many senders at work; ``finished`` is called whenever one is free again."""

    def __init__(self, senders: int, a_bot: int, finished: Callable[[], None]) -> None:
        self.senders, self.a_bot, self.finished = senders, a_bot, finished
        self._lock = threading.Lock()
        self._bots: Counter[UUID] = Counter()
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
            return Room(self.senders - taken, self.a_bot, dict(+self._bots), left)

    def has_room(self, credential_id: UUID, platform: str) -> bool:
        """Whether one more of this bot can be taken in hand."""
        room = self.room()
        free = room.senders > 0 and room.platform_room.get(platform, 1) > 0
        return free and room.busy_bots.get(credential_id, 0) < self.a_bot

    def take(self, credential_id: UUID, platform: str) -> None:
        """One more."""
        with self._lock:
            self._bots[credential_id] += 1
            self._platforms[platform] += 1

    def give_back(self, credential_id: UUID, platform: str) -> None:
        """One less."""
        with self._lock:
            self._bots[credential_id] -= 1
            self._platforms[platform] -= 1
        self.finished()


class Dispatcher:
    """Claims for the worker number that ``number`` tells; while there is none nothing is claimed."""

    def __init__(self, app: Flask, sender: Sender, number: Callable[[], int | None], senders: int = SENDERS) -> None:
        self.app, self.sender, self.number = app, sender, number
        self.wake = threading.Event()
        self.in_hand = InHand(senders, SENDERS_A_BOT, self.wake.set)
        self._presses: deque[PressToAcknowledge] = deque(maxlen=MAX_PRESSES)
        self._again_at: float | None = None
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._last_claim = threading.Event()
        self._threads = [threading.Thread(target=self._send, name=f"sender {i}", daemon=True) for i in range(senders)]

    def acknowledge(self, pressed: PressToAcknowledge) -> None:
        """Have a press acknowledged as soon as a sender is free."""
        self._presses.append(pressed)
        self.wake.set()

    # One step at a time; tests call these.

    def claim(self) -> Claims:
        """Take in hand what may be sent now."""
        number, room = self.number(), self.in_hand.room()
        if number is None or room.senders <= 0 or rests():
            return Claims(())
        with transaction(self.app):
            claims = claim(number, room)
        for message in claims.messages:
            self.in_hand.take(message.credential_id, message.platform)
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
            self.in_hand.give_back(message.credential_id, message.platform)

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
        self._hand_out_presses()
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

    def _hand_out_presses(self) -> None:
        """Those of bots that have no sender free wait for the next step."""
        for _ in range(len(self._presses)):
            pressed = self._presses.popleft()
            if self.in_hand.has_room(pressed.credential_id, pressed.platform):
                self.in_hand.take(pressed.credential_id, pressed.platform)
                self._work.put(lambda pressed=pressed: self._acknowledge(pressed))  # type: ignore[misc]
            else:
                self._presses.append(pressed)

    def _acknowledge(self, pressed: PressToAcknowledge) -> None:
        try:
            self.sender.acknowledge(pressed)
        finally:
            self.in_hand.give_back(pressed.credential_id, pressed.platform)

    def _send(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception as error:
                log.error("sender: %s", failure_location(error))
