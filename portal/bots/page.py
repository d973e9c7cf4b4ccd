"""A bot's page: the bot with all that stands around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, lazyload, load_only

from portal.bots.models import BotInstance
from portal.channels.models import BotPlatformCredential
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.messengers.protocol import Messenger
from portal.messengers.registry import PLATFORMS, platform_label
from portal.onboarding.intake.standing import BotIntake, intake_columns
from portal.onboarding.intake.survey import Survey
from portal.scenarios.models import BotScenario
from portal.scenarios.programs import program_of
from portal.web.listing.declaration import COUNT_CAP


@dataclass(frozen=True)
class BotSummary:
    """A bot, the scenario it speaks by, and how much it is talked to (counted up to the cap of lists)."""

    bot: BotInstance
    scenario: Any
    conversation_count: int
    last_conversation_at: datetime | None
    # What of the conversations is taken into the staff record.
    intake: BotIntake

    @property
    def unasked(self) -> list[str]:
        """Variables that the rule of the staff record names and the live version does not ask."""
        if self.scenario is None or not self.intake.is_on:
            return []
        return self.intake.missing(Survey(program_of(self.bot.account_id, self.scenario.id).document))


@dataclass(frozen=True)
class PlatformCard:
    """One platform as a bot's page shows it; without a credential it is not connected."""

    key: str
    adapter: Messenger | None
    credential: BotPlatformCredential | None
    earlier_count: int

    @property
    def label(self) -> str:
        """The platform's name for people."""
        return platform_label(self.key)


def bot_summary(bot_id: UUID) -> BotSummary:
    """The bot of that id, or 404."""
    conversations = select(BotDialogState.last_interaction_at).where(
        BotDialogState.bot_id == bot_id, BotDialogState.superseded_at.is_(None)
    )
    counted = conversations.limit(COUNT_CAP + 1).subquery()
    newest = conversations.order_by(BotDialogState.last_interaction_at.desc()).limit(1)
    live = (BotScenario.id, BotScenario.number, BotScenario.name, BotScenario.published_at)
    query = (
        select(
            BotInstance,
            select(func.count()).select_from(counted).scalar_subquery().label("conversation_count"),
            newest.scalar_subquery().label("last_conversation_at"),
            *(each.label(name) for each, name in zip(intake_columns(bot_id), ("rule", "latest_intakes"), strict=True)),
        )
        .outerjoin(BotInstance.live_scenario)
        .options(
            contains_eager(BotInstance.live_scenario).options(
                load_only(*live), lazyload(BotScenario.bot), lazyload(BotScenario.author)
            )
        )
        .where(BotInstance.id == bot_id)
    )
    row = db.session.execute(query).one_or_none() or abort(404)
    intake = BotIntake.read(row.rule, row.latest_intakes)
    return BotSummary(row[0], row[0].live_scenario, row.conversation_count, row.last_conversation_at, intake)


def platforms_of(bot: BotInstance) -> Sequence[BotPlatformCredential]:
    """Every row of the bot's platforms, those no longer used included."""
    query = (
        select(BotPlatformCredential)
        .outerjoin(BotPlatformCredential.connection)
        .options(contains_eager(BotPlatformCredential.connection))
        .where(BotPlatformCredential.bot_id == bot.id)
    )
    return db.session.scalars(query.order_by(BotPlatformCredential.platform)).all()


def platform_cards(rows: Sequence[BotPlatformCredential]) -> list[PlatformCard]:
    """The known platforms in their order, connected or not; then those that only the database knows."""
    current = {row.platform: row for row in rows if row.superseded_at is None}
    keys = [*PLATFORMS, *(key for key in current if key not in PLATFORMS)]
    return [
        PlatformCard(
            key,
            PLATFORMS.get(key),
            current.get(key),
            sum(row.platform == key and row.superseded_at is not None for row in rows),
        )
        for key in keys
    ]


def question_before_archival(bots: Sequence[BotInstance]) -> str | None:
    """What is asked where some of the bots answer guests now; nothing where none does."""
    p = BotPlatformCredential
    query = select(p.bot_id).where(p.bot_id.in_([bot.id for bot in bots]), p.is_active, p.superseded_at.is_(None))
    speaking = set(db.session.scalars(query))
    names = [bot.name for bot in bots if bot.is_active and bot.id in speaking]
    if not names:
        return None
    asked = ngettext(
        "%(names)s answers guests now. In the archive it is silent on every platform, and guests get no answer.",
        "%(names)s answer guests now. In the archive they are silent on every platform, and guests get no answer.",
        len(names),
        names=", ".join(names),
    )
    return str(asked)
