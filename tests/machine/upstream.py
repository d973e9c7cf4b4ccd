"""A web server that notes what it is asked, and may end at the worst moment."""

import socket
import socketserver
import threading
from typing import Self

READINESS = "/readyz"


class Upstream:
    """Listens on ``port`` of the loopback; ``heard`` are the paths of the requests that it has read to their end.

    ``answers=False`` closes each connection once it has read a request. With ``requests`` it answers so many on a
    connection, keeps it open, and closes it when another one has come. Asked whether it is ready, it says so.
    """

    def __init__(self, *, answers: bool = True, requests: int | None = None) -> None:
        self.answers, self.requests = answers, requests
        self.heard: list[str] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._serve)  # type: ignore[arg-type]
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, connection: socket.socket, _address: object, _server: object) -> None:
        with connection, connection.makefile("rb") as stream:
            answered = 0
            while (path := read_request(stream)) is not None:
                if path != READINESS:
                    self.heard.append(path)
                    if not self.answers or answered == self.requests:
                        return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
                answered += 1


def read_request(stream: socket.SocketIO) -> str | None:
    """The path of one request, read with its body; nothing where the other side has closed."""
    line = stream.readline()
    if not line:
        return None
    size = 0
    while (header := stream.readline()) not in (b"\r\n", b""):
        name, _, value = header.partition(b":")
        size = int(value) if name.lower() == b"content-length" else size
    stream.read(size)
    return line.split()[1].decode()
