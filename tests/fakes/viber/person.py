"""Someone who writes to a bot on Viber."""

import secrets
from typing import Any

from tests.fakes.chats import Person, kind_of
from tests.fakes.records import Button, Event, Message, StoredFile
from tests.fakes.viber import sending

TYPES = {"image": "picture", "animation": "picture", "video": "video"}


class ViberPerson(Person):
    """Events message, subscribed, unsubscribed, conversation_started, seen."""

    def says(self, text: str) -> Event:
        """A text; the first one subscribes, without an event of its own."""
        return self._tells({"type": "text", "text": text}, text)

    def opens(self, payload: str = "") -> Event:
        """conversation_started, with the deep link's context. Who is new cannot be written to yet."""
        with self.fake.changed:
            if not any(not message.is_from_bot for message in self.chat.transcript):
                self.chat.is_open = False
            subscribed = self.chat.is_open
        content: dict[str, Any] = {"type": "open", "user": self._user(), "subscribed": subscribed}
        content |= {"context": payload} if payload else {}
        return self.fake.happens(self.chat, "conversation_started", content)

    def taps(self, message: Message, button: Button) -> Event:
        """A press arrives as a message whose text is the button's ActionBody."""
        return self._tells({"type": "text", "text": button.value}, button.label)

    def sends_file(
        self, name: str, data: bytes, content_type: str, *, caption: str = "", kind: str | None = None
    ) -> Event:
        """A picture, a video or a file, which lies at an address of Viber's."""
        wanted = kind or kind_of(content_type)
        shown = TYPES.get(wanted, "file")
        reference = secrets.token_hex(16)
        file = StoredFile(wanted, name, content_type, data, reference)
        with self.fake.changed:
            self.bot.files[reference] = file
        described: dict[str, Any] = {"type": shown, "media": f"{self.fake.base_url}/files/{reference}"}
        described |= {"text": caption} if caption and shown != "file" else {}
        described |= {"file_name": name, "size": len(data)} if shown != "video" else {"size": len(data), "duration": 3}
        return self._tells(described, caption, file=file)

    def shares_contact(self, phone: str, name: str | None = None, *, own: bool = True) -> Event:
        """A contact."""
        contact = {"name": name or self.chat.name, "phone_number": phone.lstrip("+")}
        return self._tells({"type": "contact", "contact": contact}, f"☎ {phone}")

    def shares_location(self, latitude: float, longitude: float) -> Event:
        """A location."""
        place = {"lat": latitude, "lon": longitude}
        return self._tells({"type": "location", "location": place}, f"⌖ {latitude}, {longitude}")

    def sends_sticker(self) -> Event:
        """A sticker."""
        return self._tells({"type": "sticker", "sticker_id": 46105}, "👍")

    def reads(self) -> list[Event]:
        """Events ``seen``."""
        unread = [message for message in self.messages if message.state in ("sent", "delivered")]
        return [sending.receipt(self.fake, self.chat, message, "seen") for message in unread]

    def subscribes(self) -> Event:
        """Without a word, by a link that says so."""
        with self.fake.changed:
            self.chat.is_open, self.chat.is_blocked = True, False
        return self.fake.happens(self.chat, "subscribed", {"user": self._user()})

    def blocks(self) -> Event:
        """unsubscribed."""
        with self.fake.changed:
            self.chat.is_blocked, self.chat.is_open = True, False
            self.fake.changed.notify_all()
        return self.fake.happens(self.chat, "unsubscribed", {"user_id": self.id})

    def unblocks(self) -> Event:
        """subscribed."""
        return self.subscribes()

    def _user(self) -> dict[str, Any]:
        chat = self.chat
        return {"id": chat.id, "name": chat.name, "language": chat.language, "country": "RU", "api_version": 10}

    def _tells(self, content: dict[str, Any], text: str, **more: Any) -> Event:
        envelope = self.fake.envelope("message")
        message = self._message(envelope["message_token"], text, **more)
        tracking = [each.tracking for each in self.chat.messages]
        content = content | ({"tracking_data": tracking[-1]} if tracking and tracking[-1] else {})
        self.chat.is_blocked = False
        told = envelope | {"sender": self._user(), "message": content, "silent": False}
        assert message.id == str(told["message_token"])
        return self.fake.emit(self.chat, self.bot, "message", told)
