"""The list of a bot's library."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, Text, case, cast, func, null, select
from sqlalchemy.dialects.postgresql import JSONB

from portal.bots.models import BotInstance
from portal.media.files import BotFile
from portal.media.models import BotMedia, MediaKind
from portal.scenarios.models import BotScenario
from portal.web.listing import Listing, Parent, Sort, enum_filter
from portal.web.listing.archival import archival_filter
from portal.web.listing.declaration import moment

m = BotMedia.__table__.c
f = BotFile.__table__.c
b = BotInstance.__table__.c
s = BotScenario.__table__.c


def live_source() -> ColumnElement[Any]:
    """The text of what the bot says at present."""
    source = func.coalesce(s.source, cast(s.scenario_data, Text))
    of_bot = (s.account_id == b.account_id) & (s.bot_id == b.id) & s.is_live
    return select(source).where(of_bot).correlate(BotInstance.__table__).scalar_subquery()


def library() -> ColumnElement[Any]:
    """Every key of the bot, each with the id of its row where that is archived."""
    archived_id = case((m.is_active, null()), else_=cast(m.id, String))
    of_bot = (m.account_id == b.account_id) & (m.bot_id == b.id)
    keys = func.jsonb_object_agg(m.key, archived_id, type_=JSONB)
    return select(keys).where(of_bot).correlate(BotInstance.__table__).scalar_subquery()


MEDIA = Listing(
    name="media",
    entity=BotMedia,
    parent=Parent(
        BotInstance,
        key=m.bot_id,
        columns={
            "id": b.id,
            "name": b.name,
            "is_active": b.is_active,
            "live_source": live_source(),
            "library": library(),
        },
    ),
    source=BotMedia.__table__.join(BotFile.__table__, (f.id == m.file_id) & (f.account_id == m.account_id)),
    columns={
        "name": m.name,
        "key": m.key,
        "kind": m.kind,
        "is_active": m.is_active,
        "file_id": m.file_id,
        "size": f.size,
        "content_type": f.content_type,
        "created_at": m.created_at,
    },
    sorts=[
        Sort("name", _l("Name"), m.name),
        Sort("added", _l("Added"), m.created_at, parse=moment, descending=True),
    ],
    filters=[
        archival_filter(m.is_active),
        enum_filter("kind", _l("Kind"), m.kind, MediaKind),
    ],
    search=[m.name, m.key],
    search_label=_l("Search by name or key"),
)
