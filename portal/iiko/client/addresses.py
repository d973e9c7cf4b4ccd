"""Addresses of iiko's servers: what owners type, where the API stands, and which addresses are one server."""

import hashlib
import re

import httpx
from flask import current_app

from portal.http.guard import HTTPS_PORT, OutboundGuard

# iiko's cloud answers at 443, servers in restaurants at the ports that iiko's installer offers. Any other port would
# make the portal a means to knock at other people's doors.
PORTS = frozenset({443, *range(8080, 9901)})
HTTP_PORT = 80


def server_root(base_url: str) -> str:
    """The address up to ``/resto``, whether an owner typed the server alone, its back office (/resto) or the API."""
    url = httpx.URL(base_url).copy_with(query=None, fragment=None)
    path = re.sub(r"/+", "/", url.path).rstrip("/").removesuffix("/api")
    if not path.endswith("/resto"):
        path += "/resto"
    return str(url.copy_with(path=path))


def api_root(base_url: str) -> str:
    """The address that the API's paths follow."""
    return f"{server_root(base_url)}/api"


def server_key(base_url: str) -> bytes:
    """32 bytes that are the same for all spellings of one server, in whichever account it is typed."""
    url = httpx.URL(server_root(base_url))
    port = url.port or (HTTP_PORT if url.scheme == "http" else HTTPS_PORT)
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    # The path of a Java server knows capital letters from small ones.
    return hashlib.sha256(f"{url.scheme}://{host}:{port}{url.path}".encode()).digest()


def is_plain_http(base_url: str) -> bool:
    """Whether an address leads to a server without TLS that is not on this machine."""
    url = httpx.URL(base_url)
    return url.scheme == "http" and not re.fullmatch(r"(.+\.)?localhost|127\.[0-9.]+|::1", url.host)


def outbound_guard() -> OutboundGuard:
    """Loopback is allowed where the settings say so, for stand-ins on the same machine."""
    return OutboundGuard(allow_loopback=current_app.config["PORTAL"].allow_loopback_addresses, ports=PORTS)
