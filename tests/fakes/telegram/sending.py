"""Methods that send, change and acknowledge."""

import time
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import FileStorage

from tests.fakes.bots import Bot
from tests.fakes.chats import Chat
from tests.fakes.lengths import is_blank, units
from tests.fakes.records import Ack, Message, StoredFile
from tests.fakes.telegram import files
from tests.fakes.telegram.errors import BLOCKED, DEACTIVATED, NOT_MODIFIED, OLD_QUERY, bad, refusal
from tests.fakes.telegram.markup import plain_text, read_markup

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeTelegram

MAX_TEXT = 4096
MAX_CAPTION = 1024
# Bytes, before tags and addresses are taken out of it.
MAX_REQUEST_TEXT = 1 << 15
MAX_TOAST = 200
Values = dict[str, Any]
Uploads = dict[str, FileStorage]


def find_chat(server: "FakeTelegram", bot: Bot, values: Values) -> Chat:
    """The chat that is written to. Raises Refused where it may not be."""
    chat = bot.chats.get(str(values.get("chat_id", "")))
    if "chat_id" not in values or values["chat_id"] == "":
        raise bad("chat_id is empty")
    if chat is None or not chat.is_open:
        raise bad("chat not found")
    if chat.moved_to:
        raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=int(chat.moved_to))
    if chat.is_gone:
        raise refusal(403, DEACTIVATED)
    if chat.is_blocked:
        raise refusal(403, BLOCKED)
    server.check_limits(bot, chat.id)
    return chat


def send_message(server: "FakeTelegram", bot: Bot, values: Values, uploads: Uploads) -> Values:
    """sendMessage."""
    chat = find_chat(server, bot, values)
    return _say(server, chat, _text(values, "text", MAX_TEXT), values)


def _text(values: Values, name: str, longest: int) -> str:
    given = values.get(name, "")
    if isinstance(given, str) and len(given.encode("utf-8", "surrogatepass")) > MAX_REQUEST_TEXT:
        raise bad("text is too long")
    text = plain_text(given, values.get("parse_mode") or "")
    if name == "text" and is_blank(text):
        raise bad("message text is empty")
    if units(text) > longest:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text


def _say(server: "FakeTelegram", chat: Chat, text: str, values: Values, file: StoredFile | None = None) -> Values:
    markup = values.get("reply_markup")
    buttons = read_markup(markup)
    reply = _reply(chat, values)
    message = Message(
        str(next(server.numbers)),
        is_from_bot=True,
        text=text,
        at=server.now(),
        buttons=buttons,
        file=file,
        payload=values,
        reply_to=str(reply) if reply else None,
        has_reply_keyboard=isinstance(markup, dict) and ("keyboard" in markup or "remove_keyboard" in markup),
    )
    server.deliver_message(chat, message)
    return message_object(chat, message)


def _reply(chat: Chat, values: Values) -> Any:
    """The message that is answered. Raises Refused where there is none and the bot insists on it."""
    given = values.get("reply_parameters") or {}
    number = values.get("reply_to_message_id") or given.get("message_id")
    insists = not (given.get("allow_sending_without_reply") or values.get("allow_sending_without_reply"))
    if number and insists and chat.find(str(number)) is None:
        raise bad("message to be replied not found")
    return number


def send_file(field: str) -> Any:
    """sendPhoto and its like: the file is uploaded, or named by the id of an earlier upload."""

    def send(server: "FakeTelegram", bot: Bot, values: Values, uploads: Uploads) -> Values:
        chat = find_chat(server, bot, values)
        file = files.given(server, bot, field, values, uploads)
        return _say(server, chat, _text(values, "caption", MAX_CAPTION), values, file)

    return send


def message_object(chat: Chat, message: Message) -> Values:
    """A message as Telegram describes it."""
    bot = chat.bot
    described: Values = {
        "message_id": int(message.id),
        "from": bot_object(bot) if message.is_from_bot else person_object(chat),
        "chat": chat_object(chat),
        "date": int(message.at.timestamp()),
    }
    if message.file:
        described |= files.describe(message.file)
    if message.text:
        described["caption" if message.file else "text"] = message.text
    markup = message.payload.get("reply_markup")
    if message.is_from_bot and isinstance(markup, dict) and "inline_keyboard" in markup:
        described["reply_markup"] = markup
    return described


def bot_object(bot: Bot) -> Values:
    """The bot as a user."""
    return {"id": int(bot.public_id), "is_bot": True, "first_name": bot.name, "username": bot.username}


def person_object(chat: Chat) -> Values:
    """The person as a user."""
    first, _, last = chat.name.partition(" ")
    user: Values = {"id": abs(int(chat.id)), "is_bot": False, "first_name": first, "language_code": chat.language}
    return user | ({"last_name": last} if last else {}) | ({"username": chat.username} if chat.username else {})


def chat_object(chat: Chat) -> Values:
    """The chat."""
    if chat.is_group:
        return {"id": int(chat.id), "title": chat.name, "type": "group"}
    person = person_object(chat)
    named = {key: person[key] for key in ("first_name", "last_name", "username") if key in person}
    return {"id": int(chat.id), "type": "private"} | named


def answer_callback_query(server: "FakeTelegram", bot: Bot, values: Values, uploads: Uploads) -> bool:
    """answerCallbackQuery: once, while the query is young."""
    number = str(values.get("callback_query_id", ""))
    text = str(values.get("text") or "")
    if len(text) > MAX_TOAST:
        raise bad("MESSAGE_TOO_LONG")
    with server.changed:
        owner, chat_id, asked_at = server.queries.pop(number, ("", "", 0.0))
    if owner != bot.public_id or server.now().timestamp() - asked_at > server.callback_seconds:
        raise bad(OLD_QUERY)
    server.acknowledge(Ack(bot.public_id, number, text, bool(values.get("show_alert")), chat_id))
    return True


def edit_message(server: "FakeTelegram", bot: Bot, values: Values, uploads: Uploads) -> Values:
    """editMessageText and editMessageReplyMarkup."""
    chat = find_chat(server, bot, values)
    message = chat.find(values.get("message_id", ""))
    if message is None:
        raise bad("message to edit not found")
    if not message.is_from_bot or ("text" in values and message.file):
        raise bad("there is no text in the message to edit" if message.is_from_bot else "message can't be edited")
    text = _text(values, "text", MAX_TEXT) if "text" in values else message.text
    buttons = read_markup(values.get("reply_markup"))
    if (text, buttons) == (message.text, message.buttons):
        raise bad(NOT_MODIFIED)
    with server.changed:
        message.versions.append(message.text)
        message.text, message.buttons = text, buttons
        message.payload = message.payload | {"reply_markup": values.get("reply_markup")}
        server.changed.notify_all()
    return message_object(chat, message) | {"edit_date": int(time.time())}


def send_chat_action(server: "FakeTelegram", bot: Bot, values: Values, uploads: Uploads) -> bool:
    """sendChatAction: “typing”, which nobody keeps."""
    find_chat(server, bot, values)
    return True


METHODS = {
    "sendmessage": ("sendMessage", "send", send_message),
    "answercallbackquery": ("answerCallbackQuery", "acknowledge", answer_callback_query),
    "editmessagetext": ("editMessageText", "edit", edit_message),
    "editmessagereplymarkup": ("editMessageReplyMarkup", "edit", edit_message),
    "sendchataction": ("sendChatAction", "other", send_chat_action),
} | {
    f"send{field}": (f"send{field.capitalize()}", "send", send_file(field))
    for field in ("photo", "video", "audio", "voice", "document", "animation")
}
