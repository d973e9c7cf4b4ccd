"""Someone who writes to a number on WhatsApp. The chat's id is the person's number, digits only, or their user id."""

import hashlib
from typing import Any

from tests.fakes.chats import Chat, Person, kind_of
from tests.fakes.records import Button, Event, Message
from tests.fakes.whatsapp import media, sending

KINDS = {"animation": "video", "voice": "audio"}


class WhatsAppPerson(Person):
    """Changes with ``messages``, and ``statuses`` where the person reads."""

    def says(self, text: str) -> Event:
        """A text."""
        return self._tells("text", {"body": text}, text)

    def opens(self, payload: str = "") -> Event:
        """The text that a link of wa.me fills in; it is an ordinary message."""
        return self.says(f"/start {payload}".rstrip())

    def taps(self, message: Message, button: Button) -> Event:
        """A reply button or a row of a list."""
        kind = (message.payload.get("interactive") or {}).get("type", "button")
        pressed = {"id": button.value, "title": button.label}
        if kind == "list":
            reply = {"type": "list_reply", "list_reply": pressed | {"description": button.description}}
        else:
            reply = {"type": "button_reply", "button_reply": pressed}
        context = {"from": self.bot.username.lstrip("+"), "id": message.id}
        return self._tells("interactive", reply, button.label, context=context)

    def sends_file(
        self, name: str, data: bytes, content_type: str, *, caption: str = "", kind: str | None = None
    ) -> Event:
        """A file, to be fetched by its id."""
        wanted = kind or kind_of(content_type)
        shown = KINDS.get(wanted, wanted)
        file = media.keep(self.fake, self.bot, wanted, name, content_type, data)
        described: dict[str, Any] = {
            "id": file.reference,
            "mime_type": content_type,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        described |= {"caption": caption} if caption else {}
        described |= {"filename": name} if shown == "document" else {}
        described |= {"voice": wanted == "voice"} if shown == "audio" else {}
        return self._tells(shown, described, caption, file=file)

    def shares_contact(self, phone: str, name: str | None = None, *, own: bool = True) -> Event:
        """A contact card; WhatsApp never vouches that it is one's own, but ``wa_id`` tells."""
        entry = {"phone": phone, "type": "CELL", "wa_id": self.id if own else phone.lstrip("+")}
        named = name or self.chat.name
        card = {"name": {"formatted_name": named, "first_name": named}, "phones": [entry]}
        return self._tells("contacts", [card], f"☎ {phone}")

    def shares_location(self, latitude: float, longitude: float) -> Event:
        """A location."""
        return self._tells("location", {"latitude": latitude, "longitude": longitude}, f"⌖ {latitude}, {longitude}")

    def sends_sticker(self) -> Event:
        """A sticker."""
        file = media.keep(self.fake, self.bot, "sticker", "sticker.webp", "image/webp", b"RIFFfake")
        return self._tells("sticker", {"id": file.reference, "mime_type": "image/webp", "animated": False}, "👍")

    def reads(self) -> list[Event]:
        """Statuses ``read``."""
        unread = [message for message in self.messages if message.state in ("sent", "delivered")]
        return [sending.status(self.fake, self.chat, message, "read") for message in unread]

    def blocks(self) -> None:
        """WhatsApp tells the bot nothing."""
        self._block(True)

    def unblocks(self) -> None:
        """WhatsApp tells the bot nothing."""
        self._block(False)

    def moves_to(self, chat_id: str) -> Event:
        """A new phone number: a system message of the old one."""
        with self.fake.changed:
            new = Chat(self.bot, str(chat_id), self.chat.name, last_inbound_at=self.fake.now())
            self.bot.chats[new.id] = new
        words = f"{self.chat.name} changed from {self.id} to {chat_id}"
        system = {"body": words, "wa_id": str(chat_id), "type": "user_changed_number"}
        event = self._tells("system", system, words)
        with self.fake.changed:
            self.chat.moved_to, self.chat.is_gone = str(chat_id), True
        return event

    def _block(self, is_blocked: bool) -> None:
        with self.fake.changed:
            self.chat.is_blocked = is_blocked
            self.fake.changed.notify_all()

    def _tells(self, kind: str, content: Any, text: str, context: dict[str, Any] | None = None, **more: Any) -> Event:
        message = self._message(self.fake.new_message_id(), text, **more)
        has_number = not sending.USER_ID.fullmatch(self.id)
        told: dict[str, Any] = {
            "from" if has_number else "from_user_id": self.id,
            "id": message.id,
            "timestamp": str(int(message.at.timestamp())),
            "type": kind,
            kind: content,
        }
        told |= {"context": context} if context else {}
        contact = {"profile": {"name": self.chat.name}, "wa_id" if has_number else "user_id": self.id}
        return self.fake.change(self.chat, kind, {"contacts": [contact], "messages": [told]})
