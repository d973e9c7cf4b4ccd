"""Reading what a run asks for, within its seat: each answer once, in a file until the run has compared it."""

import base64
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol
from uuid import uuid4

from flask import current_app

from portal.db.base import db
from portal.db.secrets import Place
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.client import Answer
from portal.iiko.client.outcomes import Outcome
from portal.iiko.client.requests import ApiRequest
from portal.iiko.models import IikoRun, KindState
from portal.iiko.sync.kinds import Kind, KindReading, ReadRow, RowStream, Unreadable
from portal.iiko.sync.models import IikoAnswer
from portal.iiko.sync.progress import Progress

# What an answer to one question says of that question alone; whatever else happens ends the run.
OF_A_KIND = frozenset(
    {
        Outcome.NO_RIGHT, Outcome.NOT_OFFERED, Outcome.BUSINESS, Outcome.SERVER_ERROR, Outcome.TOO_LARGE,
        Outcome.BROKE_OFF, Outcome.MALFORMED,
    }
)  # fmt: skip
PIECE = 256 * 1024


class Asked(Protocol):
    """A seat, as far as reading needs it."""

    def read(self, request: ApiRequest) -> AbstractContextManager[Answer, bool | None]: ...


class RunReading:
    """The answers of a run: ``read`` within the seat, ``rows`` and ``keep`` after the log-out, ``close`` at the end."""

    def __init__(self, run: IikoRun, kinds: Sequence[Kind]) -> None:
        self.run, self.kinds = run, kinds
        # Made once: what is asked may depend on the day.
        self.requests = {kind.key: kind.requests(run) for kind in kinds}
        self.answers: dict[ApiRequest, Answer] = {}
        self.failures: dict[ApiRequest, IikoFailure] = {}
        self._open = ExitStack()

    def __enter__(self) -> "RunReading":
        return self

    def __exit__(self, *of: object) -> None:
        self.close()

    def read(self, seat: Asked, progress: Progress | None = None) -> None:
        """Ask for all; what fails one kind alone is kept for it, what fails the run is raised (``IikoFailure``)."""
        for kind in self.kinds:
            requests = self.requests[kind.key]
            asked = [each for each in requests if each not in self.answers and each not in self.failures]
            if progress is not None and asked:
                progress.enter(kind.key, KindState.READS)
            for request in asked:
                self._read(seat, request)

    def _read(self, seat: Asked, request: ApiRequest) -> None:
        try:
            self.answers[request] = self._open.enter_context(seat.read(request))
        except IikoFailure as failure:
            if failure.outcome not in OF_A_KIND:
                raise
            self.failures[request] = failure

    def rows(self, kind: Kind) -> RowStream:
        """The rows of a kind; ``IikoFailure`` where one of its answers did not come, or while they are read."""
        for request in self.requests[kind.key]:
            if request in self.failures:
                raise self.failures[request]
        days = [request.days for request in self.requests[kind.key] if request.days]
        reading = KindReading()
        period = (min(first for first, _ in days), max(last for _, last in days)) if days else None
        return RowStream(self._groups(kind, reading), reading, period)

    def _groups(self, kind: Kind, reading: KindReading) -> Iterator[Iterator[ReadRow | Unreadable]]:
        """The rows of a kind: all at once, or those of one answer of days after the other."""
        requests = self.requests[kind.key]
        common = {request.name: self.answers[request] for request in requests if not request.days}
        dated = [request for request in requests if request.days]
        for told in [{request.name: self.answers[request]} for request in dated] or [{}]:
            answers = common | told
            for answer in answers.values():
                answer.file.seek(0)
            yield kind.read(answers, reading)

    def keep(self) -> None:
        """Store the raw answers, packed and sealed, in the transaction of the caller; but private ones."""
        for request, answer in self.answers.items():
            for position, piece in enumerate(() if request.is_private else _pieces(answer)):
                row = IikoAnswer(
                    id=uuid4(),
                    account_id=self.run.account_id,
                    run_id=self.run.id,
                    kind=request.key,
                    position=position,
                )
                place = Place("iiko_answer", "body", row.id, row.account_id)
                row.body = current_app.config["KEYRING"].seal({"piece": piece}, place, hinted=())
                db.session.add(row)
            # One answer in memory at a time.
            db.session.flush()

    def close(self) -> None:
        """Remove the files."""
        self._open.close()
        self.answers.clear()


def _pieces(answer: Answer) -> Iterator[str]:
    """The bytes of an answer, a packed piece at a time."""
    answer.file.seek(0)
    while piece := answer.file.read(PIECE):
        yield base64.b64encode(zlib.compress(piece)).decode("ascii")
