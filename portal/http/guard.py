"""Calls to addresses that a tenant typed: none may reach this machine, its network or a cloud's own services.

The name is resolved once for each connection, every address it has is judged, and the connection goes to the
very address that was judged, so a name that changes between check and use (DNS rebinding) gains nothing. Host
header and TLS still carry the name.
"""

import re

import httpx
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.http import addresses

MAX_URL = 2000

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class AddressRefused(Exception):
    """The portal does not call this address; `message` (lazy) tells the person who typed it why."""

    def __init__(self, message: LazyString) -> None:
        super().__init__("The address was refused.")
        self.message = message


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

    def resolve(self, host: str, port: int, timeout: float | None = 10.0) -> list[str]:
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
