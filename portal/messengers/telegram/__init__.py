"""Telegram. Facts: core.telegram.org/bots/api."""

from collections.abc import Mapping
from typing import Any

from portal.messaging.events import Arrival, Update, UpdateKind, Utterance
from portal.messengers.headers import header, same
from portal.messengers.protocol import Call, Fetched, Headers, OutgoingFile, Platform, Profile, Sent, WebhookView
from portal.messengers.splitting import parts_of
from portal.messengers.telegram import arrivals, rendering, sending, updates, webhook
from portal.messengers.telegram.setup import FIELDS, STEPS, bot_id
from portal.messengers.terminal import lines

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (its name)


class Telegram(Platform):
    """A bot made with BotFather, proved by its token."""

    key = "telegram"
    label = "Telegram"
    icon = "chat-1"
    fields = FIELDS
    steps = STEPS
    text_limit = rendering.TEXT_LIMIT
    caption_limit = rendering.CAPTION_LIMIT
    button_limit = rendering.BUTTON_LIMIT
    button_value_bytes = 64
    body_cap = 1024 * 1024
    polls = True
    wanted = frozenset(updates.WANTED)
    # Telegram names 30 a second in all and one a second in a chat, where short bursts pass.
    rate, burst = 28.0, 28.0
    chat_rate, chat_burst = 1.0, 3.0

    def identify(self, values: Mapping[str, object]) -> str:
        """The bot's numeric id, which is the public part of its token."""
        return bot_id(self.normalise(values)["token"])

    def verify(self, values: Mapping[str, object], secret: str, headers: Headers, body: bytes) -> bool:
        """The secret that was given to setWebhook comes along in a header."""
        return same(header(headers, SECRET_HEADER), secret)

    def updates(self, payload: Any, values: Mapping[str, object]) -> list[Update]:
        """One delivery is one update."""
        return [updates.read_update(payload, self.identify(values))]

    def arrival(self, payload: Mapping[str, Any], kind: UpdateKind) -> Arrival | None:
        """Messages, edits, presses, and who blocked the bot or came back."""
        return arrivals.read_arrival(payload, kind)

    def parts(self, utterance: Utterance) -> tuple[Utterance, ...]:
        """Texts of 4 096 and captions of 1 024 UTF-16 units, 100 buttons."""
        return parts_of(utterance, rendering.RULES)

    def shown(self, utterance: Utterance) -> list[str]:
        """Buttons in their rows."""
        return lines(utterance, rendering.lines_of(utterance))

    def send(
        self,
        call: Call,
        chat_id: str,
        utterance: Utterance,
        file: OutgoingFile | None,
        row_id: str,
        reply_to: str | None = None,
    ) -> Sent:
        """Telegram has no place for ``row_id``."""
        return sending.send(call, chat_id, utterance, file, reply_to)

    def acknowledge(self, call: Call, callback: str | None, text: str | None = None) -> None:
        """answerCallbackQuery."""
        sending.acknowledge(call, callback, text)

    def profile(self, call: Call) -> Profile:
        """getMe."""
        return webhook.profile(call)

    def set_webhook(self, call: Call, url: str, secret: str) -> None:
        """setWebhook."""
        webhook.set_webhook(call, url, secret)

    def remove_webhook(self, call: Call) -> None:
        """deleteWebhook."""
        webhook.remove_webhook(call)

    def inspect(self, call: Call) -> WebhookView:
        """getWebhookInfo."""
        return webhook.inspect(call)

    def poll(self, call: Call, offset: int | None, timeout: int) -> tuple[list[Update], int | None]:
        """getUpdates."""
        return webhook.poll(call, offset, timeout)

    def fetch(self, call: Call, reference: str, cap_bytes: int) -> Fetched:
        """getFile."""
        return webhook.fetch(call, reference, cap_bytes)
