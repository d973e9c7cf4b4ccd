"""The server: numbers, routing of calls, callbacks."""

import hashlib
import hmac
import itertools
import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any, ClassVar

import httpx
from werkzeug.wrappers import Request, Response

from tests.fakes.asking import http_client
from tests.fakes.bots import Bot
from tests.fakes.chats import Chat
from tests.fakes.courier import Parcel
from tests.fakes.credentials import WHATSAPP
from tests.fakes.faults import Refused
from tests.fakes.platform import FakePlatform, is_reachable, json_response, posted_json
from tests.fakes.records import Call, Event
from tests.fakes.whatsapp import media, profile, sending
from tests.fakes.whatsapp.errors import refusal, unknown_object
from tests.fakes.whatsapp.person import WhatsAppPerson

ID = re.compile(r"[0-9]{5,20}")
TOKEN = re.compile(r"[A-Za-z0-9_|.-]{20,1024}")
PATH = re.compile(r"/(?:v\d+\.\d+/)?([^/]+)(?:/([a-z_]+))?/?")
MAX_CALLBACK = 200
Work = Callable[[Bot, dict[str, Any]], Any]


class FakeWhatsApp(FakePlatform):
    """WhatsApp. ``receipts`` are the statuses that follow a message by themselves.

    ``answers_late``: 131026 and 131047 come as a status ``failed`` after an accepted call, as they often do, instead
    of in its answer. ``app_callback`` is the callback of the whole app, for numbers without one of their own.
    """

    key = "whatsapp"
    label = "WhatsApp"
    person: ClassVar = WhatsAppPerson
    keeps_updates = False

    def __init__(self, port: int = 0, *, media_seconds: float = 300, **options: Any) -> None:
        super().__init__(port, **options)
        self.media_seconds = media_seconds
        self.receipts: tuple[str, ...] = ("sent", "delivered")
        self.answers_late = False
        self.app_callback = ""
        self.templates: set[str] = {"hello_world"}
        self.numbers = itertools.count(1)
        self.media: dict[str, media.Media] = {}
        self.bot()

    def bot(self, credential: str = "") -> Bot:
        """The number of that phone number id."""
        number = credential or WHATSAPP["phone_number_id"]
        with self.changed:
            found = self.bots.get(number) or next((bot for bot in self.bots.values() if number in bot.tokens), None)
            if found:
                return found
            if not ID.fullmatch(number):
                raise LookupError(f"WhatsApp knows no number {number}.")
            phone = f"+7 900 {int(number) % 1000:03}-{int(number) // 1000 % 100:02}-00"
            bot = Bot(self, number, f"Demo restaurant {int(number) % 10000}", phone, app_secret=WHATSAPP["app_secret"])
            if number == WHATSAPP["phone_number_id"]:
                bot.tokens.append(WHATSAPP["access_token"])
            self.bots[number] = bot
            return bot

    def set_app_callback(self, url: str, verify_token: str) -> None:
        """What the owner types in the app's dashboard: verified, then for all numbers without their own callback."""
        if url:
            self.verify_callback(url, verify_token)
        self.app_callback = url

    def new_message_id(self) -> str:
        """A message's id; as long as real ones."""
        return f"wamid.HBgL{next(self.numbers):012}{secrets.token_hex(12).upper()}"

    # Calls.

    def api(self, request: Request) -> Response:
        """``/{version}/{id}[/{edge}]``, pictures of profiles, and files."""
        if request.path.startswith("/media/"):
            call = self._call("download", "fetch", "", request)
            return self.perform(call, lambda: media.download(self, call, request))
        if request.path.startswith("/pictures/"):
            return Response(self.bot(request.path[10:].removesuffix(".png")).picture, mimetype="image/png")
        found = PATH.fullmatch(request.path)
        if not found:
            return json_response({"error": {"message": "Unknown path components", "code": 2500}}, 400)
        return self._object(request, found[1], found[2] or "")

    def _object(self, request: Request, object_id: str, edge: str) -> Response:
        name, action, work = self._work(request, object_id, edge)
        call = self._call(name, action, object_id, request)

        def run() -> Any:
            bot = self._authorised(call, object_id)
            if work is None:
                raise refusal(100, f"Unsupported {request.method.lower()} request")
            return work(bot, call.values)

        return self.perform(call, run)

    def _work(self, request: Request, object_id: str, edge: str) -> tuple[str, str, Work | None]:
        if object_id in self.media:
            work: Work = lambda bot, values: media.look(self, bot, object_id, request.method)  # noqa: E731
            return "media", "fetch" if request.method == "GET" else "other", work
        posted = posted_json(request)
        if (request.method, edge) == ("POST", "messages"):
            if posted.get("status") == "read":
                return "mark_as_read", "acknowledge", lambda bot, values: sending.mark_as_read(self, bot, values)
            return "messages", "send", lambda bot, values: sending.send(self, bot, values)
        if (request.method, edge) == ("POST", "media"):
            return "media_upload", "upload", lambda bot, values: media.upload(self, bot, request)
        if (request.method, edge) == ("GET", "whatsapp_business_profile"):
            return "whatsapp_business_profile", "profile", lambda bot, values: profile.business(self, bot, values)
        if (request.method, edge) == ("POST", ""):
            wanted = posted.get("webhook_configuration") or {}
            is_set = isinstance(wanted, dict) and wanted.get("override_callback_uri")
            action = "set_webhook" if is_set else "remove_webhook"
            return "webhook_configuration", action, lambda bot, values: profile.set_callback(self, bot, values)
        if (request.method, edge) == ("GET", ""):
            fields = request.args.get("fields", "")
            return "phone_number", profile.action_of(fields), lambda bot, values: profile.phone_number(bot, fields)
        return edge or "object", "other", None

    def _call(self, name: str, action: str, object_id: str, request: Request) -> Call:
        values = request.args.to_dict() | request.form.to_dict() | posted_json(request)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        token = given or str(values.get("access_token", ""))
        chat = str(values.get("to") or values.get("recipient") or "").lstrip("+") or None
        return Call(name, action, object_id, values, time.monotonic(), chat, token)

    def _authorised(self, call: Call, object_id: str) -> Bot:
        self.check_token(call.token)
        if object_id in self.media:
            return self.media[object_id].bot
        if not ID.fullmatch(object_id):
            raise unknown_object(object_id)
        bot = self.bot(object_id)
        with self.changed:
            if call.token not in bot.tokens:
                bot.tokens.append(call.token)
        return bot

    def check_token(self, token: str) -> None:
        """Raises Refused where it is no token or was revoked."""
        if not TOKEN.fullmatch(token):
            raise refusal(190, "Invalid OAuth access token - Cannot parse access token")
        if any(token in bot.revoked for bot in self.bots.values()):
            raise refusal(190, subcode=460)

    def throttled(self, retry_after: float) -> Refused:
        """130429: the throughput of the number is reached; no time is named."""
        return refusal(130429, "Message failed to send because there were too many messages sent at once", status=429)

    def throttled_by(self, limit: str, seconds: float) -> Refused:
        """131056 for one chat, 130429 for the number."""
        return refusal(131056) if limit == "chat" else self.throttled(seconds)

    def broken(self, status: int) -> Refused:
        """131000."""
        return refusal(131000, status=status)

    # Callbacks.

    def webhook_url(self, bot: Bot) -> str:
        """The number's own callback, else the app's."""
        return bot.webhook.url or self.app_callback

    def verify_callback(self, url: str, verify_token: str) -> None:
        """The GET that asks a callback to echo a challenge. Raises Refused (2200)."""
        if not is_reachable(url) or len(url) > MAX_CALLBACK:
            raise refusal(2200, "The callback must be an https address of at most 200 characters")
        challenge = str(secrets.randbelow(10**10))
        asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        try:
            with http_client(self.webhook_timeout) as client:
                answer = client.get(url, params=asked)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise refusal(2200, f"curl_errno = 7; curl_error = {type(error).__name__}") from error
        if answer.status_code != 200 or answer.text.strip() != challenge:
            raise refusal(2200, f"HTTP Status Code = {answer.status_code}; the response does not match the challenge")

    def change(self, chat: Chat, kind: str, content: dict[str, Any]) -> Event:
        """Something happened at a number: ``messages``, ``statuses``, ``contacts`` of a change's value."""
        return self.emit(chat, chat.bot, kind, content)

    def delivery(self, bot: Bot, events: list[Event]) -> tuple[str, dict[str, str], bytes]:
        """A change for each event, an entry for each account, signed with the app's secret."""
        entries = [{"id": f"2{event.bot.public_id}", "changes": [change_of(event)]} for event in events]
        body = json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
        signature = hmac.new(bot.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return self.webhook_url(bot), {"X-Hub-Signature-256": f"sha256={signature}"}, body

    def parcels(self, events: list[Event]) -> list[Parcel]:
        """One request for all events that go to the same callback of the same app."""
        together: dict[tuple[str, str], list[Event]] = {}
        for event in events:
            together.setdefault((self.webhook_url(event.bot), event.bot.app_secret), []).append(event)
        return [Parcel(group) for group in together.values()]


def change_of(event: Event) -> dict[str, Any]:
    """What stands under ``changes``."""
    metadata = {"display_phone_number": event.bot.username, "phone_number_id": event.bot.public_id}
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata} | event.payload}
