import ipaddress
import logging
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from portal.http.client import BodyTooLarge, open_client
from portal.http.deadline import CallStopped
from portal.http.guard import AddressRefused, OutboundGuard, is_global

PUBLIC = "93.184.215.14"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up early is what some tests are about."""


@pytest.fixture
def server():
    """A server on loopback that answers by path and remembers the requests."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            server.requests.append((self.path, dict(self.headers)))
            server.ports.append(self.client_address[1])
            status, headers, body = server.answers.get(self.path, (200, {}, b"hello"))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if self.path == "/drip":
                for _ in range(200):
                    server.released.wait(0.02)
                    self.wfile.write(b"x")

        def log_message(self, *args):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    server.requests, server.ports, server.answers, server.released = [], [], {}, threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def address(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def client():
    with open_client(OutboundGuard(allow_loopback=True)) as client:
        yield client


def resolving(*answers, allow_loopback=False):
    """A guard whose names resolve to one answer after another, and the lookups made."""
    lookups = []

    def resolver(host, port):
        lookups.append((host, port))
        answer = answers[min(len(lookups), len(answers)) - 1]
        return [answer] if isinstance(answer, str) else answer

    return OutboundGuard(allow_loopback, resolver=resolver), lookups


@pytest.mark.parametrize(
    "url",
    [
        "https://pelmenya.iiko.it",
        "https://pelmenya.iiko.it:9443/resto/api",
        "https://пельменья.рф/resto",
        f"https://{PUBLIC}/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    ],
)
def test_a_public_https_address_passes(url):
    OutboundGuard().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pelmenya.iiko.it",
        "//pelmenya.iiko.it",
        "http://pelmenya.iiko.it",
        "ftp://pelmenya.iiko.it",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user@pelmenya.iiko.it",
        "https://user:secret@pelmenya.iiko.it",
        "https://pelmenya.iiko.it@127.0.0.1",
        "https://pelmenya.iiko.it\\@127.0.0.1",
        "https://pelmenya.iiko.it:0",
        "https://pelmenya.iiko.it:65536",
        "https://pelmenya.iiko.it:-1",
        "https://pelmenya.iiko.it:port",
        "https://pelmenya .iiko.it",
        "https://pelmenya.iiko.it/\r\nHost: x",
        " https://pelmenya.iiko.it",
        "https://pelmenya\0.iiko.it",
        "https://\ud800.example",
        "https://intranet",
        "https://-a.example",
        "https://a..example",
        "https://" + "a" * 64 + ".example",
        "https://" + "a." * 127 + "example",
        "https://pelmenya.iiko.it/" + "a" * 2000,
        "https://1.2.3.4.5/",
        "https://999.1.1.1/",
        "https://0177.0.0.1/",
        "https://１２７.０.０.１/",
        "https://[::1",
        "https://[zz::1]/",
        None,
        5,
        [],
        b"https://pelmenya.iiko.it",
    ],
)
def test_anything_else_is_refused(url):
    for guard in (OutboundGuard(), OutboundGuard(allow_loopback=True)):
        with pytest.raises(AddressRefused) as caught:
            guard.check_url(url)
        assert str(caught.value.message)


LOOPBACK = [
    "localhost",
    "LOCALHOST.",
    "app.localhost",
    "127.0.0.1",
    "127.255.255.254",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "[::1]",
]
PRIVATE = [
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "0xa000001",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::ffff:10.0.0.1]",
    "[::ffff:93.184.215.14]",
    "[::10.0.0.1]",
    "[2002:0a00:0001::1]",
    "[2002:5db8:d70e::1]",
    "[2001:0:5db8:d70e::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b::5db8:d70e]",
    "[64:ff9b:1::1]",
    "[100::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]


@pytest.mark.parametrize("host", LOOPBACK + PRIVATE)
def test_an_address_that_is_not_public_is_refused_however_it_is_spelled(host):
    with pytest.raises(AddressRefused, match="refused") as caught:
        OutboundGuard().check_url(f"https://{host}/")
    assert "public internet" in str(caught.value.message)


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_allowed_by_explicit_configuration_alone(host):
    OutboundGuard(allow_loopback=True).check_url(f"http://{host}:8080/")
    OutboundGuard(allow_loopback=True).check_url(f"https://{host}/")


