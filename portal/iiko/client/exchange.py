"""One question and what came back, streamed and bounded; what goes wrong on the way is told by its outcome."""

import re
import ssl
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, cast
from urllib.parse import urlencode

import httpx

from portal.http.certificates import CertificateChanged
from portal.http.client import BodyTooLarge, HostResting
from portal.http.deadline import CallStopped
from portal.http.guard import AddressRefused
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.outcomes import Outcome
from portal.iiko.client.requests import MIB, ApiRequest
from portal.iiko.client.unpacking import unpacked

CONNECT_SECONDS, SILENCE_SECONDS = 10.0, 30.0
IN_MEMORY = MIB
# Of an answer that is no success so much is looked at.
MAX_ERROR = 64 * 1024
TOKEN = re.compile(r"[A-Za-z0-9-]{8,128}")
_COOKIE = re.compile(r'(?:^|[;,]\s*)key="?([A-Za-z0-9-]{8,128})"?(?=\s*(?:;|,|$))')
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HTML = (b"<!doctype html", b"<html")


@dataclass
class Reply:
    """A whole answer of any status; ``cookie`` is a log-in that it sets."""

    status: int
    headers: httpx.Headers
    file: BinaryIO
    size: int = 0

    @property
    def cookie(self) -> str | None:
        return cookie_of(self.headers)

    @property
    def charset(self) -> str | None:
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1].lower() if found else None

    @property
    def is_html(self) -> bool:
        """A page for people: of a proxy, of a restart, of another server."""
        if self.headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml")):
            return True
        return self.head(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML)

    def head(self, count: int = MAX_ERROR) -> bytes:
        """Its beginning; the place in the file stays at the beginning."""
        self.file.seek(0)
        found = self.file.read(count)
        self.file.seek(0)
        return found

    @property
    def text(self) -> str:
        """What an error says, as it came: to be cleaned before anybody sees it."""
        charset = self.charset if self.charset in ("windows-1251", "cp1251") else "utf-8"
        return self.head().decode(charset, "replace")


@dataclass
class Exchange:
    """``status`` and ``cookie`` are known as soon as the headers are there, whatever becomes of the rest."""

    http: httpx.Client
    url: str
    request: ApiRequest
    headers: dict[str, str]
    form: list[tuple[str, str]] | None = None
    is_stopped: Callable[[], bool] | None = None
    on_bytes: Callable[[int], None] = lambda count: None
    cookie: str | None = field(default=None, repr=False)
    status: int | None = None
    # Whether iiko may have heard the question.
    was_heard: bool = True

    def run(self, file: BinaryIO) -> Reply:
        """The answer, written into ``file``. Raises IikoFailure."""
        try:
            return self._run(file)
        except CallStopped:
            raise IikoFailure(Outcome.CANCELLED) from None
        except AddressRefused:
            self.was_heard = False
            raise IikoFailure(Outcome.ADDRESS_REFUSED) from None
        except httpx.HTTPError as error:
            # Without the cause, which holds the address.
            raise self._failure_of(error) from None

    def _run(self, file: BinaryIO) -> Reply:
        with self.http.stream(
            self.request.method,
            self.url,
            params=list(self.request.query) or None,
            headers=self.headers,
            content=_encoded(self.form),
            json=self.request.json,
            timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
            extensions=self._bounds(),
        ) as answer:
            self.status, self.cookie = answer.status_code, cookie_of(answer.headers)
            reply = Reply(answer.status_code, answer.headers, file)
            for piece in self._pieces(answer):
                file.write(piece)
                reply.size += len(piece)
                self.on_bytes(len(piece))
            file.seek(0)
            return reply

    def _bounds(self) -> dict[str, object]:
        return {
            "total_seconds": self.request.seconds,
            "body_cap": self.request.body_cap,
            "unpacks": True,
            "caller": "iiko",
            "is_stopped": self.is_stopped,
        }

    def _pieces(self, answer: httpx.Response) -> Iterator[bytes]:
        """At most the bound of a success, and the beginning of anything else."""
        is_success, read = answer.status_code == 200, 0
        for piece in unpacked(answer.iter_raw(), answer.headers.get("content-encoding", "")):
            read += len(piece)
            if is_success and read > self.request.body_cap:
                raise self._too_large()
            yield piece
            if not is_success and read >= MAX_ERROR:
                return

    def _too_large(self) -> IikoFailure:
        return IikoFailure(Outcome.TOO_LARGE, limit=self.request.body_cap // MIB)

    def _failure_of(self, error: httpx.HTTPError) -> IikoFailure:
        if isinstance(error, BodyTooLarge):
            return self._too_large()
        if isinstance(error, HostResting):
            self.was_heard = False
            return IikoFailure(Outcome.RESTING, seconds=round(error.seconds))
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
            self.was_heard = False
            return _unconnected(error)
        if isinstance(error, httpx.TimeoutException):
            return IikoFailure(Outcome.TIMED_OUT, seconds=round(self.request.seconds))
        return IikoFailure(Outcome.BROKE_OFF)


def _unconnected(error: httpx.HTTPError) -> IikoFailure:
    cause = error.__cause__
    if isinstance(cause, CertificateChanged):
        return IikoFailure(Outcome.CERTIFICATE_CHANGED, fingerprint=cause.shown)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return IikoFailure(Outcome.UNTRUSTED)
    if isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        # Whoever answers there speaks, but not TLS.
        return IikoFailure(Outcome.PLAIN_HTTP)
    return IikoFailure(Outcome.UNREACHABLE)


def spool() -> BinaryIO:
    """A file in memory as long as it is small, then one on the disk that has no name and that only we may read."""
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))


def cookie_of(headers: httpx.Headers) -> str | None:
    """The log-in that an answer sets as a cookie."""
    found = [match[1] for each in headers.get_list("set-cookie") if (match := _COOKIE.search(each))]
    return found[-1] if found else None


def _encoded(form: list[tuple[str, str]] | None) -> bytes | None:
    return None if form is None else urlencode(form).encode("ascii")
