"""Deliveries as the three platforms make them: body, proof and address."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from portal.channels.credentials import webhook_secret

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Hook:
    """The receiving end of one platform credential, with what a platform knows of it."""

    platform: str
    credential_id: UUID
    values: Mapping[str, str] = field(repr=False)
    secret_key: str = field(repr=False)

    @property
    def path(self) -> str:
        """Where the platform delivers."""
        return f"/hooks/{self.platform}/{self.credential_id}"

    def proof(self, body: bytes) -> dict[str, str]:
        """The header that a genuine delivery of this body carries."""
        if self.platform == "telegram":
            bot = self.values["token"].partition(":")[0]
            secret = webhook_secret(self.secret_key, self.credential_id, bot)
            return {"X-Telegram-Bot-Api-Secret-Token": secret}
        if self.platform == "whatsapp":
            digest = hmac.new(self.values["app_secret"].encode(), body, hashlib.sha256).hexdigest()
            return {"X-Hub-Signature-256": f"sha256={digest}"}
        digest = hmac.new(self.values["auth_token"].encode(), body, hashlib.sha256).hexdigest()
        return {"X-Viber-Content-Signature": digest}

    def headers(self, body: bytes) -> dict[str, str]:
        """All headers of a genuine delivery."""
        return {**JSON, **self.proof(body)}

    def message(self, number: int, text: str = "hello", chat: int = 7001) -> bytes:
        """A text message, the ``number``-th of this platform."""
        return json.dumps(_MESSAGES[self.platform](number, text, chat, self.values)).encode()


def telegram_message(number: int, text: str, chat: int, values: Mapping[str, str]) -> dict[str, Any]:
    """core.telegram.org/bots/api#update"""
    person = {"id": chat, "is_bot": False, "first_name": "Ivan", "language_code": "ru"}
    message = {
        "message_id": number,
        "date": 1760000000 + number,
        "chat": {"id": chat, "type": "private", "first_name": "Ivan"},
        "from": person,
        "text": text,
    }
    return {"update_id": 90_000_000 + number, "message": message}


def whatsapp_message(number: int, text: str, chat: int, values: Mapping[str, str]) -> dict[str, Any]:
    """developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples"""
    return {"object": "whatsapp_business_account", "entry": [whatsapp_entry(number, text, chat, values)]}


def whatsapp_entry(number: int, text: str, chat: int, values: Mapping[str, str]) -> dict[str, Any]:
    """One number's part of a delivery."""
    sent = {
        "from": str(chat),
        "id": f"wamid.{number}",
        "timestamp": str(1760000000 + number),
        "type": "text",
        "text": {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "74950000000", "phone_number_id": values["phone_number_id"]},
        "contacts": [{"profile": {"name": "Ivan"}, "wa_id": str(chat)}],
        "messages": [sent],
    }
    return {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}


def viber_message(number: int, text: str, chat: int, values: Mapping[str, str]) -> dict[str, Any]:
    """developers.viber.com/docs/api/rest-bot-api/#receive-message-from-user"""
    return {
        "event": "message",
        "timestamp": 1760000000000 + number,
        "message_token": 4_900_000_000_000_000_000 + number,
        "sender": {"id": f"viber-person-{chat}==", "name": "Ivan", "language": "ru", "country": "RU", "api_version": 1},
        "message": {"type": "text", "text": text},
    }


_MESSAGES: dict[str, Callable[[int, str, int, Mapping[str, str]], dict[str, Any]]] = {
    "telegram": telegram_message,
    "whatsapp": whatsapp_message,
    "viber": viber_message,
}