def test_only_the_ports_of_a_guard_are_called_except_on_this_machine():
    guard = OutboundGuard(allow_loopback=True, ports={443, 8080})
    for address in ("https://a.example", "https://a.example:8080/x", "http://localhost:5432"):
        guard.check_url(address)
    for address in ("https://a.example:22", "https://a.example:5432", "https://8.8.8.8:6379/x"):
        with pytest.raises(AddressRefused) as caught:
            guard.check_url(address)
        assert "port" in str(caught.value.message)


@pytest.mark.parametrize("host", PRIVATE)
def test_the_exception_for_loopback_opens_no_other_network(host):
    with pytest.raises(AddressRefused):
        OutboundGuard(allow_loopback=True).check_url(f"https://{host}/")


@pytest.mark.parametrize("host", [*PRIVATE, "127.0.0.1", "[::1]"])
def test_a_name_that_resolves_to_such_an_address_is_refused(host):
    answer = host.strip("[]") if ":" in host else str(ipaddress.IPv4Address(socket.inet_aton(host)))
    guard, _ = resolving(answer)
    with pytest.raises(AddressRefused):
        guard.resolve("pelmenya.iiko.it", 443)


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    guard, _ = resolving([PUBLIC, "10.0.0.1"])
    with pytest.raises(AddressRefused):
        guard.resolve("pelmenya.iiko.it", 443)


@pytest.mark.parametrize("answer", ["fe80::1%eth0", "nonsense", ""])
def test_an_answer_that_cannot_be_read_is_refused(answer):
    guard, _ = resolving(answer)
    with pytest.raises(AddressRefused):
        guard.resolve("pelmenya.iiko.it", 443)


def test_public_addresses_are_kept_in_their_order():
    guard, lookups = resolving(["2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC])
    assert guard.resolve("pelmenya.iiko.it", 443) == ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC]
    assert lookups == [("pelmenya.iiko.it", 443)]


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_no_address_is_called_public_that_python_calls_private(address):
    if is_global(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.text())
def test_no_text_breaks_the_check(text):
    for url in (text, "https://" + text, f"https://{text}.example/"):
        try:
            OutboundGuard().check_url(url)
        except AddressRefused:
            continue
        httpx.URL(url)


def test_a_request_reaches_the_server_with_its_name_kept(server):
    guard, lookups = resolving("127.0.0.1", allow_loopback=True)
    with open_client(guard) as client:
        answer = client.get(f"http://iiko.localhost:{server.server_port}/resto?a=1")
    assert (answer.status_code, answer.text) == (200, "hello")
    path, headers = server.requests[0]
    assert path == "/resto?a=1"
    assert headers["Host"] == f"iiko.localhost:{server.server_port}"
    assert len(lookups) == 1


def test_the_connection_goes_to_the_next_address_where_one_does_not_answer(server):
    guard, _ = resolving(["::1", "127.0.0.1"], allow_loopback=True)
    with open_client(guard) as client:
        assert client.get(f"http://iiko.localhost:{server.server_port}/").text == "hello"


def test_a_name_that_changes_between_check_and_use_reaches_nothing(server):
    guard, lookups = resolving(PUBLIC, "127.0.0.1")
    url = f"https://rebinding.example:{server.server_port}/"
    guard.check_url(url)
    assert guard.resolve("rebinding.example", server.server_port) == [PUBLIC]
    with open_client(guard) as client, pytest.raises(AddressRefused):
        client.get(url)
    assert len(lookups) == 2
    assert server.requests == []


def test_the_resolver_is_asked_anew_for_each_connection_and_judged_each_time(server):
    guard, _ = resolving("127.0.0.1", "10.0.0.1", allow_loopback=True)
    with open_client(guard) as client:
        url = f"http://iiko.localhost:{server.server_port}/"
        assert client.get(url).status_code == 200
        with pytest.raises(AddressRefused):
            client.get(url)


def test_the_client_judges_every_address_itself(server, address):
    with open_client(OutboundGuard()) as client, pytest.raises(AddressRefused):
        client.get(address)
    assert server.requests == []


def test_the_client_never_calls_a_public_server_without_tls():
    guard, lookups = resolving(PUBLIC)
    with open_client(guard) as client, pytest.raises(AddressRefused):
        client.get("http://pelmenya.iiko.it/")
    assert lookups == []


def test_a_redirect_is_answered_and_not_followed(server, client, address):
    server.answers["/"] = (302, {"Location": address + "/secret"}, b"")
    assert client.get(address).status_code == 302
    assert [path for path, _ in server.requests] == ["/"]


def test_a_redirect_that_a_caller_insists_on_is_judged_too(server, client, address):
    server.answers["/"] = (302, {"Location": "https://169.254.169.254/latest"}, b"")
    with pytest.raises(AddressRefused):
        client.get(address, follow_redirects=True)


def test_an_answer_over_the_cap_is_cut_off(server, address):
    server.answers |= {"/fits": (200, {}, b"x" * 1000), "/over": (200, {}, b"x" * 1001)}
    with open_client(OutboundGuard(allow_loopback=True), body_cap=1000) as client:
        assert len(client.get(address + "/fits").content) == 1000
        with pytest.raises(BodyTooLarge):
            client.get(address + "/over")


def test_a_packed_answer_is_refused_as_its_length_is_unknown(server, client, address):
    server.answers["/"] = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b")
    with pytest.raises(BodyTooLarge):
        client.get(address)
    assert server.requests[0][1]["Accept-Encoding"] == "identity"


def test_who_says_that_it_unpacks_by_itself_gets_the_packed_bytes_and_their_bound(server, client, address):
    server.answers["/"] = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"x" * 1000)
    bounds = {"unpacks": True, "body_cap": 1002}
    with client.stream("GET", address, extensions=bounds) as answer:
        assert b"".join(answer.iter_raw()) == b"\x1f\x8b" + b"x" * 1000
    with pytest.raises(BodyTooLarge), client.stream("GET", address, extensions=bounds | {"body_cap": 1001}) as answer:
        list(answer.iter_raw())


