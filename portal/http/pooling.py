"""httpx over a pool of httpcore's, whose connections this package makes itself: judged, and bounded in time."""

import ssl
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import httpcore
import httpx

# The moment, of ``time.monotonic()``, at which a connection ends; ``None`` while none is set.
Deadline = Callable[[], float | None]


class PoolTransport(httpx.BaseTransport):
    """Hands each request to the pool. What fails raises httpx's errors, without a text that may quote the address."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body not read yet."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        inner = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        with _Translated(request):
            answer = self._pool.handle_request(inner)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, request))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer, self._request = answer, request

    def __iter__(self) -> Iterator[bytes]:
        with _Translated(self._request):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Translated:
    """Turns httpcore's errors into httpx's of the same name."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # httpcore keeps the error beneath (a certificate's, say) as an argument and drops it from the chain.
        cause = next((part for part in error.args if isinstance(part, Exception)), error) if error else None
        for ancestor in kind.__mro__ if kind and kind.__module__.startswith("httpcore") else ():
            translated = getattr(httpx, ancestor.__name__, None)
            if isinstance(translated, type) and issubclass(translated, httpx.TransportError):
                raise translated("The request failed.", request=self._request) from cause


class DeadlineStream(httpcore.NetworkStream):
    """A connection that ends at a moment, however the other side spreads its bytes over time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, time_left(self._deadline(), timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, time_left(self._deadline(), timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = time_left(self._deadline(), timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def time_left(deadline: float | None, timeout: float | None, error: type[Exception]) -> float | None:
    """The shorter of a step's own seconds and what the deadline leaves. Raises ``error`` where nothing is left."""
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise error("The time is up.")
    return left if timeout is None else min(timeout, left)
