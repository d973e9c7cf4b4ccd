"""One conversation's page: where it stands, what was said, who may write, put together for the templates."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import request, url_for

from portal.access.permissions import Permission
from portal.access.viewer import current_viewer, may
from portal.conversations.forms import USUAL_LENGTH, MessageForm, TakeOverForm
from portal.conversations.models import UNSENT, BotDialogState, name_in
from portal.conversations.obstacles import Obstacle, obstacle_of, wait_of
from portal.conversations.place_page import ListPlace, told_list
from portal.conversations.progress import STATES, Answer, Progress, answers_in, progress_of, step_names
from portal.conversations.queries import ConversationView, page_of_messages, sources_of, view_conversation
from portal.conversations.takeover import is_held_by
from portal.conversations.transcript import Transcript
from portal.db.types import utc_now
from portal.messengers.registry import PLATFORMS
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.wording import _l
from portal.staff.queries import employee_of

WORDS = {"states": STATES, "platforms": PLATFORMS}
UNDELIVERED = _l("A message could not be delivered, so its question was never asked. Look below and try it again.")
# A page without messages is asked for what comes after the beginning of time.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class ConversationPage:
    """What the templates of a conversation ask."""

    def __init__(self, bot_id: UUID, dialog_id: UUID, *, before: int | None = None) -> None:
        self.view: ConversationView = view_conversation(bot_id, dialog_id)
        self.before = before

    @property
    def conversation(self) -> BotDialogState:
        """The conversation."""
        return self.view.conversation

    @property
    def document(self) -> ScenarioDocument | None:
        """The scenario it is pinned to."""
        return self.view.scenario.document if self.view.scenario else None

    @property
    def name(self) -> str:
        """What people call it: the person's name, else the chat."""
        return name_in(self.conversation.person) or self.conversation.platform_chat_id

    @cached_property
    def _messages(self) -> tuple[list[Any], bool]:
        return page_of_messages(self.conversation.id, self.before)

    @cached_property
    def transcript(self) -> Transcript:
        """The messages of the page."""
        return Transcript(
            self._messages[0],
            self.conversation.bot_id,
            self.conversation.platform,
            self.conversation.bot.name,
            self.name,
            wait_of(self.view.mark.problem, self.view.label),
        )

    @property
    def url(self) -> str:
        """Its address."""
        return url_for(
            "account.bot_conversations.show", bot_id=self.conversation.bot_id, dialog_id=self.conversation.id
        )

    @cached_property
    def place(self) -> ListPlace | None:
        """Its place in the chain's list, where it was opened from there."""
        told = told_list(request.args)
        return None if told is None else ListPlace(told, self.conversation)

    def shows(self, seq: int) -> bool:
        """Whether a message is among those of the page."""
        return any(row.seq == seq for row in self.transcript.rows)

    @property
    def hold(self) -> str:
        """Who has it and may write, as a watching page remembers it."""
        conversation = self.conversation
        return (
            f"{conversation.state in ('taken_over', 'blocked') and conversation.state}:{conversation.taken_over_by_id}"
        )

    @property
    def failure(self) -> str:
        """Why the bot could not go on, in words."""
        return str(UNDELIVERED) if self.conversation.failure == UNSENT else self.conversation.failure or ""

    @property
    def has_earlier(self) -> bool:
        """Whether there is more before them."""
        return self._messages[1]

    @property
    def is_latest(self) -> bool:
        """Whether the page ends with the latest message, so that it can be followed."""
        return self.before is None

    @cached_property
    def answers(self) -> list[Answer]:
        """What was collected, each value with the place of the message that it came with."""
        return answers_in(self.conversation.answers, self.document, sources_of(self.conversation.id))

    @cached_property
    def standing(self) -> Progress:
        """Where it stands in its scenario."""
        return progress_of(self.conversation.current_step, self.answers, self.document)

    @cached_property
    def employee(self) -> Any:
        """The employee who writes here (id, name), for those who may know."""
        return employee_of(self.conversation.id) if may(Permission.STAFF_PRIVATE) else None

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The steps it can be handed back at."""
        return step_names(self.document)

    @property
    def is_mine(self) -> bool:
        """Whether the person who looks has taken it over."""
        return is_held_by(self.conversation, current_viewer())

    @property
    def may_take_over(self) -> bool:
        """Whether the person who looks may take it over at all."""
        return self.conversation.is_current and may(Permission.DIALOGS_TAKE_OVER)

    @property
    def longest(self) -> int:
        """How many characters one message may have."""
        return longest_for(self.conversation)

    @property
    def window_ends(self) -> datetime | None:
        """Until when the platform carries what a person writes; ``None`` where it always does."""
        window = self.view.adapter.limits.reply_window if self.view.adapter else None
        if window is None or self.conversation.last_inbound_at is None:
            return None
        ends: datetime = self.conversation.last_inbound_at + window
        return ends

    @property
    def is_window_closed(self) -> bool:
        """Whether the platform will refuse what a person writes now."""
        return self.window_ends is not None and self.window_ends <= utc_now()

    @cached_property
    def obstacle(self) -> Obstacle | None:
        """What keeps a reply from going out."""
        return obstacle_of(self.view)

    def context(self, **forms: Any) -> Mapping[str, Any]:
        """For the templates; ``composer`` may be a form that was refused."""
        composer = forms.get("composer") or MessageForm(self.longest, formdata=None)
        holder = self.conversation.taken_over_by_id
        takeover = TakeOverForm(formdata=None, holder=str(holder or ""))
        return {"page": self, "conversation": self.conversation, "composer": composer, "takeover": takeover} | WORDS

    @property
    def followed_since(self) -> str:
        """The moment after which a change is news to the page, as its address carries it."""
        return (self.transcript.latest_change or BEGINNING).isoformat()


def longest_for(conversation: BotDialogState) -> int:
    """How many characters one message to that chat may have."""
    adapter = PLATFORMS.get(conversation.platform)
    return adapter.limits.text if adapter else USUAL_LENGTH
