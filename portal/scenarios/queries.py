"""Reading versions of scenarios."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import select

from portal.db.base import db
from portal.scenarios.models import BotScenario
from portal.tenancy.finding import get_or_404

# As many as a person can choose from; older ones are reached by their own pages.
MAX_OFFERED = 200


@dataclass(frozen=True, slots=True)
class VersionName:
    """What is needed to name a version in a choice."""

    id: UUID
    number: int
    is_live: bool
    is_active: bool


def find_version(bot_id: UUID, scenario_id: UUID, *options: Any) -> BotScenario:
    """The version of that bot, or 404."""
    scenario = get_or_404(BotScenario, scenario_id, *options)
    if scenario.bot_id != bot_id:
        abort(404)
    return scenario


def other_versions(scenario: BotScenario) -> Sequence[VersionName]:
    """The bot's other versions, newest first."""
    columns = (
        BotScenario.id,
        BotScenario.number,
        BotScenario.is_live,
        BotScenario.is_active,
    )
    query = select(*columns).where(BotScenario.bot_id == scenario.bot_id, BotScenario.id != scenario.id)
    rows = db.session.execute(query.order_by(BotScenario.number.desc()).limit(MAX_OFFERED))
    return [VersionName(*row) for row in rows]


def default_counterpart(scenario: BotScenario, others: Sequence[VersionName]) -> VersionName:
    """What a version is compared with unasked: the live one; for that, or without it, the one before."""
    live = [each for each in others if each.is_live]
    before = [each for each in others if each.number < scenario.number]
    return [*live, *before, *others][0]


def live_version(bot_id: UUID) -> BotScenario | None:
    """What the bot says at present, if anything."""
    return db.session.scalars(select(BotScenario).where(BotScenario.bot_id == bot_id, BotScenario.is_live)).first()
