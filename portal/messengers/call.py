"""Requests to a platform with a bot's credentials, of which nothing reaches a log, an error or a printed form."""

import json as _json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

import httpx

from portal.http.client import BODY_CAP, BodyPacked, BodyTooLarge, HostResting
from portal.http.guard import AddressRefused
from portal.messaging.failures import Failure
from portal.messengers.errors import CredentialsRefused, Rejected, Resting, SendFailed, Unavailable, Unclear
from portal.messengers.payload_fields import Payload
from portal.web.values import storable

Files: TypeAlias = Mapping[str, tuple[str, bytes, str]]
"""Parts of a form by their field: name, bytes and content type."""

CONNECT_SECONDS = 5.0
CALL_SECONDS = 20.0
UPLOAD_SECONDS = 60.0
MAX_DETAIL = 300
_SHORTEST_SECRET = 6
# The request did not go out, or not whole.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.WriteError, httpx.WriteTimeout,
             httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.ProxyError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``headers`` has lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Payload:
        """The body as a JSON object; an empty one for anything else."""
        try:
            found = _json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Call:
    """A platform's address and a bot's credentials there. ``repr`` shows the address alone."""

    base: str
    values: Mapping[str, str] = field(repr=False)
    client: httpx.Client = field(repr=False)
    guarded: httpx.Client = field(repr=False)
    caller: str = field(default="", repr=False)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        data: Mapping[str, str] | None = None,
        files: Files | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = CALL_SECONDS,
        cap: int = BODY_CAP,
    ) -> Answer:
        """One request below the base; any status is an answer. Raises Unavailable, Unclear, Rejected.

        Rejected(Failure.ANSWER_TOO_LARGE) is an answer of more than ``cap`` bytes.
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
            **_bounds(seconds, cap),
        )
        return _exchange(self.client, request)

    def download(self, url: str, cap: int, *, token: str = "", seconds: float = UPLOAD_SECONDS) -> Answer:
        """A file by its whole address.

        On the base's own host it is read directly; elsewhere through the guarded client, which reaches nothing
        but the public internet, and this machine where the base itself is on it. ``token`` (a bearer's) goes
        along: the caller has judged the host. Raises Rejected(Failure.FILE_TOO_LARGE) beyond ``cap`` bytes,
        Rejected(Failure.ADDRESS_REFUSED).
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = self.client if self.is_own(url) else self.guarded
        refused = Rejected(Failure.ADDRESS_REFUSED)
        request = _built(client, refused, "GET", url, headers=headers, **_bounds(seconds, cap))
        # How long a file takes says nothing of how the platform answers, least of all to others.
        request.extensions["caller"] = f"file of {self.caller}"
        return _exchange(client, request, Failure.FILE_TOO_LARGE)

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


def _bounds(seconds: float, cap: int) -> Payload:
    return {
        "timeout": httpx.Timeout(seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
        "extensions": {"total_seconds": seconds, "body_cap": cap},
    }


def _exchange(client: httpx.Client, request: httpx.Request, too_large: Failure = Failure.ANSWER_TOO_LARGE) -> Answer:
    """The errors are raised outside of the handlers: a chained error would carry the request's address."""
    failure: SendFailed
    try:
        answer = client.send(request)
    except HostResting as rest:
        failure = Resting(rest.seconds)
    except _NOT_SENT:
        failure = Unavailable(Failure.UNREACHABLE)
    except AddressRefused:
        failure = Rejected(Failure.ADDRESS_REFUSED)
    except BodyPacked:
        failure = Unclear(Failure.ODD_ANSWER)
    except BodyTooLarge:
        failure = Rejected(too_large)
    except (httpx.HTTPError, httpx.StreamError):
        failure = Unclear()
    else:
        return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)
    raise failure


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname or "", port) if parts.hostname and not parts.username else None
