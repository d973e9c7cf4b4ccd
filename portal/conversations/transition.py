"""What one step of a conversation came to, for those who do something about it once it is taken."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from portal.scenarios.engine.state import ConversationStatus, Outcome, Stored


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button that the platform wants acknowledged, with a passing note or without words."""

    callback: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What remains to be done: a press to acknowledge, the message whose file is to be fetched."""

    press: Press | None = None
    file_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """The answers that were kept, the steps that were entered, and whether the conversation came to its end."""

    stored: tuple[Stored, ...] = ()
    entered: tuple[str, ...] = ()
    has_finished: bool = False

    @classmethod
    def of(cls, outcome: Outcome, former_state: str) -> Self:
        """That of an outcome; ``former_state`` is the conversation's state before it."""
        finished = ConversationStatus.FINISHED
        is_over = outcome.standing.state is finished and (former_state != finished or outcome.has_begun)
        return cls(outcome.stored, outcome.entered, is_over)


NOTHING = Transition()
