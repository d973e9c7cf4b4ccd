"""Connections that are bounded in time as a whole, however the other side spreads its bytes."""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import httpcore

# How often somebody who may stop a call is asked while the other side is silent.
_ASKED_EVERY_SECONDS = 0.25

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_is_stopped: ContextVar[Callable[[], bool] | None] = ContextVar("is_stopped", default=None)


class CallStopped(Exception):
    """Whoever asked no longer wants the answer."""


class Resolver(Protocol):
    """Turns a host into what is connected to."""

    def resolve(self, host: str, port: int, timeout: float | None) -> list[str]:
        """The addresses to try, in their order."""
        ...


@contextmanager
def until(moment: float, is_stopped: Callable[[], bool] | None = None) -> Iterator[None]:
    """Everything that this thread connects, reads or writes inside ends at that moment of the monotonic clock.

    Waiting for an answer ends before that where ``is_stopped`` says so. Raises CallStopped.
    """
    token, asked = _deadline.set(moment), _is_stopped.set(is_stopped)
    try:
        yield
    finally:
        _is_stopped.reset(asked)
        _deadline.reset(token)


def left(timeout: float | None, error: type[Exception] = httpcore.PoolTimeout) -> float | None:
    """The shorter of a step's own time and what the deadline leaves, in seconds. Raises ``error`` where it is over."""
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise error("The time is up.")
    return seconds if timeout is None else min(timeout, seconds)


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects in time, and to nothing but the addresses that ``resolver`` lets through (where there is one)."""

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver, self._network = resolver, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("The name has no address.")
        for address in self._addresses(host, port, timeout):
            seconds = left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._network.connect_tcp(address, port, seconds, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _DeadlineStream(stream)
        raise failure

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        seconds = left(timeout, httpcore.ConnectTimeout)
        return self._resolver.resolve(host, port, seconds) if self._resolver else [host]


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        is_stopped = _is_stopped.get()
        if is_stopped is None:
            return self._stream.read(max_bytes, left(timeout, httpcore.ReadTimeout))
        began = time.monotonic()
        while True:
            if is_stopped():
                raise CallStopped
            remaining = None if timeout is None else began + timeout - time.monotonic()
            seconds = left(remaining, httpcore.ReadTimeout)
            if seconds is not None and seconds <= 0:
                raise httpcore.ReadTimeout("The time is up.")
            try:
                return self._stream.read(max_bytes, min(seconds or _ASKED_EVERY_SECONDS, _ASKED_EVERY_SECONDS))
            except httpcore.ReadTimeout:
                continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = left(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
