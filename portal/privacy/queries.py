"""What would go if the account kept things for so long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, func, select, true
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
    """For each period that can be chosen, the longest first; in one statement."""
    messages = _counts(BotMessage.created_at)
    files = _counts(BotMessage.created_at, BotMessage.file_id.is_not(None), BotMessage.direction == "in")
    conversations = _counts(BotDialogState.last_interaction_at)
    together = select(messages, conversations, files).select_from(
        messages.join(conversations, true()).join(files, true())
    )
    row = list(db.session.execute(together).one())
    kinds = [row[start : start + len(PERIODS)] for start in range(0, len(row), len(PERIODS))]
    for months, *counts in zip(reversed(PERIODS), *kinds, strict=True):
        yield Aged(months, *counts)


def _counts(moment: InstrumentedAttribute[datetime], *conditions: ColumnElement[bool]) -> Subquery:
    """How many rows are older than each period, in one pass over the oldest."""
    ends = [months_ago(months) for months in reversed(PERIODS)]
    oldest = select(moment.label("moment")).where(moment < ends[-1], *conditions).order_by(moment).limit(MAX_COUNT)
    rows = oldest.subquery()
    return select(*(func.count().filter(rows.c.moment < end) for end in ends)).subquery()
