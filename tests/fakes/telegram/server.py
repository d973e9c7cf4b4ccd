"""The server: routing of calls, delivery of updates."""

import contextlib
import itertools
import json
import re
import time
from typing import Any, ClassVar

import httpx
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request, Response

from tests.fakes.bots import Bot, Webhook
from tests.fakes.credentials import TELEGRAM
from tests.fakes.faults import Refused
from tests.fakes.platform import FakePlatform, json_response, posted_json
from tests.fakes.records import Call, Event
from tests.fakes.telegram import files, sending, updates
from tests.fakes.telegram.errors import refusal, too_many
from tests.fakes.telegram.person import TelegramPerson

TOKEN = re.compile(r"([0-9]{6,12}):[A-Za-z0-9_-]{30,64}")
API_PATH = re.compile(r"/bot([^/]+)/([A-Za-z]+)")
FILE_PATH = re.compile(r"/file/bot([^/]+)/(.+)")
OBJECTS = ("reply_markup", "allowed_updates", "entities", "reply_parameters", "link_preview_options")
METHODS = sending.METHODS | updates.METHODS | files.METHODS
USUAL_KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
GONE_SECONDS = 23 * 3600


class FakeTelegram(FakePlatform):
    """Telegram. Bots are told apart by the number before the colon: a new token for the same bot is that bot."""

    key = "telegram"
    label = "Telegram"
    person: ClassVar = TelegramPerson
    keeps_updates = True

    def __init__(
        self, port: int = 0, *, webhook_interval: float = 1.0, callback_seconds: float = 600, **options: Any
    ) -> None:
        super().__init__(port, **options)
        self.webhook_interval, self.callback_seconds = webhook_interval, callback_seconds
        self.numbers = itertools.count(1)
        self.last_set: dict[str, float] = {}
        self.queries: dict[str, tuple[str, str, float]] = {}
        self.pollers: dict[str, object] = {}
        self._update_ids: dict[str, int] = {}
        self.bot()

    def bot(self, credential: str = "") -> Bot:
        """The bot of a token or of the number it begins with."""
        token = credential or TELEGRAM["token"]
        number = token.partition(":")[0]
        found = TOKEN.fullmatch(token)
        with self.changed:
            if number not in self.bots:
                if not found:
                    raise LookupError(f"Telegram knows no bot {number}.")
                self.bots[number] = Bot(self, number, f"Demo bot {number[-4:]}", f"demo_{number}_bot")
            if found and token not in self.bots[number].tokens:
                self.bots[number].tokens.append(token)
            return self.bots[number]

    def restart_update_ids(self, bot: Bot, first: int) -> None:
        """After a quiet week the numbers of updates begin anew, anywhere."""
        self._update_ids[bot.public_id] = first

    def next_update_id(self, bot: Bot) -> int:
        """Numbers grow by one for each update of a bot."""
        with self.changed:
            number = self._update_ids.get(bot.public_id, 700_000_000 + int(bot.public_id) % 1000)
            self._update_ids[bot.public_id] = number + 1
        return number

    def update(self, chat: Any, kind: str, content: dict[str, Any]) -> Event:
        """Something happened in a chat. Kinds that the bot did not ask for are not kept."""
        bot = chat.bot
        number = self.next_update_id(bot)
        payload = {"update_id": number, kind: content}
        if kind not in (bot.webhook.allowed or USUAL_KINDS):
            event = Event(bot, chat.id, kind, payload, number)
            event.settle("ignored")
            return event
        return self.emit(chat, bot, kind, payload, number)

    # Calls.

    def api(self, request: Request) -> Response:
        """``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""
        if found := FILE_PATH.fullmatch(request.path):
            call = Call("file", "fetch", "", {"path": found[2]}, time.monotonic(), token=found[1])
            return self.perform(call, lambda: files.download(self._known(call), call.values["path"]))
        found = API_PATH.fullmatch(request.path)
        if not found:
            return json_response({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return self._call(found[1], found[2], call_values(request), dict(request.files))

    def _call(self, token: str, method: str, values: dict[str, Any], uploads: dict[str, FileStorage]) -> Response:
        name, action, work = METHODS.get(method.lower(), (method, "other", None))
        chat = str(values["chat_id"]) if "chat_id" in values else None
        if name == "setWebhook" and not values.get("url"):
            action = "remove_webhook"
        call = Call(name, action, token.partition(":")[0], values, time.monotonic(), chat, token)

        def run() -> dict[str, Any]:
            bot = self._known(call)
            if work is None:
                raise refusal(404, "Not Found: method not found")
            return {"ok": True, "result": work(self, bot, values, uploads)}

        return self.perform(call, run)

    def _known(self, call: Call) -> Bot:
        if not TOKEN.fullmatch(call.token):
            raise refusal(404, "Not Found")
        bot = self.bot(call.token)
        call.bot = bot.public_id
        if call.token in bot.revoked:
            raise refusal(401, "Unauthorized")
        return bot

    def throttled(self, retry_after: float) -> Refused:
        """429 with ``parameters.retry_after``."""
        return too_many(retry_after)

    def broken(self, status: int) -> Refused:
        """5xx."""
        return refusal(status, "Internal Server Error" if status == 500 else "Bad Gateway")

    # Deliveries.

    def delivery(self, bot: Bot, events: list[Event]) -> tuple[str, dict[str, str], bytes]:
        """One update, with the secret of the webhook in a header."""
        secret = {"X-Telegram-Bot-Api-Secret-Token": bot.webhook.secret} if bot.webhook.secret else {}
        # Lone surrogates, should a test send them, travel as escapes.
        return bot.webhook.url, secret, json.dumps(events[0].payload).encode()

    def taken(self, bot: Bot, events: list[Event], answer: httpx.Response) -> None:
        """A method call in the answer is carried out, as Telegram does."""
        super().taken(bot, events, answer)
        try:
            body = answer.json() if answer.content else {}
        except ValueError:
            return
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            values = {key: value for key, value in body.items() if key != "method"}
            self._call(bot.token, body["method"], values, {})

    def webhook_gone(self, bot: Bot) -> None:
        """410 for 23 hours takes the webhook away."""
        super().webhook_gone(bot)
        with self.changed:
            if bot.webhook.gone_since and (self.now() - bot.webhook.gone_since).total_seconds() >= GONE_SECONDS:
                bot.webhook = Webhook(allowed=bot.webhook.allowed)


def call_values(request: Request) -> dict[str, Any]:
    """The parameters of a call, however they were sent."""
    if request.mimetype == "application/json":
        return request.args.to_dict() | posted_json(request)
    values: dict[str, Any] = request.args.to_dict() | request.form.to_dict()
    for name in OBJECTS:
        if isinstance(values.get(name), str) and values[name]:
            # What is no JSON stays a text, which the checks of the method refuse.
            with contextlib.suppress(ValueError):
                values[name] = json.loads(values[name])
    return values
