"""The sample files for proxies, started on the loopback: only ports, addresses and places of files are changed."""

import contextlib
import datetime
import http.client
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.machine.programs import ROOT, SECONDS, free_port, program, started

HOST = "portal.example.com"
PAGES = "/opt/getinn/current/deploy/pages"
# What stands around a site's file on any machine.
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    types {{ text/html html; text/css css; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/getinn.conf;
}}
"""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers in small letters, the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs; ``tls=False`` for the portal itself."""

    name: str
    port: int
    plain_port: int = 0
    tls: bool = True

    def connect(self) -> socket.socket:
        """A connection; whose certificate it is does not matter here."""
        plain = socket.create_connection(("127.0.0.1", self.port), SECONDS)
        if not self.tls:
            return plain
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(plain, server_hostname=HOST)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(HOST, timeout=SECONDS)
        connection.sock = self.connect()
        with contextlib.closing(connection):
            # Whoever is refused while still sending hears the answer all the same.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, {"Host": HOST, **(headers or {})})
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )


def changed(text: str, changes: Mapping[str, str]) -> str:
    """The text with each passage replaced; one that does not occur is no change of this file."""
    for old, new in changes.items():
        if old not in text:
            pytest.fail(f"The sample does not contain {old!r}.")
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def running_nginx(folder: Path, upstreams: Sequence[int]) -> Iterator[Proxy]:
    """``deploy/nginx.conf`` before portals on those ports: one or two."""
    certificate, key = make_certificate(folder)
    plain, port = free_port(), free_port()
    first, second = upstreams[0], upstreams[-1]
    changes = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "    listen [::]:80;\n": "",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "    listen [::]:443 ssl http2;\n": "",
        "/etc/letsencrypt/live/portal.example.com/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/portal.example.com/privkey.pem": str(key),
        "127.0.0.1:5001": f"127.0.0.1:{first}",
        "127.0.0.1:5002": f"127.0.0.1:{second}",
        PAGES: str(ROOT / "deploy/pages"),
    }
    (folder / "getinn.conf").write_text(changed((ROOT / "deploy/nginx.conf").read_text(), changes))
    # As root its workers are of the same user, who can read a checkout in a closed folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + NGINX.format(folder=folder))
    command = [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with started(command) as running:
        running.wait_for_port(port)
        yield Proxy("nginx", port, plain)


@contextlib.contextmanager
def running_caddy(folder: Path, upstreams: Sequence[int]) -> Iterator[Proxy]:
    """``deploy/Caddyfile`` before portals on those ports."""
    certificate, key = make_certificate(folder)
    plain, port = free_port(), free_port()
    changes = {"http_port 80": f"admin off\n\thttp_port {plain}", "https_port 443": f"https_port {port}"}
    site = "{$PORTAL_HOST:portal.example.com} {"
    changes[site] = f"{site}\n\ttls {certificate} {key}"
    text = (ROOT / "deploy/Caddyfile").read_text()
    if knows_former_name():
        changes["request_buffers 68MB"] = "buffer_requests"
    (folder / "Caddyfile").write_text(changed(text, changes))
    environment = {
        "HOME": str(folder),
        "PORTAL_PAGES": str(ROOT / "deploy/pages"),
        "PORTAL_UPSTREAMS": " ".join(f"127.0.0.1:{each}" for each in upstreams),
    }
    with started([program("caddy"), "run", "--config", str(folder / "Caddyfile")], environment) as running:
        running.wait_for_port(port)
        yield Proxy("caddy", port, plain)


def knows_former_name() -> bool:
    """Whether this Caddy is older than 2.6.4, which named the buffering of requests otherwise (Debian's is)."""
    told = subprocess.run([program("caddy"), "version"], capture_output=True, text=True, check=True).stdout
    numbers = told.split()[0].lstrip("v").split(".")
    return tuple(int(number) for number in numbers[:3]) < (2, 6, 4)


RUNNING = {"nginx": running_nginx, "caddy": running_caddy}


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    places = folder / "certificate.pem", folder / "key.pem"
    places[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    places[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return places
