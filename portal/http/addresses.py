"""Network addresses: how a host spells them, which are public, and a look-up of names that ends in time."""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Iterable

import httpcore

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Iterable[str]]

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


def literal(host: str) -> IPAddress | None:
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
