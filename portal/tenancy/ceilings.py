"""How many rows of a kind a chain may keep: enough for the largest, too few to fill the disk of all others."""

from collections import Counter
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from portal.db.base import TenantEntity
from portal.db.states import MoveRefused
from portal.tenancy.scope import current_system_scope, require_scope


class NoRoom(MoveRefused):
    """The chain keeps as many rows of a kind as it may; nothing of what was asked for is done."""


def install() -> None:
    """Count before new rows are written; a second app in the same process finds it counting."""
    if not event.contains(Session, "before_flush", refuse_too_many):
        event.listen(Session, "before_flush", refuse_too_many)


def refuse_too_many(session: Session, flush_context: Any, instances: Any) -> None:
    """Raise ``NoRoom`` where the new rows do not fit: one statement a kind, however many they are."""
    if current_system_scope() is not None:
        return
    new = Counter(type(row) for row in session.new if isinstance(row, TenantEntity) and type(row).__most__)
    for entity, count in new.items():
        if count + _kept(session, entity) > (entity.__most__ or 0):
            raise NoRoom(_room_of(entity))


def _kept(session: Session, entity: type[TenantEntity]) -> int:
    """The account's rows, also those of restaurants that the person has nothing to do with; counted to the ceiling."""
    columns = entity.__table__.c
    kept = select(columns.id).where(columns.account_id == require_scope().account_id).limit(entity.__most__).subquery()
    return session.scalar(select(func.count()).select_from(kept)) or 0


def _room_of(entity: type[TenantEntity]) -> str:
    assert entity.__most__ is not None
    assert entity.words.count is not None
    most = entity.words.count.of(entity.__most__, f"{entity.__most__:,}".replace(",", "\N{NO-BREAK SPACE}"))
    return str(
        _("No more fit in: a chain has room for %(most)s, the archived included. Ask support for more.", most=most)
    )
