"""The one client for calls to the outside: bounded in time and bytes, no redirects, no proxy, nothing secret told."""

import logging
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpcore
import httpx

from portal.http.deadline import DeadlineBackend, left, until
from portal.http.gate import rests
from portal.http.guard import OutboundGuard

TOTAL_SECONDS = 10.0
BODY_CAP = 8 * 1024 * 1024
# A connection that has been idle for longer may have been closed at the other end in the meantime.
_IDLE_SECONDS = 15.0
_MAX_CONNECTIONS = 100
_TRANSLATED = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)

# Its lines at level DEBUG quote headers, which carry tokens.
logging.getLogger("httpcore").setLevel(logging.INFO)


class BodyTooLarge(httpx.TransportError):
    """The answer is longer than the cap."""


class BodyPacked(BodyTooLarge):
    """The answer is packed, so that its length cannot be known."""


def open_client(
    guard: OutboundGuard | None,
    *,
    total_seconds: float = TOTAL_SECONDS,
    body_cap: int = BODY_CAP,
    verify: ssl.SSLContext | None = None,
) -> httpx.Client:
    """A client for many threads that calls nothing the guard refuses.

    ``None`` in the guard's place is for addresses of the configuration alone; their connections are kept open.
    Each request has ``total_seconds`` in all and an answer of at most ``body_cap`` bytes; its extensions
    ``total_seconds`` and ``body_cap`` change that. Raises AddressRefused, BodyTooLarge and httpx's errors.
    """
    return httpx.Client(
        transport=_Transport(guard, total_seconds, body_cap, verify or ssl.create_default_context()),
        timeout=total_seconds,
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "getinn-portal"},
    )


class _Transport(httpx.BaseTransport):
    """httpx's bridge to a pool of connections that know their deadline and their guard."""

    def __init__(self, guard: OutboundGuard | None, total: float, body_cap: int, context: ssl.SSLContext) -> None:
        self._guard, self._total, self._body_cap = guard, total, body_cap
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=_MAX_CONNECTIONS,
            # A kept connection would outlive the judgement of its address.
            max_keepalive_connections=0 if guard else _MAX_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=DeadlineBackend(guard),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if rests():
            # Nothing was sent: whoever asked tries again later.
            raise httpx.ConnectError("The deployment rests.", request=request)
        if self._guard:
            self._guard.check_url(str(request.url))
        deadline = time.monotonic() + request.extensions.get("total_seconds", self._total)
        with until(deadline), _translated(request):
            answer = self._pool.handle_request(_inner(request))
        cap = request.extensions.get("body_cap", self._body_cap)
        body = _BoundedBody(answer, request, deadline, cap)
        headers = httpx.Headers(answer.headers)
        if headers.get("content-encoding", "identity").lower() != "identity":
            body.close()
            raise BodyPacked("The answer is packed.", request=request)
        return httpx.Response(answer.status, headers=headers, stream=body)

    def close(self) -> None:
        self._pool.close()


class _BoundedBody(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request, deadline: float, cap: int) -> None:
        self._answer, self._request, self._deadline, self._cap = answer, request, deadline, cap

    def __iter__(self) -> Iterator[bytes]:
        read, chunks = 0, self._answer.iter_stream()
        while True:
            # Only while bytes are awaited: what the reader does in between may be another request.
            with until(self._deadline), _translated(self._request):
                chunk = next(chunks, None)
            if chunk is None:
                return
            read += len(chunk)
            if read > self._cap:
                raise BodyTooLarge("The answer is too long.", request=self._request)
            yield chunk

    def close(self) -> None:
        self._answer.close()


def _inner(request: httpx.Request) -> httpcore.Request:
    url = request.url
    timeouts = request.extensions.get("timeout", {})
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        # Waiting for a place in the pool is the one step that no stream bounds.
        extensions={**request.extensions, "timeout": {**timeouts, "pool": left(timeouts.get("pool"))}},
    )


@contextmanager
def _translated(request: httpx.Request) -> Iterator[None]:
    """Turns httpcore's errors into httpx's of the same name, without their text: it may quote the address."""
    try:
        yield
    except _TRANSLATED as error:
        # httpcore keeps the error beneath (a certificate's, say) as an argument and drops it from the chain.
        cause = next((part for part in error.args if isinstance(part, Exception)), error)
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise kind("The request failed.", request=request) from cause


class _HostOnly(logging.Filter):
    """httpx logs each address at level INFO; paths and queries carry tokens, so only the host stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.host if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


logging.getLogger("httpx").addFilter(_HostOnly())
