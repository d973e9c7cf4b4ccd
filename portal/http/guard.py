"""Calls to addresses that a tenant typed: none may reach this machine, its network or a cloud's own services.

The name is resolved once for each connection, every address it has is judged, and the connection goes to the
very address that was judged, so a name that changes between check and use (DNS rebinding) gains nothing. Host
header and TLS still carry the name.
"""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Container, Iterable

import httpcore
import httpx
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Iterable[str]]

HTTPS_PORT = 443
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}")
# Reserved by the IANA special-purpose registries, and counted as global by some versions of Python.
_REFUSED_IPV4 = [ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10")]
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
# Special purposes (Teredo among them), documentation, and 6to4, which hides an IPv4 address inside.
_REFUSED_IPV6 = [ipaddress.ip_network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


def is_global(address: IPAddress) -> bool:
    """Whether an address is an ordinary one of the public internet, by the IANA registries."""
    if isinstance(address, ipaddress.IPv6Address):
        return address in _GLOBAL_IPV6 and not any(address in net for net in _REFUSED_IPV6)
    return address.is_global and not address.is_multicast and not any(address in net for net in _REFUSED_IPV4)


def literal_address(host: str) -> IPAddress | None:
    """The address a host spells, 0x7f.1 and 2130706433 included, as the system's resolver would read them."""
    if _NUMERIC.fullmatch(host.lower()):
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    return parse(host)


def parse(text: str) -> IPAddress | None:
    """The address in its usual spelling, or None."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order. Raises httpcore.ConnectError where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError("The name is unknown.") from None
    return [str(address[0]) for *_, address in found]


def within(timeout: float | None, resolver: Resolver, host: str, port: int) -> list[str]:
    """Looks a name up in a thread of its own, because the system's resolver knows no time limit."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(list(resolver(host, port)))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout("The name took too long to look up.") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


MAX_URL = 2000

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class AddressRefused(Exception):
    """The portal does not call this address; `message` (lazy) tells the person who typed it why."""

    def __init__(self, message: LazyString) -> None:
        super().__init__("The address was refused.")
        self.message = message


class OutboundGuard:
    """Which addresses may be called; `allow_loopback` (development) adds this machine, also without TLS.

    `ports` limits the ports (443 where an address names none); this machine's, where allowed, may be any.
    """

    def __init__(
        self, allow_loopback: bool = False, *, resolver: Resolver | None = None, ports: Container[int] | None = None
    ) -> None:
        self.allow_loopback, self._ports = allow_loopback, ports
        self._resolver = resolver or resolve

    def check_url(self, url: str) -> None:
        """Judges what can be judged without the network, for a form. Raises AddressRefused."""
        parts = _split(url)
        if parts.userinfo:
            raise AddressRefused(_l("Leave the user name and password out of the address."))
        host = _host(parts)
        literal = literal_address(host)
        local = literal.is_loopback if literal else _is_local_name(host)
        if literal:
            self._judge(literal)
        elif local and not self.allow_loopback:
            raise _private()
        elif not local and not _NAME.fullmatch(host):
            raise AddressRefused(_l("The address has no valid host name."))
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise AddressRefused(_l("The address has to start with https://."))
        if not local and self._ports is not None and (parts.port or HTTPS_PORT) not in self._ports:
            raise AddressRefused(_l("This port is not one of a server's. Leave it out, or ask your administrator."))

    def resolve(self, host: str, port: int, timeout: float | None = 10.0) -> list[str]:
        """The addresses of a name, in the order to try. Raises AddressRefused if any is not global."""
        literal = literal_address(host)
        found = [literal] if literal else [parse(text) for text in within(timeout, self._resolver, host, port)]
        for address in found:
            self._judge(address)
        return [str(address) for address in found]

    def _judge(self, address: IPAddress | None) -> None:
        if address is None or not (is_global(address) or (self.allow_loopback and address.is_loopback)):
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
