"""What an event did to a conversation."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.messaging.events import Utterance
from portal.scenarios.document.wording import Phrase
from portal.scenarios.engine.state import Standing


class DropReason(StrEnum):
    """Why an event moved nothing. Words may have been said all the same: a stale press is answered."""

    DUPLICATE_PRESS = "duplicate_press"
    TOO_MANY = "too_many"
    STALE_PRESS = "stale_press"
    TAKEN_OVER = "taken_over"
    OLD_TICK = "old_tick"
    NO_SCENARIO = "no_scenario"
    # Edits and receipts: news of a message, no move.
    NOT_A_MOVE = "not_a_move"
    # The bot is about to go on by itself; what is said in between is kept in the history only.
    NOT_AWAITED = "not_awaited"
    # The chat was opened once more while a conversation is there.
    ALREADY_OPEN = "already_open"


@dataclass(frozen=True, slots=True)
class Tick:
    """The time to go on has come for that turn; made by the caller when ``wake_after`` has passed."""

    turn: int


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer that was kept. Of a file the value is its description, without the platform's reference."""

    variable: str
    value: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """The standing afterwards, and what is to be done.

    ``acknowledge`` is the short text for a pressed button (None: acknowledge without words). ``wake_after`` says
    in how many seconds from now a :class:`Tick` of ``standing.turn`` is due; it is given again, shortened, with
    each outcome while the wait lasts, and None where nothing is awaited by itself: store it as it is.
    ``failure`` says why the conversation cannot go on; its state is then ``failed``.
    """

    standing: Standing
    utterances: tuple[Utterance, ...] = ()
    stored: tuple[Stored, ...] = ()
    acknowledge: Phrase | None = None
    wake_after: float | None = None
    dropped: DropReason | None = None
    failure: Phrase | None = None
