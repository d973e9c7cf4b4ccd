"""The connections of one process to the platforms, and one bot's use of them."""

from collections.abc import Mapping
from typing import Protocol

from portal.http.client import open_client
from portal.messengers.call import Call


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
    """The connections of one process, shared by its threads: ``calls.of(adapter, values)`` is one bot's use of them."""

    def __init__(self, bases: Mapping[str, str]) -> None:
        self._bases = dict(bases)
        self._client = open_client(None)

    @classmethod
    def configured(cls, settings: Settings) -> "Calls":
        """With the addresses of the configuration."""
        return cls(settings.api_bases)

    def of(self, callee: Callee, values: Mapping[str, object]) -> Call:
        """Calls with a bot's opened credentials."""
        return Call(self._bases[callee.key].rstrip("/"), callee.normalise(values), self._client)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> "Calls":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
