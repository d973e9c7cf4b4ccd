"""Presses are acknowledged soon after they were received, whether their turn has come or not.

A step that is taken in time acknowledges its press itself, with its passing note. What waits longer is acknowledged
without one; the step then says in the chat what it has to say.
"""

import json
import threading

from flask import Flask

from portal.conversations.transition import Press
from portal.messaging.due import TakenPress, take_presses
from portal.messaging.events import Pressed, UpdateKind
from portal.messaging.pool import Pool
from portal.messaging.sending.sender import PressToAcknowledge, Sender
from portal.messaging.transactions import line_transaction, run_forever
from portal.messengers.registry import PLATFORMS

THREADS = 6
THREADS_AN_ACCOUNT = 2
# More of one account are not worth their while: their time has passed when their turn comes.
MAX_WAITING = 200
EVERY_SECONDS = 0.2
MAX_IDLE_SECONDS = 1.0


class PressAcknowledger:
    """Looks for presses that wait, and acknowledges them and those of finished steps on threads of its own."""

    def __init__(self, app: Flask, sender: Sender) -> None:
        self.app, self.sender = app, sender
        self.wake = threading.Event()
        self.pool = Pool("acknowledger", THREADS, THREADS_AN_ACCOUNT)

    def acknowledge(self, pressed: PressToAcknowledge) -> None:
        """Have a press acknowledged in its account's turn."""
        if self.pool.turns.count(pressed.account_id) < MAX_WAITING:
            self.pool.put(pressed.account_id, lambda: self.sender.acknowledge(pressed))

    def run(self, stop: threading.Event) -> None:
        """Look until ``stop``."""
        self.pool.start()
        run_forever("acknowledger", stop, lambda: self._step(stop))

    def finish(self, seconds: float) -> None:
        """Finish the calls in hand."""
        self.pool.finish(seconds)

    def look(self) -> int:
        """Take the presses that have waited; how many they were."""
        with line_transaction(self.app):
            found = take_presses()
        for press in found:
            pressed = _pressed(press)
            if pressed is not None:
                self.acknowledge(pressed)
        return len(found)

    def _step(self, stop: threading.Event) -> None:
        self.wake.wait(MAX_IDLE_SECONDS)
        self.wake.clear()
        stop.wait(EVERY_SECONDS)
        if self.look():
            self.wake.set()


def _pressed(press: TakenPress) -> PressToAcknowledge | None:
    adapter = PLATFORMS.get(press.platform)
    inbound = adapter.inbound.read_event(json.loads(press.payload), UpdateKind.PRESS) if adapter else None
    if inbound is None or not isinstance(inbound.event, Pressed) or not inbound.event.callback:
        return None
    return PressToAcknowledge(
        press.account_id, press.credential_id, press.platform, Press(inbound.event.callback, None)
    )
