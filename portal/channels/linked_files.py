"""Files of a bot's library that some of its messengers do not take: people there get the words and a link."""

from collections.abc import Collection, Iterable
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
    """A file of the library that some of the bot's messengers do not take: there it goes as a link."""

    key: str
    messengers: list[str]


def linked_files(bot_id: UUID, keys: Collection[str]) -> list[LinkedFile]:
    """Those of the files that a scenario sends which not all of the bot's messengers take."""
    if not keys:
        return []
    query = select(BotMedia.key, BotFile.content_type, BotFile.size, connected(BotMedia.account_id, BotMedia.bot_id))
    query = query.join(BotFile, BotFile.id == BotMedia.file_id).where(
        BotMedia.bot_id == bot_id, BotMedia.is_active, BotMedia.key.in_(keys)
    )
    found = ((row[0], not_taken_by(row[3], row[1], row[2])) for row in db.session.execute(query.order_by(BotMedia.key)))
    return [LinkedFile(key, messengers) for key, messengers in found if messengers]


def connected(account_id: Any, bot_id: Any) -> ColumnElement[Any]:
    """The messengers that a bot is connected to."""
    of_bot = (c.account_id == account_id) & (c.bot_id == bot_id) & c.superseded_at.is_(None)
    return select(func.array_agg(c.platform)).where(of_bot).correlate_except(c.id.table).scalar_subquery()
