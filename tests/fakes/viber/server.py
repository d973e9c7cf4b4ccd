"""The server: routing of calls, webhooks, signed events."""

import hashlib
import hmac
import itertools
import json
import re
import time
from typing import Any, ClassVar

import httpx
from werkzeug.wrappers import Request, Response

from tests.fakes.asking import http_client
from tests.fakes.bots import Bot, Webhook
from tests.fakes.chats import Chat
from tests.fakes.credentials import VIBER
from tests.fakes.faults import Refused
from tests.fakes.platform import FakePlatform, is_reachable, json_response, posted_json
from tests.fakes.records import Call, Event
from tests.fakes.viber import sending
from tests.fakes.viber.errors import refusal
from tests.fakes.viber.person import ViberPerson

TOKEN = re.compile(r"[0-9A-Za-z]{8,32}-[0-9A-Za-z]{8,32}-[0-9A-Za-z]{8,32}")
FILTERED = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
ACTIONS = {"send_message": "send", "get_account_info": "profile", "set_webhook": "set_webhook"}


class FakeViber(FakePlatform):
    """Viber. A bot is its token; ``bot.accepts(token)`` gives it another one.

    ``receipts`` are the events that follow a message by themselves. Somebody who only opened the chat
    (conversation_started) cannot be written to: the one welcome goes in the answer to that event. ``welcomes`` is the
    number of messages that are let through nevertheless.
    """

    key = "viber"
    label = "Viber"
    person: ClassVar = ViberPerson
    keeps_updates = False

    def __init__(self, port: int = 0, **options: Any) -> None:
        super().__init__(port, **options)
        self.receipts: tuple[str, ...] = ("delivered",)
        self.welcomes = 0
        self.numbers = itertools.count(4_912_661_846_655_238_145)  # beyond what a double holds
        self.bot()

    def bot(self, credential: str = "") -> Bot:
        """The bot of a token, or of its public id."""
        token = credential or VIBER["auth_token"]
        with self.changed:
            for bot in self.bots.values():
                if token in (*bot.tokens, bot.public_id):
                    return bot
            if not TOKEN.fullmatch(token):
                raise LookupError(f"Viber knows no bot {token[:8]}.")
            number = len(self.bots) + 1
            bot = Bot(self, f"pa-{number}", f"Demo bot {number}", f"demobot{number}", [token])
            self.bots[bot.public_id] = bot
            return bot

    # Calls.

    def api(self, request: Request) -> Response:
        """``/pa/<method>``."""
        if request.path.startswith("/files/"):
            return sending.download(self, request.path.removeprefix("/files/"))
        if request.path.startswith("/pictures/"):
            return Response(self.bot(request.path[10:].removesuffix(".png")).picture, mimetype="image/png")
        method, values = request.path.removeprefix("/pa/"), posted_json(request)
        if not request.path.startswith("/pa/") or request.method != "POST":
            return json_response({"status": 3, "status_message": "badData: no such method"}, 404)
        token = request.headers.get("X-Viber-Auth-Token") or str(values.pop("auth_token", ""))
        action = ACTIONS.get(method, "other")
        if action == "set_webhook" and not values.get("url"):
            action = "remove_webhook"
        chat = str(values["receiver"]) if "receiver" in values else None
        call = Call(method, action, "", values, time.monotonic(), chat, token)
        with self.changed:
            call.bot = self.bot(token).public_id if TOKEN.fullmatch(token) else ""
        return self.perform(call, lambda: self._work(call, len(request.get_data())))

    def _work(self, call: Call, size: int) -> dict[str, Any]:
        if not call.bot or call.token in self.bots[call.bot].revoked:
            raise refusal(2, "" if call.token else "missing_auth_token")
        bot, ok = self.bots[call.bot], {"status": 0, "status_message": "ok"}
        if call.name == "set_webhook":
            return ok | self._set_webhook(bot, call.values)
        if call.name == "get_account_info":
            return ok | self._account_info(bot)
        if call.name == "send_message":
            return ok | sending.send(self, bot, call.values, size)
        raise refusal(3, "no such method")

    def _set_webhook(self, bot: Bot, values: dict[str, Any]) -> dict[str, Any]:
        url, kinds = values.get("url", ""), values.get("event_types")
        if not isinstance(url, str) or (kinds is not None and not isinstance(kinds, list)):
            raise refusal(3, "url must be a text, event_types a list")
        if not url:
            with self.changed:
                bot.webhook = Webhook()
                self.changed.notify_all()
            return {}
        unknown = [kind for kind in kinds or () if kind not in (*FILTERED, "message", "webhook")]
        if unknown:
            raise refusal(3, f"event_types: {unknown[0]}")
        self._try_webhook(bot, url)
        with self.changed:
            bot.webhook = Webhook(url, allowed=[kind for kind in FILTERED if kinds is None or kind in kinds])
            self.changed.notify_all()
        self.deliveries.kick(bot)
        return {"chat_hostname": "SN-CHAT-FAKE_", "event_types": [*(bot.webhook.allowed or ()), "message"]}

    def _try_webhook(self, bot: Bot, url: str) -> None:
        if not is_reachable(url):
            raise refusal(1, "an https address is needed")
        headers, body = self._signed(bot, self.envelope("webhook") | {"chat_hostname": "SN-CHAT-FAKE_"})
        try:
            with http_client(self.webhook_timeout) as client:
                answer = client.post(url, content=body, headers={"Content-Type": "application/json", **headers})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise refusal(1, type(error).__name__) from error
        if answer.status_code != 200:
            raise refusal(1, f"the webhook answered {answer.status_code}")

    def _account_info(self, bot: Bot) -> dict[str, Any]:
        return {
            "id": f"pa:{bot.public_id}",
            "name": bot.name,
            "uri": bot.username,
            "icon": f"{self.base_url}/pictures/{bot.public_id}.png",
            "category": "Food",
            "subcategory": "Restaurants",
            "country": "RU",
            "webhook": bot.webhook.url,
            "event_types": bot.webhook.allowed or [],
            "subscribers_count": sum(chat.is_open for chat in bot.chats.values()),
        }

    def throttled(self, retry_after: float) -> Refused:
        """12; no time is named."""
        return refusal(12)

    def broken(self, status: int) -> Refused:
        """A page of HTML in earnest; an empty object here."""
        return Refused(status, {})

    # Events.

    def envelope(self, event: str) -> dict[str, Any]:
        """What all events have."""
        with self.changed:
            number = next(self.numbers)
        return {"event": event, "timestamp": int(self.now().timestamp() * 1000), "message_token": number}

    def happens(self, chat: Chat, event: str, content: dict[str, Any]) -> Event:
        """An event, unless the bot did not ask for its kind."""
        payload = self.envelope(event) | content
        if event in FILTERED and event not in (chat.bot.webhook.allowed or FILTERED):
            ignored = Event(chat.bot, chat.id, event, payload)
            ignored.settle("ignored")
            return ignored
        return self.emit(chat, chat.bot, event, payload)

    def delivery(self, bot: Bot, events: list[Event]) -> tuple[str, dict[str, str], bytes]:
        """One event, signed with the token."""
        return bot.webhook.url, *self._signed(bot, events[0].payload)

    def _signed(self, bot: Bot, payload: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        body = json.dumps(payload).encode()
        return {"X-Viber-Content-Signature": hmac.new(bot.token.encode(), body, hashlib.sha256).hexdigest()}, body

    def taken(self, bot: Bot, events: list[Event], answer: httpx.Response) -> None:
        """The answer to conversation_started may hold the welcome."""
        super().taken(bot, events, answer)
        chat = bot.chats.get(events[0].chat_id or "")
        if events[0].kind != "conversation_started" or chat is None or not answer.content.strip():
            return
        try:
            sending.welcome(self, chat, answer.json())
        except (ValueError, Refused):
            return
