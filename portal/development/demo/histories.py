"""Histories of made-up conversations: what the bot said, what was answered, and where people stepped in."""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.development.demo.conversations import Talk
from portal.media.files import BotFile
from portal.messaging.events import Choice, MessageState, OutgoingMessage, TextSpan, button_marker
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.messaging.notices import UPDATES_UNPROCESSED, raise_for_bot
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.placeholders import PLACEHOLDER
from portal.scenarios.document.steps import Step

# Of each bot the latest so many conversations are told in full.
TOLD = 30
TAKEN_OVER, BLOCKED, FAILED = 1, 4, 7
HELP = (
    "Здравствуйте! Я из офиса сети. Вижу ваш вопрос, сейчас всё уточню.",
    "Приходите завтра к десяти, вас встретят.",
)
WIDTH, HEIGHT = 240, 160


class Histories:
    """The messages of the conversations of one chain."""

    def __init__(self, chain: DemoChain) -> None:
        self.chain = chain
        # Of its own: what else is made up stays as it was.
        self.random = Random(f"{chain.slug} histories")  # noqa: S311
        self.picture = chain.add(BotFile, "picture", chain.ago(days=30), **_stored(_picture()))

    def tell(self, talk: Talk, conversation: BotDialogState, document: ScenarioDocument, place: int) -> None:
        """Every message of a conversation, the ``place``-th latest of its bot; some ended differently."""
        told = list(self.messages(talk, document))
        if place == TAKEN_OVER:
            told += self.take_over(conversation, talk.last_at)
        elif place == BLOCKED:
            conversation.state = "blocked"
        elif place == FAILED and told:
            told[-1] |= {"direction": "out", "author": "bot", "kind": "text", "state": MessageState.FAILED.value}
            told[-1] |= {"error": "unavailable", "attempts": 5, "variable": None, "value": None}
            self.lose_update(conversation, talk.last_at)
        credential = self.chain.id_of("platform", conversation.bot.name, talk.platform)
        own = {"bot_id": conversation.bot_id, "dialog_id": conversation.id, "credential_id": credential}
        for number, values in enumerate(told):
            at = values.pop("at")
            self.chain.add(BotMessage, f"{conversation.id}/{number}", at, **own, due_at=at, **values)
        # One after the other: the order of messages is that in which they are written.
        db.session.flush()

    def messages(self, talk: Talk, document: ScenarioDocument) -> Iterator[dict[str, Any]]:
        """What the bot said at each step, and what was answered."""
        pause = (talk.last_at - talk.started_at) / (len(talk.turns) + 1)
        for turn, (step_id, answer) in enumerate(talk.turns, start=1):
            step = document.steps_by_id[step_id]
            at = talk.started_at + pause * turn
            if step.text:
                yield self.said(step, turn, talk.collected, at)
            if answer is not None:
                yield self.answered(step, turn, answer, at + pause * self.random.uniform(0.2, 0.8))

    def said(self, step: Step, turn: int, collected: dict[str, Any], at: datetime) -> dict[str, Any]:
        """A step's text with its buttons."""
        text = PLACEHOLDER.sub(lambda match: str(collected.get(match[1], match[0])), step.text)
        choices = tuple(Choice(b.text or b.value, button_marker(turn, i)) for i, b in enumerate(step.buttons))
        state = self.random.choice((MessageState.SENT, MessageState.DELIVERED, MessageState.READ)).value
        return {
            "at": at,
            "direction": "out",
            "author": "bot",
            "kind": "text",
            "text": text,
            "content": OutgoingMessage((TextSpan(text),), choices).as_json(),
            "step_id": step.id,
            "turn": turn,
            "state": state,
            "sent_at": at,
        }

    def answered(self, step: Step, turn: int, answer: Any, at: datetime) -> dict[str, Any]:
        """What somebody answered: a button, a file or a text."""
        assert step.expected_input is not None
        said: dict[str, Any] = {"kind": "text", "text": answer if isinstance(answer, str) else _in_words(answer)}
        places = [i for i, button in enumerate(step.buttons) if button.value == answer]
        if places:
            label = step.buttons[places[0]].text
            said = {"kind": "press", "text": label, "content": {"marker": button_marker(turn, places[0])}}
        elif step.expected_input.kind == "file":
            told = {"file": {"name": "photo.png", "content_type": "image/png"}}
            said = {"kind": "image", "text": "", "content": told, "file_id": self.picture.id, "file_state": "stored"}
        return said | {
            "at": at,
            "direction": "in",
            "author": "guest",
            "step_id": step.id,
            "turn": turn,
            "variable": step.expected_input.variable,
            "value": answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False),
            "state": MessageState.RECEIVED.value,
        }

    def take_over(self, conversation: BotDialogState, at: datetime) -> Iterator[dict[str, Any]]:
        """Let the manager write in it."""
        manager = self.chain.people["manager"]
        conversation.state, conversation.taken_over_by_id, conversation.taken_over_at = "taken_over", manager.id, at
        conversation.hand_back_at = self.chain.now + timedelta(hours=3)
        for number, text in enumerate(HELP, start=1):
            yield {
                "at": at + timedelta(seconds=40 * number),
                "direction": "out",
                "author": "person",
                "author_id": manager.id,
                "kind": "text",
                "text": text,
                "content": OutgoingMessage((TextSpan(text),)).as_json(),
                "state": MessageState.READ.value,
            }

    def lose_update(self, conversation: BotDialogState, at: datetime) -> None:
        """A delivery that could not be worked on."""
        self.chain.add(
            InboundUpdate,
            conversation.id,
            at,
            bot_id=conversation.bot_id,
            credential_id=self.chain.id_of("platform", conversation.bot.name, conversation.platform),
            dedupe_key=f"demo-{conversation.id}",
            kind="message",
            chat_id=conversation.platform_chat_id,
            payload="{}",
            state="dead",
            attempts=5,
            error="KeyError",
            processed_at=at,
        )
        raise_for_bot(UPDATES_UNPROCESSED, conversation.bot_id)


def _in_words(answer: Any) -> str:
    if isinstance(answer, dict) and {"latitude", "longitude"} <= answer.keys():
        return f"{answer['latitude']}, {answer['longitude']}"
    return str(answer)


def _stored(data: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(data).digest()
    return {"sha256": sha256, "size": len(data), "content_type": "image/png", "storage": "database", "data": data}


def _picture() -> bytes:
    """A sunset over a table, as PNG."""
    rows = b"".join(
        b"\0" + b"".join(bytes((200 - y // 2, 90 + (x * y) % 60, 60 + y // 3)) for x in range(WIDTH))
        for y in range(HEIGHT)
    )
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
