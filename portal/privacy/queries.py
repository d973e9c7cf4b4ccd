"""What would go if the account kept things for so long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.messaging.messages import BotMessage
from portal.privacy.models import months_ago

PERIODS = (3, 6, 12, 24, 36, 60)
# Counted so far: nobody needs to know of a million to the letter.
MAX_COUNT = 100_000


@dataclass(frozen=True, slots=True)
class Aged:
    """How much is older than so many months; each count ends at ``MAX_COUNT``."""

    months: int
    messages: int
    conversations: int
    files: int


def aged() -> Iterator[Aged]:
    """For each period that can be chosen, the longest first."""
    messages = _counts(BotMessage.created_at)
    conversations = _counts(BotDialogState.last_interaction_at)
    files = _counts(BotMessage.created_at, BotMessage.file_id.is_not(None), BotMessage.direction == "in")
    for place, months in enumerate(reversed(PERIODS)):
        yield Aged(months, messages[place], conversations[place], files[place])


def _counts(moment: InstrumentedAttribute[datetime], *conditions: ColumnElement[bool]) -> list[int]:
    """How many rows are older than each period, in one pass over the oldest."""
    ends = [months_ago(months) for months in reversed(PERIODS)]
    oldest = select(moment.label("moment")).where(moment < ends[-1], *conditions).order_by(moment).limit(MAX_COUNT)
    rows = oldest.subquery()
    row = db.session.execute(select(*(func.count().filter(rows.c.moment < end) for end in ends))).one()
    return list(row)
