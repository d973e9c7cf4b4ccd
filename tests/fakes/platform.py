"""What the three stand-ins have in common: bots, chats, recorded calls, waiting, and the way of a call."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import httpx
from werkzeug.wrappers import Request, Response

from tests.fakes.bots import Bot
from tests.fakes.chats import Chat, NotOffered, Person
from tests.fakes.courier import Courier, Parcel, Retry
from tests.fakes.credentials import IDENTITY, SECRETS
from tests.fakes.faults import Cut, Faults, Refused
from tests.fakes.limits import Limits
from tests.fakes.pages import Pages
from tests.fakes.records import Ack, Call, Event, Message
from tests.fakes.serving import Server

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class FakePlatform(ABC):
    """A messenger's server. A context manager: it listens inside, on a free port where none is given."""

    key: ClassVar[str]
    label: ClassVar[str]
    person: ClassVar[type[Person]]
    keeps_updates: ClassVar[bool]
    """Whether updates wait while a bot has no webhook."""

    def __init__(
        self,
        port: int = 0,
        *,
        limits: Limits | None = None,
        retry: Retry | None = None,
        webhook_timeout: float = 10,
    ) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.limits = limits or Limits()
        self.faults = Faults(self.throttled, self.broken)
        self.webhook_timeout = webhook_timeout
        self.deliveries = Courier(self, retry or Retry())
        self.bots: dict[str, Bot] = {}
        self.calls: list[Call] = []
        self.acks: list[Ack] = []
        self.stopping = threading.Event()
        self._skipped = timedelta()
        self._pages = Pages(self)
        self._server = Server(self._answer, port)
        self.base_url = self._server.url

    def start(self) -> Self:
        """Listen and deliver."""
        self._server.start()
        self.deliveries.start()
        return self

    def stop(self) -> None:
        """Connections are refused from now on, open ones end. It does not start again."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        with self.changed:
            self.changed.notify_all()
        self.faults.clear()
        self._server.stop()
        self.deliveries.stop()

    __enter__ = start

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Who is there.

    @abstractmethod
    def bot(self, credential: str = "") -> Bot:
        """The bot of that credential or public id, made where it is well-formed; the demo bot for nothing."""

    def introduce(self, values: Mapping[str, str]) -> Bot:
        """The bot of those credentials, under the names of the portal's forms, and with its ``name``."""
        bot = self.bot(values[IDENTITY[self.key]])
        with self.changed:
            bot.name = values.get("name") or bot.name
            bot.app_secret = values.get("app_secret", bot.app_secret)
            for field in SECRETS & values.keys():
                if values[field] not in bot.tokens:
                    bot.tokens.append(values[field])
            self.changed.notify_all()
        return bot

    def user(self, chat_id: str, name: str = "", *, bot: Bot | str | None = None, **details: Any) -> Person:
        """A person who has the bot open; made at the first mention. ``details``: username, language."""
        owner = bot if isinstance(bot, Bot) else self.bot(bot or "")
        with self.changed:
            chat = owner.chats.get(str(chat_id))
            if chat is None:
                chat = Chat(owner, str(chat_id), name or f"Guest {chat_id}", last_inbound_at=self.now(), **details)
                owner.chats[chat.id] = chat
                self.changed.notify_all()
            elif name:
                chat.name = name
        return self.person(chat)

    def chat(self, chat_id: str, bot: Bot | str | None = None) -> Person:
        """The same as :meth:`user`, where the chat is meant."""
        return self.user(chat_id, bot=bot)

    # Time.

    def now(self) -> datetime:
        """The platform's clock."""
        return datetime.now(UTC) + self._skipped

    def pass_time(self, **span: float) -> None:
        """Let time pass for windows and expiry dates: ``hours=25``."""
        self._skipped += timedelta(**span)

    # Waiting.

    def wait_until(self, is_so: Callable[[], Any], timeout: float = 10, what: str = "it did not come true") -> Any:
        """Until that is true, looked at after every change. AssertionError with ``what`` after ``timeout`` seconds."""
        with self.changed:
            result = self.changed.wait_for(is_so, timeout)
            assert result, what
        return result

    def wait_for(self, chat: Person | str, n: int = 1, timeout: float = 10) -> list[Message]:
        """Until the bot has sent at least ``n`` messages in all to the chat: they are returned, in order."""
        person = chat if isinstance(chat, Person) else self.user(chat)
        with self.changed:
            self.changed.wait_for(lambda: len(person.messages) >= n, timeout)
            found = person.messages
        assert len(found) >= n, f"{len(found)} of {n} messages within {timeout} s: {[each.text for each in found]}"
        return found

    def calls_of(self, on: str, bot: str | None = None) -> list[Call]:
        """The recorded calls of a method (``sendMessage``) or an action (``send``)."""
        with self.changed:
            return [call for call in self.calls if on in (call.name, call.action) and bot in (None, call.bot)]

    def wait_for_call(self, on: str, n: int = 1, timeout: float = 10) -> list[Call]:
        """Until at least ``n`` calls of a method or an action have been answered (or cut)."""

        def done() -> list[Call]:
            return [call for call in self.calls_of(on) if call.status is not None]

        self.wait_until(lambda: len(done()) >= n, timeout, f"fewer than {n} calls of {on}")
        return done()

    def wait_quiet(self, timeout: float = 10) -> None:
        """Until no update waits to be delivered."""
        self.wait_until(
            lambda: not any(bot.pending for bot in self.bots.values()), timeout, "updates are still waiting"
        )

    # Webhooks.

    def point_webhook(self, bot: Bot, url: str) -> None:
        """Set a webhook by the back door, as another tool would."""
        with self.changed:
            bot.webhook.url = url
            bot.webhook.secret = "another-tool"
            self.changed.notify_all()
        self.deliveries.kick(bot)

    def webhook_url(self, bot: Bot) -> str:
        """Where the bot's updates go, or nothing."""
        return bot.webhook.url

    @abstractmethod
    def delivery(self, bot: Bot, events: list[Event]) -> tuple[str, dict[str, str], bytes]:
        """Address, headers and body of a request that carries those updates."""

    def parcels(self, events: list[Event]) -> list[Parcel]:
        """Updates that go together in one request."""
        return [Parcel([event]) for event in events]

    def taken(self, bot: Bot, events: list[Event], answer: httpx.Response) -> None:
        """The bot's server took them; some platforms read its answer."""
        bot.webhook.last_taken_at = self.now()

    def webhook_gone(self, bot: Bot) -> None:
        """The bot's server said 410."""
        bot.webhook.gone_since = bot.webhook.gone_since or self.now()

    def emit(self, chat: Chat | None, bot: Bot, kind: str, payload: dict[str, Any], number: int = 0) -> Event:
        """Something happened that the bot is told of."""
        return self.deliveries.take(Event(bot, chat.id if chat else None, kind, payload, number))

    # Calls.

    @abstractmethod
    def api(self, request: Request) -> Response:
        """Answer a request that is not for the pages."""

    @abstractmethod
    def throttled(self, retry_after: float) -> Refused:
        """Too many requests, in the platform's words."""

    @abstractmethod
    def broken(self, status: int) -> Refused:
        """An error of the platform's own, in its words."""

    def perform(self, call: Call, work: Callable[[], Any]) -> Response:
        """Record the call, let it suffer its faults, do its work, answer in JSON. Work may return a Response."""
        with self.changed:
            self.calls.append(call)
            self.changed.notify_all()
        try:
            is_cut = self.faults.befall(call)
            result = work()
            if is_cut:
                raise Cut
        except Refused as refusal:
            return self._finish(call, json_response(refusal.body, refusal.status, refusal.headers))
        except Cut:
            self._finish(call, Response(status=0))
            raise
        return self._finish(call, result if isinstance(result, Response) else json_response(result))

    def _finish(self, call: Call, response: Response) -> Response:
        with self.changed:
            call.status = response.status_code
            if response.mimetype == "application/json":
                call.answer = json.loads(response.get_data())
            self.changed.notify_all()
        return response

    def check_limits(self, bot: Bot, chat_id: str) -> None:
        """Raises Refused where the bot sends faster than it may."""
        with self.changed:
            name, seconds = self.limits.wait(bot.public_id, chat_id)
        if seconds:
            raise self.throttled_by(name, seconds)

    def throttled_by(self, limit: str, seconds: float) -> Refused:
        """That limit (``chat`` or ``overall``) is reached."""
        return self.throttled(seconds)

    def deliver_message(self, chat: Chat, message: Message) -> Message:
        """The bot's message reaches the chat."""
        with self.changed:
            chat.transcript.append(message)
            self.changed.notify_all()
        return message

    def acknowledge(self, ack: Ack) -> None:
        """The bot acknowledged something."""
        with self.changed:
            self.acks.append(ack)
            self.changed.notify_all()

    def _answer(self, request: Request) -> Response:
        if request.path == "/" or request.path.startswith("/_/"):
            return self._pages.answer(request)
        return self.api(request)


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(body, ensure_ascii=False), status, headers, mimetype="application/json")


def is_reachable(url: str) -> bool:
    """Whether a platform would deliver there: HTTPS, or this machine for the sake of tests."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def posted_json(request: Request) -> dict[str, Any]:
    """The JSON object of a request, or nothing where it is none."""
    try:
        value = json.loads(request.get_data() or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


__all__ = ["FakePlatform", "NotOffered", "is_reachable", "json_response", "posted_json"]
