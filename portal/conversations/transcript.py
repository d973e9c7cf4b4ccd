"""What was said, as a transcript shows it: who, when, with which buttons and files, and whether it arrived."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, url_for

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.conversations.descriptions import FILE_KINDS, Told, in_a_line, label_of, remarks_of
from portal.messaging.events import MessageState
from portal.messaging.failures import reason_of
from portal.messaging.kinds import Kind
from portal.messengers.registry import platform_label
from portal.scenarios.document.wording import Phrase, _l

GUEST, BOT, PERSON = "guest", "bot", "person"
AUTHORS = {GUEST: _l("Guest"), BOT: _l("Bot"), PERSON: _l("Colleague")}
FILE_STATES = {
    "waiting": _l("The file is being fetched."),
    "refused": _l("The file was not accepted."),
    "failed": _l("The file could not be fetched."),
    "removed": _l("The file was removed after its time."),
}
# Words, tone and symbol of how far a message has come; nothing is said of what simply came in.
STATES: Mapping[str, tuple[Phrase, str, str]] = {
    MessageState.IGNORED: (_l("Not taken as an answer"), "muted", "info"),
    MessageState.QUEUED: (_l("Waiting to be sent"), "muted", "clock"),
    MessageState.SENDING: (_l("Being sent"), "muted", "clock"),
    MessageState.UNCERTAIN: (_l("It is not known yet whether it arrived"), "warn", "clock"),
    MessageState.SENT: (_l("Sent"), "muted", "check"),
    MessageState.DELIVERED: (_l("Delivered"), "muted", "check"),
    MessageState.READ: (_l("Read"), "good", "eye"),
    MessageState.FAILED: (_l("Not delivered"), "bad", "alert"),
    MessageState.CANCELLED: (_l("Not sent"), "muted", "x"),
}
UNSENT = (MessageState.FAILED, MessageState.CANCELLED)
PREVIEWED = ("image/png", "image/jpeg", "image/gif", "image/webp")
FILE_ENDPOINT = "account.bot_files.show"
# Nobody looks at a paper in passing.
PAPER = _l("A paper of an employee.")
SNIPPET = 80
# What arrived so much after it was written says so.
LATE = timedelta(minutes=10)
# What became of a message afterwards, by the kind of the row that tells it and the key of what it is about.
CHANGES = {"edited": ("edited", _l("changed later")), "withdrawn": ("withdrawn", _l("withdrawn later"))}


@dataclass(frozen=True, slots=True)
class ShownButton:
    """A button as it was offered, and whether somebody pressed it."""

    marker: str
    label: str
    is_pressed: bool


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a message; ``url`` is empty where it is not to be had, ``note`` says why."""

    kind: Kind
    name: str
    url: str
    is_picture: bool
    note: Phrase | str | None


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One message as a page shows it; ``side`` is guest, bot or person.

    ``at`` is when it was written, ``arrived_at`` when it came where that was much later.
    """

    id: UUID
    seq: int
    side: str
    who: str
    text: str
    about: Told
    at: datetime
    arrived_at: datetime | None
    remarks: tuple[str, ...]
    buttons: tuple[ShownButton, ...]
    file: ShownFile | None
    state: tuple[Phrase, str, str] | None
    reason: Any
    is_failed: bool
    is_pressed: bool
    maybe_twice: bool
    is_edited: bool
    step_id: str | None
    variable: str | None


class Transcript:
    """The messages of one page of a conversation, oldest first; ``wait`` is why what is queued is not sent."""

    def __init__(
        self, rows: Iterable[Any], bot_id: UUID, platform: str, bot_name: str, guest: str, wait: str | None = None
    ) -> None:
        self.rows, self.wait = list(rows), wait
        self.bot_id, self.platform, self.bot_name, self.guest = bot_id, platform, bot_name, guest
        self.pressed = {marker for row in self.rows if (marker := self.marker_of(row))}
        self.changes = dict(filter(None, map(_change_of, self.rows)))

    def lines(self) -> list[TranscriptLine]:
        """Every message."""
        return [self.line(row) for row in self.rows]

    @property
    def last(self) -> int:
        """The place of the latest message; 0 where there is none."""
        return max((row.seq for row in self.rows), default=0)

    @property
    def latest_change(self) -> datetime | None:
        """When one of them was changed last."""
        return max((row.updated_at for row in self.rows), default=None)

    def line(self, row: Any) -> TranscriptLine:
        """One message."""
        content = row.content if isinstance(row.content, dict) else {}
        is_failed = row.state == MessageState.FAILED
        return TranscriptLine(
            id=row.id,
            seq=row.seq,
            side=row.author,
            who=self.who(row),
            text=row.text,
            about=label_of(row.kind, row.text, content),
            at=written_at(row),
            arrived_at=row.created_at if row.created_at - written_at(row) > LATE else None,
            remarks=(*remarks_of(content), *self.changes_of(row)),
            buttons=tuple(ShownButton(marker, label, marker in self.pressed) for label, marker in choices_of(content)),
            file=self.file(row, content),
            state=self.state(row),
            reason=self.why(row),
            is_failed=is_failed,
            is_pressed=row.kind == "press",
            maybe_twice=row.maybe_twice,
            is_edited=bool(content.get("edited")),
            step_id=row.step_id,
            variable=row.variable,
        )

    def state(self, row: Any) -> tuple[Phrase, str, str] | None:
        """How far it has come; what cannot be sent does not look as if it were its turn next."""
        found = STATES.get(row.state)
        return (found[0], "warn", "warning") if found and self._is_held_up(row) else found

    def why(self, row: Any) -> Any:
        """Why it has not come further, if that is known."""
        if self._is_held_up(row):
            return self.wait
        return reason(row.error, self.platform) if row.state in (*UNSENT, MessageState.IGNORED) else None

    def _is_held_up(self, row: Any) -> bool:
        return self.wait is not None and row.state == MessageState.QUEUED

    def marker_of(self, row: Any) -> str | None:
        """Which button an inbound message pressed."""
        if row.kind != "press" or not isinstance(row.content, dict):
            return None
        marker = row.content.get("marker")
        return marker if isinstance(marker, str) else None

    def changes_of(self, row: Any) -> tuple[str, ...]:
        """What the person did to it later, as far as the page shows it."""
        change = self.changes.get(row.platform_message_id) if row.direction == "in" else None
        return (str(change),) if change and row.kind not in CHANGES else ()

    def who(self, row: Any) -> str:
        """Who speaks: the person at the platform, the bot, or a member of the chain."""
        names = {GUEST: self.guest, BOT: self.bot_name}
        return names.get(row.author) or row.writer or str(_l("Support"))

    def file(self, row: Any, content: dict[str, Any]) -> ShownFile | None:
        """The file that came or went with a message."""
        told, attached = content.get("file"), content.get("attachment")
        kind = attached[0] if isinstance(attached, list) and attached else row.kind
        if kind not in FILE_KINDS:
            return None
        name = row.media_name or (told.get("name") if isinstance(told, dict) else "") or ""
        is_there = (
            row.file_id and row.file_state in (None, "stored") and (not row.is_paper or may(Permission.STAFF_PRIVATE))
        )
        url = file_url(self.bot_id, row.file_id) if is_there else ""
        is_picture = bool(url) and not row.is_paper and row.content_type in PREVIEWED
        note = self.file_note(row) or (PAPER if row.is_paper else None)
        return ShownFile(Kind(kind), str(name), url, is_picture, note)

    def file_note(self, row: Any) -> Phrase | str | None:
        """Where a received file is, if it is not there, and why."""
        state = FILE_STATES.get(row.file_state or "")
        why = reason(row.error, self.platform)
        if state is None or why is None:
            return state
        return f"{state} {why}"


def written_at(row: Any) -> datetime:
    """When a message was written: of what came in as the messenger told, where it did."""
    written: datetime = row.sent_at if row.direction == "in" and row.sent_at else row.created_at
    return written


def _change_of(row: Any) -> tuple[str, Phrase] | None:
    """The platform's id of the message that a row tells of, and what became of that."""
    if row.kind not in CHANGES or not isinstance(row.content, dict):
        return None
    key, told = CHANGES[row.kind]
    reference = row.content.get(key)
    return (reference, told) if isinstance(reference, str) and reference else None


