"""The iiko Server API, as far as proving a connection goes.

Facts: iiko's Server API documentation (ru.iiko.help, "API iikoServer"). Every log-in takes one licence seat,
and a seat that is not given back can lock a cashier out: whatever happens, a token ends with a log-out.
"""

import hashlib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from xml.etree import ElementTree

import httpx
from defusedxml.ElementTree import fromstring
from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.http.breaker import CircuitBreaker
from portal.http.client import BodyTooLarge, open_client
from portal.http.guard import AddressRefused, OutboundGuard

# A department takes less than 1 KB. Each tag of an answer takes some twenty times its length in memory.
ANSWER_CAP = 2 * 1024 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9-]{8,128}")
_NO_SEAT = b"license enhancement is required"


class ConnectionStatus(StrEnum):
    """How a connection stands; the values are stored."""

    CONNECTED = "connected"
    REFUSED = "refused"
    NO_LICENCE = "no_licence"
    UNREACHABLE = "unreachable"
    WRONG_ADDRESS = "wrong_address"
    FAILED = "failed"


MESSAGES: dict[ConnectionStatus, LazyString] = {
    ConnectionStatus.CONNECTED: _l("iiko answers and accepts the log-in."),
    ConnectionStatus.REFUSED: _l("iiko does not accept this log-in and password."),
    ConnectionStatus.NO_LICENCE: _l("All licence seats of this iiko server are taken. Try again in a few minutes."),
    ConnectionStatus.UNREACHABLE: _l("The iiko server does not answer at this address."),
    ConnectionStatus.WRONG_ADDRESS: _l("This address answers, but not as an iiko server. Check the address."),
    ConnectionStatus.FAILED: _l("The iiko server answered with an error. Try again later."),
}
_NO_RIGHTS = _l("The log-in works, but this iiko user may not read the departments.")
_UNTRUSTED = _l("The iiko server's certificate is not trusted, so the connection was not made.")
_SEAT_KEPT = _l("The connection works, but iiko did not confirm the log-out. The licence seat is free in an hour.")


