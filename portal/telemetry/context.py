"""What a log line says beside its own words: the request, the job or the update that it came about in."""

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from flask import g, has_request_context, request

from portal.access.keyed import keyed_digest
from portal.access.viewer import current_account

REQUEST_ID_HEADER = "X-Request-ID"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# The variables of addresses that are secrets.
SECRET_ARGUMENTS = ("secret", "token")

_fields: ContextVar[Mapping[str, Any]] = ContextVar("log_fields", default=MappingProxyType({}))


@dataclass(slots=True)
class RequestLog:
    """One request as the log knows it."""

    id: str
    # Of a clock that only measures; seconds.
    started: float = field(default_factory=time.perf_counter)
    added: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls) -> "RequestLog":
        """Under the number that a proxy gave it, where that is one; else under a new one."""
        told = request.headers.get(REQUEST_ID_HEADER, "")
        return cls(told if _SANE_ID.fullmatch(told) else secrets.token_hex(8))

    def fields(self) -> dict[str, Any]:
        """The route's rule stands for the address, which may hold a secret or whatever a stranger likes."""
        found: dict[str, Any] = {"request_id": self.id, "method": request.method, "route": route()}
        found["remote_address"] = request.remote_addr
        if (account := current_account() or g.get("visitable_account")) is not None:
            found["account"], found["account_id"] = account.slug, account.id
        if (opened := g.get("opened")) is not None:
            found["person_id"] = opened.user_id
        return found | self.added


def route() -> str:
    """The rule of the request's address, such as ``/invitation/<token>``; a dash where none fits."""
    return str(request.url_rule) if request.url_rule is not None else "-"


def request_log() -> RequestLog:
    """That of the present request; begun here where an error came before the request's first hook."""
    if "request_log" not in g:
        g.request_log = RequestLog.begin()
    found: RequestLog = g.request_log
    return found


def request_id() -> str | None:
    """The number that the present request has in the log."""
    return request_log().id if has_request_context() else None


def add_to_log(**fields: Any) -> None:
    """Have every further line of the present request say that, too."""
    request_log().added.update(fields)


def add_email_to_log(email: str) -> None:
    """Tell apart who was typed, in every further line of the present request."""
    add_to_log(email_hash=keyed_hash(email.lower()))


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Have every line that is written meanwhile, on this thread, say that, too."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def current_fields() -> dict[str, Any]:
    """All that is known of where a line comes about."""
    fields = dict(_fields.get())
    # A job has a request's context for its links, and no request.
    if has_request_context() and "request_log" in g:
        fields |= request_log().fields()
    return fields


def without_secrets(text: str) -> str:
    """A text, be it an exception's, without what the present request's address keeps secret."""
    if has_request_context() and request.view_args:
        for secret in filter(None, map(request.view_args.get, SECRET_ARGUMENTS)):
            text = text.replace(str(secret), "…")
    return text


def keyed_hash(value: str) -> str:
    """Tells whether two lines mean the same e-mail or address, and nobody what it is."""
    return keyed_digest("log", value).hex()[:16]
