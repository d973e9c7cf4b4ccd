"""Calls to addresses that a tenant typed: none may reach this machine, its network or a cloud's own services.

The name is resolved once for each connection, every address it has is judged, and the connection goes to the
very address that was judged, so a name that changes between check and use (DNS rebinding) gains nothing. Host
header and TLS still carry the name.
"""

import logging
import re
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.http import addresses
from portal.http.pooling import DeadlineStream, PoolTransport, time_left

TOTAL_SECONDS = 10.0
BODY_CAP = 8 * 1024 * 1024
MAX_URL = 2000

# Its lines at level DEBUG quote headers, which carry tokens.
logging.getLogger("httpcore").setLevel(logging.INFO)

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class AddressRefused(Exception):
    """The portal does not call this address; `message` (lazy) tells the person who typed it why."""

    def __init__(self, message: LazyString) -> None:
        super().__init__("The address was refused.")
        self.message = message


class BodyTooLarge(httpx.TransportError):
    """The answer is longer than the cap, or packed, so that its length cannot be known."""


class OutboundGuard:
    """Which addresses may be called; `allow_loopback` (development) adds this machine, also without TLS."""

    def __init__(self, allow_loopback: bool = False, *, resolver: addresses.Resolver | None = None) -> None:
        self.allow_loopback = allow_loopback
        self._resolver = resolver or addresses.resolve

    def check_url(self, url: str) -> None:
        """Judges what can be judged without the network, for a form. Raises AddressRefused."""
        parts = _split(url)
        if parts.userinfo:
            raise AddressRefused(_l("Leave the user name and password out of the address."))
        host = _host(parts)
        literal = addresses.literal(host)
        local = literal.is_loopback if literal else _is_local_name(host)
        if literal:
            self._judge(literal)
        elif local and not self.allow_loopback:
            raise _private()
        elif not local and not _NAME.fullmatch(host):
            raise AddressRefused(_l("The address has no valid host name."))
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise AddressRefused(_l("The address has to start with https://."))

    def resolve(self, host: str, port: int, timeout: float = TOTAL_SECONDS) -> list[str]:
        """The addresses of a name, in the order to try. Raises AddressRefused if any is not global."""
        literal = addresses.literal(host)
        found = (
            [literal]
            if literal
            else [addresses.parse(text) for text in addresses.within(timeout, self._resolver, host, port)]
        )
        for address in found:
            self._judge(address)
        return [str(address) for address in found]

    def _judge(self, address: addresses.IPAddress | None) -> None:
        if address is None or not (addresses.is_global(address) or (self.allow_loopback and address.is_loopback)):
            raise _private()


def guarded_client(
    guard: OutboundGuard,
    *,
    total_seconds: float = TOTAL_SECONDS,
    body_cap: int = BODY_CAP,
    verify: ssl.SSLContext | None = None,
) -> httpx.Client:
    """A client that calls nothing the guard refuses, follows no redirect and uses no proxy.

    Each request has a connection and `total_seconds` of its own. Raises AddressRefused, BodyTooLarge and the
    errors of httpx.
    """
    transport = GuardedTransport(guard, total_seconds, body_cap, verify or ssl.create_default_context())
    return httpx.Client(
        transport=transport,
        timeout=total_seconds,
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "getinn-portal"},
    )


class GuardedTransport(PoolTransport):
    """Calls what the guard lets through, and reads so much of the answer."""

    def __init__(self, guard: OutboundGuard, total: float, body_cap: int, context: ssl.SSLContext) -> None:
        self._guard, self._body_cap = guard, body_cap
        # A kept connection would outlive the judgement of its address, and its deadline.
        backend = _GuardedBackend(guard, total)
        super().__init__(
            httpcore.ConnectionPool(ssl_context=context, max_keepalive_connections=0, network_backend=backend)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer. Raises AddressRefused, BodyTooLarge and the errors of httpx."""
        self._guard.check_url(str(request.url))
        answer = super().handle_request(request)
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            answer.close()
            raise BodyTooLarge("The answer is packed.", request=request)
        assert isinstance(answer.stream, httpx.SyncByteStream)
        answer.stream = _CappedBody(answer.stream, request, self._body_cap)
        return answer


class _CappedBody(httpx.SyncByteStream):
    def __init__(self, body: httpx.SyncByteStream, request: httpx.Request, cap: int) -> None:
        self._body, self._request, self._cap = body, request, cap

    def __iter__(self) -> Iterator[bytes]:
        read = 0
        for chunk in self._body:
            read += len(chunk)
            if read > self._cap:
                raise BodyTooLarge("The answer is too long.", request=self._request)
            yield chunk

    def close(self) -> None:
        self._body.close()


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, guard: OutboundGuard, total: float) -> None:
        self._guard, self._total, self._network = guard, total, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        deadline = time.monotonic() + self._total
        failure: Exception = httpcore.ConnectError("The name has no address.")
        for address in self._guard.resolve(host, port, timeout=self._total):
            left = time_left(deadline, None, httpcore.ConnectTimeout)
            try:
                stream = self._network.connect_tcp(address, port, left, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
            else:
                return DeadlineStream(stream, lambda: deadline)
        raise failure


def _split(url: str) -> httpx.URL:
    """Read by the library that will make the call, so that no two parsers can disagree about the host."""
    invalid = AddressRefused(_l("This is not a web address."))
    if not isinstance(url, str) or len(url) > MAX_URL or re.search(r"[\s\\\x00-\x20\x7f]", url):
        raise invalid
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise invalid from None
    if not parts.host or not (parts.port is None or 1 <= parts.port <= 65535):
        raise invalid
    return parts


def _host(parts: httpx.URL) -> str:
    return parts.raw_host.decode("ascii").lower().removesuffix(".")


def _is_local_name(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _private() -> AddressRefused:
    return AddressRefused(_l("This address is not on the public internet, so the portal does not call it."))


class _HostOnly(logging.Filter):
    """httpx logs each address at level INFO; paths and queries carry tokens, so only the host stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.host if isinstance(arg, httpx.URL) else arg for arg in record.args)
        return True


logging.getLogger("httpx").addFilter(_HostOnly())
