"""Requests that end in time, read no more than they may, and let no token out."""

import dataclasses
import logging
import socket
import threading

import httpx
import pytest
from werkzeug.wrappers import Response

from portal.messaging.events import Attachment, FileKind
from portal.messengers.call import Call, is_loopback
from portal.messengers.calls import Calls
from portal.messengers.errors import Rejected, SendFailed, Unavailable, Unclear
from portal.messengers.registry import platform
from portal.messengers.results import OutgoingFile
from portal.messengers.whatsapp.inbound import is_of_meta
from tests.fakes import DEMO
from tests.fakes.serving import Server
from tests.messengers.conftest import SECRET, saying


@pytest.fixture
def serving():
    """A server that answers as the test says."""
    servers = []

    def serve(answer):
        server = Server(answer)
        servers.append(server)
        server.start()
        return server.url

    yield serve
    for server in servers:
        server.stop()


def call_of(calls, key="telegram"):
    return calls.of(platform(key), DEMO[key])


@pytest.fixture
def dripping():
    """A server that sends one byte of an endless header after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def drip():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            try:
                while not stopping.wait(0.02):
                    connection.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    stopping.set()
    thread.join()
    listener.close()


def test_an_answer_that_never_ends_is_given_up_on_time(dripping):
    with Calls({"telegram": dripping}) as calls, pytest.raises(Unclear):
        call_of(calls).request("POST", "/x", json={}, seconds=0.3)


def test_a_server_that_never_answers_is_given_up_on_time(viber):
    viber.fake.faults.hang()
    with pytest.raises(Unclear):
        viber.call.request("POST", "/pa/send_message", json={}, seconds=0.3)


def test_an_answer_beyond_the_cap_is_not_read_to_its_end(serving):
    url = serving(lambda request: Response(b"x" * 5000))
    with Calls({"telegram": url}) as calls:
        assert len(call_of(calls).request("GET", "/", cap=5000).body) == 5000
        with pytest.raises(Rejected) as refused:
            call_of(calls).request("GET", "/", cap=4999)
    assert refused.value.code == "answer_too_large"


def test_a_packed_answer_proves_nothing(serving):
    url = serving(lambda request: Response(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))
    with Calls({"telegram": url}) as calls, pytest.raises(Unclear) as unclear:
        call_of(calls).request("POST", "/")
    assert unclear.value.code == "odd_answer"


def test_a_redirect_is_not_followed(serving):
    asked = []

    def redirect(request):
        asked.append(request.path)
        return Response("", 302, {"Location": "/elsewhere"})

    with Calls({"telegram": serving(redirect)}) as calls, pytest.raises(Rejected):
        platform("telegram").setup.profile(call_of(calls))
    assert len(asked) == 1


def test_a_connection_is_used_again(serving):
    ports = []

    def note(request):
        ports.append(request.environ["REMOTE_PORT"])
        return Response(b'{"ok": true, "result": {"id": 7}}')

    with Calls({"telegram": serving(note)}) as calls:
        call = call_of(calls)
        call.request("GET", "/")
        call.request("GET", "/")
    assert len(ports) == 2
    assert len(set(ports)) == 1


def test_a_call_shows_the_address_alone():
    with Calls({"telegram": "https://api.example/"}) as calls:
        assert repr(call_of(calls)) == "Call(base='https://api.example')"


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "http://localhost:1/x",
        "file:///etc/passwd",
        "x",
        "",
        "https://[bad",
        "http://a b/",
        "https://ex\ud800.example/",
    ],
)
def test_files_are_not_fetched_from_the_inside(url):
    with Calls({"viber": "https://chatapi.example"}) as calls, pytest.raises(Rejected) as refused:
        platform("viber").inbound.fetch(call_of(calls, "viber"), url, 100)
    assert refused.value.code == "address_refused"


def test_loopback_counts_only_where_the_platform_itself_is_there(serving):
    other = serving(lambda request: Response(b"file" * (100 if "large" in request.path else 1)))
    with Calls({"viber": serving(lambda request: Response(b""))}) as calls:
        call = call_of(calls, "viber")
        assert platform("viber").inbound.fetch(call, f"{other}/f.pdf", 100).data == b"file"
        with pytest.raises(Rejected) as refused:
            platform("viber").inbound.fetch(call, f"{other}/large.pdf", 100)
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://scontent.xx.fbcdn.net/x", True),
        ("https://graph.example/media/1", True),
        ("http://lookaside.fbsbx.com/x", False),
        ("https://fbsbx.com.evil.example/x", False),
        ("https://evilfbsbx.com/x", False),
        ("https://lookaside.fbsbx.com@evil.example/x", False),
        ("https://user:p@lookaside.fbsbx.com/x", False),
        ("http://graph.example/media/1", False),
        ("https://graph.example:8443/media/1", False),
        ("https://[bad", False),
        ("", False),
    ],
)
def test_the_token_goes_to_the_platform_alone(url, expected):
    with Calls({"whatsapp": "https://graph.example"}) as calls:
        assert is_of_meta(call_of(calls, "whatsapp"), url) is expected


def test_a_file_that_lies_elsewhere_is_not_fetched_with_the_token(serving):
    asked = []

    def elsewhere(request):
        asked.append(request)
        return Response(b"")

    other = serving(elsewhere)
    url = serving(lambda request: Response(b'{"url": "%s/file"}' % other.encode()))
    with Calls({"whatsapp": url}) as calls, pytest.raises(Rejected) as refused:
        platform("whatsapp").inbound.fetch(call_of(calls, "whatsapp"), "1234567", 100)
    assert refused.value.code == "file_address_refused"
    assert asked == []


@pytest.mark.parametrize("path", ["../../getMe", "/etc/passwd", "a/../../x", "", None, 7])
def test_a_file_path_stays_below_the_files(serving, path):
    import json

    url = serving(lambda request: Response(json.dumps({"ok": True, "result": {"file_path": path}})))
    with Calls({"telegram": url}) as calls, pytest.raises(Rejected) as refused:
        platform("telegram").inbound.fetch(call_of(calls), "AgAC", 100)
    assert refused.value.code == "file_unknown"


def secrets_of(key):
    adapter = platform(key)
    return [DEMO[key][name] for name in adapter.secret_fields]


def every_call(stage):
    adapter, call, chat = stage.adapter, stage.call, stage.chat_id
    file = OutgoingFile(lambda: b"\x89PNG\r\n\x1a\n", "a.png", "image/png", 8, None, "https://x.example/a.png")
    picture = saying("x", attachment=Attachment(FileKind.IMAGE, "a"))
    yield lambda: adapter.outbound.send(call, chat, saying("hi", "Да"), None, "row")
    yield lambda: adapter.outbound.send(call, chat, picture, file, "row")
    yield lambda: adapter.outbound.acknowledge(call, "77", "text")
    yield lambda: adapter.setup.profile(call)
    yield lambda: adapter.webhook.set_webhook(call, stage.address, SECRET)
    yield lambda: adapter.webhook.inspect(call)
    yield lambda: adapter.inbound.fetch(
        call, f"{stage.fake.base_url}/files/x" if stage.key == "viber" else "1234567", 100
    )
    if adapter.polls:
        yield lambda: adapter.poll(call, None, 0)
    yield lambda: adapter.webhook.remove_webhook(call)


def chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("effect", [None, "fail", "cut", "revoke", "stop"])
def test_no_token_is_logged_or_told(stage, caplog, effect):
    caplog.set_level(logging.DEBUG)
    told = []
    if effect == "stop":
        stage.fake.stop()
    elif effect == "revoke":
        stage.listen()
        stage.fake.bot().revoke()
    elif effect:
        getattr(stage.fake.faults, effect)(times=None)
    for ask in every_call(stage):
        try:
            told.append(repr(ask()))
        except SendFailed as error:
            for each in chain(error):
                told += [repr(each), str(each), repr(vars(each)), repr(getattr(each, "request", ""))]
    told += [record.getMessage() + repr(record.args) for record in caplog.records]
    told += [repr(stage.call), repr(stage.calls), str(stage.call)]
    assert told
    for secret in secrets_of(stage.key):
        assert not any(secret in words for words in told)


def test_a_failure_keeps_no_error_that_knows_the_address(telegram):
    telegram.fake.stop()
    with pytest.raises(Unavailable) as failed:
        telegram.adapter.setup.profile(telegram.call)
    assert len(list(chain(failed.value))) == 1


@pytest.mark.parametrize("odd", ["токен", "a\nb", "a b/../c", "\ud800", "x" * 4000])
@pytest.mark.parametrize("key", ["telegram", "whatsapp", "viber"])
def test_credentials_that_cannot_be_sent_are_an_ordinary_failure(serving, key, odd):
    url = serving(lambda request: Response(b"{}", 401))
    client = Calls({key: url})
    with client as calls:
        call = dataclasses.replace(calls.of(platform(key), {}), values=dict.fromkeys(DEMO[key], odd))
        with pytest.raises(SendFailed) as failed:
            platform(key).setup.profile(call)
    assert failed.value.__context__ is None


def test_a_platforms_words_are_freed_of_credentials():
    token = DEMO["telegram"]["token"]
    call = Call("https://x.example", {"token": token}, httpx.Client(), httpx.Client())
    assert call.scrub(f"bad\x00 {token} in\n bot{token.replace(':', '%3A')}") == "bad … in bot…"
    assert call.scrub(["no text"]) == ""
    assert len(call.scrub("x" * 5000)) == 300
    # Cut in the middle of a token, no half of it may stay.
    assert token[:12] not in call.scrub(" " * (1200 - 20) + token)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:80", True),
        ("http://localhost", True),
        ("http://[::1]:5/", True),
        ("https://api.example", False),
        ("x", False),
    ],
)
def test_this_machine_is_known_by_its_names(url, expected):
    assert is_loopback(url) is expected
