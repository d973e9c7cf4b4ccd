"""The one client for calls to the outside: bounded in time and bytes, no redirects, no proxy, nothing secret told."""

import logging
import ssl
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from portal.http.breaker import CircuitBreaker
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
# At level INFO it writes a line for each call: of what went wrong we write our own.
logging.getLogger("httpx").setLevel(logging.WARNING)


class BodyTooLarge(httpx.TransportError):
    """The answer is longer than the cap."""


class BodyPacked(BodyTooLarge):
    """The answer is packed, so that its length cannot be known."""


class HostResting(httpx.ConnectError):
    """The host has stopped answering and is left alone for another ``seconds``: nothing was sent."""

    def __init__(self, request: httpx.Request, seconds: float) -> None:
        super().__init__("The host is left alone for a while.", request=request)
        self.seconds = seconds


def open_client(
    guard: OutboundGuard | None,
    *,
    total_seconds: float = TOTAL_SECONDS,
    body_cap: int = BODY_CAP,
    verify: ssl.SSLContext | None = None,
    breaker: CircuitBreaker | None = None,
) -> httpx.Client:
    """A client for many threads that calls nothing the guard refuses.

    ``None`` in the guard's place is for addresses of the configuration alone; their connections are kept open.
    Each request has ``total_seconds`` in all and an answer of at most ``body_cap`` bytes; its extensions
    ``total_seconds`` and ``body_cap`` change that. A packed answer is refused, but for a request whose extension
    ``unpacks`` says that its caller streams the bytes as they come and bounds what becomes of them. Its extension
    ``is_stopped`` is asked while an answer is awaited. A ``breaker`` spares hosts that do not answer; the request's
    extension ``caller`` parts those whose calls say nothing of each other. Cookies are neither kept nor sent: many
    bots share a client. Raises AddressRefused, BodyTooLarge, CallStopped, HostResting and httpx's errors.
    """
    return httpx.Client(
        transport=_Transport(guard, total_seconds, body_cap, verify or _tls_context(), breaker),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=total_seconds,
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "getinn-portal"},
    )


@cache
def _tls_context() -> ssl.SSLContext:
    """The certificates that are trusted; reading them takes as long as a call, so a process does it once."""
    return ssl.create_default_context()


class _Transport(httpx.BaseTransport):
    """httpx's bridge to a pool of connections that know their deadline and their guard."""

    def __init__(
        self,
        guard: OutboundGuard | None,
        total: float,
        body_cap: int,
        context: ssl.SSLContext,
        breaker: CircuitBreaker | None,
    ) -> None:
        self._guard, self._total, self._body_cap, self._breaker = guard, total, body_cap, breaker
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
        with _spared(self._breaker, request), _bounded(request, deadline), _translated(request):
            answer = self._pool.handle_request(_inner(request))
        cap = request.extensions.get("body_cap", self._body_cap)
        body = _BoundedBody(answer, request, deadline, cap)
        headers = httpx.Headers(answer.headers)
        is_packed = headers.get("content-encoding", "identity").lower() != "identity"
        if is_packed and not request.extensions.get("unpacks", False):
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
            with _bounded(self._request, self._deadline), _translated(self._request):
                chunk = next(chunks, None)
            if chunk is None:
                return
            read += len(chunk)
            if read > self._cap:
                raise BodyTooLarge("The answer is too long.", request=self._request)
            yield chunk

    def close(self) -> None:
        self._answer.close()


def _bounded(request: httpx.Request, deadline: float) -> AbstractContextManager[None]:
    return until(deadline, request.extensions.get("is_stopped"))


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


@contextmanager
def _spared(breaker: CircuitBreaker | None, request: httpx.Request) -> Iterator[None]:
    """Asks nothing of a host that is left alone, and notes whether this one answers. Raises HostResting."""
    if breaker is None:
        yield
        return
    url = request.url
    key = f"{request.extensions.get('caller', '')} {url.scheme}://{url.host}:{url.port}"
    if (seconds := breaker.rest_of(key)) > 0:
        raise HostResting(request, seconds)
    try:
        yield
    except httpx.PoolTimeout:
        # All connections are in use, which is none of the host's doing.
        raise
    except (httpx.TimeoutException, httpx.NetworkError) as error:
        # Whose certificate is not liked has answered: else one account could make a server rest for all others.
        if not isinstance(error.__cause__, ssl.SSLError):
            breaker.note_timeout(key)
        raise
    breaker.note_answer(key)


class _HostOnly(logging.Filter):
    """httpx logs each address at level INFO; paths and queries carry tokens, so only the host stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.host if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


logging.getLogger("httpx").addFilter(_HostOnly())
