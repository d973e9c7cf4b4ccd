"""Where one conversation stands, as the database keeps it."""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from portal.messaging.events import OutgoingMessage
from portal.scenarios.document.wording import Phrase


class ConversationStatus(StrEnum):
    """What a conversation is doing; the same words as ``bot_dialog_state.state``."""

    RUNNING = "running"
    FINISHED = "finished"
    BLOCKED = "blocked"
    TAKEN_OVER = "taken_over"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ConversationState:
    """A conversation between two events.

    ``step`` is the address of the step it stands on (None before the first one), ``turn`` grows by one with each
    step that is entered and never goes back. ``memory`` is the engine's own (``bot_dialog_state.engine_state``):
    small, bounded, JSON.
    """

    step: str | None = None
    state: ConversationStatus = ConversationStatus.RUNNING
    turn: int = 0
    variables: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> "ConversationState":
        """A conversation in which nothing has been said."""
        return cls()


MAX_NAME = 64
# Pictures that are sent at once come one after the other, where the platform does not say that they are one.
AT_ONCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Album:
    """A file that was sent: with which others, when, in which turn, and the step whose answer it became or ``""``."""

    group: str
    at: float
    turn: int
    step: str

    @classmethod
    def read(cls, raw: Any) -> "Album | None":
        """What :meth:`as_json` gave; anything else is none."""
        match raw:
            case [str(group), int() | float() as at, int(turn), str(step)]:
                return cls(group, at, turn, step)
        return None

    def as_json(self) -> list[Any]:
        """The fields in their order."""
        return [self.group, self.at, self.turn, self.step]

    def includes(self, group: str, at: float) -> bool:
        """Whether a file belongs to it: as the platform says, or by being sent at the same moment."""
        if group or self.group:
            return group == self.group
        return abs(at - self.at) <= AT_ONCE_SECONDS


@dataclass(slots=True)
class Memory:
    """``press``: the last button with its message and time. ``chain``: the steps since somebody last said something.

    ``window``: when the counted minute began, and how many messages came in it. ``wake_at``: when the conversation goes
    on by itself. ``before``: the state before the person blocked the bot. ``link``: what the link said by which
    somebody came who could not be answered yet. ``unseen``: the turn whose words have not arrived. ``album``: the last
    file, with what became of it. Times in seconds since 1970.
    """

    press: tuple[str, str, float] | None = None
    window: tuple[float, int] | None = None
    chain: list[str] = field(default_factory=list)
    wake_at: float | None = None
    before: str | None = None
    link: str | None = None
    unseen: int | None = None
    album: Album | None = None

    @classmethod
    def read(cls, raw: dict[str, Any]) -> "Memory":
        """What :meth:`as_json` gave; anything else in it reads as forgotten."""
        memory = cls()
        match raw.get("press"):
            case [str(marker), str(message), int() | float() as at]:
                memory.press = (marker, message, at)
        match raw.get("window"):
            case [int() | float() as start, int(count)]:
                memory.window = (start, count)
        chain = raw.get("chain")
        memory.chain = [name for name in chain if isinstance(name, str)] if isinstance(chain, list) else []
        wake_at, before = raw.get("wake_at"), raw.get("before")
        memory.wake_at = wake_at if isinstance(wake_at, int | float) else None
        memory.before = before if isinstance(before, str) else None
        link = raw.get("link")
        memory.link = link if isinstance(link, str) else None
        unseen = raw.get("unseen")
        memory.unseen = unseen if isinstance(unseen, int) else None
        memory.album = Album.read(raw.get("album"))
        return memory

    def as_json(self) -> dict[str, Any]:
        """What is kept; what is empty is left out."""
        kept = {
            "press": self.press and list(self.press),
            "window": self.window and list(self.window),
            "chain": self.chain,
            "wake_at": self.wake_at,
            "before": self.before,
            "link": self.link,
            "unseen": self.unseen,
            "album": self.album and self.album.as_json(),
        }
        return {key: value for key, value in kept.items() if value}

    def is_repeated(self, marker: str, message: str, at: float, within: float) -> bool:
        """Whether the same button of the same message was pressed just before; the press is remembered."""
        former, self.press = self.press, (short(marker), short(message), at)
        return former is not None and former[:2] == self.press[:2] and abs(at - former[2]) <= within

    def count(self, at: float) -> int:
        """How many messages came in the current minute, this one included."""
        if self.window is None or not 0 <= at - self.window[0] < 60:
            self.window = (at, 0)
        self.window = (self.window[0], self.window[1] + 1)
        return self.window[1]


def short(name: str) -> str:
    """A name as it can be remembered: a long one as its hash."""
    return name if len(name) <= MAX_NAME else blake2b(name.encode(errors="replace"), digest_size=16).hexdigest()


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
    # Somebody has come who cannot be answered before they write.
    NOT_YET = "not_yet"
    # The chat was opened once more while a conversation is there.
    ALREADY_OPEN = "already_open"
    # The step's own words have not arrived, so what is said is no answer to them: they are said again.
    UNSEEN = "unseen"
    # One more file of several that were sent at once: all of them are one answer.
    SAME_ALBUM = "same_album"


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

    standing: ConversationState
    outgoing_messages: tuple[OutgoingMessage, ...] = ()
    stored: tuple[Stored, ...] = ()
    acknowledge: Phrase | None = None
    wake_after: float | None = None
    dropped: DropReason | None = None
    failure: Phrase | None = None
    # The steps that were entered, in their order.
    entered: tuple[str, ...] = ()
    # Whether the conversation began anew: what was answered before is no answer any more.
    has_begun: bool = False
