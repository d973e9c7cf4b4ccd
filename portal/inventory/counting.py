"""A count of a store: several people count line by line, and posting makes the books say what was counted.

A count fixes the balance at the moment of counting: what was booked later, or for an earlier moment before the count
was posted, changes nothing of what was counted.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import acting_id, record, record_creation
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.inventory.booking import Movement, book, hold_stores
from portal.inventory.lots import Lot, settle, total_of
from portal.inventory.models import Stocktake, StocktakeItem
from portal.inventory.queries import lots_when_counted
from portal.inventory.words import MovementKind, StocktakeStatus
from portal.stores.models import Store
from portal.users.models import User

MAX_LINES = 2_000


class CountEnded(MoveRefused):
    """The count is over; ``status`` says how, ``at`` and ``by`` when and by whom."""

    def __init__(self, count: Stocktake) -> None:
        self.count = count
        super().__init__(_("This count is over: open it anew to see what became of it."))


class StoreIsCounted(MoveRefused):
    """The store is being counted already: in ``count``."""

    def __init__(self, count: Stocktake) -> None:
        self.count = count
        super().__init__(_("This store is being counted already. Post that count, or give it up, before another one."))


@dataclass(frozen=True)
class Difference:
    """What a counted line changes: in the item's base unit, as of the moment of counting."""

    line: StocktakeItem
    lots: Sequence[Lot]

    @property
    def counted(self) -> Decimal:
        """What was counted."""
        assert self.line.counted_quantity is not None
        return self.line.counted_quantity

    @property
    def expected(self) -> Decimal:
        """What the books said then."""
        return total_of(self.lots)

    @property
    def difference(self) -> Decimal:
        """Counted less expected."""
        return self.counted - self.expected

    def movements(self, store_id: UUID) -> Iterator[Movement]:
        """What brings the books there, lot by lot: none stays below zero."""
        for lot in settle(self.lots, self.counted):
            yield Movement(
                store_id,
                self.line.inventory_item_id,
                lot.quantity,
                lot.lot_number,
                lot.expiry_date,
                happened_at=self.line.counted_at,
                stocktake_item_id=self.line.id,
            )


def start_count(store_id: UUID, item_ids: Collection[UUID], note: str | None = None) -> Stocktake:
    """Begin to count those items of a store. Raises ``MoveRefused`` where the store is being counted already."""
    restaurants = hold_stores({store_id})
    if (other := counting_of(store_id)) is not None:
        raise StoreIsCounted(other)
    if len(item_ids) > MAX_LINES:
        raise MoveRefused(_("At most %(number)s items are counted at once. Choose a category.", number=MAX_LINES))
    count = Stocktake(
        id=uuid4(),
        restaurant_id=restaurants[store_id],
        store_id=store_id,
        status=StocktakeStatus.COUNTING,
        note=note,
        started_by_id=acting_id(),
    )
    record_creation(count)
    db.session.add_all(
        StocktakeItem(id=uuid4(), stocktake_id=count.id, inventory_item_id=each) for each in sorted(item_ids)
    )
    db.session.flush()
    return count


def counting_of(store_id: UUID) -> Stocktake | None:
    """The count of a store that is not over."""
    query = select(Stocktake).where(Stocktake.store_id == store_id, Stocktake.status == StocktakeStatus.COUNTING)
    return db.session.scalars(query).one_or_none()


def add_line(count: Stocktake, item_id: UUID) -> StocktakeItem:
    """One more item to be counted; the line that there is, where there is one."""
    hold_open(count)
    query = select(StocktakeItem).where(
        StocktakeItem.stocktake_id == count.id, StocktakeItem.inventory_item_id == item_id
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        found = StocktakeItem(id=uuid4(), stocktake_id=count.id, inventory_item_id=item_id)
        db.session.add(found)
        db.session.flush()
    return found


def count_line(
    count: Stocktake, line: StocktakeItem, quantity: Decimal | None, *, counted_at: datetime | None = None
) -> bool:
    """Write down what was counted of an item, in its base unit; ``None``: not counted. Whether that is news.

    ``counted_at`` where it was written on paper before: since the count was begun, and not in the future.
    """
    hold_open(count, is_shared=True)
    if line.stocktake_id != count.id:
        abort(404)
    if line.counted_quantity == quantity:
        return False
    is_counted = quantity is not None
    line.counted_quantity = quantity
    line.counted_at = (counted_at or utc_now()) if is_counted else None
    line.counted_by_id = acting_id() if is_counted else None
    db.session.flush()
    return True


def differences(count: Stocktake) -> list[Difference]:
    """What each counted line changes, as of the moment of counting."""
    held = lots_when_counted(count)
    query = select(StocktakeItem).where(
        StocktakeItem.stocktake_id == count.id, StocktakeItem.counted_quantity.is_not(None)
    )
    return [Difference(line, held[line.id]) for line in db.session.scalars(query.order_by(StocktakeItem.id))]


def post_count(count: Stocktake) -> UUID:
    """Book what the count changes; the id of the movements' group. Raises ``CountEnded`` where it is over."""
    hold_open(count)
    hold_stores({count.store_id})
    found = differences(count)
    for each in found:
        each.line.expected_quantity, each.line.difference = each.expected, each.difference
    count.status, count.posted_at, count.posted_by_id = StocktakeStatus.POSTED, utc_now(), acting_id()
    group_id = book([one for each in found for one in each.movements(count.store_id)], kind=MovementKind.COUNT)
    db.session.flush()
    record(Action.COUNT_POSTED, count, label=_label(count))
    return group_id


def abandon_count(count: Stocktake) -> None:
    """Give a count up: what was counted stays to be read, and changes nothing."""
    hold_open(count)
    count.status = StocktakeStatus.ABANDONED
    db.session.flush()
    record(Action.COUNT_ABANDONED, count, label=_label(count))


def hold_open(count: Stocktake, *, is_shared: bool = False) -> None:
    """Keep the count from being posted until the commit; ``is_shared``: others may count meanwhile.

    Raises ``CountEnded`` where it is over.
    """
    db.session.flush()
    db.session.refresh(count, with_for_update={"read": is_shared})
    if count.status is not StocktakeStatus.COUNTING:
        raise CountEnded(count)


def ended(count: Stocktake) -> tuple[datetime | None, str | None]:
    """When a count was posted, and by whom; nobody where that was support, or the person is not known."""
    person: Any = db.session.get(User, count.posted_by_id) if count.posted_by_id else None
    return count.posted_at, person.display_name if person is not None else None


def _label(count: Stocktake) -> str:
    store = db.session.get(Store, count.store_id)
    return store.name if store is not None else count.display_name
