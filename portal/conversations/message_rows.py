"""Messages as rows of the history: what came in, described, and what goes out, queued."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from portal.conversations.models import BotDialogState
from portal.conversations.records import ConversationRecord
from portal.db.base import SCHEMA
from portal.db.cursor import execute, rows, scalar, scalars
from portal.messaging.event_rows import dumps, to_row
from portal.messaging.events import Edited, InboundEvent, MessageState, OutgoingMessage, Pressed, SentFile
from portal.messaging.failures import Failure
from portal.messaging.news import Reaction, Withdrawn
from portal.messengers.registry import PLATFORMS
from portal.scenarios.engine.state import DropReason, Outcome, Stored

# What a person said and the bot did not take as an answer.
UNHEARD = frozenset({
    DropReason.DUPLICATE_PRESS, DropReason.TOO_MANY, DropReason.STALE_PRESS, DropReason.NOT_AWAITED,
    DropReason.UNSEEN,
})  # fmt: skip

# What is about an earlier message.
NEWS_OF_MESSAGES = (Edited, Reaction, Withdrawn)
# What was written before bots were is a platform's word for not knowing.
BEGINNING_OF_TIME = datetime(2000, 1, 1, tzinfo=UTC)

ConversationRow: TypeAlias = BotDialogState | ConversationRecord

_COLUMNS = {
    "id": "uuid", "account_id": "uuid", "bot_id": "uuid", "credential_id": "uuid", "dialog_id": "uuid",
    "direction": "text", "author": "text", "author_id": "uuid", "kind": "text", "text": "text", "content": "jsonb",
    "step_id": "text", "turn": "int", "variable": "text", "value": "text", "file_state": "text", "state": "text",
    "error": "text", "sent_at": "timestamp",
    "platform_message_id": "text", "update_id": "uuid",
}  # fmt: skip
# One statement however many messages; the places of the history are given in the order of the list.
_WRITE = f"""
    INSERT INTO {SCHEMA}.bot_message ({", ".join(_COLUMNS)})
    SELECT {", ".join(f"t.{name}" for name in _COLUMNS)}
    FROM ROWS FROM (json_to_recordset(%(rows)s::json) AS ({", ".join(map(" ".join, _COLUMNS.items()))}))
        WITH ORDINALITY AS t ({", ".join(_COLUMNS)}, place)
    ORDER BY t.place
""".encode()  # noqa: S608
_OFFERED = f"""
    SELECT content FROM {SCHEMA}.bot_message
    WHERE account_id = %(account)s AND dialog_id = %(dialog)s AND direction = 'out' AND turn = %(turn)s
    ORDER BY seq DESC LIMIT 10
""".encode()  # noqa: S608
# The last message of a step is the one that asks.
_LAST_OF_TURN = f"""
    SELECT state FROM {SCHEMA}.bot_message
    WHERE account_id = %(account)s AND dialog_id = %(dialog)s AND direction = 'out' AND author = 'bot'
    AND turn = %(turn)s AND content->'notice' IS DISTINCT FROM 'true'
    ORDER BY seq DESC LIMIT 1
""".encode()  # noqa: S608
# Of the latest messages of the conversation: what is long ago is quoted by nobody.
_QUOTED = f"""
    SELECT kind, left(text, 200) AS text, content->>'name' AS name FROM (
        SELECT kind, text, content, platform_message_id FROM {SCHEMA}.bot_message
        WHERE account_id = %(account)s AND dialog_id = %(dialog)s ORDER BY seq DESC LIMIT 500
    ) latest WHERE platform_message_id = %(ref)s AND kind <> 'edited' LIMIT 1
""".encode()  # noqa: S608
_CANCEL = f"""
    UPDATE {SCHEMA}.bot_message SET state = 'cancelled'
    WHERE account_id = %(account)s AND dialog_id = %(dialog)s AND state = 'queued'
    AND (author = 'bot' OR NOT %(bot_only)s)
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Quoted:
    """The beginning of an earlier message."""

    kind: str
    text: str
    name: str | None


def inbound_row(
    owner: dict[str, Any], inbound: InboundEvent, outcome: Outcome, update_id: UUID | None, at: datetime
) -> dict[str, Any]:
    """The row of what a person did; ``owner`` names conversation, bot, platform and account, ``at`` is the present."""
    dropped = outcome.dropped
    ignored = dropped in UNHEARD
    return {
        "id": uuid4(),
        **owner,
        "direction": "in",
        "author": "guest",
        **_told(owner, inbound, has_begun=outcome.has_begun),
        "sent_at": _written(inbound, at),
        # Who sends too much at once does not fill the store.
        **({"file_state": "refused"} if isinstance(inbound.event, SentFile) and dropped is DropReason.TOO_MANY else {}),
        **_answered(outcome.stored),
        "state": (MessageState.IGNORED if ignored else MessageState.RECEIVED).value,
        "error": Failure.QUESTION_UNSEEN.value if dropped is DropReason.UNSEEN else None,
        "platform_message_id": inbound.message_ref,
        "update_id": update_id,
    }


