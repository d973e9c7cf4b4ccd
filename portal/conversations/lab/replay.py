"""A recorded conversation once more, through the engine as it is and the version as it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from flask_babel import force_locale
from sqlalchemy import select

from portal.conversations.lab.rehearsal import Rehearsal, RehearsalLine
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.messaging.event_rows import from_row
from portal.messaging.events import NEWS, Event
from portal.messaging.messages import BotMessage
from portal.messengers.registry import PLATFORMS
from portal.scenarios.engine.program import Program
from portal.scenarios.models import BotScenario

MAX_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message of the person, what the bot said to it then, and what it says now."""

    said: str
    then: tuple[str, ...]
    now: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing has changed."""
        return self.then == self.now


def replay(scenario: BotScenario, conversation: BotDialogState) -> list[Exchange]:
    """Every exchange of the conversation, at the times of its messages; what people of the chain wrote is left out."""
    messages = _recorded(conversation)
    # Its clock begins with the conversation: the engine's delays are compared with times of long ago.
    rehearsal = Rehearsal(Program.of(scenario.document), clock=conversation.created_at)
    adapter = PLATFORMS.get(conversation.platform)
    if adapter is not None:
        rehearsal.parts = adapter.outbound.parts
    with force_locale(rehearsal.program.language):
        return list(_exchanges(rehearsal, messages))


def _recorded(conversation: BotDialogState) -> Sequence[BotMessage]:
    query = select(BotMessage).where(BotMessage.dialog_id == conversation.id, BotMessage.author != "person")
    return db.session.scalars(query.order_by(BotMessage.seq).limit(MAX_MESSAGES)).all()


def _event_of(message: BotMessage) -> Event | None:
    """What the person did; news of a message moved nothing."""
    event = from_row(message.kind, message.text, message.content)
    return None if isinstance(event, NEWS) else event


def _exchanges(rehearsal: Rehearsal, messages: Sequence[BotMessage]) -> Iterator[Exchange]:
    told = [(message, then, event) for message, then in _grouped(messages) if (event := _event_of(message))]
    ends = [message.created_at for message, _then, _event in told[1:]]
    for (message, then, event), end in zip_longest(told, ends):
        heard = rehearsal.hear_at(event, message.created_at)
        while rehearsal.due is not None and (end is None or rehearsal.due <= end):
            heard += rehearsal.tick()
        yield Exchange(message.text or message.kind, tuple(then), tuple(_texts(heard)))


def _grouped(messages: Sequence[BotMessage]) -> Iterator[tuple[BotMessage, list[str]]]:
    """Each message of the person with what the bot said until the next one."""
    said: BotMessage | None = None
    then: list[str] = []
    for message in messages:
        if message.direction == "out":
            then.append(message.text)
            continue
        if said is not None:
            yield said, then
        said, then = message, []
    if said is not None:
        yield said, then


def _texts(lines: Sequence[RehearsalLine]) -> Iterator[str]:
    return (line.text for line in lines if line.author == "bot")
