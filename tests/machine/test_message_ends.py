"""Where one request ends and the next begins is beyond dispute for the web server that is installed."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.leftovers import end_with_us

ECHO = """
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {body!r}".encode()]
"""
HOST = b"Host: portal.example\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
SECONDS = 30


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The port of a server that tells what it took for requests."""
    folder = tmp_path_factory.mktemp("echo")
    (folder / "echo.py").write_text(ECHO, "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--port", str(free), "echo:app"]
    server = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    end_with_us(server)
    wait_for(free)
    yield free
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def wait_for(port):
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def answer(port, raw):
    """All that comes back for those bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as line:
        line.sendall(raw)
        return b"".join(iter(lambda: line.recv(65536), b""))


def posted(headers, body):
    return b"POST /seen HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


def test_an_ordinary_request_and_one_behind_it_are_two(port):
    told = answer(port, posted(b"Content-Length: 4\r\n", b"abcd" + HIDDEN))
    assert b"POST /seen b'abcd'" in told
    assert b"GET /hidden" in told


def test_of_two_lengths_the_chunks_count_and_nothing_behind_them_is_heard(port):
    told = answer(port, posted(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN))
    assert b"POST /seen b''" in told
    assert b"hidden" not in told


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length : 4\r\n",
        b"Content-Length: 4, 5\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
    ],
)
def test_a_length_that_can_be_read_in_two_ways_is_refused(port, headers):
    told = answer(port, posted(headers, b"0\r\n\r\n" + HIDDEN))
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"hidden" not in told
