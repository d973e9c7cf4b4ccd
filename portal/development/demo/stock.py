"""What a demo chain keeps: counts, what was written off and carried over, a count that is under way."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.db.amounts import rounded
from portal.db.base import db
from portal.development.demo.goods import Goods, Shelf
from portal.development.demo.moments import Clock
from portal.inventory.booking import undo
from portal.inventory.counting import abandon_count, post_count, start_count
from portal.inventory.lots import total_of
from portal.inventory.models import Stocktake, StocktakeItem
from portal.inventory.queries import kept_items, lots_of
from portal.inventory.taking import Taken, transfer, write_off
from portal.inventory.words import WriteOffReason
from portal.stores.models import Store

BEFORE_OPENING = 5
# Per cent of what a restaurant usually orders, which is twice what it must not run below.
LEFT = (38, 150)


class Stock:
    """What is booked beside deliveries, by the verbs that people use."""

    def __init__(self, clock: Clock, shelf: Shelf, places: Mapping[str, Store]) -> None:
        self.clock, self.shelf, self.places = clock, shelf, places
        self.keys = {store.id: key for key, store in places.items()}

    def count(self, store: Store, goods: Iterable[Goods], ago: int, left: Mapping[str, Any]) -> None:
        """Count a store from end to end and post it, one morning."""
        at = self.clock.morning(ago, BEFORE_OPENING)
        told = left.get(self.keys.get(store.id, ""), {})
        counted = {each.item_id: self._some(each, told) for each in goods}
        with self.clock.done_by("chef", at):
            count = start_count(store.id, counted, "Раз в неделю")
            _write_down(count, counted, at + timedelta(minutes=30), self.clock.chain.people["chef"].id)
            post_count(count)
            count.posted_at = at + timedelta(minutes=45)

    def take(self, plan: dict[str, Any]) -> None:
        """Write something off, or carry it to another store; and take that back where it was a mistake."""
        at = self.clock.morning(plan["ago"], 12)
        taken = [Taken(self.shelf.known[key].item_id, Decimal(quantity)) for key, quantity in plan["lines"]]
        store, told = self.places[plan["place"]], {"happened_at": at, "note": plan["note"]}
        with self.clock.done_by(self.clock.head_of(store.restaurant_id), at):
            if "to" in plan:
                group_id = transfer(store.id, self.places[plan["to"]].id, taken, **told)
            else:
                group_id = write_off(store.id, taken, WriteOffReason(plan["reason"]), **told)
            if "undone" in plan:
                undo(group_id, plan["undone"])

    def give_up(self, plan: dict[str, Any]) -> None:
        """Begin to count a store, and leave it."""
        store_id = self.places[plan["place"]].id
        with self.clock.done_by("chef", self.clock.morning(plan["ago"])):
            abandon_count(start_count(store_id, kept_items(store_id)))

    def begin_counting(self, plan: dict[str, Any]) -> None:
        """Two people count a store just now: half of it is done, and some of it is not what the books say."""
        store_id, began = self.places[plan["place"]].id, self.clock.chain.now - timedelta(minutes=plan["minutes"])
        off = {self.shelf.known[key].item_id: Decimal(more) for key, more in plan["off"].items()}
        items = kept_items(store_id)
        held = lots_of(store_id, items)
        with self.clock.done_by("chef", began):
            count = start_count(store_id, items, "К инвентаризации в конце месяца")
            by = [self.clock.chain.people[role].id for role in ("chef", "manager")]
            in_order = sorted(items, key=lambda item_id: (item_id not in off, self.shelf.place_of(item_id)))
            for place, item_id in enumerate(in_order[: len(items) // 2]):
                counted = max(total_of(held[item_id]) + off.get(item_id, Decimal()), Decimal())
                at = began + timedelta(minutes=2 * place + 3)
                _write_down(count, {item_id: counted}, at, by[place % 2])

    def _some(self, goods: Goods, told: Mapping[str, str]) -> Decimal:
        """So much of it as there may be, in its base unit: pieces come whole."""
        if (exact := told.get(goods.plan["key"])) is not None:
            return Decimal(exact)
        part = Decimal(self.clock.chain.random.randint(*LEFT)) / 100
        return rounded(goods.usual * part, 0 if goods.plan["unit"] == "шт" else 1)


def _write_down(count: Stocktake, counted: Mapping[UUID, Decimal], at: datetime, by_id: UUID) -> None:
    """What was counted of each item, then and by that person."""
    query = select(StocktakeItem).where(
        StocktakeItem.stocktake_id == count.id, StocktakeItem.inventory_item_id.in_(counted)
    )
    for line in db.session.scalars(query):
        line.counted_quantity, line.counted_at, line.counted_by_id = counted[line.inventory_item_id], at, by_id
    db.session.flush()
