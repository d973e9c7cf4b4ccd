"""How a question travels: which client, headers and trust it has, and what is told of a failure."""

import ssl
from collections.abc import Callable
from typing import BinaryIO

import httpcore
import httpx

from portal.http.breaker import CircuitBreaker
from portal.http.certificates import PinnedContext, shown_certificate
from portal.http.client import open_client
from portal.http.gate import DeploymentRests, rests
from portal.http.guard import AddressRefused, OutboundGuard
from portal.iiko.client.addresses import is_plain_http, server_root
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.exchange import Exchange, Reply
from portal.iiko.client.outcomes import Outcome
from portal.iiko.client.requests import ApiRequest
from portal.iiko.client.server import Server

# Some hosts answer 500 to whatever they do not know.
BROWSER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


class Asking:
    """The way to one server. ``exchange`` is the latest one; ``shown_certificate`` the one that is not trusted."""

    def __init__(self, server: Server, guard: OutboundGuard, breaker: CircuitBreaker | None) -> None:
        self.server, self.needs_browser_agent = server, server.needs_browser_agent
        self.shown_certificate: str | None = None
        self.exchange: Exchange | None = None
        self._guard, self._breaker = guard, breaker
        self._trust: ssl.SSLContext | None = None
        # Until something else than 500 came back.
        self._may_want_browser = not server.needs_browser_agent

    def ask(
        self,
        request: ApiRequest,
        file: BinaryIO,
        *,
        form: list[tuple[str, str]] | None = None,
        token: str | None = None,
        is_stopped: Callable[[], bool] | None = None,
        on_bytes: Callable[[int], None] = lambda count: None,
    ) -> Reply:
        """The answer to one question, written into ``file``. Raises IikoFailure."""
        self.exchange = None
        url = self._url(request)
        is_last_word = request.name == "logout"
        # A seat counts more than sparing a server.
        breaker = None if is_last_word else self._breaker
        with open_client(self._guard, verify=self._trusted(), breaker=breaker) as http:
            self.exchange = Exchange(
                http, url, request, self._headers(request, form, token), form, is_stopped, on_bytes
            )
            try:
                reply = self.exchange.run(file)
            except IikoFailure as failure:
                raise self._with_certificate(failure) from None
        return reply

    def wants_browser(self, reply: Reply) -> bool:
        """Whether the same is to be asked once more, as a browser would; only of a first answer that is 500."""
        may = self._may_want_browser and reply.status == 500
        self._may_want_browser = False
        self.needs_browser_agent = self.needs_browser_agent or may
        return may

    def _url(self, request: ApiRequest) -> str:
        if rests():
            raise IikoFailure(Outcome.DEPLOYMENT_RESTS)
        try:
            if is_plain_http(self.server.base_url):
                raise IikoFailure(Outcome.PLAIN_HTTP)
            self._guard.check_url(self.server.base_url)
        except (AddressRefused, httpx.InvalidURL, ValueError):
            raise IikoFailure(Outcome.ADDRESS_REFUSED) from None
        return f"{server_root(self.server.base_url)}/{request.path}"

    def _trusted(self) -> ssl.SSLContext | None:
        if self._trust is None and self.server.pinned_certificate:
            self._trust = PinnedContext.to(self.server.pinned_certificate)
        return self._trust

    def _headers(self, request: ApiRequest, form: list[tuple[str, str]] | None, token: str | None) -> dict[str, str]:
        headers = {"Accept": request.accept, "Accept-Encoding": "gzip"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.needs_browser_agent:
            headers["User-Agent"] = BROWSER_AGENT
        if token is not None:
            # Never in the address, which is written into logs.
            headers["Cookie"] = f"key={token}"
        return headers

    def _with_certificate(self, failure: IikoFailure) -> IikoFailure:
        """Of a certificate that is not trusted its fingerprint is told, so that an owner can compare it."""
        if failure.outcome is Outcome.CERTIFICATE_CHANGED:
            self.shown_certificate = str(failure.details.get("fingerprint"))
        elif failure.outcome is Outcome.UNTRUSTED:
            try:
                self.shown_certificate = shown_certificate(self._guard, self.server.base_url)
            except (AddressRefused, DeploymentRests, OSError, httpcore.NetworkError, httpcore.TimeoutException):
                return failure
            failure.details["fingerprint"] = self.shown_certificate
        return failure
