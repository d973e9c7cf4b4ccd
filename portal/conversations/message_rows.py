"""Messages as rows of the history: what came in, described, and what goes out, queued."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, update

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.messaging.event_rows import to_row
from portal.messaging.events import InboundEvent, MessageState, OutgoingMessage, Pressed, SentFile
from portal.messaging.messages import BotMessage
from portal.messengers.registry import PLATFORMS
from portal.scenarios.engine.state import DropReason, Outcome, Stored

# What a person said and the bot did not take as an answer.
UNHEARD = frozenset({
    DropReason.DUPLICATE_PRESS, DropReason.TOO_MANY, DropReason.STALE_PRESS, DropReason.NOT_AWAITED,
})  # fmt: skip


def inbound_row(
    owner: dict[str, Any], inbound: InboundEvent, outcome: Outcome, update_id: UUID | None
) -> dict[str, Any]:
    """The row of what a person did; ``owner`` names conversation, bot, platform and account."""
    dropped = outcome.dropped
    ignored = dropped in UNHEARD
    return {
        "id": uuid4(),
        **owner,
        "direction": "in",
        "author": "guest",
        **to_row(inbound.event),
        # Who sends too much at once does not fill the store.
        **({"file_state": "refused"} if isinstance(inbound.event, SentFile) and dropped is DropReason.TOO_MANY else {}),
        **_answered(outcome.stored),
        "state": (MessageState.IGNORED if ignored else MessageState.RECEIVED).value,
        "platform_message_id": inbound.message_ref,
        "update_id": update_id,
    }


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


def write(rows: Sequence[dict[str, Any]]) -> None:
    """Insert messages of one direction, in their order."""
    if rows:
        db.session.execute(insert(BotMessage), rows)


def label_of_press(conversation: BotDialogState, event: Pressed) -> str:
    """What the pressed button said, where the platform does not tell: as the message said that offered it."""
    turn = event.marker.partition(".")[0]
    if event.label or not (turn.isascii() and turn.isdigit()) or len(turn) > 9:
        return event.label
    offered = (
        db.session.query(BotMessage.content)
        .filter(BotMessage.dialog_id == conversation.id, BotMessage.direction == "out", BotMessage.turn == int(turn))
        .order_by(BotMessage.seq.desc())
        .limit(10)
    )
    choices = [choice for (content,) in offered for choice in content.get("choices") or ()]
    return next((label for label, marker in choices if marker == event.marker), "")


def cancel_queued(conversation: BotDialogState, *, of_bot_only: bool = False) -> None:
    """Whatever waits to be sent in a conversation is not sent any more."""
    waiting = update(BotMessage).where(
        BotMessage.dialog_id == conversation.id, BotMessage.state == MessageState.QUEUED.value
    )
    if of_bot_only:
        waiting = waiting.where(BotMessage.author == "bot")
    cancelled = waiting.values(state=MessageState.CANCELLED.value)
    db.session.execute(cancelled.execution_options(synchronize_session=False))
