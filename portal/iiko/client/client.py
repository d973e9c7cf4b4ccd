"""The client of one iiko server and one user: asks one question at a time, and gives its seat back."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from portal.http.breaker import CircuitBreaker
from portal.http.guard import OutboundGuard
from portal.iiko.client.answer import Answer
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.asking import Asking
from portal.iiko.client.cleaning import clean_text
from portal.iiko.client.exchange import TOKEN, Reply, spool
from portal.iiko.client.outcomes import Flaw, Outcome
from portal.iiko.client.requests import AUTH, LOGOUT, LOGOUT_BY_GET, SERVER_INFO, ApiRequest
from portal.iiko.client.rows import RowError
from portal.iiko.client.server import Server, ServerInfo
from portal.iiko.client.verdicts import Verdict, judge, judge_log_in
from portal.iiko.client.xml_rows import whole

log = logging.getLogger(__name__)

__all__ = ["Answer", "IikoClient", "Server", "ServerInfo"]

SECOND_TRY_SECONDS = 5.0
_STOP_ASKED_EVERY_SECONDS = 0.5
LOG_OUT_PAUSE_SECONDS = 1.0
# Answers to a log-out after which the same at once is of no use: somebody asks again in a minute.
_NO_SECOND_LOG_OUT = frozenset({Outcome.TIMED_OUT, Outcome.ADDRESS_REFUSED, Outcome.PLAIN_HTTP, Outcome.UNTRUSTED})
# Of an answer to a log-in that is no success: the server said no, or did not hear it.
_NO_SEAT_TAKEN = frozenset({400, 401, 403, 404, 405, 409, 429, 503})
# What stands around a token: white space, the mark of UTF-8, and quotes.
_AROUND = " \t\r\n\ufeff"


class IikoClient:
    """Not for several threads: iiko wants its questions one after the other.

    ``stop`` is asked while an answer is awaited and between its pieces, ``on_bytes`` is told how many have come, and
    ``on_request`` is called before each question but the log-out; it may raise IikoFailure.
    """

    def __init__(
        self,
        server: Server,
        *,
        guard: OutboundGuard,
        breaker: CircuitBreaker | None = None,
        stop: Callable[[], bool] = lambda: False,
        on_bytes: Callable[[int], None] = lambda count: None,
        on_request: Callable[[], None] = lambda: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.server, self.stop, self.on_bytes, self.on_request = server, stop, on_bytes, on_request
        self._asking, self._pause = Asking(server, guard, breaker), pause
        self._has_worked, self._may_be_starting = server.worked_before, False
        self._version: str | None = None

    def __repr__(self) -> str:
        return "<IikoClient>"

    @property
    def needs_browser_agent(self) -> bool:
        """Whether the server answers browsers alone, to be remembered for the connection."""
        return self._asking.needs_browser_agent

    @property
    def shown_certificate(self) -> str | None:
        """SHA-256 of the certificate that the server shows and nobody trusts; ``None`` where none was in the way."""
        return self._asking.shown_certificate

    def server_info(self) -> ServerInfo | None:
        """What it says of itself; ``None`` where it does not, which proves nothing. Raises IikoFailure."""
        with self._asked(SERVER_INFO) as reply:
            verdict = judge(reply, has_worked=self._has_worked)
            if verdict is not None and verdict[0] is Outcome.MOVED:
                raise self._failure(verdict, SERVER_INFO)
            info = _info_of(reply) if verdict is None else None
        if info is not None:
            self._may_be_starting, self._version = info.is_starting, info.version
        return info

    def log_in(self) -> str:
        """A token, and with it a seat; not stopped half-way, or nobody would know the token. Raises IikoFailure."""
        form = [("login", _sendable(self.server.login)), ("pass", self._digest())]
        self._asking.exchange = None
        try:
            with self._asked(AUTH, form=form) as reply:
                token = self._token_of(reply)
        except IikoFailure as failure:
            raise self._without_leak(failure) from None
        self._has_worked = True
        return token

    def log_out(self, token: str) -> Outcome:
        """``RETURNED`` where the seat is free, else why that is not known. Raises nothing."""
        outcome = self._log_out(token)
        if outcome is not Outcome.RETURNED and outcome not in _NO_SECOND_LOG_OUT:
            self._pause(LOG_OUT_PAUSE_SECONDS)
            outcome = self._log_out(token)
        return outcome

    @contextmanager
    def read(self, request: ApiRequest, token: str) -> Iterator[Answer]:
        """A whole answer, gone at the end; an error of the server's is met by one more try. Raises IikoFailure."""
        try:
            with self._success(request, token) as answer:
                yield answer
                return
        except _SecondTry:
            self._rest(SECOND_TRY_SECONDS)
        with self._success(request, token, is_last=True) as answer:
            yield answer

    @contextmanager
    def _success(self, request: ApiRequest, token: str, *, is_last: bool = False) -> Iterator[Answer]:
        form = list(request.form) if request.form is not None else None
        with self._asked(request, form=form, token=token) as reply:
            verdict = judge(reply, has_worked=self._has_worked)
            if verdict is None:
                yield Answer(reply.file, reply.charset, reply.size)
            elif verdict[0] is Outcome.SERVER_ERROR and not is_last:
                raise _SecondTry
            else:
                raise self._failure(verdict, request, token)

    @contextmanager
    def _asked(
        self, request: ApiRequest, *, form: list[tuple[str, str]] | None = None, token: str | None = None
    ) -> Iterator[Reply]:
        """The answer of whatever status; the first 500 of all is asked for again as a browser would."""
        with spool() as file:
            reply = self._ask(request, file, form, token)
            if self._asking.wants_browser(reply):
                self._give_back(reply.cookie)
                file.seek(0)
                file.truncate()
                reply = self._ask(request, file, form, token)
                self._asking.needs_browser_agent = reply.status != 500
            yield reply

    def _ask(self, request: ApiRequest, file: BinaryIO, form: list[tuple[str, str]] | None, token: str | None) -> Reply:
        if self.stop():
            raise IikoFailure(Outcome.CANCELLED)
        self.on_request()
        # The answer to a log-in is always waited for.
        is_stopped = None if request is AUTH else self.stop
        on_bytes = self.on_bytes if token else _untold
        return self._asking.ask(request, file, form=form, token=token, is_stopped=is_stopped, on_bytes=on_bytes)

    def _token_of(self, reply: Reply) -> str:
        verdict = judge_log_in(reply, has_worked=self._has_worked, may_be_starting=self._may_be_starting)
        if verdict is not None:
            raise self._failure(verdict, AUTH)
        said = reply.head(512).decode("utf-8", "replace").strip(_AROUND)
        if len(said) > 2 and said[0] == said[-1] == '"':
            said = said[1:-1]
        if reply.size <= 512 and TOKEN.fullmatch(said):
            # iiko knows the session by its cookie: where the two differ it is the text that was cut.
            return reply.cookie or said
        if reply.cookie or self._has_worked:
            raise IikoFailure(Outcome.MALFORMED, flaw=Flaw.TOKEN.value)
        raise IikoFailure(Outcome.WRONG_ADDRESS)

    def _without_leak(self, failure: IikoFailure) -> IikoFailure:
        """A log-in that failed although iiko may hold a seat for it: what is known of that is given back at once."""
        exchange = self._asking.exchange
        if exchange is None or not exchange.was_heard:
            return failure
        if exchange.cookie:
            failure.token = self._give_back(exchange.cookie)
        elif exchange.status is None or exchange.status not in _NO_SEAT_TAKEN:
            # A page for people, or another server altogether, has no seats.
            failure.may_hold_seat = failure.outcome not in (Outcome.WRONG_ADDRESS, Outcome.MOVED)
        return failure

    def _give_back(self, token: str | None) -> str | None:
        """The token, where its seat may still be taken."""
        return None if token is None or self.log_out(token) is Outcome.RETURNED else token

    def _log_out(self, token: str) -> Outcome:
        try:
            return self._log_out_by(LOGOUT, token) or self._log_out_by(LOGOUT_BY_GET, token) or Outcome.OUR_MISTAKE
        except IikoFailure as failure:
            return failure.outcome

    def _log_out_by(self, request: ApiRequest, token: str) -> Outcome | None:
        """``None`` where the server does not know this way."""
        form = [("key", token)] if request.form is not None else None
        with spool() as file:
            exchange = self._asking.exchange
            try:
                reply = self._asking.ask(request, file, form=form, token=token)
            finally:
                self._asking.exchange = exchange
            # 401: the seat is gone already.
            if reply.status in (200, 204, 401) and not reply.is_html:
                return Outcome.RETURNED
            if reply.status == 405:
                return None
            verdict = judge(reply, has_worked=True)
            return verdict[0] if verdict else Outcome.MALFORMED

    def _failure(self, verdict: Verdict, request: ApiRequest, token: str = "") -> IikoFailure:
        outcome, told = verdict
        if outcome is Outcome.OUR_MISTAKE:
            # Reports of faults are made of such lines; what iiko says may hold anything.
            log.error("iiko does not understand a question: %s", request.name)
        secrets = (self.server.login, self.server.password, self._digest(), token)
        details = {key: clean_text(value, *secrets) for key, value in told.items()}
        if outcome is Outcome.NO_RIGHT and request.right:
            details.setdefault("right", request.right)
        if outcome is Outcome.NOT_OFFERED and self._version:
            details["version"] = clean_text(self._version, *secrets)
        failure = IikoFailure(outcome, request=request.name)
        failure.details |= details
        return failure

    def _digest(self) -> str:
        # SHA-1 is what iiko's protocol asks for; it protects nothing here.
        return hashlib.sha1(_sendable(self.server.password).encode(), usedforsecurity=False).hexdigest()

    def _rest(self, seconds: float) -> None:
        """Wait, unless somebody stops it."""
        for _ in range(round(seconds / _STOP_ASKED_EVERY_SECONDS)):
            if self.stop():
                raise IikoFailure(Outcome.CANCELLED)
            self._pause(_STOP_ASKED_EVERY_SECONDS)


class _SecondTry(Exception):
    """The server reported an error of its own, as it does now and then."""


def _info_of(reply: Reply) -> ServerInfo | None:
    try:
        said = whole(Answer(reply.file, reply.charset, reply.size), ("r",))
        told = [said.text(name) for name in ("serverName", "edition", "version", "serverState")]
    except (IikoFailure, RowError):
        return None
    return ServerInfo(*(clean_text(each) if each else None for each in told))


def _untold(count: int) -> None:
    """Log-ins are none of the bytes that somebody waits for."""


def _sendable(text: str) -> str:
    """Text that can be sent: a lone surrogate becomes a question mark, which no server takes for right."""
    return text.encode("utf-8", "replace").decode()
