"""WhatsApp, by Meta's Cloud API. Facts: developers.facebook.com/docs/whatsapp/cloud-api."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from portal.messaging.events import Arrival, Update, UpdateKind, Utterance
from portal.messengers.headers import header, is_signed, same
from portal.messengers.payload_fields import words
from portal.messengers.protocol import Call, Fetched, Headers, OutgoingFile, Platform, Profile, Sent, WebhookView
from portal.messengers.terminal import lines
from portal.messengers.whatsapp import arrivals, rendering, sending, updates, webhook
from portal.messengers.whatsapp.setup import FIELDS, ID, STEPS

SIGNATURE_HEADER = "X-Hub-Signature-256"
_LONGEST_CHALLENGE = 1000


class WhatsApp(Platform):
    """A phone number of a WhatsApp Business account, reached through an app of the owner's at Meta."""

    key = "whatsapp"
    label = "WhatsApp"
    icon = "chat-2"
    fields = FIELDS
    steps = STEPS
    text_limit = rendering.TEXT_LIMIT
    caption_limit = rendering.CAPTION_LIMIT
    button_limit = rendering.MAX_ROWS
    button_value_bytes = 200
    body_cap = 3 * 1024 * 1024
    resolves_uncertain = True
    # Meta names 80 a second for a number; to one person 45 at once and one in six seconds on average.
    rate, burst = 70.0, 70.0
    chat_rate, chat_burst = 1 / 6, 40.0
    reply_window = timedelta(hours=24)

    def identify(self, values: Mapping[str, object]) -> str:
        """The phone number ID."""
        number = self.normalise(values)["phone_number_id"]
        return number if ID.fullmatch(number) else ""

    def verify(self, values: Mapping[str, object], secret: str, headers: Headers, body: bytes) -> bool:
        """The body is signed with the app secret."""
        algorithm, _, found = header(headers, SIGNATURE_HEADER).partition("=")
        return is_signed(found, self.normalise(values)["app_secret"], body) and algorithm == "sha256"

    def challenge(self, values: Mapping[str, object], args: Mapping[str, str]) -> str | None:
        """``hub.challenge``, for whoever knows the verify token."""
        is_known = same(args.get("hub.verify_token"), self.normalise(values)["verify_token"])
        found = words(args.get("hub.challenge"), _LONGEST_CHALLENGE)
        return found if is_known and args.get("hub.mode") == "subscribe" and found else None

    def updates(self, payload: Any, values: Mapping[str, object]) -> list[Update]:
        """Messages and statuses, of our number and of others that share the app."""
        return updates.read_updates(payload, self.normalise(values)["phone_number_id"])

    def arrival(self, payload: Mapping[str, Any], kind: UpdateKind) -> Arrival | None:
        """Messages, presses of buttons and rows, and what became of our messages."""
        return arrivals.read_arrival(payload, kind)

    def parts(self, utterance: Utterance) -> tuple[Utterance, ...]:
        """Texts of 4 096, captions and texts with buttons of 1 024, ten rows."""
        return rendering.parts(utterance)

    def shown(self, utterance: Utterance) -> list[str]:
        """Buttons, or the list that opens."""
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
        """The row's id goes along and comes back in statuses."""
        return sending.send(call, chat_id, utterance, file, row_id, reply_to)

    def profile(self, call: Call) -> Profile:
        """The number's verified name."""
        return webhook.profile(call)

    def set_webhook(self, call: Call, url: str, secret: str) -> None:
        """A callback of the number's own, proved by the verify token."""
        webhook.set_webhook(call, url)

    def remove_webhook(self, call: Call) -> None:
        """Back to the app's callback."""
        webhook.remove_webhook(call)

    def inspect(self, call: Call) -> WebhookView:
        """The callback that counts."""
        return webhook.inspect(call)

    def fetch(self, call: Call, reference: str, cap_bytes: int) -> Fetched:
        """Address, then file."""
        return webhook.fetch(call, reference, cap_bytes)
