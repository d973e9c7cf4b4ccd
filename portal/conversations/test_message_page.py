"""A test message: through the whole chain that every other message takes, to somebody who has written to the bot."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from wtforms import SelectField

from portal.access.viewer import current_viewer
from portal.audit.models import Action
from portal.channels.events import BotPlatformEvent
from portal.channels.models import BotPlatformCredential
from portal.conversations.message_rows import outgoing_rows, write
from portal.conversations.models import BotDialogState, name_in
from portal.db.base import db
from portal.messaging.events import MessageState, OutgoingMessage, TextSpan
from portal.messaging.messages import BotMessage
from portal.web.forms import AtMost, PortalForm, TextField, options

RECENT_CHATS = 12
RECENT_TESTS = 5
ON_ITS_WAY = (MessageState.QUEUED.value, MessageState.SENDING.value, MessageState.UNCERTAIN.value)


class TestMessageForm(PortalForm):
    """To whom: one of the latest conversations, or a chat by its id."""

    chat = SelectField(_l("Conversation"), validate_choice=False)
    chat_id = TextField(
        _l("Or another chat, by its id"),
        [AtMost(100)],
        description=_l("The guest must have written to the bot before: messengers demand that."),
    )

    def __init__(self, credential: BotPlatformCredential) -> None:
        super().__init__()
        self.credential = credential
        self.conversation: BotDialogState | None = None
        chats = recent_chats(credential)
        self.chat.choices = options((each.platform_chat_id, called(each)) for each in chats)
        self._recent = {each.platform_chat_id: each for each in chats}

    @property
    def has_choice(self) -> bool:
        """Whether anybody can be chosen."""
        return bool(self._recent)

    def validate(self, extra_validators: Any = None) -> bool:
        """The chat must be one of this bot's, on this platform."""
        if not super().validate(extra_validators):
            return False
        typed = self.chat_id.data
        field = self.chat_id if typed or not self.has_choice else self.chat
        wanted = typed or self.chat.data or ""
        self.conversation = self._recent.get(wanted) or (chat_of(self.credential, wanted) if wanted else None)
        if self.conversation is None:
            field.errors = [*field.errors, _("Nobody has written to the bot from this chat.")]
        elif self.conversation.state == "blocked":
            field.errors = [*field.errors, _("This guest has blocked the bot, so nothing reaches them.")]
        return not field.errors


def called(conversation: BotDialogState) -> str:
    """A conversation as people tell it from others."""
    name = name_in(conversation.person)
    return f"{name} · {conversation.platform_chat_id}" if name else conversation.platform_chat_id


def send_test(credential: BotPlatformCredential, conversation: BotDialogState) -> None:
    """Queue the message. Raises ``SwitchRefused`` where the platform could not send it."""
    viewer = current_viewer()
    assert viewer is not None
    owner = {
        "account_id": credential.account_id,
        "bot_id": credential.bot_id,
        "credential_id": credential.id,
        "dialog_id": conversation.id,
    }
    text = _("Test message from the GET INN portal, sent by %(name)s.", name=viewer.display_name)
    words = OutgoingMessage((TextSpan(text, typed=True),), is_notice=True)
    author_id = None if viewer.is_superuser else viewer.id
    rows = list(outgoing_rows(owner, credential.platform, [words], author="person", author_id=author_id))
    write(rows)
    credential.record(Action.TESTED, after={"chat": conversation.platform_chat_id})
    BotPlatformEvent.note(credential, occasion="test", result="queued", detail=str(rows[0]["id"]))


def tests_of(credential: BotPlatformCredential) -> dict[str, Any]:
    """The latest test messages with their conversations, and whether any is on its way."""
    found = recent_tests(credential)
    return {"tests": found, "is_followed": any(message.state in ON_ITS_WAY for message, _conversation in found)}


def recent_chats(credential: BotPlatformCredential) -> Sequence[BotDialogState]:
    """The latest conversations of the bot on that platform."""
    query = select(BotDialogState).where(*_on_platform(credential), BotDialogState.state != "blocked")
    return db.session.scalars(query.order_by(BotDialogState.last_interaction_at.desc()).limit(RECENT_CHATS)).all()


def chat_of(credential: BotPlatformCredential, chat_id: str) -> BotDialogState | None:
    """The conversation with that chat, if the person has ever written."""
    query = select(BotDialogState).where(*_on_platform(credential), BotDialogState.platform_chat_id == chat_id)
    return db.session.scalars(query.limit(1)).first()


def _on_platform(credential: BotPlatformCredential) -> tuple[Any, ...]:
    return (
        BotDialogState.bot_id == credential.bot_id,
        BotDialogState.platform == credential.platform,
        BotDialogState.superseded_at.is_(None),
    )


def recent_tests(credential: BotPlatformCredential) -> Sequence[Any]:
    """The latest test messages: (message, conversation), the newest first."""
    tests = (
        select(BotPlatformEvent.detail, BotPlatformEvent.at)
        .where(BotPlatformEvent.credential_id == credential.id, BotPlatformEvent.occasion == "test")
        .order_by(BotPlatformEvent.at.desc())
        .limit(RECENT_TESTS)
        .subquery()
    )
    ids = select(func.cast(tests.c.detail, BotMessage.id.type))
    query = (
        select(BotMessage, BotDialogState)
        .join(BotDialogState, BotDialogState.id == BotMessage.dialog_id)
        .where(BotMessage.id.in_(ids))
        .order_by(BotMessage.seq.desc())
    )
    return db.session.execute(query).all()
