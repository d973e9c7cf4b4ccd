"""A person instead of the bot: taking a conversation over, writing in it, handing it back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from portal.access.viewer import Viewer, current_viewer
from portal.audit.models import Action
from portal.audit.recording import record
from portal.conversations.conversation import Conversation, NotConnected
from portal.conversations.models import BotDialogState, name_in
from portal.conversations.queries import name_of
from portal.db.types import utc_now
from portal.scenarios.document.wording import Phrase, _l
from portal.scenarios.programs import live_version, program_of

BLOCKED = _l("This guest has blocked the bot, so nothing that is written reaches them.")
OLD_COPY = _l("This is an older copy of the chat. Open the copy that counts.")
NOT_CONNECTED = _l("The bot is not connected to this platform, so nothing can be sent.")
UNKNOWN_STEP = _l("This step is not in the version that the conversation stands on. Choose another.")
NOT_TAKEN = _l("The bot has this conversation. Take it over before you write.")


class TakeOverRefused(Exception):
    """A conversation cannot be taken over or written in; ``reason`` says why, in words for people."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(str(reason))
        self.reason = reason


def is_held_by(conversation: BotDialogState, viewer: Viewer | None) -> bool:
    """Whether that person has it; a visiting superuser, who is no member, is kept without a name."""
    if conversation.state != "taken_over" or viewer is None:
        return False
    return conversation.taken_over_by_id == (None if viewer.is_superuser else viewer.id)


class TakeOver:
    """One person's hold on one conversation, whose row is locked for as long as the request lasts."""

    def __init__(self, conversation: BotDialogState) -> None:
        self.conversation = conversation
        viewer = current_viewer()
        assert viewer is not None
        self.viewer = viewer

    def begin(self, duration: timedelta | None, former: UUID | None) -> None:
        """Silence the bot; a second time sets only when it goes on by itself.

        ``former`` is who had it when the person decided. Raises :class:`TakeOverRefused` where somebody else has
        it by now, or where nobody can write.
        """
        self._require_reachable()
        conversation, now = self.conversation, utc_now()
        if (
            conversation.state == "taken_over"
            and not is_held_by(conversation, self.viewer)
            and conversation.taken_over_by_id != former
        ):
            raise TakeOverRefused(_l("%(name)s has just taken this conversation over.", name=self.holder_name))
        before = {"taken_over_by": self.holder_name, "hand_back_at": told(conversation.hand_back_at)}
        if not is_held_by(conversation, self.viewer):
            conversation.taken_over_by_id = None if self.viewer.is_superuser else self.viewer.id
            conversation.taken_over_at = now
        conversation.state = "taken_over"
        conversation.hand_back_at = now + duration if duration else None
        after = {"taken_over_by": self.viewer.display_name, "hand_back_at": told(conversation.hand_back_at)}
        record(Action.TAKEN_OVER, conversation, before=before, after=after, label=label_of_conversation(conversation))

    def end(self, step: str) -> None:
        """Let the bot go on at a step, or without one as it stands; where nobody has it nothing changes.

        Raises :class:`TakeOverRefused` for a step that the conversation's version lacks.
        """
        if self.conversation.state != "taken_over":
            return
        if step not in self._steps():
            raise TakeOverRefused(UNKNOWN_STEP)
        before = {"taken_over_by": self.holder_name}
        Conversation(self.conversation).enter(step)
        record(
            Action.HANDED_BACK,
            self.conversation,
            before=before,
            after={"step": step},
            label=label_of_conversation(self.conversation),
        )

    def say(self, text: str) -> None:
        """Send a message as a person; raises :class:`TakeOverRefused` where somebody else, or the bot, has it."""
        self._require_reachable()
        if self.conversation.state != "taken_over":
            raise TakeOverRefused(NOT_TAKEN)
        if not is_held_by(self.conversation, self.viewer):
            raise TakeOverRefused(_l("%(name)s has this conversation now.", name=self.holder_name))
        try:
            Conversation(self.conversation).say(text, by=self.viewer)
        except NotConnected:
            raise TakeOverRefused(NOT_CONNECTED) from None

    def _steps(self) -> list[str]:
        version = self.conversation.scenario_id or live_version(self.conversation.account_id, self.conversation.bot_id)
        return ["", *program_of(self.conversation.account_id, version).step_addresses()] if version else [""]

    @property
    def holder_name(self) -> str | None:
        """Who has it, by name."""
        if self.conversation.state != "taken_over":
            return None
        return name_of(self.conversation.taken_over_by_id) or str(_l("Support"))

    def _require_reachable(self) -> None:
        if not self.conversation.is_current:
            raise TakeOverRefused(OLD_COPY)
        if self.conversation.state == "blocked":
            raise TakeOverRefused(BLOCKED)


def label_of_conversation(conversation: BotDialogState) -> str:
    """What the log calls a conversation."""
    return f"{conversation.bot.name}: {name_in(conversation.person) or conversation.platform_chat_id}"


def told(moment: Any) -> str | None:
    """A moment as the log keeps it."""
    return None if moment is None else str(moment)
