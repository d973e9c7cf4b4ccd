"""Certificates that nobody vouches for: which one a server shows, and a trust in that one alone."""

import hashlib
import hmac
import ssl
import time
from typing import Any, Self

import httpx

from portal.http.deadline import DeadlineBackend, until
from portal.http.gate import pass_gate
from portal.http.guard import HTTPS_PORT, OutboundGuard


class CertificateChanged(ssl.SSLError):
    """The server shows another certificate than the trusted one; ``shown`` is its fingerprint. Nothing was sent."""

    def __init__(self, shown: str) -> None:
        super().__init__("The certificate is not the trusted one.")
        self.shown = shown


class PinnedContext(ssl.SSLContext):
    """Trusts the one certificate of a fingerprint, whoever signed it, whatever name and dates it has; no other."""

    fingerprint: str

    @classmethod
    def to(cls, fingerprint: str) -> Self:
        """``fingerprint``: SHA-256 of the certificate, in hexadecimal."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.fingerprint = fingerprint.lower()
        return context

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """After the handshake, before a byte of ours is sent. Raises CertificateChanged."""
        secured = super().wrap_socket(*args, **options)
        shown = fingerprint_of(secured.getpeercert(binary_form=True))
        if not hmac.compare_digest(shown, self.fingerprint):
            secured.close()
            raise CertificateChanged(shown)
        return secured


def fingerprint_of(certificate: bytes | None) -> str:
    """SHA-256 in hexadecimal of a certificate as it is sent."""
    return hashlib.sha256(certificate or b"").hexdigest()


def shown_certificate(guard: OutboundGuard, url: str, seconds: float = 10.0) -> str:
    """The fingerprint of what a server shows to anybody: nothing but the name of the host is sent to it.

    Raises AddressRefused, DeploymentRests and httpcore's errors.
    """
    pass_gate()
    guard.check_url(url)
    parts = httpx.URL(url)
    host = parts.raw_host.decode("ascii")
    looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    looking.check_hostname, looking.verify_mode = False, ssl.CERT_NONE
    with until(time.monotonic() + seconds):
        stream = DeadlineBackend(guard).connect_tcp(host, parts.port or HTTPS_PORT, seconds)
        # Where the handshake fails it closes the stream by itself.
        secured = stream.start_tls(looking, host, seconds)
        try:
            return fingerprint_of(secured.get_extra_info("ssl_object").getpeercert(True))
        finally:
            secured.close()
