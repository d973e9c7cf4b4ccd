"""What requests have counted, written down every few seconds by a thread: a request pays nothing for it."""

import atexit
import logging
import threading
import time
from collections.abc import Callable

from flask import Flask, current_app

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0

Write = Callable[[], None]


class Batches:
    """``writers`` take what was counted since the last time and write it, each in an application context of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.writers: list[Write] = []

    def begin(self) -> None:
        """Write from here on, and once more at the end of the process."""
        threading.Thread(target=self._run, name="batches", daemon=True).start()
        atexit.register(self.write)

    def write(self) -> None:
        """Write all that was counted; what cannot be written is lost and told."""
        for writer in self.writers:
            try:
                with self._app.app_context():
                    writer()
            except Exception as error:
                log.warning("what was counted is lost: %s", type(error).__name__)

    def _run(self) -> None:
        while True:
            time.sleep(WRITE_SECONDS)
            self.write()


def batches(app: Flask | None = None) -> Batches:
    """Those of the app, or of the present one."""
    found: Batches = (app or current_app).extensions["batches"]
    return found


def install(app: Flask) -> None:
    """Nothing is written before a process serves (``portal.telemetry.serving``)."""
    app.extensions["batches"] = Batches(app)
