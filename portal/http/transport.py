"""Connections to the platforms' own servers: kept open, and bounded in time whatever the other side does."""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from portal.http.pooling import DeadlineStream, PoolTransport, time_left

CONNECT_SECONDS = 5.0
_MOST_CONNECTIONS = 100
# A connection that has been idle for longer may have been closed at the other end in the meantime.
_IDLE_SECONDS = 15.0

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything read or written inside has this long in all, however many pieces it comes in."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def platform_client() -> httpx.Client:
    """A client for the addresses of the configuration: no redirects, no proxy, usable by many threads."""
    pool = httpcore.ConnectionPool(
        ssl_context=ssl.create_default_context(),
        max_connections=_MOST_CONNECTIONS,
        keepalive_expiry=_IDLE_SECONDS,
        network_backend=_Backend(),
    )
    return httpx.Client(
        transport=PoolTransport(pool),
        timeout=httpx.Timeout(20.0, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        # A packed answer could grow beyond every cap.
        headers={"Accept-Encoding": "identity", "User-Agent": "getinn-portal"},
    )


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = time_left(_deadline.get(), timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._network.connect_tcp(host, port, left, local_address, socket_options), _deadline.get)
