"""One conversation's page: where it stands, what was said, who may write, put together for the templates."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import url_for

from portal.access.permissions import Permission
from portal.access.viewer import current_viewer, may
from portal.conversations.forms import USUAL_LENGTH, MessageForm, TakeOverForm
from portal.conversations.listing import name_in
from portal.conversations.models import UNSENT, BotDialogState
from portal.conversations.progress import STATES, Answer, Standing, answers_in, standing_of, step_names
from portal.conversations.queries import DialogView, page_of_messages, sources_of, view_dialog
from portal.conversations.takeover import is_held_by
from portal.conversations.transcript import Transcript
from portal.db.types import utc_now
from portal.messengers.registry import PLATFORMS
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.wording import _l

WORDS = {"states": STATES, "platforms": PLATFORMS}
UNDELIVERED = _l("A message could not be delivered, so its question was never asked. Look below and try it again.")
# A page without messages is asked for what comes after the beginning of time.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class DialogPage:
    """What the templates of a conversation ask."""

    def __init__(self, bot_id: UUID, dialog_id: UUID, *, before: int | None = None) -> None:
        self.view: DialogView = view_dialog(bot_id, dialog_id)
        self.before = before

    @property
    def dialog(self) -> BotDialogState:
        """The conversation."""
        return self.view.dialog

    @property
    def document(self) -> ScenarioDocument | None:
        """The scenario it is pinned to."""
        return self.view.scenario.document if self.view.scenario else None

    @property
    def name(self) -> str:
        """What people call it: the person's name, else the chat."""
        return name_in(self.dialog.person) or self.dialog.platform_chat_id

    @cached_property
    def _messages(self) -> tuple[list[Any], bool]:
        return page_of_messages(self.dialog.id, self.before)

    @cached_property
    def transcript(self) -> Transcript:
        """The messages of the page."""
        return Transcript(self._messages[0], self.dialog.bot_id, self.dialog.platform, self.dialog.bot.name, self.name)

    @property
    def url(self) -> str:
        """Its address."""
        return url_for("account.dialogs.show", bot_id=self.dialog.bot_id, dialog_id=self.dialog.id)

    def shows(self, seq: int) -> bool:
        """Whether a message is among those of the page."""
        return any(row.seq == seq for row in self.transcript.rows)

    @property
    def hold(self) -> str:
        """Who has it and may write, as a watching page remembers it."""
        return f"{self.dialog.state in ('taken_over', 'blocked') and self.dialog.state}:{self.dialog.taken_over_by_id}"

    @property
    def failure(self) -> str:
        """Why the bot could not go on, in words."""
        return str(UNDELIVERED) if self.dialog.failure == UNSENT else self.dialog.failure or ""

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
        return answers_in(self.dialog.answers, self.document, sources_of(self.dialog.id))

    @cached_property
    def standing(self) -> Standing:
        """Where it stands in its scenario."""
        return standing_of(self.dialog.current_step, self.answers, self.document)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The steps it can be handed back at."""
        return step_names(self.document)

    @property
    def is_mine(self) -> bool:
        """Whether the person who looks has taken it over."""
        return is_held_by(self.dialog, current_viewer())

    @property
    def may_take_over(self) -> bool:
        """Whether the person who looks may take it over at all."""
        return self.dialog.is_current and may(Permission.DIALOGS_TAKE_OVER)

    @property
    def longest(self) -> int:
        """How many characters one message may have."""
        return longest_for(self.dialog)

    @property
    def window_ends(self) -> datetime | None:
        """Until when the platform carries what a person writes; ``None`` where it always does."""
        window = self.view.adapter.reply_window if self.view.adapter else None
        if window is None or self.dialog.last_inbound_at is None:
            return None
        ends: datetime = self.dialog.last_inbound_at + window
        return ends

    @property
    def is_window_closed(self) -> bool:
        """Whether the platform will refuse what a person writes now."""
        return self.window_ends is not None and self.window_ends <= utc_now()

    def context(self, **forms: Any) -> Mapping[str, Any]:
        """For the templates; ``composer`` may be a form that was refused."""
        composer = forms.get("composer") or MessageForm(self.longest, formdata=None)
        holder = self.dialog.taken_over_by_id
        takeover = TakeOverForm(formdata=None, holder=str(holder or ""))
        return {"page": self, "dialog": self.dialog, "composer": composer, "takeover": takeover} | WORDS

    @property
    def followed_since(self) -> str:
        """The moment after which a change is news to the page, as its address carries it."""
        return (self.transcript.latest_change or BEGINNING).isoformat()


def longest_for(dialog: BotDialogState) -> int:
    """How many characters one message to that chat may have."""
    adapter = PLATFORMS.get(dialog.platform)
    return adapter.text_limit if adapter else USUAL_LENGTH
