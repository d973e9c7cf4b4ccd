"""Booking movements of stock, and undoing them: the only writer of the journal.

Whoever books holds the stores that it touches, in the order of their ids, until the commit: what is taken oldest
first is still there, nothing is undone twice, and nobody waits for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.catalogue.conversions import MAX_BASE
from portal.catalogue.models import InventoryItem
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.inventory.models import StockMovement
from portal.inventory.words import MovementKind, WriteOffReason
from portal.stores.models import Store

IN_FUTURE = _l("This lies in the future: what has not happened yet is not booked.")
# Clocks of machines differ by so much, and nobody is told of it.
LENIENCE = timedelta(minutes=1)


class SentAlready(MoveRefused):
    """The same was sent before, and booked then: ``movement`` is the first of it."""

    def __init__(self, movement: StockMovement) -> None:
        self.movement = movement
        super().__init__(_("This was booked already: the form was sent twice. Nothing was booked again."))


@dataclass(frozen=True)
class Movement:
    """So much of an item more or less in a store: ``quantity`` is signed, in the item's base unit.

    ``happened_at`` where it is another moment than that of the others of its group.
    """

    store_id: UUID
    item_id: UUID
    quantity: Decimal
    lot_number: str | None = None
    expiry_date: date | None = None
    happened_at: datetime | None = None
    delivery_item_id: UUID | None = None
    stocktake_item_id: UUID | None = None
    undoes_id: UUID | None = None

    @property
    def place(self) -> tuple[UUID, UUID, str, date]:
        """What balance it changes, to be put in order."""
        return self.store_id, self.item_id, self.lot_number or "", self.expiry_date or date.min


def book(
    movements: Iterable[Movement],
    *,
    kind: MovementKind,
    happened_at: datetime | None = None,
    reason: WriteOffReason | None = None,
    note: str | None = None,
    group_id: UUID | None = None,
) -> UUID:
    """Book what was entered together; the id of the group (``group_id`` or a new one). What moves nothing is left out.

    ``happened_at`` may lie in the past (``None``: now). Raises ``MoveRefused`` for the future; 404 where a store or an
    item is not there, or not the person's.
    """
    group_id, now = group_id or uuid4(), utc_now()
    told = sorted((each for each in movements if each.quantity), key=lambda each: each.place)
    if any(abs(each.quantity) >= MAX_BASE for each in told):
        raise MoveRefused(_("This is more than the books can hold. Check the quantities."))
    moments = [each.happened_at or happened_at or now for each in told]
    if any(moment > now + LENIENCE for moment in moments):
        raise MoveRefused(IN_FUTURE)
    restaurants = hold_stores(each.store_id for each in told)
    _require_items({each.item_id for each in told})
    shared = {"kind": kind, "group_id": group_id, "reason": reason, "note": note, "entered_by_id": acting_id()}
    db.session.add_all(
        _row(each, restaurant_id=restaurants[each.store_id], happened_at=min(moment, now), **shared)
        for each, moment in zip(told, moments, strict=True)
    )
    db.session.flush()
    return group_id


def _row(movement: Movement, **shared: Any) -> StockMovement:
    return StockMovement(
        id=uuid4(),
        store_id=movement.store_id,
        inventory_item_id=movement.item_id,
        lot_number=movement.lot_number,
        expiry_date=movement.expiry_date,
        quantity=movement.quantity,
        undoes_id=movement.undoes_id,
        delivery_item_id=movement.delivery_item_id,
        stocktake_item_id=movement.stocktake_item_id,
        **shared,
    )


def _opposite(row: StockMovement) -> Movement:
    return Movement(
        row.store_id,
        row.inventory_item_id,
        -row.quantity,
        row.lot_number,
        row.expiry_date,
        happened_at=row.happened_at,
        delivery_item_id=row.delivery_item_id,
        stocktake_item_id=row.stocktake_item_id,
        undoes_id=row.id,
    )


def undo(group_id: UUID, note: str | None = None, *, of_delivery: bool = False) -> UUID:
    """Book the opposite of a group, as of the moments of its movements: it never was. The id of the new group.

    Raises ``MoveRefused`` where it was undone already, is itself an undoing, or is not wholly the person's to undo; and
    for what a delivery brought, unless it is ``of_delivery``, which is being reversed: else there would be two truths.
    """
    hold_stores(row.store_id for row in movements_of(group_id))
    rows = movements_of(group_id)
    if not rows:
        abort(404)
    if (reason := reason_to_stay(rows, of_delivery=of_delivery)) is not None:
        raise MoveRefused(reason)
    undone = book(map(_opposite, rows), kind=MovementKind.UNDO, note=note)
    tell(Action.STOCK_UNDONE, undone)
    return undone


def reason_to_stay(rows: Sequence[StockMovement], *, of_delivery: bool = False) -> str | None:
    """Why a group is not undone, in words; ``None`` where it may be."""
    if not of_delivery and any(row.kind is MovementKind.RECEIPT and row.delivery_item_id for row in rows):
        return _("It came by a delivery: reverse that, and its order follows.")
    if any(row.kind is MovementKind.UNDO for row in rows):
        return _("What was undone is not brought back: enter it anew.")
    undone = select(StockMovement.id).where(StockMovement.undoes_id.in_([row.id for row in rows]))
    if db.session.scalar(undone.limit(1)) is not None:
        return _("This was undone already.")
    # Of a transfer nothing is lost: where it does not come out, its other side is a store that the person does not see.
    if rows[0].kind is MovementKind.TRANSFER and sum((row.quantity for row in rows), Decimal()):
        return _("Its other side is in a restaurant that is not yours. Ask somebody who works in both.")
    return None


def movements_of(group_id: UUID) -> Sequence[StockMovement]:
    """What was entered together, as far as the person sees it."""
    query = select(StockMovement).where(StockMovement.group_id == group_id)
    return db.session.scalars(query.order_by(StockMovement.store_id, StockMovement.id)).all()


def refuse_twice(group_id: UUID | None) -> None:
    """Raise ``SentAlready`` where a group of that id is there. Asked while the stores are held."""
    if group_id is not None and (rows := movements_of(group_id)):
        raise SentAlready(rows[0])


def hold_stores(store_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Keep others from booking in those stores until the commit; the restaurant of each. 404 where one is not there."""
    wanted = set(store_ids)
    query = select(Store.id, Store.restaurant_id).where(Store.id.in_(wanted)).order_by(Store.id)
    found = {row.id: row.restaurant_id for row in db.session.execute(query.with_for_update(key_share=True))}
    if found.keys() != wanted:
        abort(404)
    return found


def tell(action: Action, group_id: UUID) -> None:
    """The line of a group in the log: on one of what was entered together, by the names of the items.

    Of one item how much it was: of all its lots, and of a transfer what left the one store.
    """
    rows = movements_of(group_id)
    if not rows:
        return
    names = _names({row.inventory_item_id for row in rows})
    label = ", ".join(dict.fromkeys(names[row.inventory_item_id] for row in rows))
    first = min(rows, key=lambda row: row.quantity)
    quantity = sum((row.quantity for row in rows if row.store_id == first.store_id), Decimal())
    told = {"reason": first.reason, "note": first.note, "quantity": quantity if len(names) == 1 else None}
    after = {key: str(value) for key, value in told.items() if value is not None}
    record(action, first, label=label, after=after)


def _names(item_ids: set[UUID]) -> dict[UUID, str]:
    rows = db.session.execute(select(InventoryItem.id, InventoryItem.name).where(InventoryItem.id.in_(item_ids)))
    return {row.id: row.name for row in rows}


def _require_items(item_ids: set[UUID]) -> None:
    if _names(item_ids).keys() != item_ids:
        abort(404)
