"""A bucket over real HTTP that speaks as much of S3 as the portal uses, and can be made to fail."""

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from config import MediaBucket

KEY, SECRET, NAME = "portal-key", "a secret of the bucket", "files"
SIGNED = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={KEY}/\d{{8}}/eu-test-1/s3/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{{64}}"
)


class FakeBucket:
    """``objects`` by key; ``refuse`` is a status that everything is answered with; ``asked`` tells (method, key).

    ``refused_keys`` are answered with 403 whatever is asked of them.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.refuse: int | None = None
        self.refused_keys: set[str] = set()
        self.cut: int | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def settings(self) -> MediaBucket:
        """What the portal has to know of it."""
        return MediaBucket(f"http://127.0.0.1:{self._server.server_port}", NAME, "eu-test-1", KEY, SECRET)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    bucket: FakeBucket
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_admitted(body):
            self.bucket.objects[self.key] = body
            self.bucket.types[self.key] = self.headers["Content-Type"]
            self.answer(200, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def do_GET(self) -> None:
        if not self.is_admitted(b""):
            return
        body = self.bucket.objects.get(self.key)
        if body is None:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        self.answer(200, body, cut=self.bucket.cut)

    def do_DELETE(self) -> None:
        if self.is_admitted(b""):
            self.bucket.objects.pop(self.key, None)
            self.answer(204)

    def is_admitted(self, body: bytes) -> bool:
        self.bucket.asked.append((self.command, self.key))
        signed = SIGNED.fullmatch(self.headers.get("Authorization", "")) and self.headers.get("X-Amz-Date")
        told = self.headers.get("X-Amz-Content-SHA256", "")
        if not signed or told not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
            self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
            return False
        if status := 403 if self.key in self.bucket.refused_keys else self.bucket.refuse:
            self.answer(status, b"<Error><Code>SlowDown</Code></Error>")
            return False
        return True

    @property
    def key(self) -> str:
        prefix = f"/{NAME}/"
        return self.path.removeprefix(prefix) if self.path.startswith(prefix) else f"outside:{self.path}"

    def answer(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Quiet."""