def _told(owner: dict[str, Any], inbound: InboundEvent, *, has_begun: bool) -> dict[str, Any]:
    """The event, with what came along, the beginning of the message that it is about, and whether all began anew."""
    row, remarks = to_row(inbound.event), dict(inbound.remarks)
    more: dict[str, Any] = {"begins": True} if has_begun else {}
    if isinstance(inbound.event, NEWS_OF_MESSAGES):
        quoted = _quoted(owner, inbound.event.message_ref)
        more |= {"quoted": asdict(quoted)} if quoted else {}
    elif inbound.quoted_ref:
        quoted = _quoted(owner, inbound.quoted_ref)
        remarks["reply"] = quoted.text if quoted else ""
    return row | {"content": row["content"] | more | ({"remarks": remarks} if remarks else {})}


def _quoted(owner: dict[str, Any], reference: str) -> _Quoted | None:
    """The beginning of the message of that id at the platform, where the conversation has it."""
    query = {"account": owner["account_id"], "dialog": owner["dialog_id"], "ref": reference}
    found = rows(_Quoted, _QUOTED, **query) if reference else []
    return found[0] if found else None


def _written(inbound: InboundEvent, at: datetime) -> str | None:
    """When the person did it, where the platform tells: never later than now."""
    if inbound.sent_at is None or inbound.sent_at < BEGINNING_OF_TIME:
        return None
    return naive(min(inbound.sent_at, at))


def naive(at: datetime) -> str:
    """A moment as statements by hand write it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat()


def _answered(stored: Sequence[Stored]) -> dict[str, str | None]:
    if not stored:
        return {"variable": None, "value": None}
    value = stored[0].value
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {"variable": stored[0].variable, "value": told}


def outgoing_rows(
    owner: dict[str, Any],
    platform: str,
    outgoing_messages: Iterable[OutgoingMessage],
    *,
    author: str,
    author_id: UUID | None = None,
) -> Iterator[dict[str, Any]]:
    """A queued row for each message that the platform needs for those outgoing messages."""
    adapter = PLATFORMS.get(platform)
    for outgoing in outgoing_messages:
        for part in adapter.outbound.parts(outgoing) if adapter else (outgoing,):
            yield {
                "id": uuid4(),
                **owner,
                "direction": "out",
                "author": author,
                "author_id": author_id,
                "kind": part.attachment.kind.value if part.attachment else "text",
                "text": part.text,
                "content": part.as_json(),
                "step_id": part.step_id,
                "turn": part.turn,
                "state": MessageState.QUEUED.value,
            }


def greeting_rows(owner: dict[str, Any], platform: str, language: str, at: datetime) -> list[dict[str, Any]]:
    """What somebody new was told in the answer to the delivery itself, where the platform has that; sent already."""
    adapter = PLATFORMS.get(platform)
    if adapter is None or adapter.greeting is None:
        return []
    queued = outgoing_rows(owner, platform, [adapter.greeting.said(language)], author="bot")
    return [row | {"state": MessageState.SENT.value, "sent_at": naive(at)} for row in queued]


def write(messages: Sequence[dict[str, Any]]) -> None:
    """Insert messages, in their order."""
    if messages:
        told = dumps([{name: row[name] for name in _COLUMNS if row.get(name) is not None} for row in messages])
        execute(_WRITE, rows=told)


def label_of_press(conversation: ConversationRow, event: Pressed) -> str:
    """What the pressed button said, where the platform does not tell: as the message said that offered it."""
    turn = event.marker.partition(".")[0]
    if event.label or not (turn.isascii() and turn.isdigit()) or len(turn) > 9:
        return event.label
    offered = scalars(_OFFERED, account=conversation.account_id, dialog=conversation.id, turn=int(turn))
    choices = [choice for content in offered for choice in content.get("choices") or ()]
    return next((label for label, marker in choices if marker == event.marker), "")


def cancel_queued(conversation: ConversationRow, *, of_bot_only: bool = False) -> None:
    """Whatever waits to be sent in a conversation is not sent any more."""
    execute(_CANCEL, account=conversation.account_id, dialog=conversation.id, bot_only=of_bot_only)


def is_unseen(conversation: ConversationRow) -> bool:
    """Whether the words of the step that it stands on were given up; what is still on its way may arrive."""
    asked = {"account": conversation.account_id, "dialog": conversation.id, "turn": conversation.turn}
    return scalar(_LAST_OF_TURN, **asked) in (MessageState.FAILED, MessageState.CANCELLED)
