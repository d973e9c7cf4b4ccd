"""Requests to a platform with a bot's credentials, of which nothing reaches a log, an error or a printed form."""

import json as _json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit

import httpx

from portal.http.outbound import AddressRefused, BodyTooLarge, OutboundGuard, guarded_client
from portal.http.transport import platform_client, within
from portal.messengers.errors import CredentialsRefused, Rejected, SendFailed, Unavailable, Unclear
from portal.web.text import storable

if TYPE_CHECKING:
    from portal.messengers.protocol import Platform

CALL_SECONDS = 20.0
UPLOAD_SECONDS = 60.0
ANSWER_CAP = 8 * 1024 * 1024
MAX_DETAIL = 300
_SHORTEST_SECRET = 6
# The request did not go out, or not whole.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.WriteError, httpx.WriteTimeout,
             httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.ProxyError)  # fmt: skip


class Settings(Protocol):
    """What of the portal's configuration calls need (``app.config["PORTAL"]``)."""

    @property
    def api_bases(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``headers`` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one for anything else."""
        try:
            found = _json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Calls:
    """The connections of one process, shared by its threads: ``calls.of(adapter, values)`` is one bot's use of them."""

    def __init__(self, bases: Mapping[str, str]) -> None:
        self._bases = dict(bases)
        self._client = platform_client()

    @classmethod
    def configured(cls, settings: Settings) -> "Calls":
        """With the addresses of the configuration."""
        return cls(settings.api_bases)

    def of(self, adapter: "Platform", values: Mapping[str, object]) -> "Call":
        """Calls with a bot's opened credentials."""
        return Call(self._bases[adapter.key].rstrip("/"), adapter.normalise(values), self._client)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> "Calls":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Call:
    """A platform's address and a bot's credentials there. ``repr`` shows the address alone."""

    base: str
    values: Mapping[str, str] = field(repr=False)
    client: httpx.Client = field(repr=False)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = CALL_SECONDS,
        cap: int = ANSWER_CAP,
    ) -> Answer:
        """One request below the base; any status is an answer. Raises Unavailable, Unclear, Rejected.

        Rejected("answer_too_large") is an answer of more than ``cap`` bytes.
        """
        request = _built(
            self.client,
            CredentialsRefused(),
            method,
            self.base + path,
            content=None if json is None else _json.dumps(json, ensure_ascii=False).encode("utf-8", "replace"),
            data=None if data is None else dict(data),
            files=files,
            params=params,
            headers={**({} if json is None else {"Content-Type": "application/json"}), **(headers or {})},
            timeout=httpx.Timeout(seconds, connect=5.0, pool=5.0),
        )
        return _exchange(self.client, request, seconds, cap)

    def download(self, url: str, cap: int, *, token: str = "", seconds: float = UPLOAD_SECONDS) -> Answer:
        """A file by its whole address.

        On the base's own host it is read directly; elsewhere through the guarded client, which reaches nothing
        but the public internet, and this machine where the base itself is on it. ``token`` (a bearer's) goes
        along: the caller has judged the host. Raises Rejected("file_too_large") beyond ``cap`` bytes,
        Rejected("address_refused").
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if self.is_own(url):
            request = _built(self.client, Rejected("address_refused"), "GET", url, headers=headers)
            return _exchange(self.client, request, seconds, cap, "file_too_large")
        guard = OutboundGuard(allow_loopback=is_loopback(self.base))
        with guarded_client(guard, total_seconds=seconds, body_cap=cap) as client:
            request = _built(client, Rejected("address_refused"), "GET", url, headers=headers)
            return _exchange(client, request, seconds, cap, "file_too_large")

    def is_own(self, url: str) -> bool:
        """Whether an address is on the very server of the base."""
        return _origin(url) is not None and _origin(url) == _origin(self.base)

    def scrub(self, words: object, longest: int = MAX_DETAIL) -> str:
        """A platform's own words, without credentials, in one line and bounded; empty for anything but text."""
        if not isinstance(words, str):
            return ""
        window = longest * 4
        text = words[:window]
        secrets = self._spellings()
        for secret in secrets:
            text = text.replace(secret, "…")
        if len(words) > window and secrets:
            # The end may be the beginning of a credential.
            text = text[: -len(secrets[0])]
        return " ".join(storable(text).split())[:longest]

    def _spellings(self) -> list[str]:
        """The credentials as they may be quoted; the longest first, so that none hides inside another."""
        spelled = {spelling for value in self.values.values() for spelling in (value, quote(value, safe=""))}
        return sorted((text for text in spelled if len(text) >= _SHORTEST_SECRET), key=len, reverse=True)


def is_loopback(url: str) -> bool:
    """Whether an address names this machine."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def seconds_of(value: object, default: float = 1.0, longest: float = 3600.0) -> float:
    """A waiting time that a platform gave, in seconds, as number or text; bounded."""
    try:
        found = float(value) if isinstance(value, int | float | str) else default
    except (ValueError, OverflowError):
        return default
    return min(max(found, 0.0), longest) if math.isfinite(found) else default


def _built(client: httpx.Client, failure: SendFailed, *args: Any, **more: Any) -> httpx.Request:
    """The request, or the failure where address or headers cannot be written at all."""
    try:
        return client.build_request(*args, **more)
    except (httpx.InvalidURL, ValueError):
        pass
    raise failure


def _exchange(
    client: httpx.Client, request: httpx.Request, seconds: float, cap: int, too_large: str = "answer_too_large"
) -> Answer:
    """The errors are raised outside of the handlers: a chained error would carry the request's address."""
    failure: SendFailed
    try:
        with within(seconds):
            answer = client.send(request, stream=True)
            try:
                body = _read(answer, cap)
            finally:
                answer.close()
    except _NOT_SENT:
        failure = Unavailable("unreachable")
    except AddressRefused:
        failure = Rejected("address_refused")
    except BodyTooLarge:
        failure = Rejected(too_large)
    except (httpx.HTTPError, httpx.StreamError):
        failure = Unclear()
    else:
        if body is not None:
            return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body)
        failure = Rejected(too_large)
    raise failure


def _read(answer: httpx.Response, cap: int) -> bytes | None:
    """The body, or None where it is longer than the cap."""
    body = bytearray()
    for chunk in answer.iter_raw():
        body += chunk
        if len(body) > cap:
            return None
    return bytes(body)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port) if parts.hostname and not parts.username else None