# iiko's cloud answers at 443, servers in restaurants at the ports that iiko's installer offers. Any other port would
# make the portal a means to knock at other people's doors.
PORTS = frozenset({443, *range(8080, 9901)})


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What a check found: a status, a (lazy) sentence for people, and how many departments iiko listed."""

    status: ConnectionStatus
    message: LazyString
    departments: int | None = None

    @property
    def is_connected(self) -> bool:
        return self.status is ConnectionStatus.CONNECTED


class IikoError(Exception):
    """A call that failed. Carries a status and a sentence, never an address, a token or a password."""

    def __init__(self, status: ConnectionStatus, message: LazyString | None = None) -> None:
        super().__init__(str(status))
        self.status, self.message = status, message or MESSAGES[status]


class TokenExpired(IikoError):
    """iiko no longer knows the token (401)."""

    def __init__(self) -> None:
        super().__init__(ConnectionStatus.FAILED)


class MalformedXml(ValueError):
    """Not XML, or XML with a document type or entities, which no honest answer has."""


class IikoClient:
    """One server and one user. Not for several threads: iiko wants its requests one after another.

    `http` is a client to use instead of one made from `guard` and `breaker`; the caller closes it.
    """

    def __init__(
        self,
        base_url: str,
        login: str,
        password: str,
        *,
        guard: OutboundGuard,
        http: httpx.Client | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._guard, self._http, self._breaker = guard, http, breaker
        self._base_url, self._login, self._password = base_url, login, password

    def __repr__(self) -> str:
        return "<IikoClient>"

    def check(self) -> ConnectionReport:
        """Logs in, lists the departments, logs out. Raises nothing: every failure is a report."""
        try:
            self._guard.check_url(self._base_url)
            with self._client() as http:
                return _Session(http, api_root(self._base_url), self._login, self._password).check()
        except AddressRefused as refusal:
            return ConnectionReport(ConnectionStatus.WRONG_ADDRESS, refusal.message)
        except IikoError as error:
            return ConnectionReport(error.status, error.message)

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        if self._http is not None:
            yield self._http
            return
        with open_client(self._guard, body_cap=ANSWER_CAP, breaker=self._breaker) as http:
            yield http


class _Session:
    def __init__(self, http: httpx.Client, root: str, login: str, password: str) -> None:
        self._http, self._root, self._login, self._password = http, root, login, password

    def check(self) -> ConnectionReport:
        """One new log-in where the token has expired meanwhile, then the failure stands."""
        try:
            return self._check_once()
        except TokenExpired:
            return self._check_once()

    def _check_once(self) -> ConnectionReport:
        token = self._log_in()
        try:
            departments = self._count_departments(token)
        finally:
            is_seat_free = self._log_out(token)
        message = MESSAGES[ConnectionStatus.CONNECTED] if is_seat_free else _SEAT_KEPT
        return ConnectionReport(ConnectionStatus.CONNECTED, message, departments)

    def _log_in(self) -> str:
        # SHA-1 is what iiko's protocol asks for; it protects nothing here.
        digest = hashlib.sha1(_clean(self._password).encode(), usedforsecurity=False).hexdigest()
        answer = self._send("POST", "auth", data={"login": _clean(self._login), "pass": digest})
        if answer.status_code in (401, 403):
            has_seat = _NO_SEAT not in answer.content.lower()
            raise IikoError(ConnectionStatus.REFUSED if has_seat else ConnectionStatus.NO_LICENCE)
        _expect_success(answer)
        token = answer.content.decode("ascii", "replace").strip()
        if not _TOKEN.fullmatch(token):
            raise IikoError(ConnectionStatus.WRONG_ADDRESS)
        return token

    def _count_departments(self, token: str) -> int:
        answer = self._send("GET", "corporation/departments", params={"revisionFrom": "-1", "key": token})
        if answer.status_code == 401:
            raise TokenExpired
        if answer.status_code == 403:
            raise IikoError(ConnectionStatus.FAILED, _NO_RIGHTS)
        _expect_success(answer)
        return _departments_in(answer.content)

    def _log_out(self, token: str) -> bool:
        """Whether iiko confirmed that the seat is free; a lost answer is asked for once more."""
        for _ in range(2):
            try:
                # 401: the seat is gone already.
                return self._send("GET", "logout", params={"key": token}).status_code in (200, 204, 401)
            except (IikoError, AddressRefused):
                continue
        return False

    def _send(self, method: str, path: str, **content: dict[str, str]) -> httpx.Response:
        """The answer, whatever its status. Raises IikoError without the cause, which holds the address."""
        try:
            answer = self._http.request(method, f"{self._root}/{path}", follow_redirects=False, **content)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise _failure_of(error) from None
        # A wrong host, a proxy or a restart answer in HTML, whatever the status; iiko redirects nowhere.
        if answer.is_redirect or answer.headers.get("content-type", "").lower().startswith("text/html"):
            raise IikoError(ConnectionStatus.WRONG_ADDRESS)
        return answer


def api_root(base_url: str) -> str:
    """The API's address, whether an owner typed the server alone, its back office (/resto) or the API."""
    url = httpx.URL(base_url).copy_with(query=None, fragment=None)
    path = re.sub(r"/+", "/", url.path).rstrip("/")
    if not path.endswith("/api"):
        path += "/api" if path.endswith("/resto") else "/resto/api"
    return str(url.copy_with(path=path))


def parse_xml(body: bytes) -> ElementTree.Element:
    """The root element. Raises MalformedXml for broken XML, a document type or an entity declaration."""
    try:
        return fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, LookupError, ValueError):
        raise MalformedXml("This is not plain XML.") from None


def _departments_in(body: bytes) -> int:
    try:
        root = parse_xml(body)
    except MalformedXml:
        raise IikoError(ConnectionStatus.FAILED) from None
    if root.tag != "corporateItemDtoes":
        raise IikoError(ConnectionStatus.FAILED)
    return sum(item.findtext("type") == "DEPARTMENT" for item in root.iterfind("corporateItemDto"))


def _expect_success(answer: httpx.Response) -> None:
    if answer.status_code == 404:
        raise IikoError(ConnectionStatus.WRONG_ADDRESS)
    if answer.status_code != 200:
        raise IikoError(ConnectionStatus.FAILED)


def _failure_of(error: httpx.HTTPError) -> IikoError:
    if isinstance(error, (BodyTooLarge, httpx.RemoteProtocolError)):
        return IikoError(ConnectionStatus.WRONG_ADDRESS)
    return IikoError(ConnectionStatus.UNREACHABLE, _UNTRUSTED if _is_untrusted(error) else None)


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _clean(text: str) -> str:
    """Text that can be sent: a lone surrogate becomes a question mark, which no server takes for right."""
    return text.encode("utf-8", "replace").decode()


def outbound_guard() -> OutboundGuard:
    """Loopback is allowed where the settings say so, for stand-ins on the same machine."""
    return OutboundGuard(allow_loopback=current_app.config["PORTAL"].allow_loopback_addresses, ports=PORTS)
