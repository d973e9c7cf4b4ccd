"""A server of iiko's: where it is and who logs in, and what it says of itself."""

import re
from dataclasses import dataclass, field

from portal.iiko.client.answer import Answer

SERVER_TYPES = frozenset({"CHAIN", "REPLICATED_RMS", "STANDALONE_RMS"})
_TYPE = re.compile(r'([A-Z_]+)|"([A-Z_]+)"|(?:<\?xml[^>]*\?>\s*)?<serverType>\s*([A-Z_]+)\s*</serverType>')


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


def server_type_of(answer: Answer) -> str | None:
    """``CHAIN``, ``REPLICATED_RMS`` or ``STANDALONE_RMS``, bare, in quotes or as an element; else nothing is known."""
    found = _TYPE.fullmatch(answer.file.read(1024).decode("utf-8", "replace").strip())
    said = next((each for each in found.groups() if each), None) if found else None
    return said if said in SERVER_TYPES else None
