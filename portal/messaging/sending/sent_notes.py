"""Notes of accepted messages, many to a transaction: whoever comes while one is being written shares the next."""

import threading
from dataclasses import dataclass

from flask import Flask

from portal.messaging.sending import retry_policy
from portal.messaging.sending.candidates import QueuedMessage
from portal.messaging.transactions import line_transaction
from portal.messengers.results import Sent


@dataclass(slots=True)
class _Note:
    message: QueuedMessage
    sent: Sent
    is_kept: bool = False


class SentNotes:
    """Used by all senders of a worker at once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._mutex, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[tuple[int, _Note]] = []

    def note(self, message: QueuedMessage, worker: int, sent: Sent) -> None:
        """Come back when it is committed. Raises what the database raises; then it is not."""
        own = _Note(message, sent)
        with self._mutex:
            self._waiting.append((worker, own))
        with self._writing:
            if own.is_kept:
                return
            with self._mutex:
                shared, self._waiting = self._waiting, []
            self._keep([note for by, note in shared if by == worker], worker)
        if not own.is_kept:
            # Somebody else holds the row; or who wrote for us did not succeed.
            self._keep([own], worker)

    def _keep(self, notes: list[_Note], worker: int) -> None:
        with line_transaction(self.app):
            kept = set(retry_policy.note_sent([(note.message, note.sent) for note in notes], worker))
        for note in notes:
            note.is_kept = note.message.id in kept
