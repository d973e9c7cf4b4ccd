"""Where one conversation stands, as the database keeps it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class DialogState(StrEnum):
    """What a conversation is doing; the same words as ``bot_dialog_state.state``."""

    RUNNING = "running"
    FINISHED = "finished"
    BLOCKED = "blocked"
    TAKEN_OVER = "taken_over"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation between two events.

    ``step`` is the address of the step it stands on (None before the first one), ``turn`` grows by one with each
    step that is entered and never goes back. ``memory`` is the engine's own (``bot_dialog_state.engine_state``):
    small, bounded, JSON.
    """

    step: str | None = None
    state: DialogState = DialogState.RUNNING
    turn: int = 0
    variables: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> "Standing":
        """A conversation in which nothing has been said."""
        return cls()
