"""Viber. Facts: developers.viber.com/docs/api/rest-bot-api."""

from collections.abc import Mapping
from typing import Any

from portal.messaging.events import Arrival, Update, UpdateKind, Utterance
from portal.messengers.headers import header, is_signed
from portal.messengers.protocol import Call, Fetched, Headers, OutgoingFile, Platform, Profile, Sent, WebhookView
from portal.messengers.splitting import parts_of
from portal.messengers.terminal import lines
from portal.messengers.viber import arrivals, rendering, sending, updates, webhook
from portal.messengers.viber.setup import FIELDS, SENDER_NAME, STEPS

SIGNATURE_HEADER = "X-Viber-Content-Signature"


class Viber(Platform):
    """A bot of Viber's admin panel, proved by its authentication token."""

    key = "viber"
    label = "Viber"
    icon = "chat-3"
    fields = FIELDS
    steps = STEPS
    text_limit = rendering.TEXT_LIMIT
    caption_limit = rendering.CAPTION_LIMIT
    button_limit = rendering.BUTTON_LIMIT
    # Viber names no limit; ours keeps a full keyboard well under its 30 kB a request.
    button_value_bytes = 200
    body_cap = 64 * 1024
    wanted = frozenset(updates.WANTED)
    # Viber names 500 requests in ten seconds for a bot and nothing for a chat.
    rate, burst = 45.0, 45.0
    chat_rate, chat_burst = 2.0, 5.0

    def identify(self, values: Mapping[str, object]) -> str:
        """The sender name."""
        name = self.normalise(values)["sender_name"]
        return name if SENDER_NAME.fullmatch(name) else ""

    def verify(self, values: Mapping[str, object], secret: str, headers: Headers, body: bytes) -> bool:
        """The body is signed with the authentication token."""
        return is_signed(header(headers, SIGNATURE_HEADER), self.normalise(values)["auth_token"], body)

    def updates(self, payload: Any, values: Mapping[str, object]) -> list[Update]:
        """One delivery is one event."""
        return [updates.read_update(payload, self.normalise(values)["auth_token"])]

    def arrival(self, payload: Mapping[str, Any], kind: UpdateKind) -> Arrival | None:
        """Messages, presses, subscriptions, and what became of our messages."""
        return arrivals.read_arrival(payload, kind)

    def parts(self, utterance: Utterance) -> tuple[Utterance, ...]:
        """Texts of 7 000 and captions of 512 UTF-16 units, 24 buttons."""
        return parts_of(utterance, rendering.RULES)

    def shown(self, utterance: Utterance) -> list[str]:
        """The keyboard, one or two buttons a row."""
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
        """Viber has no place for ``row_id`` and no replies."""
        return sending.send(call, chat_id, utterance, file)

    def profile(self, call: Call) -> Profile:
        """get_account_info."""
        return webhook.profile(call)

    def set_webhook(self, call: Call, url: str, secret: str) -> None:
        """set_webhook."""
        webhook.set_webhook(call, url)

    def remove_webhook(self, call: Call) -> None:
        """set_webhook without an address."""
        webhook.remove_webhook(call)

    def inspect(self, call: Call) -> WebhookView:
        """get_account_info."""
        return webhook.inspect(call)

    def fetch(self, call: Call, reference: str, cap_bytes: int) -> Fetched:
        """By the address, through the guarded client."""
        return webhook.fetch(call, reference, cap_bytes)
