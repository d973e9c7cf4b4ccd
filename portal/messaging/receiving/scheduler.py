"""The scheduler: looks for chats with something to do and hands them to the processors, each to one at a time."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from uuid import UUID

from flask import Flask

from portal.messaging import queries
from portal.messaging.queries import Chat, Timer
from portal.messaging.receiving.receipts import take_receipts
from portal.messaging.receiving.update_processor import Step, UpdateProcessor
from portal.messaging.transactions import failure_location, is_database_away, run_forever, transaction

log = logging.getLogger(__name__)

PROCESSORS = 3
MAX_IDLE_SECONDS = 1.0
GATHER_SECONDS = 0.01
# After so many updates in a row a chat lets others go before it.
UPDATES_IN_A_ROW = 20


class UpdateScheduler:
    """``on_progress`` is called after each step that was committed: there may be something to send."""

    def __init__(self, app: Flask, processor: UpdateProcessor, on_progress: Callable[[], None]) -> None:
        self.app, self.processor, self.on_progress = app, processor, on_progress
        self.wake = threading.Event()
        self._idle = MAX_IDLE_SECONDS
        self._chats: set[Chat] = set()
        # Those that had something due while they were in hand: more may have come than their processor saw.
        self._seen_again: set[Chat] = set()
        self._timers: dict[UUID, Timer] = {}
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._process, name=f"processor {i}") for i in range(PROCESSORS)]

    def run(self, stop: threading.Event) -> None:
        """Look and hand out until ``stop``."""
        for thread in self._threads:
            thread.daemon = True
            thread.start()
        run_forever("scheduler", stop, self._step)

    def finish(self, seconds: float) -> None:
        """End the processors once each has finished the step it is in."""
        while not self._work.empty():
            self._work.get()
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join(seconds)

    def _step(self) -> None:
        self.wake.wait(self._idle)
        self.wake.clear()
        with transaction(self.app):
            due = queries.look_around(set(self._timers))
        self._idle = MAX_IDLE_SECONDS if due.next_timer is None else min(due.next_timer, MAX_IDLE_SECONDS)
        for chat in due.chats:
            self._hand_out_chat(chat)
        for timer in due.timers:
            self._hand_out_timer(timer)
        for receipts in due.receipts:
            take_receipts(self.app, receipts.account_id, receipts.ids)
        if due.receipts:
            # A receipt may have settled what the chat was waiting for, and more may be there.
            self.on_progress()
            self.wake.set()
        time.sleep(GATHER_SECONDS)

    def _hand_out_chat(self, chat: Chat) -> None:
        if chat in self._chats:
            self._seen_again.add(chat)
            return
        self._chats.add(chat)
        self._work.put(lambda: self._work_off(chat))

    def _hand_out_timer(self, timer: Timer) -> None:
        if timer.dialog_id not in self._timers:
            self._timers[timer.dialog_id] = timer
            self._work.put(lambda: self._wake_up(timer))

    def _work_off(self, chat: Chat) -> None:
        """Apply what is due in a chat, one update a transaction."""
        try:
            for _ in range(UPDATES_IN_A_ROW):
                if self.processor.advance(chat) is not Step.APPLIED:
                    break
                self.on_progress()
        finally:
            self._chats.discard(chat)
            if chat in self._seen_again:
                self._seen_again.discard(chat)
                self.wake.set()

    def _wake_up(self, timer: Timer) -> None:
        try:
            if self.processor.wake(timer) is Step.APPLIED:
                self.on_progress()
        finally:
            self._timers.pop(timer.dialog_id, None)
            # The next wait may be shorter than the scheduler's.
            self.wake.set()

    def _process(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception as error:
                told = "the database is away" if is_database_away(error) else failure_location(error)
                log.warning("processor: %s", told)
