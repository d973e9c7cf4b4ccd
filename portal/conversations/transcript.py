"""What was said, as a transcript shows it: who, when, with which buttons and files, and whether it arrived."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, url_for

from portal.messaging.events import MessageState
from portal.messaging.failures import reason_of
from portal.messengers.registry import PLATFORMS
from portal.scenarios.document.wording import Phrase, _l

GUEST, BOT, PERSON = "guest", "bot", "person"
AUTHORS = {GUEST: _l("Guest"), BOT: _l("Bot"), PERSON: _l("Colleague")}
FILE_KINDS = {
    "image": _l("Picture"),
    "video": _l("Video"),
    "animation": _l("Animation"),
    "audio": _l("Sound"),
    "voice": _l("Voice message"),
    "document": _l("File"),
}
OTHER_KINDS = {
    "contact": _l("Contact"),
    "location": _l("Location"),
    "opened": _l("Opened the chat"),
    "blocked": _l("Blocked the bot"),
    "unblocked": _l("Unblocked the bot"),
    "unsupported": _l("Something the bot cannot read, a sticker say"),
}
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
SNIPPET = 80


@dataclass(frozen=True, slots=True)
class ShownButton:
    """A button as it was offered, and whether somebody pressed it."""

    marker: str
    label: str
    is_pressed: bool


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a message; ``url`` is empty where it is not to be had, ``note`` says why."""

    kind: Phrase | str
    name: str
    url: str
    is_picture: bool
    note: Phrase | str | None


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One message as a page shows it; ``side`` is guest, bot or person."""

    id: UUID
    seq: int
    side: str
    who: str
    text: str
    about: Phrase | str
    at: datetime
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
    """The messages of one page of a conversation, oldest first."""

    def __init__(self, rows: Iterable[Any], bot_id: UUID, platform: str, bot_name: str, guest: str) -> None:
        self.rows = list(rows)
        self.bot_id, self.platform, self.bot_name, self.guest = bot_id, platform, bot_name, guest
        self.pressed = {marker for row in self.rows if (marker := self.marker_of(row))}

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
            about="" if row.text else OTHER_KINDS.get(row.kind, ""),
            at=row.created_at,
            buttons=tuple(ShownButton(marker, label, marker in self.pressed) for label, marker in choices_of(content)),
            file=self.file(row, content),
            state=STATES.get(row.state),
            reason=reason(row.error, self.platform) if row.state in (*UNSENT, MessageState.IGNORED) else None,
            is_failed=is_failed,
            is_pressed=row.kind == "press",
            maybe_twice=row.maybe_twice,
            is_edited=bool(content.get("edited")),
            step_id=row.step_id,
            variable=row.variable,
        )

    def marker_of(self, row: Any) -> str | None:
        """Which button an inbound message pressed."""
        if row.kind != "press" or not isinstance(row.content, dict):
            return None
        marker = row.content.get("marker")
        return marker if isinstance(marker, str) else None

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
        url = file_url(self.bot_id, row.file_id) if row.file_id and row.file_state in (None, "stored") else ""
        is_picture = bool(url) and row.content_type in PREVIEWED
        return ShownFile(FILE_KINDS[kind], str(name), url, is_picture, self.file_note(row))

    def file_note(self, row: Any) -> Phrase | str | None:
        """Where a received file is, if it is not there, and why."""
        state = FILE_STATES.get(row.file_state or "")
        why = reason(row.error, self.platform)
        if state is None or why is None:
            return state
        return f"{state} {why}"


def reason(code: str | None, platform: str) -> Any:
    """Why a message on a platform did not go out, in words; ``None`` where nothing was noted."""
    adapter = PLATFORMS.get(platform)
    return reason_of(code, str(adapter.label) if adapter else platform) if code else None


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
    """The last message of a conversation in a line: [direction, author, kind, text] as the list reads it."""
    if not isinstance(said, list) or len(said) != 4:
        return ""
    _direction, _author, kind, text = said
    told = " ".join(str(text or "").split())
    if not told:
        told = str(FILE_KINDS.get(kind) or OTHER_KINDS.get(kind) or "")
    return told if len(told) <= SNIPPET else told[: SNIPPET - 1] + "…"
