"""Conversations as text, to be written, played through the engine and compared.

    # A cook comes to work.
    > /start
    < Welcome!
      Who are you?
      [Cook] [Waiter]
    > /press Cook

``>`` is the person, ``<`` the bot, an indented line goes on with the message above it; blank lines and those that
begin with ``#`` say nothing. Buttons stand in brackets at the end of a message, and are compared where the
expected message has any. Delays are skipped. What is no text is said so: ``/press LABEL``, ``/photo``,
``/file NAME KB``, ``/contact PHONE``, ``/location 55.75 37.61``, ``/open PAYLOAD``, ``/sticker``, ``/block``,
``/unblock``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from textwrap import indent

from portal.messaging.events import (
    Blocked,
    Event,
    FileKind,
    Opened,
    OutgoingMessage,
    Pressed,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unblocked,
    Unsupported,
)
from portal.scenarios.engine.advance import advance
from portal.scenarios.engine.phrases import Say
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationState, Outcome, Tick

_FIRST_DAY = datetime(2026, 1, 12, 9, tzinfo=UTC)
_BETWEEN_LINES = timedelta(seconds=5)
_WORDS: dict[str, Event] = {
    "/block": Blocked(),
    "/unblock": Unblocked(),
    "/sticker": Unsupported("sticker"),
}


class TranscriptError(ValueError):
    """A transcript that cannot be read or played; the message is one plain sentence."""


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """What one side said; lines of a message without blank ones, free of space around them."""

    is_person: bool
    text: str

    def __str__(self) -> str:
        return indent(self.text, "  ").replace(" ", ">" if self.is_person else "<", 1)


def read_transcript(text: str) -> list[ScriptLine]:
    """The lines of a transcript; raises :class:`TranscriptError`."""
    lines: list[ScriptLine] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        if raw[0] in "<>":
            lines.append(ScriptLine(raw[0] == ">", raw[1:].strip()))
        elif not lines or not raw[0].isspace():
            raise TranscriptError(f"Line {number} begins with neither > nor < and is not indented.")
        else:
            lines[-1] = ScriptLine(lines[-1].is_person, f"{lines[-1].text}\n{raw.strip()}".strip())
    return lines


def written(outgoing: OutgoingMessage) -> str:
    """A message as a transcript shows it: its file, its words, its buttons."""
    file = outgoing.attachment
    lines = [f"({file.kind}: {file.key})"] if file else []
    lines += outgoing.text.splitlines()
    lines.append(" ".join(f"[{choice.label}]" for choice in outgoing.choices))
    return "\n".join(line.strip() for line in lines if line.strip())


class Chat:
    """A conversation without a platform, with a clock of its own."""

    def __init__(self, program: Program, say: Say = str) -> None:
        self.program, self.say = program, say
        self.standing = ConversationState.fresh()
        self.now = _FIRST_DAY
        self.sent: list[OutgoingMessage] = []

    def hear(self, line: str) -> list[OutgoingMessage]:
        """Everything the bot says to one line; raises :class:`TranscriptError` for a button that is not there."""
        before = len(self.sent)
        self.now += _BETWEEN_LINES
        outcome = self._advance(self.event(line))
        while outcome.wake_after is not None:
            self.now += timedelta(seconds=outcome.wake_after)
            outcome = self._advance(Tick(outcome.standing.turn))
        return self.sent[before:]

    def _advance(self, event: Event | Tick) -> Outcome:
        outcome = advance(self.program, self.standing, event, now=self.now, say=self.say)
        self.standing = outcome.standing
        self.sent += outcome.outgoing_messages
        return outcome

    def event(self, line: str) -> Event:
        """What a line stands for: a message, or one of the words for what is no text."""
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        match word:
            case "/press":
                return self._press(rest)
            case "/photo":
                return SentFile(FileKind.IMAGE, "photo", rest or "photo.jpg", "image/jpeg", 200 * 1024)
            case "/file":
                return _file(rest)
            case "/contact":
                return SharedContact(rest, is_own=True)
            case "/location":
                return _place(rest)
            case "/open":
                return Opened(rest)
        return _WORDS.get(word) or Typed(line.strip())

    def _press(self, label: str) -> Pressed:
        """The newest button with these words, be it of an old menu."""
        for place, outgoing in reversed(list(enumerate(self.sent))):
            for choice in outgoing.choices:
                if choice.label.casefold() == label.casefold():
                    return Pressed(choice.marker, choice.label, message_ref=str(place))
        raise TranscriptError(f"There is no button “{label}”.")


def play(program: Program, said: list[ScriptLine], say: Say = str) -> list[ScriptLine]:
    """The same conversation as the engine has it: the person's lines, each with what the bot says to it."""
    chat = Chat(program, say)
    played: list[ScriptLine] = []
    for line in said:
        if line.is_person:
            played.append(line)
            played += [ScriptLine(False, written(outgoing)) for outgoing in chat.hear(line.text)]
    return played


def difference(program: Program, transcript: str) -> str:
    """Where a conversation goes another way than its transcript; empty where it does not."""
    expected = read_transcript(transcript)
    played = play(program, expected)
    if len(expected) == len(played):
        pairs = zip(expected, played, strict=True)
        played = [_as_expected(line, wanted) for wanted, line in pairs]
    before, after = ("\n".join(map(str, side)).splitlines() for side in (expected, played))
    return "\n".join(unified_diff(before, after, "transcript", "engine", lineterm="", n=2))


def _as_expected(line: ScriptLine, wanted: ScriptLine) -> ScriptLine:
    """Without its buttons, where the transcript leaves them out."""
    has_buttons = any(part.startswith("[") for part in wanted.text.splitlines())
    if has_buttons or line.is_person:
        return line
    return ScriptLine(False, "\n".join(_without_buttons(line.text)))


def _without_buttons(text: str) -> Iterator[str]:
    lines = text.splitlines()
    return iter(lines[:-1] if len(lines) > 1 and lines[-1].startswith("[") else lines)


def _file(rest: str) -> SentFile:
    name, _, size = rest.rpartition(" ")
    if not size.isascii() or not size.isdigit():
        name, size = rest, "100"
    return SentFile(FileKind.DOCUMENT, "file", name or "file.pdf", size=int(size[:9]) * 1024)


def _place(rest: str) -> SharedLocation:
    try:
        latitude, longitude = (float(part) for part in rest.replace(",", " ").split())
    except ValueError:
        raise TranscriptError("Write /location and two numbers, such as /location 55.75 37.61.") from None
    return SharedLocation(latitude, longitude)
