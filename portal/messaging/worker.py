"""Everything of a worker that moves conversations: its threads, started together and ended in good order."""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from portal.messaging.presence import Presence
from portal.messaging.receiving.acknowledger import PressAcknowledger
from portal.messaging.receiving.polling import Pollers
from portal.messaging.receiving.receipts import ReceiptTaker
from portal.messaging.receiving.scheduler import UpdateScheduler
from portal.messaging.receiving.update_processor import UpdateProcessor
from portal.messaging.sending.dispatcher import Dispatcher
from portal.messaging.sending.recovery import Recovery
from portal.messaging.sending.sender import Sender
from portal.messengers.calls import Calls

log = logging.getLogger(__name__)


class MessagingWorker:
    """``start`` it, and ``finish`` it once the process is told to end."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        # What brings new work ends first; those who finish what is in hand need the worker's presence to the last.
        self._stop, self._leave = threading.Event(), threading.Event()
        self.calls = Calls.configured(app.config["PORTAL"])
        sender = Sender(app, self.calls)
        self.dispatcher = Dispatcher(app, sender, lambda: self.presence.number, lambda: self.presence.share)
        self.acknowledger = PressAcknowledger(app, sender)
        self.scheduler = UpdateScheduler(
            app,
            UpdateProcessor(app, self.acknowledger.acknowledge),
            self.dispatcher.wake.set,
            lambda: self.presence.share,
        )
        self.receipts = ReceiptTaker(app, lambda: not self.scheduler.is_idle, self._settled)
        self.recovery = Recovery(app, self.dispatcher.wake)
        received = (self.scheduler.wake, self.receipts.wake, self.acknowledger.wake)
        wakeups = {"bot_inbound_update": received, "bot_message": (self.dispatcher.wake,)}
        self.presence = Presence(app.config["PORTAL"], wakeups)
        self.pollers = Pollers(app, self._stop)
        self._threads = [
            self._thread("presence", self.presence.run, self._leave),
            self._thread("scheduler", self.scheduler.run, self._stop),
            self._thread("receipts", self.receipts.run, self._stop),
            self._thread("acknowledger", self.acknowledger.run, self._stop),
            self._thread("dispatcher", self.dispatcher.run, self._stop),
            self._thread("recovery", self.recovery.run, self._stop),
            self.pollers,
        ]

    def start(self) -> None:
        """Start every thread."""
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> None:
        """Take nothing new in hand, finish what is, and leave; within ``seconds``."""
        deadline = time.monotonic() + seconds
        self._stop.set()
        for wake in (self.scheduler.wake, self.receipts.wake, self.acknowledger.wake, self.dispatcher.wake):
            wake.set()
        self.scheduler.finish(seconds)
        self.acknowledger.finish(max(deadline - time.monotonic(), 0.0))
        if not self.dispatcher.finish(max(deadline - time.monotonic(), 0.0)):
            log.warning("some messages are left in hand: another worker takes care of them")
        self._leave.set()
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.1))
        self.calls.close()

    def _settled(self) -> None:
        self.dispatcher.wake.set()
        self.scheduler.wake.set()

    @staticmethod
    def _thread(name: str, run: Callable[[threading.Event], None], stop: threading.Event) -> threading.Thread:
        return threading.Thread(target=run, args=(stop,), name=name, daemon=True)
