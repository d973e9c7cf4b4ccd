"""POST messages: texts, buttons, files, and what their statuses say afterwards."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes.bots import Bot
from tests.fakes.chats import Chat
from tests.fakes.records import Ack, Button, Message, StoredFile
from tests.fakes.whatsapp import media
from tests.fakes.whatsapp.checks import MAX_CAPTION, MAX_OPAQUE, MAX_TEXT, read_interactive, text_at
from tests.fakes.whatsapp.errors import error_object, refusal

if TYPE_CHECKING:
    from tests.fakes.whatsapp.server import FakeWhatsApp

WINDOW = timedelta(hours=24)
RECIPIENT = re.compile(r"\+?[0-9]{1,20}")
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
FILES = ("image", "video", "audio", "document")
Values = dict[str, Any]


def send(server: "FakeWhatsApp", bot: Bot, values: Values) -> Values:
    """A message to a person who wrote within a day; a template to anybody."""
    to, user = str(values.get("to", "")), str(values.get("recipient", ""))
    if values.get("messaging_product") != "whatsapp":
        raise refusal(100, "messaging_product must be whatsapp")
    if not RECIPIENT.fullmatch(to) and not USER_ID.fullmatch(user):
        raise refusal(131009, "to must be a phone number, or recipient a user id")
    # Where both are given the number goes before.
    to = to or user
    opaque = text_at(values, "biz_opaque_callback_data", MAX_OPAQUE, "message", shortest=0)
    text, buttons, file = _content(server, bot, values)
    server.check_limits(bot, to.lstrip("+"))
    problem = _undeliverable(server, bot, to.lstrip("+"), values)
    if problem and not server.answers_late:
        raise refusal(problem)
    chat = bot.chats.get(to.lstrip("+")) or Chat(bot, to.lstrip("+"), to, is_open=False)
    message = Message(server.new_message_id(), True, text, server.now(), buttons, file, values, row_id=opaque or None)
    message.reply_to = (values.get("context") or {}).get("message_id")
    _accept(server, chat, message, problem)
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": to, "wa_id": chat.id}],
        "messages": [{"id": message.id}],
    }


def _accept(server: "FakeWhatsApp", chat: Chat, message: Message, problem: int) -> None:
    if problem:
        status(server, chat, message, "failed", problem)
        return
    with server.changed:
        chat.bot.chats.setdefault(chat.id, chat)
    server.deliver_message(chat, message)
    for state in server.receipts:
        status(server, chat, message, state)


def _content(server: "FakeWhatsApp", bot: Bot, values: Values) -> tuple[str, list[Button], StoredFile | None]:
    kind = values.get("type", "text")
    if kind == "text":
        return text_at(values.get("text"), "body", MAX_TEXT, "text"), [], None
    if kind == "interactive":
        return *read_interactive(values.get("interactive")), None
    if kind in FILES:
        return _file(server, bot, kind, values.get(kind))
    if kind == "template":
        name = text_at(values.get("template"), "name", 512, "template")
        if name not in server.templates:
            raise refusal(132001, f"template name ({name}) does not exist")
        return f"[{name}]", [], None
    raise refusal(131051, f"Message type {kind!r} is not supported")


def _file(server: "FakeWhatsApp", bot: Bot, kind: str, given: Any) -> tuple[str, list[Button], StoredFile | None]:
    if not isinstance(given, dict):
        raise refusal(131008, f"Parameter {kind} is required")
    if kind == "audio" and "caption" in given:
        raise refusal(100, "audio has no caption")
    caption = text_at(given, "caption", MAX_CAPTION, kind, shortest=0)
    if "link" in given:
        return caption, [], StoredFile(kind, str(given.get("filename", "")), "", url=str(given["link"]))
    file = media.find(server, bot, given.get("id"), kind)
    return caption, [], replace(file, kind=kind, name=str(given.get("filename") or file.name))


def _undeliverable(server: "FakeWhatsApp", bot: Bot, to: str, values: Values) -> int:
    chat = bot.chats.get(to)
    if chat and (chat.is_blocked or chat.is_gone):
        return 131026
    if values.get("type") == "template":
        return 0
    wrote_at = chat.last_inbound_at if chat and chat.is_open else None
    return 0 if wrote_at and server.now() - wrote_at < WINDOW else 131047


def status(server: "FakeWhatsApp", chat: Chat, message: Message, state: str, problem: int = 0) -> Any:
    """A status event; the row's id of the sender comes back in it."""
    with server.changed:
        message.state = state
        server.changed.notify_all()
    told: Values = {
        "id": message.id,
        "status": state,
        "timestamp": str(int(server.now().timestamp())),
        "recipient_user_id" if USER_ID.fullmatch(chat.id) else "recipient_id": chat.id,
    }
    if message.row_id:
        told["biz_opaque_callback_data"] = message.row_id
    if problem:
        error = error_object(problem)
        told["errors"] = [{"code": problem, "title": error["message"], "message": error["message"]}]
    return server.change(chat, f"status {state}", {"statuses": [told]})


def mark_as_read(server: "FakeWhatsApp", bot: Bot, values: Values) -> Values:
    """``{"status": "read", "message_id": …}``: the person sees blue ticks."""
    number = str(values.get("message_id", ""))
    message = next((found for chat in bot.chats.values() if (found := chat.find(number))), None)
    if message is None or message.is_from_bot:
        raise refusal(100, "The message_id is not of a message that was received")
    with server.changed:
        message.state = "read"
    server.acknowledge(Ack(bot.public_id, number))
    return {"success": True}