def reason(code: str | None, platform: str) -> Any:
    """Why a message on a platform did not go out, in words; ``None`` where nothing was noted."""
    return reason_of(code, platform_label(platform)) if code else None


def kind_label(kind: str, text: str, content: Mapping[str, Any]) -> Any:
    """What kind of message it was; words and presses speak for themselves."""
    return Kind(kind) if kind in FILE_KINDS else label_of(kind, text, content)


def state_label(state: str) -> Any:
    """How far a message has come, in words; what simply came in says nothing."""
    return STATES[state][0] if state in STATES else ""


def choices_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The buttons of what went out, as (label, marker); nothing of what has another shape."""
    choices = content.get("choices")
    pairs = choices if isinstance(choices, list) else []
    return [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]


def file_url(bot_id: UUID, file_id: UUID) -> str:
    """Where a file of a bot can be had."""
    if FILE_ENDPOINT not in current_app.view_functions:
        return ""
    return url_for(FILE_ENDPOINT, bot_id=bot_id, file_id=file_id)


def snippet(said: Any) -> str:
    """The last message of a conversation in a line: [direction, author, kind, text, name] as the list reads it."""
    if not isinstance(said, list) or len(said) < 4:
        return ""
    kind, text = str(said[2] or ""), " ".join(str(said[3] or "").split())
    told = in_a_line(kind, text, {"name": said[4]} if len(said) > 4 else {})
    return told if len(told) <= SNIPPET else told[: SNIPPET - 1] + "…"
