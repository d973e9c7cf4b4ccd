"""The client of one iiko server and one user: asks one question at a time, and gives its seat back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from portal.http.breaker import CircuitBreaker
from portal.http.guard import OutboundGuard
from portal.iiko.client.outcomes import Outcome
from portal.iiko.client.requests import ApiRequest


@dataclass(frozen=True, slots=True)
class Server:
    """Where and who. ``worked_before``: this address has accepted this very password already."""

    base_url: str
    login: str = field(repr=False)
    password: str = field(repr=False)
    # SHA-256 in hexadecimal of the certificate that an owner trusts.
    pinned_certificate: str | None = None
    needs_browser_agent: bool = False
    worked_before: bool = False


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server says of itself before anybody logs in."""

    name: str | None
    edition: str | None
    version: str | None
    state: str | None

    @property
    def is_starting(self) -> bool:
        """Whether it cannot check passwords yet."""
        return (self.state or "").upper().startswith(("STARTING", "NOT_STARTED", "STOPPING", "STOPPED"))


@dataclass(slots=True)
class Answer:
    """A whole answer, from its beginning; ``bytes`` are those after unpacking."""

    file: BinaryIO
    charset: str | None
    bytes: int


class IikoClient:
    """Not for several threads: iiko wants its questions one after the other.

    ``stop`` is asked while an answer is awaited and between its pieces; ``on_bytes`` is told how many have come.
    ``needs_browser_agent`` afterwards says whether the server answers browsers alone.
    """

    def __init__(
        self,
        server: Server,
        *,
        guard: OutboundGuard,
        breaker: CircuitBreaker | None = None,
        stop: Callable[[], bool] = lambda: False,
        on_bytes: Callable[[int], None] = lambda count: None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.server, self.needs_browser_agent = server, server.needs_browser_agent
        # Set where the certificate was shown and not trusted.
        self.shown_certificate: str | None = None

    def server_info(self) -> ServerInfo | None:
        """What it says of itself; ``None`` where it does not, which proves nothing. Raises IikoFailure."""
        raise NotImplementedError

    def log_in(self) -> str:
        """A token, and with it a seat. Raises IikoFailure."""
        raise NotImplementedError

    def log_out(self, token: str) -> Outcome:
        """``RETURNED`` where the seat is free, else why that is not known. Raises nothing."""
        raise NotImplementedError

    @contextmanager
    def read(self, request: ApiRequest, token: str) -> Iterator[Answer]:
        """A whole answer, gone at the end. Raises IikoFailure."""
        yield from ()
        raise NotImplementedError