def test_whoever_no_longer_wants_an_answer_need_not_wait_for_it(server, client, address):
    server.answers["/drip"] = (200, {"Content-Length": "201"}, b"x")
    asked = []

    def is_stopped():
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(CallStopped):
        client.get(address + "/drip", extensions={"is_stopped": is_stopped})
    assert len(asked) == 4


def test_whoever_may_be_stopped_still_keeps_the_time_of_each_step(server, client, address):
    server.answers["/drip"] = (200, {"Content-Length": "2"}, b"x")
    with pytest.raises(httpx.ReadTimeout):
        client.get(address + "/drip", timeout=0.01, extensions={"is_stopped": lambda: False})


def test_an_answer_that_comes_byte_by_byte_is_given_up_in_time(server, address):
    server.answers["/drip"] = (200, {"Content-Length": "201"}, b"x")
    guard = OutboundGuard(allow_loopback=True)
    with open_client(guard, total_seconds=0.2) as client, pytest.raises(httpx.ReadTimeout):
        client.get(address + "/drip", timeout=60)


@pytest.fixture
def unguarded():
    with open_client(None, total_seconds=60) as client:
        yield client


def test_connections_to_addresses_of_the_configuration_are_kept_and_bounded_request_by_request(
    server, unguarded, address
):
    server.answers["/drip"] = (200, {"Content-Length": "201"}, b"x")
    assert unguarded.get(address).text == "hello"
    with pytest.raises(httpx.ReadTimeout):
        unguarded.get(address + "/drip", extensions={"total_seconds": 0.2})
    assert unguarded.get(address).text == "hello"
    assert server.ports[0] == server.ports[1] != server.ports[2]


def test_guarded_connections_are_not_kept(server, client, address):
    assert [client.get(address).status_code, client.get(address).status_code] == [200, 200]
    assert len(set(server.ports)) == 2


def test_one_request_may_have_a_cap_of_its_own(server, unguarded, address):
    server.answers["/"] = (200, {}, b"x" * 1001)
    with pytest.raises(BodyTooLarge):
        unguarded.get(address, extensions={"body_cap": 1000})
    assert len(unguarded.get(address).content) == 1001


