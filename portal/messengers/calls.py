"""The connections of one process to the platforms, and one bot's use of them."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Protocol

from portal.http.breaker import CircuitBreaker
from portal.http.client import open_client
from portal.http.guard import OutboundGuard
from portal.messengers.call import Call, is_loopback


class Settings(Protocol):
    """What of the portal's configuration calls need (``app.config["PORTAL"]``)."""

    @property
    def api_bases(self) -> Mapping[str, str]: ...


class Callee(Protocol):
    """Whose server is called: ``key`` finds its address in the configuration."""

    @property
    def key(self) -> str: ...

    def normalise(self, values: Mapping[str, object]) -> dict[str, str]:
        """The credentials as requests carry them."""
        ...


class Calls:
    """The connections of one process, shared by its threads: ``calls.of(adapter, values)`` is one bot's use of them.

    With a ``breaker`` calls wait for a platform that has stopped answering (``Resting``); files from elsewhere wait
    for their host, each account's apart: an address that one chain's guests send says nothing of another's.
    """

    def __init__(self, bases: Mapping[str, str], breaker: CircuitBreaker | None = None) -> None:
        self._bases = {key: base.rstrip("/") for key, base in bases.items()}
        self._open = ExitStack()
        self._client = self._open.enter_context(open_client(None, breaker=breaker))
        # What is told by others is called through a guard, which lets this machine in where the platform is on it.
        self._guarded = {
            local: self._open.enter_context(open_client(OutboundGuard(allow_loopback=local), breaker=breaker))
            for local in {is_loopback(base) for base in self._bases.values()}
        }

    @classmethod
    def configured(cls, settings: Settings, breaker: CircuitBreaker | None = None) -> "Calls":
        """With the addresses of the configuration."""
        return cls(settings.api_bases, breaker)

    def of(self, callee: Callee, values: Mapping[str, object], caller: str = "") -> Call:
        """Calls with a bot's opened credentials; ``caller`` names the account that files are fetched for."""
        base = self._bases[callee.key]
        return Call(base, callee.normalise(values), self._client, self._guarded[is_loopback(base)], caller)

    def close(self) -> None:
        """Close the connections."""
        self._open.close()

    def __enter__(self) -> "Calls":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
