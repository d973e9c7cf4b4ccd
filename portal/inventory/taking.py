"""Taking something out of a store: written off, or brought to another store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _

from portal.audit.models import Action
from portal.db.states import MoveRefused
from portal.inventory.booking import Movement, book, hold_stores, refuse_twice, tell
from portal.inventory.lots import Lot, take, without
from portal.inventory.queries import lots_of
from portal.inventory.words import MovementKind, WriteOffReason


@dataclass(frozen=True)
class Taken:
    """So much of an item, in its base unit; of which lot, or ``None``: the oldest first."""

    item_id: UUID
    quantity: Decimal
    lot: Lot | None = None


def write_off(
    store_id: UUID,
    taken: Sequence[Taken],
    reason: WriteOffReason,
    *,
    happened_at: datetime | None = None,
    note: str | None = None,
    key: UUID | None = None,
) -> UUID:
    """Write something off, and why; the id of the group. ``key`` is what the form calls it: sent twice it is one."""
    hold_stores({store_id})
    refuse_twice(key)
    movements = [
        Movement(store_id, item_id, -lot.quantity, lot.lot_number, lot.expiry_date)
        for item_id, lot in _parts(store_id, taken)
    ]
    kind = MovementKind.WRITE_OFF
    group_id = book(movements, kind=kind, happened_at=happened_at, reason=reason, note=note, group_id=key)
    tell(Action.WRITTEN_OFF, group_id)
    return group_id


def transfer(
    store_id: UUID,
    to_store_id: UUID,
    taken: Sequence[Taken],
    *,
    happened_at: datetime | None = None,
    note: str | None = None,
    key: UUID | None = None,
) -> UUID:
    """Bring something to another store, lots as they are; the id of the group. Nothing is brought to where it is."""
    if store_id == to_store_id:
        raise MoveRefused(_("Choose another store: this is the one that it comes from."))
    hold_stores({store_id, to_store_id})
    refuse_twice(key)
    movements = [
        Movement(place, item_id, sign * lot.quantity, lot.lot_number, lot.expiry_date)
        for item_id, lot in _parts(store_id, taken)
        for place, sign in ((store_id, -1), (to_store_id, 1))
    ]
    group_id = book(movements, kind=MovementKind.TRANSFER, happened_at=happened_at, note=note, group_id=key)
    tell(Action.TRANSFERRED, group_id)
    return group_id


def _parts(store_id: UUID, taken: Sequence[Taken]) -> Iterator[tuple[UUID, Lot]]:
    """What is taken of each lot. The store is held: nobody else takes the same meanwhile."""
    held = lots_of(store_id, {each.item_id for each in taken})
    for each in taken:
        if each.lot is not None:
            parts = [Lot(each.lot.lot_number, each.lot.expiry_date, each.quantity)]
        else:
            parts = take(held[each.item_id], each.quantity)
        held[each.item_id] = without(held[each.item_id], parts)
        yield from ((each.item_id, part) for part in parts)
