"""Reading people and positions."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import ColumnElement, String, any_, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import joinedload

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.bots.models import BotInstance
from portal.db.base import TenantEntity, db
from portal.messaging.messages import BotMessage
from portal.restaurants.models import Restaurant
from portal.scenarios.engine.phone_numbers import read_phone
from portal.staff.models import RestaurantCode, Source, StaffChat, StaffField, StaffMember, StaffPosition
from portal.tenancy.finding import get_or_404
from portal.tenancy.reading import RowQuery, id_named
from portal.tenancy.scope import require_scope
from portal.users.models import User
from portal.web.listing.declaration import COUNT_CAP

# A choice longer than this is no help to anybody.
MAX_OFFERED = 500

m, f, c = StaffMember.__table__.c, StaffField.__table__.c, StaffChat.__table__.c
b, u, r = BotMessage.__table__.c, User.__table__.c, Restaurant.__table__.c
# More than a person's page tells of what was said before.
MAX_VALUES = 200

# Every value that was told of a person and by whom, the newest first.
_VALUES = RowQuery(
    StaffField,
    (
        f.id, f.field, f.value, f.source, f.created_at, f.is_current, f.message_id,
        b.bot_id, b.dialog_id, b.seq, b.created_at.label("said_at"),
        func.coalesce(func.nullif(u.full_name, ""), u.email).label("by"),
    ),
    lambda query: (
        query.outerjoin(BotMessage.__table__, (b.account_id == f.account_id) & (b.id == f.message_id))
        .outerjoin(User.__table__, (u.account_id == f.account_id) & (u.id == f.user_id))
        .where(f.staff_member_id == id_named("member_id"), f.held.is_(False))
        .order_by(f.is_current.desc(), f.created_at.desc(), f.id)
        .limit(MAX_VALUES)
    ),
)  # fmt: skip
_CHATS = RowQuery(
    StaffChat,
    (c.id, c.bot_id, c.dialog_id, c.platform),
    lambda query: query.where(c.staff_member_id == id_named("member_id")).order_by(c.created_at, c.id),
)


def values_of(member_id: UUID) -> list[Any]:
    """Every value that was told of a person, with its message or whoever told it, the current ones first."""
    return _VALUES.all(member_id=member_id)


def chats_of(member_id: UUID) -> list[Any]:
    """The conversations of a person (id, bot_id, dialog_id, platform), the oldest first."""
    return _CHATS.all(member_id=member_id)


def member_or_404(member_id: UUID) -> StaffMember:
    """A person with restaurant and position, read in one statement."""
    with_both = (joinedload(StaffMember.restaurant), joinedload(StaffMember.position))
    return get_or_404(StaffMember, member_id, *with_both)


_OF_DIALOG = RowQuery(
    StaffChat,
    (m.id, m.name),
    lambda query: (
        query.join(StaffMember.__table__, (m.account_id == c.account_id) & (m.id == c.staff_member_id))
        .where(c.dialog_id == id_named("dialog_id"))
        .limit(1)
    ),
)


def employee_of(dialog_id: UUID) -> Any:
    """The employee of a conversation (id, name), or ``None``."""
    return _OF_DIALOG.first(dialog_id=dialog_id)


def offered_positions(also: UUID | None = None) -> list[tuple[UUID, str]]:
    """Active positions by name, and ``also`` one more wherever it stands."""
    wanted = StaffPosition.is_active if also is None else or_(StaffPosition.is_active, StaffPosition.id == also)
    first = (StaffPosition.id == also).desc() if also else StaffPosition.name
    query = select(StaffPosition.id, StaffPosition.name).where(wanted)
    query = query.order_by(first, StaffPosition.name, StaffPosition.id).limit(MAX_OFFERED)
    return [(row.id, row.name) for row in db.session.execute(query)]


def holder_of(phone: str, but: UUID | None = None) -> Any:
    """Whose number it is anywhere in the account (id, name, restaurant_id), ``but`` one person; or ``None``.

    Past the limit to restaurants: a number is one person's in the whole chain. Whether the person at the form may
    know who that is, ``is_mine`` tells.
    """
    query = select(m.id, m.name, m.restaurant_id).where(
        m.account_id == require_scope().account_id, m.phone == phone, m.erased_at.is_(None)
    )
    if but is not None:
        query = query.where(m.id != but)
    return db.session.connection().execute(query).first()


def is_mine(restaurant_id: UUID | None) -> bool:
    """Whether what belongs to that restaurant (or to none) may be seen by the person."""
    assigned = require_scope().restaurant_ids
    return assigned is None or restaurant_id in assigned


def holder_of_code(entity: type[TenantEntity], code: str, but: UUID | None = None) -> str | None:
    """What has that code in the account, letters' case aside, by its name; of a restaurant's codes the restaurant."""
    table: Any = entity.__table__
    is_of_restaurant = entity is RestaurantCode
    name: ColumnElement[Any] = r.name if is_of_restaurant else table.c.name
    source = table.join(Restaurant.__table__, r.id == table.c.restaurant_id) if is_of_restaurant else table
    is_it = func.lower(table.c.code) == func.lower(code)
    query = select(name).select_from(source).where(table.c.account_id == require_scope().account_id, is_it)
    if but is not None:
        query = query.where(table.c.id != but)
    return db.session.connection().execute(query.limit(1)).scalar()


def offered(kind: str) -> list[tuple[str, str]]:
    """What the list may be narrowed to, by name: restaurants, positions or bots, read in one statement a request."""
    if "staff_choices" not in g:
        g.staff_choices = _read_choices()
    return [(str(each.id), each.name) for each in g.staff_choices if each.kind == kind]


def _read_choices() -> list[Any]:
    account_id, assigned = require_scope().account_id, require_scope().restaurant_ids
    kinds: list[tuple[str, Any]] = [("restaurant", Restaurant), ("position", StaffPosition)]
    kinds += [("bot", BotInstance)] if may(Permission.BOTS_SEE) else []
    parts = []
    for kind, entity in kinds:
        t = entity.__table__.c
        query = select(literal(kind).label("kind"), t.id, t.name).where(t.account_id == account_id, t.is_active)
        if entity is Restaurant and assigned is not None:
            query = query.where(t.id.in_(assigned))
        parts.append(select(query.order_by(t.name, t.id).limit(MAX_OFFERED).subquery()))
    return sorted(db.session.connection().execute(union_all(*parts)), key=lambda each: each.name.casefold())


def people_by_digits(text: str) -> list[UUID] | None:
    """The people whose number ends in those digits, at least four; ``None`` where something else is looked for.

    Compared as bounds, not by LIKE, which no index serves under row security: the digits are kept in reverse.
    """
    digits = re.sub(r"[\s()+\-\u2010-\u2013]", "", text)
    if not re.fullmatch(r"[0-9]{4,15}", digits) or not may(Permission.STAFF_PRIVATE):
        return None
    whole = read_phone(digits, "ru") if len(digits) > 10 else None
    first = (whole or digits).removeprefix("+")[::-1]
    after = first[:-1] + chr(ord(first[-1]) + 1)
    query = select(m.id).where(
        m.account_id == require_scope().account_id,
        m.phone_reversed.op("~>=~")(first),
        m.phone_reversed.op("~<~")(after),
        m.erased_at.is_(None),
    )
    assigned = require_scope().restaurant_ids
    if assigned is not None:
        query = query.where(m.restaurant_id.in_(assigned))
    return list(db.session.connection().execute(query.limit(COUNT_CAP)).scalars())


def people_with_phones(phones: list[str], fields: Iterable[str]) -> Sequence[Any]:
    """Those whose number is one of them, anywhere in the account: id, restaurant and the named fields."""
    columns = [m[name] for name in dict.fromkeys(("id", "restaurant_id", "name", *fields))]
    is_one = m.phone == any_(literal(phones, ARRAY(String())))
    query = select(*columns).where(m.account_id == require_scope().account_id, is_one, m.erased_at.is_(None))
    return db.session.connection().execute(query).all()


def fields_by_hand(member_ids: list[UUID]) -> Sequence[Any]:
    """The fields of those people that a hand has set last, as pairs of person and field."""
    query = select(StaffField.staff_member_id, StaffField.field).where(
        StaffField.staff_member_id.in_(member_ids), StaffField.is_current, StaffField.source == Source.HAND
    )
    return db.session.execute(query).all()
