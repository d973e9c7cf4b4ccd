"""The list of a bot's library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, Text, case, cast, func, null, select
from sqlalchemy.dialects.postgresql import JSONB

from portal.bots.models import BotInstance
from portal.channels.linked_files import connected
from portal.media.attached import steps_by_key
from portal.media.files import BotFile
from portal.media.models import BotMedia, MediaKind
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.problems import ScenarioUnreadable
from portal.scenarios.models import BotScenario
from portal.web.listing import Column, Parent, Sort, enum_filter, record_list
from portal.web.listing.declaration import moment


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that the live scenario mentions and that is not sent: not in the library, or archived there."""

    key: str
    steps: tuple[str, ...]
    archived_id: UUID | None


def not_sent(source: str | None, library: Mapping[str, str | None] | None) -> list[Wanted]:
    """What a scenario's text mentions and the library does not send.

    ``library`` has the bot's keys, each with the id of its row where that is archived.
    """
    library = library or {}
    return [
        Wanted(key, tuple(steps), UUID(library[key]) if key in library else None)
        for key, steps in steps_by_key(_read(source)).items()
        if library.get(key, key) is not None
    ]


def _read(source: str | None) -> ScenarioDocument | None:
    try:
        return ScenarioDocument.from_text(source) if source else None
    except ScenarioUnreadable:
        return None


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


MEDIA = record_list(
    "media",
    BotMedia,
    [
        "name",
        "key",
        "kind",
        Column("file_id", source=m.file_id, in_table=False, in_export=False),
        Column("size", _l("Size"), _l("Size in bytes"), source=f.size, number=True),
        Column("content_type", source=f.content_type, in_table=False),
        "is_active",
        "created_at",
    ],
    parent=Parent(
        BotInstance,
        key=m.bot_id,
        columns={
            "id": b.id,
            "name": b.name,
            "is_active": b.is_active,
            "live_source": live_source(),
            "library": library(),
            "platforms": connected(b.account_id, b.id),
        },
    ),
    source=BotMedia.__table__.join(BotFile.__table__, (f.id == m.file_id) & (f.account_id == m.account_id)),
    sorts=[
        Sort("name", _l("Name"), m.name),
        Sort("added", _l("Added"), m.created_at, parse=moment, descending=True),
    ],
    filters=[enum_filter("kind", _l("Kind"), m.kind, MediaKind)],
    search_label=_l("Search by name or key"),
    empty_text=_l("Pictures, videos and documents that the bot sends. A scenario names each one by its key."),
    icon="file",
)
