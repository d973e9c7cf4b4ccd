"""A chat between a bot and a person, and the person as tests and pages move them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.records import Button, Event, Message, StoredFile

if TYPE_CHECKING:
    from tests.fakes.bots import Bot


class NotOffered(NotImplementedError):
    """The platform has no such thing."""


@dataclass(eq=False)
class Chat:
    """A private chat. ``is_open`` says whether the bot may write, apart from being blocked."""

    bot: "Bot"
    id: str
    name: str
    username: str = ""
    language: str = "en"
    transcript: list[Message] = field(default_factory=list)
    is_open: bool = True
    is_blocked: bool = False
    is_gone: bool = False
    moved_to: str | None = None
    last_inbound_at: datetime | None = None
    is_group: bool = False

    @property
    def messages(self) -> list[Message]:
        """What the bot sent, in order."""
        return [message for message in self.transcript if message.is_from_bot]

    def find(self, message_id: object) -> Message | None:
        """The message of that id."""
        return next((message for message in self.transcript if message.id == str(message_id)), None)

    @property
    def keyboard(self) -> list[Button]:
        """The buttons under the text field, which the newest message with such buttons gave."""
        given = [message for message in self.messages if message.has_reply_keyboard]
        return given[-1].buttons if given else []


class Person(ABC):
    """Someone who writes to a bot. Every method that says something returns the Event on its way to the bot."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.bot = chat.bot
        self.fake: Any = chat.bot.fake

    @property
    def id(self) -> str:
        """The chat's id, which is the person's too."""
        return self.chat.id

    @property
    def messages(self) -> list[Message]:
        """What the bot sent, in order."""
        with self.fake.changed:
            return self.chat.messages

    @property
    def transcript(self) -> list[Message]:
        """What either side sent, in order."""
        with self.fake.changed:
            return list(self.chat.transcript)

    @property
    def texts(self) -> list[str]:
        """What the bot sent, texts and captions alone."""
        return [message.text for message in self.messages]

    @property
    def last(self) -> Message:
        """The bot's newest message."""
        return self.messages[-1]

    @property
    def buttons(self) -> list[str]:
        """The labels that the newest message with buttons offers."""
        with_buttons = [message for message in self.messages if message.buttons]
        return [button.label for button in with_buttons[-1].buttons] if with_buttons else []

    def presses(self, label: str, message: Message | None = None) -> Event:
        """The button of that label, of the newest message that has one. AssertionError where there is none."""
        candidates = [message] if message else reversed(self.messages)
        for each in candidates:
            for button in each.buttons:
                if button.label == label:
                    return self.presses_button(each, button)
        raise AssertionError(f"No button {label!r}; the newest are {self.buttons}")

    def presses_button(self, message: Message, button: Button) -> Event:
        """One of the message's buttons."""
        if button.kind == "contact":
            return self.shares_contact("+79990000000")
        if button.kind == "location":
            return self.shares_location(55.7558, 37.6173)
        if button.kind == "text":
            return self.says(button.label)
        if button.kind == "link":
            raise NotOffered("A link opens a page; the bot does not hear of it.")
        return self.taps(message, button)

    @abstractmethod
    def taps(self, message: Message, button: Button) -> Event:
        """A button that carries a value of the bot's."""

    @abstractmethod
    def says(self, text: str) -> Event:
        """A text; the first one opens the chat."""

    @abstractmethod
    def opens(self, payload: str = "") -> Event:
        """The chat, by a deep link with that payload."""

    @abstractmethod
    def sends_file(
        self, name: str, data: bytes, content_type: str, *, caption: str = "", kind: str | None = None
    ) -> Event:
        """A file; ``kind`` (image, video, animation, audio, voice, document) follows from the type if left out."""

    @abstractmethod
    def shares_contact(self, phone: str, name: str | None = None, *, own: bool = True) -> Event:
        """A contact card, one's own or somebody else's."""

    @abstractmethod
    def shares_location(self, latitude: float, longitude: float) -> Event:
        """A place in degrees."""

    @abstractmethod
    def sends_sticker(self) -> Event:
        """Something that no scenario asks for."""

    def edits(self, event: Event, text: str) -> Event:
        """The text that was said in that event."""
        raise NotOffered

    def reads(self) -> list[Event]:
        """All that the bot sent; the platform tells the bot where it tells such things."""
        return []

    def subscribes(self) -> Event:
        """Viber only."""
        raise NotOffered

    @abstractmethod
    def blocks(self) -> Event | None:
        """The bot may write no more."""

    @abstractmethod
    def unblocks(self) -> Event | None:
        """The bot may write again."""

    def leaves(self) -> None:
        """The messenger altogether: the account is deleted, no update tells."""
        with self.fake.changed:
            self.chat.is_gone = True
            self.fake.changed.notify_all()

    def moves_to(self, chat_id: str) -> Event:
        """The chat gets another id."""
        raise NotOffered

    def _heard(self, message: Message) -> Message:
        """Note what the person sent."""
        with self.fake.changed:
            self.chat.transcript.append(message)
            self.chat.last_inbound_at = message.at
            self.chat.is_open = True
            self.fake.changed.notify_all()
        return message

    def _message(self, message_id: object, text: str = "", file: StoredFile | None = None, **more: Any) -> Message:
        return self._heard(Message(str(message_id), False, text, self.fake.now(), file=file, **more))


def kind_of(content_type: str) -> str:
    """What a messenger takes a file for."""
    main = content_type.partition("/")[0]
    if content_type == "image/gif":
        return "animation"
    return main if main in ("image", "video", "audio") else "document"
