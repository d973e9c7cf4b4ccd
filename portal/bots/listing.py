"""The list of bots, each with its platforms, its live scenario and its conversations."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select

from portal.bots.models import BotInstance
from portal.channels.status import in_order, standings
from portal.conversations.models import BotDialogState
from portal.messengers.registry import platform_label
from portal.scenarios.models import BotScenario
from portal.web.listing import Export, Listing, Sort
from portal.web.listing.declaration import capped_count, moment
from portal.web.listing.filters import active_export, archival_filter

b = BotInstance.__table__.c
s = BotScenario.__table__.c
d = BotDialogState.__table__.c


# A page of fifty bots counts no further for each of them; the bot's own page counts on.
DIALOG_CAP = 100


def conversation_count() -> ColumnElement[Any]:
    """How many conversations each bot has, counted up to ``DIALOG_CAP``."""
    of_bot = (d.account_id == b.account_id) & (d.bot_id == b.id) & d.superseded_at.is_(None)
    some = select(d.id).where(of_bot).correlate(BotInstance.__table__).limit(DIALOG_CAP + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def format_conversation_count(count: int, cap: int = DIALOG_CAP) -> str:
    """A count of conversations that went one beyond the cap at most, such as ``12`` or ``100+``."""
    return capped_count(cap) if count > cap else str(count)


def format_platforms(row: Any) -> str:
    """The platforms of a bot in one cell, each with how it stands."""
    told = in_order(row.platforms).items()
    return "; ".join(f"{platform_label(key)}: {each.words}" for key, each in told)


BOTS = Listing(
    name="bots",
    entity=BotInstance,
    source=BotInstance.__table__.outerjoin(
        BotScenario.__table__, (s.account_id == b.account_id) & (s.bot_id == b.id) & s.is_live
    ),
    columns={
        "name": b.name,
        "description": b.description,
        "is_active": b.is_active,
        "updated_at": b.updated_at,
        "platforms": standings(),
        "scenario_id": s.id,
        "scenario_name": s.name,
        "scenario_number": s.number,
        "conversation_count": conversation_count(),
    },
    sorts=[
        Sort("name", _l("Name"), b.name),
        Sort("updated", _l("Last changed"), b.updated_at, parse=moment, descending=True),
    ],
    filters=[
        archival_filter(b.is_active),
    ],
    search_entity="bot_instance",
    icon="bot",
    search_label=_l("Search by name or description"),
    exports=[
        Export(_l("Name"), lambda row: row.name),
        Export(_l("Description"), lambda row: row.description),
        active_export(),
        Export(_l("Platforms"), format_platforms),
        Export(_l("Live scenario"), lambda row: row.scenario_name),
        Export(_l("Version"), lambda row: row.scenario_number),
        Export(_l("Conversations"), lambda row: format_conversation_count(row.conversation_count)),
        Export(_l("Last changed (UTC)"), lambda row: row.updated_at),
    ],
)
