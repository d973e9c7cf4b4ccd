import hashlib
import logging
import socket
import ssl
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.http.client import open_client
from portal.http.guard import OutboundGuard
from portal.integrations.iiko.client import MESSAGES, ConnectionStatus, IikoClient, MalformedXml, api_root, parse_xml

PASSWORD = "planted-password"
DIGEST = hashlib.sha1(PASSWORD.encode()).hexdigest()
TOKEN = "b354d18c-planted-token-9ef7b5055318"
DEPARTMENTS = """<?xml version="1.0" encoding="UTF-8"?><corporateItemDtoes>
<corporateItemDto><id>1</id><name>Пельменья</name><type>CORPORATION</type></corporateItemDto>
<corporateItemDto><id>2</id><name>На Невском</name><type>DEPARTMENT</type></corporateItemDto>
<corporateItemDto><id>3</id><name>На Мойке</name><type>DEPARTMENT</type></corporateItemDto>
</corporateItemDtoes>"""
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><corporateItemDtoes>&c;</corporateItemDtoes>'
OUTSIDE = '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><corporateItemDtoes/>'


@dataclass
class Answer:
    body: str | bytes = ""
    status: int = 200
    kind: str = "text/plain;charset=utf-8"
    headers: dict = field(default_factory=dict)


class FakeIiko(ThreadingHTTPServer):
    """An iiko server on loopback: hands out seats, and remembers who took and gave them back."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FakeIikoHandler)
        self.calls, self.script, self.seats = [], {}, set()
        self.released = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """A client that gives up is what some tests are about."""

    def answer(self, path, given):
        self.calls.append(path)
        planned = self.script.get(path)
        if planned:
            return planned.pop(0) if len(planned) > 1 else planned[0]
        return getattr(self, "do_" + path.rpartition("/")[2])(given)

    def do_auth(self, given):
        if (given["login"], given["pass"]) != (["api"], [DIGEST]):
            return Answer("Неверный пароль", 401)
        token = f"{TOKEN}-{len(self.calls)}"
        self.seats.add(token)
        return Answer(token, headers={"Set-Cookie": f"key={token}"})

    def do_departments(self, given):
        known = given["revisionFrom"] == ["-1"] and given["key"][0] in self.seats
        return Answer(DEPARTMENTS, kind="application/xml") if known else Answer("Token is expired", 401)

    def do_logout(self, given):
        self.seats.discard(given["key"][0])
        return Answer("ok")


class FakeIikoHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        self.respond(url.path, parse_qs(url.query, keep_blank_values=True))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.respond(self.path, parse_qs(body.decode(), keep_blank_values=True))

    def respond(self, path, given):
        if not path.startswith("/resto/api/"):
            answer = Answer("<html>not here</html>", 404, "text/html")
        else:
            answer = self.server.answer(path.removeprefix("/resto/api/"), given)
        if answer == "hang up":
            return
        if answer == "hang":
            self.server.released.wait(20)
            return
        body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
        self.send_response(answer.status)
        for name, value in {
            "Content-Type": answer.kind,
            "Content-Length": str(len(body)),
            **answer.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def iiko():
    server = FakeIiko()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


GUARD = OutboundGuard(allow_loopback=True)


def check(iiko, *, login="api", password=PASSWORD, url=None):
    return IikoClient(url or iiko.url, login, password, guard=GUARD).check()


def test_a_working_connection_counts_the_departments_and_gives_the_seat_back(iiko):
    report = check(iiko)
    assert (report.status, report.departments, report.is_connected) == ("connected", 2, True)
    assert iiko.calls == ["auth", "corporation/departments", "logout"]
    assert iiko.seats == set()


@pytest.mark.parametrize("typed", ["", "/", "/resto", "/resto/", "/resto/api", "/resto/api/", "//resto/api?x=1#y"])
def test_the_api_is_found_from_whatever_part_of_its_address_was_typed(iiko, typed):
    assert check(iiko, url=iiko.url + typed).is_connected


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("https://a.iiko.it", "https://a.iiko.it/resto/api"),
        ("https://a.iiko.it:443/", "https://a.iiko.it/resto/api"),
        ("https://a.iiko.it:9443/resto", "https://a.iiko.it:9443/resto/api"),
        ("https://proxy.example/chain/resto/api", "https://proxy.example/chain/resto/api"),
        ("https://a.iiko.it/?key=1#top", "https://a.iiko.it/resto/api"),
    ],
)
def test_the_address_of_the_api(typed, root):
    assert api_root(typed) == root


@pytest.mark.parametrize(
    ("login", "password"), [("api", "wrong"), ("other", PASSWORD), ("\ud800", "\ud800\0"), ("", "")]
)
def test_a_wrong_log_in_is_refused_and_takes_no_seat(iiko, login, password):
    report = check(iiko, login=login, password=password)
    assert report.status == "refused"
    assert iiko.calls == ["auth"]


def test_a_server_without_a_free_seat_says_so_and_is_not_asked_again(iiko):
    iiko.script["auth"] = [Answer("License enhancement is required: no seats", 403)]
    assert check(iiko).status == "no_licence"
    assert iiko.calls == ["auth"]


def test_a_forbidden_log_in_is_a_refusal(iiko):
    iiko.script["auth"] = [Answer("forbidden", 403)]
    assert check(iiko).status == "refused"


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<html>Welcome</html>", 200, "text/html"),
        Answer("<html>log in</html>", 401, "text/html; charset=utf-8"),
        Answer("<html>down</html>", 502, "Text/HTML"),
        Answer("not found", 404),
        Answer("", 302, headers={"Location": "https://169.254.169.254/"}),
        Answer("this is no token at all"),
        Answer(""),
        Answer("\ud7ff" * 10),
        Answer("x" * 200),
        Answer(b"\xff\xfe\x00"),
        Answer("token", headers={"Content-Encoding": "gzip"}),
        "hang up",
    ],
)
def test_what_answers_unlike_iiko_is_a_wrong_address(iiko, answer):
    iiko.script["auth"] = [answer]
    assert check(iiko).status == "wrong_address"
    assert iiko.calls == ["auth"]


FAILURES = [
    Answer("error", 500),
    Answer("no rights", 403),
    Answer("", kind="application/xml"),
    Answer("<corporateItemDtoes><corporateItemDto>", kind="application/xml"),
    Answer("<html/>", kind="application/xml"),
    Answer("[]", kind="application/json"),
    Answer(BOMB, kind="application/xml"),
    Answer(OUTSIDE, kind="application/xml"),
    Answer(b"\xff\xfe\x00", kind="application/xml"),
    Answer("<html>restarting</html>", 200, "text/html"),
    Answer("", 302, headers={"Location": "/elsewhere"}),
    "hang up",
]


@pytest.mark.parametrize("answer", FAILURES)
def test_the_seat_is_given_back_whatever_the_second_request_brings(iiko, answer):
    iiko.script["corporation/departments"] = [answer]
    report = check(iiko)
    assert not report.is_connected
    assert report.departments is None
    assert iiko.calls[-1] == "logout"
    assert iiko.seats == set()


def test_the_seat_is_given_back_when_an_unforeseen_error_breaks_out(iiko, monkeypatch):
    def broken(body):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("portal.integrations.iiko.client.parse_xml", broken)
    with pytest.raises(RuntimeError):
        check(iiko)
    assert iiko.seats == set()


def test_missing_rights_are_told_from_a_wrong_log_in_and_not_tried_again(iiko):
    iiko.script["corporation/departments"] = [Answer("no rights", 403)]
    report = check(iiko)
    assert report.status == "failed"
    assert "may not read the departments" in str(report.message)
    assert Counter(iiko.calls)["auth"] == 1


def test_an_expired_token_leads_to_one_new_log_in(iiko):
    expired, fine = Answer("Token is expired", 401), Answer(DEPARTMENTS, kind="application/xml")
    iiko.script["corporation/departments"] = [expired, fine]
    assert check(iiko).is_connected
    assert Counter(iiko.calls) == {"auth": 2, "corporation/departments": 2, "logout": 2}
    assert iiko.seats == set()


def test_a_token_that_expires_again_is_given_up(iiko):
    iiko.script["corporation/departments"] = [Answer("Token is expired", 401)]
    assert check(iiko).status == "failed"
    assert Counter(iiko.calls) == {"auth": 2, "corporation/departments": 2, "logout": 2}


@pytest.mark.parametrize("answer", [Answer("error", 500), "hang up"])
def test_a_log_out_that_fails_is_told(iiko, answer):
    iiko.script["logout"] = [answer]
    report = check(iiko)
    assert report.is_connected
    assert "licence seat" in str(report.message)


def test_a_log_out_whose_answer_is_lost_is_repeated(iiko):
    iiko.script["logout"] = ["hang up", Answer("ok")]
    report = check(iiko)
    assert str(report.message) == str(MESSAGES[ConnectionStatus.CONNECTED])
    assert iiko.calls.count("logout") == 2


def test_a_server_that_never_answers_is_unreachable(iiko):
    iiko.script["auth"] = ["hang"]
    with open_client(GUARD, total_seconds=0.2) as http:
        report = IikoClient(iiko.url, "api", PASSWORD, guard=GUARD, http=http).check()
    assert report.status == "unreachable"


def test_a_certificate_that_nobody_vouches_for_is_told_from_silence():
    def distrust(request):
        raise httpx.ConnectError("failed") from ssl.SSLCertVerificationError("self-signed")

    with httpx.Client(transport=httpx.MockTransport(distrust)) as http:
        report = IikoClient("https://a.iiko.it", "api", PASSWORD, guard=GUARD, http=http).check()
    assert report.status == "unreachable"
    assert "certificate" in str(report.message)


def test_a_closed_port_is_unreachable():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    assert IikoClient(url, "api", PASSWORD, guard=GUARD).check().status == "unreachable"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}", "https://10.0.0.1", "ftp://a.example", "", "https://u:p@a.example"]
)
def test_an_address_that_the_guard_refuses_is_never_called(iiko, url):
    report = IikoClient(url.format(port=iiko.server_port), "api", PASSWORD, guard=OutboundGuard()).check()
    assert report.status == "wrong_address"
    assert iiko.calls == []


def test_an_answer_beyond_the_cap_is_a_wrong_address(iiko):
    iiko.script["auth"] = [Answer("x" * 5000)]
    with open_client(GUARD, body_cap=4096) as http:
        assert IikoClient(iiko.url, "api", PASSWORD, guard=GUARD, http=http).check().status == "wrong_address"


@pytest.mark.parametrize("answer", [*FAILURES, Answer(f"error for key={TOKEN} {PASSWORD}", 500), None])
def test_neither_token_nor_password_reaches_a_log_or_a_message(iiko, caplog, answer):
    if answer is not None:
        iiko.script["corporation/departments"] = [answer]
        iiko.script["logout"] = [Answer(f"{TOKEN} {PASSWORD}", 500)]
    # A call has a line of its own at that level alone.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "httpx"):
        client = IikoClient(iiko.url, "api", PASSWORD, guard=GUARD)
        shown = f"{client!r} {client} {client.check()!r}"
    for secret in ("planted", DIGEST):
        assert secret not in caplog.text + shown
    assert "127.0.0.1" in caplog.text


def test_the_password_travels_as_lower_case_sha1_alone(iiko):
    seen = []
    transport = httpx.MockTransport(lambda request: seen.append(request) or httpx.Response(401, text="no"))
    with httpx.Client(transport=transport) as http:
        IikoClient("https://a.iiko.it", "люба", PASSWORD, guard=GUARD, http=http).check()
    assert str(seen[0].url) == "https://a.iiko.it/resto/api/auth"
    assert parse_qs(seen[0].content.decode()) == {"login": ["люба"], "pass": [DIGEST]}


def test_every_status_has_a_message():
    assert set(MESSAGES) == set(ConnectionStatus)


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        OUTSIDE,
        "<!DOCTYPE a><a/>",
        "",
        "<a>",
        "<a/><b/>",
        '<?xml version="1.0" encoding="x"?><a/>',
        "&x;",
    ],
)
def test_xml_with_declarations_or_faults_is_refused(body):
    with pytest.raises(MalformedXml):
        parse_xml(body.encode())


def test_xml_in_a_russian_code_page_is_read():
    body = '<?xml version="1.0" encoding="windows-1251"?><a>Пельменья</a>'.encode("cp1251")
    assert parse_xml(body).text == "Пельменья"


def test_deep_nesting_does_not_break_the_reader():
    assert parse_xml(b"<a>" * 100_000 + b"</a>" * 100_000).tag == "a"


@given(st.binary() | st.text().map(lambda text: f"<a>{text}</a>".encode("utf-8", "replace")))
def test_no_bytes_break_the_reader(body):
    with suppress(MalformedXml):
        parse_xml(body)
