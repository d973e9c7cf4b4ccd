"""An HTTP server of one thread a connection, on this machine alone, that can end a connection without a word."""

import contextlib
import io
import socket
import ssl
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.wrappers import Request, Response

from tests.fakes.faults import Cut

HOST = "127.0.0.1"
LARGEST_BODY = 110 * 1024 * 1024  # bytes


class RawResponse(Response):
    """Pieces that are written one by one under the very headers given; ``is_cut``: then the connection ends."""

    def __init__(
        self,
        pieces: Iterable[bytes],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        is_cut: bool = False,
    ) -> None:
        super().__init__(b"", status, content_type="application/xml")
        self.headers.remove("Content-Length")
        self.headers.update(headers or {})
        self.pieces, self.is_cut = pieces, is_cut


class Server(ThreadingHTTPServer):
    """Answers each request by ``answer``; a free port where none is given, TLS where there is a context for it."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, answer: Callable[[Request], Response], port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.answer, self.tls = answer, tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="fake server")

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"{'https' if self.tls else 'http'}://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        """Begin to answer, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more, and end every connection."""
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Noted, so that :meth:`stop` can end connections that are kept alive."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The connection is over."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a mistake of the fake's, to be seen."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_any(self) -> None:
        try:
            with self._request() as request:
                response = self.server.answer(request)
        except Cut:
            self.close_connection = True
            return
        except Exception:
            traceback.print_exc()
            response = Response("The stand-in itself is broken; see its output.", 500)
        self._write(response)

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = do_any  # noqa: N815

    def _request(self) -> Request:
        address = urlsplit(self.path)
        body = self._body()
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(address.path).decode("latin-1"),
            "QUERY_STRING": address.query,
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.protocol_version,
            "REMOTE_PORT": str(self.client_address[1]),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
        }
        for name, value in self.headers.items():
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
        return Request(environ)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(min(length, LARGEST_BODY))

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _write_pieces(self, response: RawResponse) -> None:
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = self.close_connection or response.is_cut
        for piece in response.pieces:
            self.wfile.write(piece)
            self.wfile.flush()

    def _write(self, response: Response) -> None:
        if isinstance(response, RawResponse):
            self._write_pieces(response)
            return
        body = response.get_data()
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() not in ("content-length", "connection"):
                # Names of files may hold any letters; a header travels as Latin-1.
                self.send_header(name, value.encode("utf-8").decode("latin-1"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet: tests and people look at the recorded calls."""
