"""Versions of a bot's scenario."""

import json
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    FetchedValue,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    false,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.viewer import current_viewer
from portal.audit.models import Action
from portal.audit.recording import record, record_creation
from portal.bots.models import BotInstance
from portal.db.base import SCHEMA, db
from portal.db.records import Archivable
from portal.db.tables import tenant_key
from portal.db.types import utc_now
from portal.db.words import Label, counted
from portal.scenarios.checks.linter import lint
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.problems import Problem, ScenarioUnreadable, has_errors
from portal.scenarios.document.wording import shortened
from portal.users.models import User

MAX_NAME = 200
MAX_VERSION = 60


class NotPublishable(ValueError):
    """The version is archived or has errors, so it cannot go live."""


def read_document(source: str | None, data: Any) -> ScenarioDocument:
    """The scenario as its text says, or its data where an older writer left no text."""
    try:
        return ScenarioDocument.from_text(source or "")
    except ScenarioUnreadable:
        return ScenarioDocument.from_data(data)


class BotScenario(
    Archivable,
    label=_l("Scenario"),
    plural=_l("Scenarios"),
    add=_l("Add a scenario"),
    count=counted("%(num)s version", "%(num)s versions"),
    fields={
        "author_id": _l("Author"),
        "bot_id": _l("Bot"),
        "description": _l("Description"),
        "is_live": _l("Live"),
        "name": _l("Name"),
        "number": _l("Version number"),
        "people": _l("People"),
        "published_at": _l("Published"),
        "scenario_data": _l("Scenario"),
        "steps": _l("Steps"),
        "version": _l("Author's version"),
    },
):
    """One immutable version of what a bot says; at most one version of a bot is live."""

    __tablename__ = "bot_scenario"
    __most__ = 10_000
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
        tenant_key("user", "author_id"),
        UniqueConstraint("bot_id", "number"),
        UniqueConstraint("account_id", "id"),
        Index("ix_bot_scenario_account_id", "account_id", "bot_id", "number"),
        Index("ix_bot_scenario_author_id", "account_id", "author_id"),
        Index("uix_bot_scenario_live", "bot_id", unique=True, postgresql_where=text("is_live")),
    )

    bot_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.bot_instance.id"))
    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    scenario_data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[str]
    # Counts a bot's versions from 1; a trigger fills it where the writer leaves it out.
    number: Mapped[int] = mapped_column(server_default=FetchedValue())
    # JSONB forgets the order of keys, and the first step may be the start: the text is kept as uploaded.
    source: Mapped[str | None] = mapped_column(Text)
    is_live: Mapped[bool] = mapped_column(default=False, server_default=false())
    published_at: Mapped[datetime | None]
    author_id: Mapped[UUID | None]

    bot: Mapped[BotInstance] = relationship(foreign_keys=[bot_id], viewonly=True, lazy="joined", innerjoin=True)
    author: Mapped[User | None] = relationship(
        primaryjoin="and_(User.id == BotScenario.author_id, User.account_id == BotScenario.account_id)",
        foreign_keys="BotScenario.author_id",
        viewonly=True,
        lazy="joined",
    )

    @classmethod
    def from_document(cls, document: ScenarioDocument, bot: BotInstance) -> "BotScenario":
        """A version as its author wrote it: the text unchanged, named as the text says or after the bot."""
        return cls(
            bot_id=bot.id,
            name=shortened(document.name, MAX_NAME) or bot.name,
            description=document.description.strip() or None,
            version=shortened(document.version, MAX_VERSION),
            scenario_data=document.data,
            source=document.source,
        )

    @cached_property
    def document(self) -> ScenarioDocument:
        """The scenario to read."""
        return read_document(self.source, self.scenario_data)

    @cached_property
    def problems(self) -> list[Problem]:
        """What the check of it finds, errors first."""
        return lint(self.document)

    @property
    def source_text(self) -> str:
        """The very text that was saved; where there is none, the data spelled out."""
        return self.source or json.dumps(self.scenario_data, ensure_ascii=False, indent=2)

    @property
    def has_errors(self) -> bool:
        """Whether something keeps it from working as written."""
        return has_errors(self.problems)

    @property
    def is_publishable(self) -> bool:
        """Whether it may go live."""
        return self.is_active and not self.is_live and not self.has_errors

    def open(self) -> None:
        """Keep it as the bot's newest version; without a version of its own it is called by its number."""
        viewer = current_viewer()
        # A superuser is no member of the chain; the log names them.
        self.author_id = viewer.id if viewer and not viewer.is_superuser else None
        db.session.add(self)
        db.session.flush()
        self.version = self.version or str(self.number)
        record_creation(self)

    def publish(self) -> "BotScenario | None":
        """Make it what the bot says; gives the version that steps down, if there is one.

        Raises :class:`NotPublishable`. A second time changes nothing.
        """
        former = self._locked_live_version()
        if self.is_live:
            return None
        if not self.is_publishable:
            raise NotPublishable
        if former is not None:
            former.is_live = False
            # The one live version is an index: the former must be down before this one is up.
            db.session.flush()
        self.is_live, self.published_at = True, utc_now()
        if former is None:
            self.bot.scenario_since = self.published_at
        record(Action.PUBLISHED, self, before={"number": former and former.number}, after={"number": self.number})
        return former

    def withdraw(self) -> None:
        """Leave the bot without a live version; a second time changes nothing."""
        self._locked_live_version()
        if self.is_live:
            self.is_live, self.bot.scenario_since = False, utc_now()
            record(Action.DEACTIVATED, self, before={"number": self.number}, after={"number": None})

    @property
    def reason_to_stay(self) -> Label:
        """The live version stays."""
        return _l("The live version stays: publish another one before you archive it.") if self.is_live else None

    def archive(self) -> bool:
        """Take it out of the list; the live version stays, and the answer says whether it went."""
        self._locked_live_version()
        return not self.is_live and super().archive()

    def _locked_live_version(self) -> "BotScenario | None":
        """The bot's live version if it is another, after all who change the bot's versions take turns."""
        bot = select(BotInstance.id).where(BotInstance.id == self.bot_id)
        db.session.execute(bot.with_for_update(key_share=True))
        versions = select(BotScenario).where(
            BotScenario.bot_id == self.bot_id, or_(BotScenario.is_live, BotScenario.id == self.id)
        )
        found = db.session.scalars(versions.execution_options(populate_existing=True)).all()
        return next((version for version in found if version.is_live and version.id != self.id), None)
