"""Files that a scenario sends and people do not get as such: not in the library, or not taken by a messenger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from portal.channels.models import BotPlatformCredential
from portal.db.base import db
from portal.media.files import BotFile
from portal.media.models import BotMedia
from portal.messengers.registry import PLATFORMS

c = BotPlatformCredential.__table__.c


def not_taken_by(platforms: Iterable[str] | None, content_type: str, size: int) -> list[str]:
    """What messengers do not take such a file, by their names, of those that are named."""
    adapters = (PLATFORMS[key] for key in platforms or () if key in PLATFORMS)
    return [str(each.label) for each in adapters if not each.takes(content_type, size)]


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file of a scenario, by the ``steps`` that send it, which some of the bot's messengers do not take.

    There it goes as a link; without ``messengers`` it is not in the library and goes nowhere.
    """

    key: str
    messengers: list[str]
    steps: Sequence[str]


def linked_files(bot_id: UUID, steps: Mapping[str, Sequence[str]]) -> list[LinkedFile]:
    """Those of the files that a scenario sends which are missing, then those that not all of the messengers take."""
    if not steps:
        return []
    query = select(BotMedia.key, BotFile.content_type, BotFile.size, connected(BotMedia.account_id, BotMedia.bot_id))
    query = query.join(BotFile, BotFile.id == BotMedia.file_id).where(
        BotMedia.bot_id == bot_id, BotMedia.is_active, BotMedia.key.in_(steps)
    )
    found = {row[0]: not_taken_by(row[3], row[1], row[2]) for row in db.session.execute(query.order_by(BotMedia.key))}
    missing = [LinkedFile(key, [], steps[key]) for key in steps if key not in found]
    return missing + [LinkedFile(key, names, steps[key]) for key, names in found.items() if names]


def connected(account_id: Any, bot_id: Any) -> ColumnElement[Any]:
    """The messengers that a bot is connected to."""
    of_bot = (c.account_id == account_id) & (c.bot_id == bot_id) & c.superseded_at.is_(None)
    return select(func.array_agg(c.platform)).where(of_bot).correlate_except(c.id.table).scalar_subquery()
