"""What can go wrong at an iiko server: every row of its table of answers, and bytes that are not as they should be."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from werkzeug.wrappers import Response

from tests.fakes.faults import HANG_SECONDS, Cut
from tests.fakes.serving import RawResponse

HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>nginx</p></body></html>"
NO_SEAT = "License enhancement is required: no connections available for module 28008806"
BLOCKED = "Module 28008806 is blocked within current license"
MEBIBYTE = 1024 * 1024
ENVELOPE = "corporateItemDtoes"


def _plain(status: int, text: str) -> Callable[[], Response]:
    return lambda: Response(text, status, content_type="text/plain;charset=UTF-8")


def _html(status: int, title: str) -> Callable[[], Response]:
    return lambda: Response(HTML.format(title), status, content_type="text/html;charset=UTF-8")


# Instead of an answer: what the status means to iiko, and to whatever stands before it.
STATUSES: dict[str, Callable[[], Response]] = {
    "unauthorized": _plain(401, "Wrong password or session."),
    "no_seat": _plain(403, NO_SEAT),
    "blocked_module": _plain(403, BLOCKED),
    "no_right": _plain(403, "Permission denied: B_EN"),
    "not_offered": _plain(404, "HTTP 404 Not Found"),
    "wrong_path": _html(404, "Not Found"),
    "business": _plain(409, "Склад <Бар> закрыт\nдля изменений 5a0b1c2d-0000-4000-8000-000000000001"),
    "our_mistake": _plain(400, "revisionFrom: not a number"),
    "too_many": _plain(429, "Too many requests"),
    "bad_gateway": _html(502, "Bad Gateway"),
    "restart": _html(503, "Server is starting"),
    "gateway_timeout": _html(504, "Gateway Time-out"),
    "server_error": _plain(500, "java.lang.AssertionError: product == null"),
    "page": _html(200, "Welcome"),
    "moved": lambda: Response("", 302, {"Location": "https://new.iiko.example/resto/"}),
}


def _cut_short(body: bytes) -> Response:
    """The length is promised, half of it comes."""
    return RawResponse([body[: len(body) // 2]], headers={"Content-Length": str(len(body))}, is_cut=True)


def _cut_chunk(body: bytes) -> Response:
    half = body[: len(body) // 2]
    piece = f"{len(half):x}\r\n".encode() + half + b"\r\n"
    return RawResponse([piece], headers={"Transfer-Encoding": "chunked"}, is_cut=True)


def _endless() -> Iterator[bytes]:
    yield f"<{ENVELOPE}>".encode()
    filler = b"<corporateItemDto><name>" + b"a" * 60000 + b"</name></corporateItemDto>"
    while True:
        yield filler


def _bomb(body: bytes) -> Response:
    packed = gzip.compress(f"<{ENVELOPE}>".encode() + b" " * (300 * MEBIBYTE), 9)
    return RawResponse([packed], headers={"Content-Length": str(len(packed)), "Content-Encoding": "gzip"})


def _in_cyrillic_by_header(body: bytes) -> Response:
    """No declaration: the header alone says what the bytes are."""
    text = body.decode().partition("?>\n")[2] or body.decode()
    return Response(text.encode("windows-1251", "replace"), content_type="application/xml;charset=windows-1251")


def _in_cyrillic_by_declaration(body: bytes) -> Response:
    text = body.decode().replace('encoding="UTF-8"', 'encoding="windows-1251"')
    return _xml(text.encode("windows-1251", "replace"))


def _xml(body: bytes) -> Response:
    return Response(body, content_type="application/xml")


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], Response]:
    return lambda body: _xml(body.replace(old, new, 1))


def _packed(body: bytes) -> Response:
    return Response(gzip.compress(body), headers={"Content-Encoding": "gzip"}, content_type="application/xml")


def _first_item(body: bytes) -> bytes:
    """Nothing of an answer that is no tree."""
    end = body.find(b"</corporateItemDto>")
    return body[body.find(b"<corporateItemDto>") : end + len(b"</corporateItemDto>")] if end > 0 else b""


def _twice(body: bytes) -> Response:
    return _xml(body.replace(b"</corporateItemDtoes>", _first_item(body) + b"</corporateItemDtoes>"))


def _twice_otherwise(body: bytes) -> Response:
    other = _first_item(body).replace(b"<name>", b"<name>Other ", 1)
    return _xml(body.replace(b"</corporateItemDtoes>", other + b"</corporateItemDtoes>"))


# What becomes of the bytes of a good answer.
BODIES: dict[str, Callable[[bytes], Response]] = {
    "cut_short": _cut_short,
    "cut_chunk": _cut_chunk,
    "no_closing": lambda body: _xml(body.removesuffix(b"</corporateItemDtoes>")),
    "empty": lambda _: _xml(f"<{ENVELOPE}/>".encode()),
    "nothing": lambda _: _xml(b""),
    "empty_objects": lambda _: Response("[{},{},{}]", content_type="application/json"),
    "wrong_envelope": lambda _: _xml(b"<error><message>no</message></error>"),
    "junk_after": lambda body: _xml(body + b"<junk/>"),
    "doctype": _replaced(b"<corporateItemDtoes>", b'<!DOCTYPE a [<!ENTITY b "c">]><corporateItemDtoes>'),
    "deep": lambda _: _xml(f"<{ENVELOPE}>".encode() + b"<a>" * 50 + b"</a>" * 50 + f"</{ENVELOPE}>".encode()),
    "endless": lambda _: RawResponse(_endless(), is_cut=True),
    "bomb": _bomb,
    "packed": _packed,
    "bom": lambda body: _xml(b"\xef\xbb\xbf" + body),
    "control": _replaced(b"<name>", b"<name>\x0b&#11;"),
    "cyrillic_by_header": _in_cyrillic_by_header,
    "cyrillic_by_declaration": _in_cyrillic_by_declaration,
    "twice": _twice,
    "twice_otherwise": _twice_otherwise,
    "second_code": _replaced(b"<name>", b"<code>A</code><code>B</code><name>"),
    "no_types": lambda body: _xml(body.replace(b"<type>DEPARTMENT</type>", b"")),
    # Of a log-in alone: a seat is taken, and the body is not the bare token.
    "quoted_token": lambda body: Response(b' "' + body + b'"\r\n', content_type="text/plain"),
    "string_token": lambda body: _xml(b"<string>" + body + b"</string>"),
    "page_for_token": lambda _: Response(HTML.format("iiko"), content_type="text/html"),
    "large_token": lambda body: Response(body + b"x" * 40000, content_type="text/plain"),
}
# Of time and of the connection.
TIMES = ("delay", "drip", "hang", "cut", "cut_accepted")
NAMES = (*STATUSES, *BODIES, *TIMES)


@dataclass(eq=False)
class Fault:
    """Happens ``times`` times (None: until cleared) to requests called ``on`` (None: any request of the API)."""

    name: str
    on: str | None = None
    times: int | None = 1
    seconds: float = 0.0


class Faults:
    """What is still to happen; of those that concern a request the first does."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()

    def plan(self, name: str, on: str | None = None, times: int | None = 1, seconds: float = 0.0) -> Fault:
        """Let it happen. ``seconds``: how long a delay, a hang or a dripped answer takes."""
        if name not in NAMES:
            raise LookupError(name)
        fault = Fault(name, on, times, seconds)
        with self._lock:
            self._planned.append(fault)
        return fault

    def take(self, on: str) -> Fault | None:
        """What happens to this request."""
        with self._lock:
            for fault in self._planned:
                if fault.on in (None, on):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._planned.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """All is well again; what hangs ends."""
        with self._lock:
            self._planned.clear()
            self._released.set()
            self._released = threading.Event()

    @property
    def planned(self) -> list[Fault]:
        """What is still to happen."""
        with self._lock:
            return list(self._planned)

    def apply(self, fault: Fault | None, work: Callable[[], Response]) -> Response:
        """The answer of ``work`` as the fault leaves it. Raises Cut."""
        if fault is None:
            return work()
        if fault.name in STATUSES:
            return STATUSES[fault.name]()
        if fault.name in BODIES:
            return _rewritten(work(), BODIES[fault.name])
        return self._in_time(fault, work)

    def _in_time(self, fault: Fault, work: Callable[[], Response]) -> Response:
        if fault.name == "delay":
            self._released.wait(fault.seconds)
            return work()
        if fault.name == "drip":
            return _dripped(work(), fault.seconds)
        if fault.name == "hang":
            self._released.wait(fault.seconds or HANG_SECONDS)
        if fault.name == "cut_accepted":
            work()
        raise Cut


def _rewritten(answer: Response, change: Callable[[bytes], Response]) -> Response:
    """A good answer with other bytes; cookies stay, and a refusal is left as it is."""
    if answer.status_code != 200:
        return answer
    changed = change(answer.get_data())
    for cookie in answer.headers.getlist("Set-Cookie"):
        changed.headers.add("Set-Cookie", cookie)
    return changed


def _dripped(answer: Response, seconds: float) -> Response:
    """Twenty pieces over that time."""
    body = answer.get_data()
    size = max(1, len(body) // 20 + 1)

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(body), size):
            time.sleep(seconds / 20)
            yield body[at : at + size]

    headers = dict(answer.headers) | {"Content-Length": str(len(body))}
    return RawResponse(pieces(), answer.status_code, headers)
