"""A load client on loopback: kept-alive sockets, prepared bytes, bounded in time."""

import re
import socket
import threading
import time
from collections.abc import Callable

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
HOST = "127.0.0.1"
COMPRESSED = b"Accept-Encoding: gzip, br\r\n"


class Line:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, int]:
        """Status and size on the wire of one answer."""
        status, answer = self.fetch(request)
        return status, len(answer)

    def fetch(self, request: bytes) -> tuple[int, bytes]:
        """Status and the whole of one answer, head and body."""
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        wanted = int(found.group(1)) if found else 0
        while len(body) < wanted:
            body += self._more()
        return int(head[9:12]), head + b"\r\n\r\n" + body

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _more(self) -> bytes:
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server hung up")
        return part


def get(path: str, cookie: str) -> bytes:
    """A GET with cookies, compressed answers welcome."""
    return _request("GET", path, cookie, b"")


def post(path: str, cookie: str, body: bytes) -> bytes:
    """A POST of a plain form by htmx."""
    return _request(
        "POST", path, cookie, body, "HX-Request: true\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    )


def _request(verb: str, path: str, cookie: str, body: bytes, extra: str = "") -> bytes:
    head = f"{verb} {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n{COMPRESSED.decode()}{extra}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def load(port: int, requests: "list[bytes] | Callable[[], bytes]", clients: int, seconds: float) -> tuple[float, int]:
    """Requests per second over ``clients`` connections, and the size of one answer on the wire.

    ``requests`` are sent in turn by each client, or made one by one.
    """
    done, sizes = [0] * clients, [0]
    deadline = time.perf_counter() + seconds
    threads = [threading.Thread(target=_work(port, requests, done, sizes, place, deadline)) for place in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started), sizes[0]


def _work(
    port: int,
    requests: "list[bytes] | Callable[[], bytes]",
    done: list[int],
    sizes: list[int],
    place: int,
    deadline: float,
) -> Callable[[], None]:
    def run() -> None:
        line = Line(port)
        while time.perf_counter() < deadline:
            request = requests() if callable(requests) else requests[done[place] % len(requests)]
            status, size = line.ask(request)
            if status not in (200, 302, 303):
                raise RuntimeError(f"status {status}")
            done[place] += 1
            sizes[0] = size

    return run
