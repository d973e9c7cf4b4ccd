"""Someone who writes to a bot on Telegram. A negative id is a group."""

import re
from typing import Any

from tests.fakes.chats import Chat, Person, kind_of
from tests.fakes.records import Button, Event, Message
from tests.fakes.telegram import files
from tests.fakes.telegram.sending import bot_object, message_object, person_object

COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_]+)?")


class TelegramPerson(Person):
    """Updates of the kinds message, edited_message, callback_query and my_chat_member."""

    def says(self, text: str) -> Event:
        """A text; a command is marked as one."""
        return self._tells({"text": text} | _command(text), text)

    def opens(self, payload: str = "") -> Event:
        """``/start`` with the payload, as a deep link does."""
        return self.says(f"/start {payload}".rstrip())

    def taps(self, message: Message, button: Button) -> Event:
        """A callback query, which wants an answer."""
        number = str(10**17 + next(self.fake.numbers))
        with self.fake.changed:
            self.fake.queries[number] = (self.bot.public_id, self.id, self.fake.now().timestamp())
        query = {
            "id": number,
            "from": person_object(self.chat),
            "message": message_object(self.chat, message),
            "chat_instance": self.id,
            "data": button.value,
        }
        return self.fake.update(self.chat, "callback_query", query)

    def sends_file(
        self, name: str, data: bytes, content_type: str, *, caption: str = "", kind: str | None = None
    ) -> Event:
        """A photo, a document and so on, to be downloaded by getFile."""
        file = files.keep(self.bot, kind or kind_of(content_type), name, content_type, data)
        described = files.describe(file) | ({"caption": caption} if caption else {})
        return self._tells(described, caption, file=file)

    def shares_contact(self, phone: str, name: str | None = None, *, own: bool = True) -> Event:
        """A contact; one's own carries one's own user id."""
        contact: dict[str, Any] = {"phone_number": phone, "first_name": name or self.chat.name}
        if own:
            contact["user_id"] = abs(int(self.id))
        return self._tells({"contact": contact}, f"☎ {phone}")

    def shares_location(self, latitude: float, longitude: float) -> Event:
        """A location."""
        return self._tells({"location": {"latitude": latitude, "longitude": longitude}}, f"⌖ {latitude}, {longitude}")

    def sends_sticker(self) -> Event:
        """A sticker."""
        sticker = {"file_id": "CAACsticker", "file_unique_id": "AgADsticker", "type": "regular", "emoji": "👍"}
        return self._tells({"sticker": sticker}, "👍")

    def edits(self, event: Event, text: str) -> Event:
        """edited_message with the same message_id."""
        said = event.payload["message"]
        message = self.chat.find(said["message_id"])
        assert message is not None
        with self.fake.changed:
            message.versions.append(message.text)
            message.text = text
        edited = said | {"text": text, "edit_date": int(self.fake.now().timestamp())}
        return self.fake.update(self.chat, "edited_message", edited)

    def blocks(self) -> Event:
        """my_chat_member: member → kicked."""
        return self._membership("member", "kicked")

    def unblocks(self) -> Event:
        """my_chat_member: kicked → member."""
        return self._membership("kicked", "member")

    def moves_to(self, chat_id: str) -> Event:
        """The group became a supergroup: its messages go on under the new id."""
        with self.fake.changed:
            new = Chat(self.bot, str(chat_id), self.chat.name, is_group=True, last_inbound_at=self.fake.now())
            self.bot.chats[new.id] = new
        event = self._tells({"migrate_to_chat_id": int(chat_id)}, f"→ {chat_id}")
        self.chat.moved_to = str(chat_id)
        return event

    def _membership(self, old: str, new: str) -> Event:
        with self.fake.changed:
            self.chat.is_blocked = new == "kicked"
            self.fake.changed.notify_all()
        user = bot_object(self.bot)
        change = {
            "chat": {"id": int(self.id), "type": "private", "first_name": self.chat.name},
            "from": person_object(self.chat),
            "date": int(self.fake.now().timestamp()),
            "old_chat_member": {"user": user, "status": old},
            "new_chat_member": {"user": user, "status": new} | ({"until_date": 0} if new == "kicked" else {}),
        }
        return self.fake.update(self.chat, "my_chat_member", change)

    def _tells(self, content: dict[str, Any], text: str, **more: Any) -> Event:
        self.chat.is_group = self.id.startswith("-")
        message = self._message(next(self.fake.numbers), text, **more)
        described = message_object(self.chat, message)
        described = {key: described[key] for key in ("message_id", "from", "chat", "date")}
        return self.fake.update(self.chat, "message", described | content)


def _command(text: str) -> dict[str, Any]:
    found = COMMAND.match(text)
    return {"entities": [{"type": "bot_command", "offset": 0, "length": found.end()}]} if found else {}
