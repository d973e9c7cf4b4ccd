"""What the page of a platform shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import current_app

from config import API_BASES, Config
from portal.bots.models import BotInstance
from portal.channels.events import BotPlatformEvent
from portal.channels.models import BotPlatformCredential
from portal.channels.queries import LINES, connected_platform, timeline_of
from portal.channels.report import PlatformReport, report_on
from portal.channels.wording import line_of
from portal.messengers.protocol import Messenger
from portal.tenancy.finding import get_or_404

_PLACE = re.compile(r"([0-9]{1,16})\.([0-9a-f]{32})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PlatformPage:
    """A platform of a bot; ``credential`` is ``None`` where it is not connected."""

    bot: BotInstance
    adapter: Messenger | None
    credential: BotPlatformCredential | None
    place: tuple[datetime, UUID] | None = None

    @classmethod
    def open(cls, bot_id: UUID, adapter: Messenger, before: str = "") -> "PlatformPage":
        """The page, its timeline beginning before a place; 404 where there is no such bot."""
        credential = connected_platform(bot_id, adapter)
        bot = credential.bot if credential else get_or_404(BotInstance, bot_id)
        return cls(bot, adapter, credential, read_place(before))

    @classmethod
    def of(cls, credential: BotPlatformCredential) -> "PlatformPage":
        """The page of a platform that is at hand."""
        return cls(credential.bot, credential.adapter, credential)

    def context(self) -> dict[str, Any]:
        """What the templates need."""
        context: dict[str, Any] = {"bot": self.bot, "adapter": self.adapter, "credential": self.credential}
        if self.credential is None:
            return context
        events = timeline_of(self.credential, self.place)
        report = report_on(self.credential)
        return context | {
            "report": report,
            "lines": [line_of(event, self.credential.label) for event in events[:LINES]],
            "older": write_place(events[LINES - 1]) if len(events) > LINES else None,
            "is_older": self.place is not None,
            "guest_chat": stand_in_chat(self.credential),
            "is_followed": self.place is None and _is_followed(report, events),
        }


def stand_in_chat(credential: BotPlatformCredential) -> str | None:
    """Where one writes to the bot as a guest: on a developer's machine, where a stand-in plays the platform."""
    config: Config = current_app.config["PORTAL"]
    base = config.api_bases[credential.platform]
    bot = credential.connection and credential.connection.external_id
    if not config.is_development or base == API_BASES[credential.platform] or not bot:
        return None
    return f"{base}/_/guests/{quote(bot)}"


def _is_followed(report: PlatformReport, events: Sequence[BotPlatformEvent]) -> bool:
    """Whether something is under way that the page should not miss."""
    return any(event.is_waiting for event in events) or (report.is_under_way and not report.reason)


def write_place(event: BotPlatformEvent) -> str:
    """A line's place in the timeline, for an address."""
    return f"{(event.at - _EPOCH) // timedelta(microseconds=1)}.{event.id.hex}"


def read_place(text: str) -> tuple[datetime, UUID] | None:
    """The place that an address names; ``None`` where it names none."""
    found = _PLACE.fullmatch(text)
    return (_EPOCH + timedelta(microseconds=int(found[1])), UUID(found[2])) if found else None
