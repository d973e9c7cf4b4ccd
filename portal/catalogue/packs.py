"""Changing the packs of an item together."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from portal.audit.lines import change_lines
from portal.catalogue.following import tell_conversions
from portal.catalogue.models import InventoryItem, ItemUnit
from portal.db.base import db
from portal.db.lines import Filled


def packs_of(item: InventoryItem, *, to_change: bool = False) -> Sequence[ItemUnit]:
    """The packs of an item, in their order; ``to_change`` keeps others from changing them until the commit."""
    if to_change:
        db.session.execute(select(InventoryItem.id).where(InventoryItem.id == item.id).with_for_update())
    query = select(ItemUnit).where(ItemUnit.inventory_item_id == item.id)
    return db.session.scalars(query.order_by(ItemUnit.position, ItemUnit.created_at, ItemUnit.id)).all()


def change_packs(item: InventoryItem, lines: Sequence[ItemUnit], filled: Sequence[Filled]) -> None:
    """Make the packs of an item what was filled in; past prices keep the quantities that they were made with."""
    change_lines(item, ItemUnit, lines, _same_pairs(lines, filled), inventory_item_id=item.id)
    tell_conversions([item.id])


def _same_pairs(lines: Sequence[ItemUnit], filled: Sequence[Filled]) -> list[Filled]:
    """What was filled in, each on the line that speaks of its pair already: of each pair there is one at any moment."""
    by_pair = {line.pair: line.id for line in lines}
    pairs = [frozenset((values["from_unit_id"], values["to_unit_id"])) for _line_id, values in filled]
    taken = {by_pair[pair] for pair in pairs if pair in by_pair}
    return [
        (_line_for(line_id, by_pair.get(pair), taken), values)
        for (line_id, values), pair in zip(filled, pairs, strict=True)
    ]


def _line_for(own_id: UUID | None, same_id: UUID | None, taken: set[UUID]) -> UUID | None:
    if same_id is not None:
        return same_id
    return own_id if own_id not in taken else None