def test_waiting_for_a_free_connection_counts_into_the_time(server, unguarded, address, monkeypatch):
    seen = []
    inner = httpcore.ConnectionPool.handle_request

    def note(pool, request):
        seen.append(request.extensions["timeout"]["pool"])
        return inner(pool, request)

    monkeypatch.setattr(httpcore.ConnectionPool, "handle_request", note)
    unguarded.get(address, extensions={"total_seconds": 3})
    assert 0 < seen[0] <= 3


def test_a_name_that_never_resolves_is_given_up():
    never = threading.Event()
    guard = OutboundGuard(resolver=lambda host, port: never.wait(20) and [])
    with open_client(guard, total_seconds=0.1) as client, pytest.raises(httpx.ConnectTimeout):
        client.get("https://pelmenya.iiko.it/")
    never.set()


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_does_not_exist_is_a_connection_error(monkeypatch, error):
    def unknown(*args, **kwargs):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with open_client(OutboundGuard()) as client, pytest.raises(httpx.ConnectError):
        client.get("https://pelmenya.iiko.it/")


def test_a_name_without_addresses_is_a_connection_error():
    guard, _ = resolving([])
    with open_client(guard) as client, pytest.raises(httpx.ConnectError):
        client.get("https://pelmenya.iiko.it/")


def test_a_closed_port_is_a_connection_error(client):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(httpx.ConnectError):
        client.get(f"http://127.0.0.1:{port}/")


def test_proxies_of_the_environment_are_not_used(monkeypatch, client, address):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert client.get(address).text == "hello"


def test_log_lines_and_errors_keep_the_host_alone(server, client, address, caplog):
    server.answers["/"] = (200, {"Set-Cookie": "key=planted"}, b"")
    # A call has a line of its own at that level alone.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "httpx"):
        client.get(address + "/?key=planted", headers={"Authorization": "planted"})
        with pytest.raises(httpx.ConnectError) as caught:
            client.get("http://127.0.0.1:1/planted?key=planted")
    assert "planted" not in caplog.text + str(caught.value) + repr(caught.value)
    assert "127.0.0.1" in caplog.text


def test_calls_that_go_well_leave_no_line_in_the_log(server, client, address, caplog):
    server.answers["/"] = (200, {}, b"")
    with caplog.at_level(logging.DEBUG):
        client.get(address + "/")
    assert caplog.records == []


def test_no_cookie_is_kept_or_sent_to_whoever_set_it(server, client, address):
    server.answers["/"] = (200, {"Set-Cookie": "bot=first; Path=/"}, b"")
    client.get(address + "/")
    client.get(address + "/")
    assert list(client.cookies.jar) == []
    assert [headers.get("Cookie") for _path, headers in server.requests] == [None, None]


@pytest.fixture
def certificate(tmp_path):
    """A certificate for iiko.localhost that signs itself, as the paths of a file and of its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("iiko.localhost")]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "cert.pem").write_bytes(made.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tmp_path / "cert.pem", tmp_path / "key.pem"


@pytest.fixture
def tls_server(server, certificate):
    """The same server behind TLS, remembering the names that clients asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.names = []
    context.sni_callback = lambda sock, name, ctx: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def test_tls_is_checked_against_the_name_and_not_the_address(tls_server, certificate):
    guard, _ = resolving("127.0.0.1", allow_loopback=True)
    with open_client(guard, verify=ssl.create_default_context(cafile=certificate[0])) as client:
        assert client.get(f"https://iiko.localhost:{tls_server.server_port}/").text == "hello"
        with pytest.raises(httpx.ConnectError):
            client.get(f"https://other.localhost:{tls_server.server_port}/")
    assert tls_server.names == ["iiko.localhost", "other.localhost"]


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server):
    guard, _ = resolving("127.0.0.1", allow_loopback=True)
    with open_client(guard) as client, pytest.raises(httpx.ConnectError) as caught:
        client.get(f"https://iiko.localhost:{tls_server.server_port}/")
    assert tls_server.requests == []
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
