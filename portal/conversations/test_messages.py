"""A test message: through the whole chain that every other message takes, to somebody who has written to the bot."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.access.viewer import current_viewer
from portal.audit.models import Action
from portal.bots.models import BotPlatformCredential
from portal.channels.events import BotPlatformEvent
from portal.channels.queries import chat_of, recent_chats, recent_tests
from portal.conversations.listing import name_in
from portal.conversations.message_rows import outgoing_rows, write
from portal.conversations.models import BotDialogState
from portal.messaging.events import MessageState, Segment, Utterance
from portal.web.forms import AtMost, PortalForm, TextField

ON_ITS_WAY = (MessageState.QUEUED.value, MessageState.SENDING.value, MessageState.UNCERTAIN.value)


class TestMessageForm(PortalForm):
    """To whom: one of the latest conversations, or a chat by its id."""

    chat = SelectField(_l("Conversation"), validate_choice=False)
    chat_id = TextField(
        _l("Or another chat, by its id"),
        [AtMost(100)],
        description=_l("The person must have written to the bot before: messengers demand that."),
    )

    def __init__(self, credential: BotPlatformCredential) -> None:
        super().__init__()
        self.credential = credential
        self.dialog: BotDialogState | None = None
        chats = recent_chats(credential)
        self.chat.choices = [(each.platform_chat_id, called(each)) for each in chats]
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
        self.dialog = self._recent.get(wanted) or (chat_of(self.credential, wanted) if wanted else None)
        if self.dialog is None:
            field.errors = [*field.errors, _("Nobody has written to the bot from this chat.")]
        elif self.dialog.state == "blocked":
            field.errors = [*field.errors, _("This person has blocked the bot, so nothing reaches them.")]
        return not field.errors


def called(dialog: BotDialogState) -> str:
    """A conversation as people tell it from others."""
    name = name_in(dialog.person)
    return f"{name} · {dialog.platform_chat_id}" if name else dialog.platform_chat_id


def send_test(credential: BotPlatformCredential, dialog: BotDialogState) -> None:
    """Queue the message. Raises ``SwitchRefused`` where the platform could not send it."""
    viewer = current_viewer()
    assert viewer is not None
    owner = {
        "account_id": credential.account_id,
        "bot_id": credential.bot_id,
        "credential_id": credential.id,
        "dialog_id": dialog.id,
    }
    text = _("Test message from the GET INN portal, sent by %(name)s.", name=viewer.name)
    words = Utterance((Segment(text, typed=True),), is_notice=True)
    author_id = None if viewer.is_superuser else viewer.id
    rows = list(outgoing_rows(owner, credential.platform, [words], author="person", author_id=author_id))
    write(rows)
    credential.record(Action.TESTED, after={"chat": dialog.platform_chat_id})
    BotPlatformEvent.note(credential, occasion="test", result="queued", detail=str(rows[0]["id"]))


def tests_of(credential: BotPlatformCredential) -> dict[str, Any]:
    """The latest test messages with their conversations, and whether any is on its way."""
    found = recent_tests(credential)
    return {"tests": found, "is_followed": any(message.state in ON_ITS_WAY for message, _dialog in found)}
