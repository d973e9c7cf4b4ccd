"""What is known of a person, as their page tells it: each value with where it came from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.base import db
from portal.db.words import Label
from portal.messengers.registry import PLATFORMS
from portal.onboarding.models import StaffOnboarding
from portal.staff.models import Source, StaffMember
from portal.staff.queries import chats_of, values_of
from portal.web.language import choose_locale
from portal.web.times import day_in_words

# What only those see who may see personal data, in the order of the page.
PRIVATE = ("phone", "email", "birthday", "citizenship", "uniform_size", "emergency_contact")
PUBLIC = ("name", "position", "restaurant")
# The source of what the person agreed to, in place of a value of the record.
CONSENT = "consent"
MAX_ENGAGEMENTS = 50


@dataclass(frozen=True)
class Origin:
    """Who told a value, and when; ``url`` opens the message that it came with."""

    source: Source
    at: Any
    by: str | None
    url: str | None


@dataclass(frozen=True)
class Fact:
    """One thing that is known of somebody."""

    key: str
    label: Label
    value: Any
    origin: Origin | None


@dataclass(frozen=True)
class Chat:
    """A conversation of the person with a bot."""

    platform: str
    icon: str | None
    url: str


class Facts:
    """What the person's page tells of them to whoever looks."""

    def __init__(self, member: StaffMember) -> None:
        self.member = member

    @classmethod
    def of(cls, member: StaffMember) -> "Facts":
        """The facts of a person."""
        return cls(member)

    @property
    def is_private_shown(self) -> bool:
        """Whether whoever looks may see personal data."""
        return may(Permission.STAFF_PRIVATE)

    @cached_property
    def _values(self) -> list[Any]:
        return values_of(self.member.id)

    @cached_property
    def _current(self) -> dict[str, Any]:
        return {each.field: each for each in self._values if each.is_current}

    def facts(self) -> Iterator[Fact]:
        """The values of the record, with their sources."""
        for key in (*PUBLIC, *PRIVATE) if self.is_private_shown else PUBLIC:
            told = self._current.get(key)
            yield Fact(key, label_of(key), self._shown(key), origin_of(told) if told else None)

    def _shown(self, key: str) -> Any:
        if key in SHOWN:
            return SHOWN[key](self.member)
        return getattr(self.member, key)

    @property
    def consent(self) -> Fact | None:
        """What the person agreed to, and where they said so; ``None`` where nothing is recorded."""
        told = self._current.get(CONSENT)
        return Fact(CONSENT, _l("Consent"), told.value, origin_of(told)) if told else None

    @cached_property
    def earlier(self) -> list[Fact]:
        """What was known before, the latest first; what the lines name by an id is left to the log."""
        return [
            Fact(each.field, label_of(each.field), _former(each), origin_of(each))
            for each in self._values
            if not each.is_current and each.field in (*PRIVATE, "name") and each.value
        ]

    @cached_property
    def engagements(self) -> Sequence[StaffOnboarding]:
        """Each time that the person was hired, the latest first."""
        query = select(StaffOnboarding).where(StaffOnboarding.staff_member_id == self.member.id)
        return db.session.scalars(query.order_by(StaffOnboarding.spell.desc()).limit(MAX_ENGAGEMENTS)).all()

    @cached_property
    def chats(self) -> list[Chat]:
        """The person's conversations, for those who may see them."""
        if not (self.is_private_shown and may(Permission.DIALOGS_SEE)):
            return []
        return [_chat(each) for each in chats_of(self.member.id)]


def _former(told: Any) -> str:
    """A value as it was told; of a birthday its day."""
    if told.field != "birthday":
        return str(told.value)
    return day_in_words(date.fromisoformat(told.value), choose_locale())


def label_of(key: str) -> Label:
    """What people call a field."""
    words = StaffMember.words.fields
    return words.get(key) or words.get(f"{key}_id") or key


def origin_of(told: Any) -> Origin:
    """Where a value came from; the message only for those who may see conversations, and what is private."""
    url = None
    if told.seq is not None and may(Permission.DIALOGS_SEE) and may(Permission.STAFF_PRIVATE):
        page = url_for(
            "account.bot_conversations.show", bot_id=told.bot_id, dialog_id=told.dialog_id, before=told.seq + 1
        )
        url = f"{page}#m-{told.seq}"
    return Origin(told.source, told.said_at or told.created_at, told.by, url)


def _chat(row: Any) -> Chat:
    platform = PLATFORMS.get(row.platform)
    url = url_for("account.bot_conversations.show", bot_id=row.bot_id, dialog_id=row.dialog_id)
    return Chat(str(platform.label) if platform else row.platform, platform.icon if platform else None, url)


SHOWN: dict[str, Callable[[StaffMember], Any]] = {
    "name": lambda member: member.display_name,
    "position": lambda member: member.position.name if member.position else None,
    "restaurant": lambda member: member.restaurant.name if member.restaurant else None,
    "birthday": lambda member: day_in_words(member.birthday, choose_locale()) if member.birthday else None,
}
