"""A certificate that nobody vouches for is trusted by its fingerprint alone, and by nothing else."""

import ssl

import httpcore
import httpx
import pytest
from werkzeug.wrappers import Response

from portal.http import gate
from portal.http.breaker import MAX_TIMEOUTS, CircuitBreaker
from portal.http.certificates import CertificateChanged, PinnedContext, shown_certificate
from portal.http.client import open_client
from portal.http.gate import DeploymentRests
from portal.http.guard import AddressRefused, OutboundGuard
from tests.fakes.iiko.certificate import Certificate
from tests.fakes.serving import Server

GUARD = OutboundGuard(allow_loopback=True)


@pytest.fixture(scope="module")
def certificate():
    return Certificate()


@pytest.fixture
def asked():
    return []


@pytest.fixture
def server(certificate, asked):
    def answer(request):
        asked.append(request.path)
        return Response("hello")

    running = Server(answer, tls=certificate.context())
    running.start()
    yield running
    running.stop()


def test_the_fingerprint_of_what_a_server_shows_is_told_and_nothing_is_asked_of_it(server, certificate, asked):
    assert shown_certificate(GUARD, server.url) == certificate.fingerprint
    assert asked == []


@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_the_certificate_of_a_fingerprint_is_trusted_whatever_name_and_signer_it_has(server, certificate, spelled):
    with open_client(GUARD, verify=PinnedContext.to(spelled(certificate.fingerprint))) as client:
        assert client.get(server.url).text == "hello"


def test_another_certificate_is_refused_before_anything_is_sent(server, certificate, asked):
    other = PinnedContext.to(Certificate().fingerprint)
    with open_client(GUARD, verify=other) as client, pytest.raises(httpx.ConnectError) as caught:
        client.post(server.url, content=b"planted")
    assert isinstance(caught.value.__cause__, CertificateChanged)
    assert caught.value.__cause__.shown == certificate.fingerprint
    assert asked == []


def test_a_client_without_a_fingerprint_trusts_none_of_them(server, asked):
    with open_client(GUARD) as client, pytest.raises(httpx.ConnectError) as caught:
        client.get(server.url)
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert asked == []


def test_a_certificate_that_is_not_liked_does_not_make_a_host_rest_for_others(server):
    breaker = CircuitBreaker()
    for _ in range(MAX_TIMEOUTS + 1):
        with open_client(GUARD, breaker=breaker) as client, pytest.raises(httpx.ConnectError):
            client.get(server.url)
    assert breaker.rest_of(f" https://127.0.0.1:{server.server_port}") == 0


def test_the_certificates_of_private_networks_are_not_looked_at(server):
    with pytest.raises(AddressRefused):
        shown_certificate(OutboundGuard(), server.url)
    with pytest.raises(AddressRefused):
        shown_certificate(OutboundGuard(resolver=lambda host, port: ["10.0.0.1"]), "https://a.example")


def test_a_server_that_speaks_no_tls_shows_none():
    running = Server(lambda request: Response(""))
    running.start()
    try:
        with pytest.raises(httpcore.ConnectError):
            shown_certificate(GUARD, running.url.replace("http:", "https:"))
    finally:
        running.stop()


def test_nothing_is_looked_at_while_the_deployment_rests(server):
    gate.govern(lambda: True)
    try:
        with pytest.raises(DeploymentRests):
            shown_certificate(GUARD, server.url)
    finally:
        gate.govern(None)
