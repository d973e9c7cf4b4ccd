"""A bot's own server, for tests of the fakes: it keeps what is delivered and answers as it is told."""

import threading
from dataclasses import dataclass, field
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from tests.fakes.serving import Server


@dataclass(frozen=True)
class Delivery:
    """One request that came."""

    headers: dict[str, str]
    body: bytes = field(repr=False)
    payload: Any


class Receiver:
    """A context manager. ``answers`` are given first, in order; afterwards 200."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.verify_token = "verify-me"
        self.came = threading.Condition()
        self.deliveries: list[Delivery] = []
        self._server = Server(self._take)
        self.url = f"{self._server.url}/hooks/here"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def payloads(self) -> list[Any]:
        """The bodies, in the order in which they came."""
        return [delivery.payload for delivery in self.deliveries]

    def wait(self, n: int, timeout: float = 10) -> list[Delivery]:
        """Until that many requests have come."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.deliveries) >= n, timeout), self.payloads
            return list(self.deliveries)

    def _take(self, request: Request) -> Response:
        if request.method == "GET":
            is_right = request.args.get("hub.verify_token") == self.verify_token
            return Response(request.args.get("hub.challenge", "") if is_right else "", 200 if is_right else 403)
        with self.came:
            self.deliveries.append(Delivery(dict(request.headers), request.get_data(), request.get_json(silent=True)))
            self.came.notify_all()
            return self.answers.pop(0) if self.answers else Response("")
