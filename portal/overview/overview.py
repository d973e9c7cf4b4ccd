"""How a chain stands, as far as the person may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.history import latest_changes
from portal.audit.models import AuditEvent
from portal.db.types import utc_now
from portal.overview.queries import count_by_span, read_bots, read_dialogs, read_figures
from portal.web.language import choose_locale, choose_zone
from portal.web.times import in_zone, short_day, start_of_day

DAYS = 30


@dataclass(frozen=True)
class Step:
    """One of the first things to do in a new chain."""

    title: LazyString
    text: LazyString
    path: str
    icon: str
    is_done: bool


class Overview:
    """Reads what the page asks for, once; what the person may not see is never read."""

    @cached_property
    def figures(self) -> Any:
        """Counts and connections."""
        return read_figures()

    @cached_property
    def bots(self) -> Sequence[Any]:
        """The first bots and their platforms."""
        return read_bots() if may(Permission.BOTS_SEE) else []

    @cached_property
    def dialogs(self) -> Sequence[Any]:
        """The latest conversations."""
        return read_dialogs() if may(Permission.BOTS_SEE) else []

    @cached_property
    def changes(self) -> Sequence[AuditEvent]:
        """The latest lines of the log, for those who may see it."""
        return latest_changes()

    @cached_property
    def conversations(self) -> "Conversations":
        """The conversations of the last days."""
        return Conversations.read(utc_now())

    @property
    def is_new(self) -> bool:
        """Whether the chain still lacks what it works with, so that the first steps are shown."""
        return not (self.figures.restaurants and self.figures.bots and self.figures.platforms_on)

    @property
    def steps(self) -> list[Step]:
        """The first steps and whether they are done."""
        figures = self.figures
        return [
            Step(
                _l("Add a restaurant"),
                _l("Stores, people and suppliers belong to it."),
                "restaurants/new",
                "restaurant",
                figures.restaurants + figures.archived > 0,
            ),
            Step(
                _l("Add a bot"),
                _l("It talks with your people in the messenger they use."),
                "bots/new",
                "bot",
                figures.bots > 0,
            ),
            Step(
                _l("Connect a platform"),
                _l("Connect the bot to a messenger and switch it on."),
                "bots",
                "plug",
                figures.platforms_on > 0,
            ),
            Step(
                _l("Invite people"),
                _l("Managers, chefs and viewers each see what they need."),
                "users",
                "users",
                figures.people > 1 or figures.invited > 0,
            ),
        ]


@dataclass(frozen=True)
class Conversations:
    """How many conversations were last active on each of the last days, and in the days before."""

    days: Sequence[tuple[date, int]]
    before: int

    @classmethod
    def read(cls, now: datetime) -> "Conversations":
        """The days of the reader's calendar up to ``now``."""
        zone_name = choose_zone()
        today = in_zone(now, zone_name).date()
        days = [today - timedelta(days=DAYS - 1 - place) for place in range(DAYS)]
        edges = [days[0] - timedelta(days=DAYS), *days, today + timedelta(days=1)]
        before, *counts = count_by_span([start_of_day(edge, zone_name) for edge in edges])
        return cls(list(zip(days, counts, strict=True)), before)

    @property
    def total(self) -> int:
        """All of the last days."""
        return sum(count for _, count in self.days)

    @property
    def change(self) -> int | None:
        """By how many per cent that is more (or less) than in the days before; ``None`` after nothing."""
        return round((self.total - self.before) * 100 / self.before) if self.before else None

    @property
    def points(self) -> list[tuple[str, int, str]]:
        """The days as the chart draws them."""
        locale = choose_locale()
        labelled = [(short_day(day, locale), count) for day, count in self.days]
        return [(label, count, f"{label}: {_told(count)}") for label, count in labelled]


def _told(count: int) -> str:
    return ngettext("%(num)s conversation", "%(num)s conversations", count)
