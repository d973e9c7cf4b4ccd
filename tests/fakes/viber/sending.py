"""send_message, and the welcome. Facts: creators.viber.com/docs/bots-api."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from tests.fakes.bots import Bot
from tests.fakes.chats import Chat
from tests.fakes.lengths import is_blank, is_text
from tests.fakes.records import Button, Message, StoredFile
from tests.fakes.viber.errors import refusal

if TYPE_CHECKING:
    from tests.fakes.viber.server import FakeViber

MAX_TEXT, MAX_CAPTION, MAX_TRACKING, MAX_SENDER = 7000, 768, 4000, 28
MAX_ADDRESS, MAX_FILE_NAME, MAX_LABEL = 2000, 256, 250
MAX_REQUEST = 30_000  # bytes
MAX_BUTTONS = 24
SIZES = {"video": 26 << 20, "file": 50 << 20}
# Of the last part of the address.
ENDINGS = {"picture": (".jpeg", ".jpg", ".png", ".gif"), "video": (".mp4",)}
KINDS = {"picture": "image", "video": "video", "file": "document"}
ADDRESS = re.compile(r"https?://\S+")
PRESSES = {"reply": "press", "share-phone": "contact", "location-picker": "location", "open-url": "link"}
Values = dict[str, Any]


def send(server: "FakeViber", bot: Bot, values: Values, size: int) -> Values:
    """A message to a subscriber."""
    if size > MAX_REQUEST:
        raise refusal(3, "the request is too big")
    message = _read(server, bot, values)
    chat = _receiver(server, bot, values)
    server.check_limits(bot, chat.id)
    _deliver(server, chat, message)
    return {"message_token": int(message.id), "chat_hostname": "SN-CHAT-FAKE_", "billing_status": 1}


def welcome(server: "FakeViber", chat: Chat, values: Any) -> None:
    """The message in the answer to conversation_started. Raises Refused."""
    if isinstance(values, dict) and values.get("type"):
        _deliver(server, chat, _read(server, chat.bot, values))


def _deliver(server: "FakeViber", chat: Chat, message: Message) -> None:
    server.deliver_message(chat, message)
    for state in server.receipts:
        receipt(server, chat, message, state)


def receipt(server: "FakeViber", chat: Chat, message: Message, state: str, words: str = "") -> Any:
    """delivered, seen or failed, with the token of the message that it is about."""
    with server.changed:
        message.state = "read" if state == "seen" else state
        server.changed.notify_all()
    told: Values = {"message_token": int(message.id), "user_id": chat.id}
    return server.happens(chat, state, told | ({"desc": words} if state == "failed" else {}))


def _receiver(server: "FakeViber", bot: Bot, values: Values) -> Chat:
    if not values.get("receiver"):
        raise refusal(4, "receiver")
    if not bot.webhook.url:
        raise refusal(10)
    chat = bot.chats.get(str(values["receiver"]))
    if chat is None or chat.is_gone:
        raise refusal(5)
    opened = len(chat.messages) < server.welcomes
    if chat.is_blocked or not (chat.is_open or opened):
        raise refusal(6)
    return chat


def _read(server: "FakeViber", bot: Bot, values: Values) -> Message:
    sender = values.get("sender")
    if not isinstance(sender, dict) or not is_text(sender.get("name"), MAX_SENDER, 1):
        raise refusal(3, f"sender.name must have between 1 and {MAX_SENDER} characters")
    tracking = values.get("tracking_data", "")
    if not is_text(tracking, MAX_TRACKING):
        raise refusal(3, f"tracking_data must have at most {MAX_TRACKING} characters")
    buttons = _keyboard(values)
    text, file = _content(values)
    with server.changed:
        number = str(next(server.numbers))
    return Message(
        number, True, text, server.now(), buttons, file, values, tracking=tracking, has_reply_keyboard=bool(buttons)
    )


def _content(values: Values) -> tuple[str, StoredFile | None]:
    kind = values.get("type")
    if kind == "text":
        if not is_text(values.get("text"), MAX_TEXT, 1) or is_blank(values["text"]):
            raise refusal(3, f"text must have between 1 and {MAX_TEXT} characters")
        return values["text"], None
    if kind not in KINDS:
        raise refusal(3, f"type {kind!r} is not known here")
    media, text = values.get("media"), values.get("text", "")
    if not is_text(media, MAX_ADDRESS, 1) or not ADDRESS.fullmatch(str(media)):
        raise refusal(3, "media must be an address")
    if kind in ENDINGS and not urlsplit(media).path.lower().endswith(ENDINGS[kind]):
        raise refusal(3, f"media must end in {' or '.join(ENDINGS[kind])}")
    if kind == "picture" and not is_text(text, MAX_CAPTION):
        raise refusal(3, f"text must have at most {MAX_CAPTION} characters")
    if kind in SIZES and not (isinstance(values.get("size"), int) and 0 < values["size"] <= SIZES[kind]):
        raise refusal(4 if "size" not in values else 3, "size")
    if kind == "file" and not is_text(values.get("file_name"), MAX_FILE_NAME, 1):
        raise refusal(4, "file_name")
    return str(text) if kind == "picture" else "", StoredFile(
        KINDS[kind], values.get("file_name", ""), "", url=str(media)
    )


def _keyboard(values: Values) -> list[Button]:
    keyboard = values.get("keyboard")
    if keyboard is None:
        return []
    given = keyboard.get("Buttons") if isinstance(keyboard, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_BUTTONS or keyboard.get("Type") != "keyboard":
        raise refusal(3, f"keyboard must have between 1 and {MAX_BUTTONS} Buttons")
    return [_button(entry, number, values) for number, entry in enumerate(given)]


def _button(entry: Any, number: int, values: Values) -> Button:
    if not isinstance(entry, dict) or not is_text(entry.get("ActionBody"), MAX_TEXT, 1):
        raise refusal(3, "ActionBody")
    action, label = entry.get("ActionType", "reply"), entry.get("Text", "")
    if action not in PRESSES or not is_text(label, MAX_LABEL):
        raise refusal(3, "ActionType or Text")
    if entry.get("Columns", 6) not in range(1, 7) or entry.get("Rows", 1) not in (1, 2):
        raise refusal(3, "Columns or Rows")
    needed = {"share-phone": 3, "location-picker": 3}.get(action, 1)
    if int(values.get("min_api_version", 1)) < needed:
        raise refusal(3, f"{action} needs min_api_version {needed}")
    return Button(re.sub(r"<[^>]*>", "", label), entry["ActionBody"], PRESSES[action], number)


def download(server: "FakeViber", reference: str) -> Response:
    """A file that a person sent: by its address alone, without a token."""
    for bot in server.bots.values():
        if reference in bot.files:
            return Response(bot.files[reference].data, mimetype=bot.files[reference].content_type)
    return Response("", 404)
