"""The scheduler: looks for chats with something to do and has them worked off, the accounts in turn."""

import threading
import time
from collections.abc import Callable
from uuid import UUID

from flask import Flask

from portal.messaging import due
from portal.messaging.due import DueChat, Timer
from portal.messaging.pool import Pool
from portal.messaging.queries import Chat
from portal.messaging.receiving.update_processor import Step, UpdateProcessor
from portal.messaging.shares import Share
from portal.messaging.transactions import line_transaction, run_forever

PROCESSORS = 4
# One is always free for somebody else.
PROCESSORS_AN_ACCOUNT = PROCESSORS - 1
MAX_IDLE_SECONDS = 1.0
GATHER_SECONDS = 0.02
# An account of which so many chats wait here is not looked at before they are fewer.
ENOUGH_CHATS = 64
# After so many updates in a row a chat lets others go before it, though none was seen waiting.
UPDATES_IN_A_ROW = 20


class UpdateScheduler:
    """``on_progress`` is called after each step that was committed: there may be something to send.

    ``share`` tells which chats are to be looked after first.
    """

    def __init__(
        self,
        app: Flask,
        processor: UpdateProcessor,
        on_progress: Callable[[], None],
        share: Callable[[], Share] = Share,
    ) -> None:
        self.app, self.processor, self.on_progress, self.share = app, processor, on_progress, share
        self.wake = threading.Event()
        self.pool = Pool("processor", PROCESSORS, PROCESSORS_AN_ACCOUNT)
        self._idle = MAX_IDLE_SECONDS
        self._chats: set[Chat] = set()
        # Those that had something due while they were in hand: more may have come than their processor saw.
        self._seen_again: set[Chat] = set()
        self._timers: dict[UUID, Timer] = {}
        # Where the next look goes on in bots with more chats than one look sees.
        self._places: dict[UUID, str] = {}

    def run(self, stop: threading.Event) -> None:
        """Look and hand out until ``stop``."""
        self.pool.start()
        run_forever("scheduler", stop, self._step)

    @property
    def is_idle(self) -> bool:
        """Whether nobody's words wait, as far as it is known here."""
        return self.pool.turns.is_empty

    def finish(self, seconds: float) -> None:
        """End the processors once each has finished the step it is in."""
        self.pool.finish(seconds)

    def _step(self) -> None:
        self.wake.wait(self._idle)
        self.wake.clear()
        self.look()
        time.sleep(GATHER_SECONDS)

    def look(self) -> None:
        """See what is due, and line it up."""
        crowded = self.pool.turns.crowded(ENOUGH_CHATS)
        with line_transaction(self.app):
            found = due.look_around(set(self._timers), crowded, self._places, self.share())
        self._places = dict(found.places)
        self._idle = MAX_IDLE_SECONDS if found.next_timer is None else min(found.next_timer, MAX_IDLE_SECONDS)
        if self._places:
            self._idle = GATHER_SECONDS
        for chat in found.chats:
            self._hand_out_chat(chat)
        for timer in found.timers:
            self._hand_out_timer(timer)

    def _hand_out_chat(self, found: DueChat) -> None:
        if found.chat in self._chats:
            self._seen_again.add(found.chat)
            return
        self._chats.add(found.chat)
        self._line_up(found.chat, found.since)

    def _line_up(self, chat: Chat, since: float) -> None:
        self.pool.put(chat.account_id, lambda: self._work_off(chat), since)

    def _hand_out_timer(self, timer: Timer) -> None:
        if timer.dialog_id not in self._timers:
            self._timers[timer.dialog_id] = timer
            self.pool.put(timer.account_id, lambda: self._wake_up(timer), time.time())

    def _work_off(self, chat: Chat) -> None:
        """Apply what is due in a chat, one update a transaction; where others wait, one update in all."""
        has_more = False
        try:
            for _ in range(UPDATES_IN_A_ROW):
                has_more = self.processor.advance(chat) is Step.APPLIED
                if not has_more:
                    break
                self.on_progress()
                has_more = not self.processor.was_last(chat)
                if not has_more or not self.pool.turns.is_empty:
                    break
        finally:
            self._leave(chat, has_more=has_more)

    def _leave(self, chat: Chat, *, has_more: bool) -> None:
        if has_more:
            # Behind whoever in this account waits already.
            self._line_up(chat, time.time())
            return
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
