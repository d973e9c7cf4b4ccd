"""What the pages of an item in a store, and of a movement, show; each number explains itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from operator import sub
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.explaining import Explanation, Input
from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.db.amounts import NO_BREAK_SPACE, format_quantity
from portal.db.base import db
from portal.db.types import utc_now
from portal.deliveries.models import DeliveryItem
from portal.inventory.booking import movements_of, reason_to_stay
from portal.inventory.conditions import SOON_DAYS
from portal.inventory.listing import KIND_TONES, day_text
from portal.inventory.models import StockBalance, StockMovement, StocktakeItem
from portal.inventory.queries import counted_since, group_lines
from portal.inventory.words import MovementKind
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.users.models import User
from portal.web.times import in_zone

LATEST = 30


def told(quantity: Decimal, symbol: str, *, signed: bool = False) -> str:
    """Such as "−2,5 kg"; ``signed``: with a plus, too."""
    sign = "\u2212" if quantity < 0 else "+" if signed and quantity > 0 else ""
    return f"{sign}{format_quantity(abs(quantity))}{NO_BREAK_SPACE}{symbol}"


@dataclass(frozen=True)
class Place:
    """A store as it is told: ``zone`` is its restaurant's."""

    store: str
    restaurant: str
    zone: str | None


@dataclass(frozen=True)
class LotShown:
    """One lot, the oldest expiry first; ``tone`` says whether its date is over or near."""

    balance: StockBalance
    name: str
    expiry: str
    quantity: str
    tone: str | None


class StockPage:
    """One item in one store: all its lots, what they come to, and by which movements."""

    def __init__(self, balance: StockBalance) -> None:
        self.balance = balance
        i, u, s, r = InventoryItem, MeasureUnit, Store, Restaurant
        query = (
            select(
                i.id, i.name, i.reorder_level, u.symbol, s.name.label("store"), r.name.label("restaurant"), r.timezone
            )
            .join(u, and_(u.account_id == i.account_id, u.id == i.default_unit_id))
            .join(s, and_(s.account_id == i.account_id, s.id == balance.store_id))
            .join(r, and_(r.account_id == s.account_id, r.id == s.restaurant_id))
            .where(i.id == balance.inventory_item_id)
        )
        self.item = db.session.execute(query).one()

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.item.store, self.item.restaurant, self.item.timezone)

    @cached_property
    def lots(self) -> list[LotShown]:
        """The lots of which there is any, or that are below zero; the oldest expiry first."""
        b, mine = StockBalance, self.balance
        query = select(b).where(b.store_id == mine.store_id, b.inventory_item_id == mine.inventory_item_id)
        rows = db.session.scalars(query.where(b.quantity != 0).order_by(b.expiry_date.nulls_last(), b.lot_number, b.id))
        today = in_zone(utc_now(), self.item.timezone).date()
        return [
            LotShown(
                row,
                row.lot_number or _("No lot"),
                day_text(row.expiry_date) if row.expiry_date else "",
                told(row.quantity, self.item.symbol),
                expiry_tone(row.expiry_date, today),
            )
            for row in rows
        ]

    @cached_property
    def total(self) -> Decimal:
        """What all movements come to: the balance."""
        return sum((each.quantity for each in self._sums), Decimal())

    @property
    def total_text(self) -> str:
        """The same in words."""
        return told(self.total, self.item.symbol)

    @property
    def is_low(self) -> bool:
        """Whether that is less than the item's reorder level."""
        return self.item.reorder_level is not None and self.total < self.item.reorder_level

    @property
    def reorder_level(self) -> str:
        """From which level on it is to be ordered."""
        return told(self.item.reorder_level, self.item.symbol) if self.item.reorder_level is not None else ""

    @cached_property
    def _sums(self) -> Sequence[Any]:
        m, mine = StockMovement, self.balance
        query = select(
            m.kind,
            func.sum(m.quantity).label("quantity"),
            func.count().label("count"),
            func.max(m.created_at).label("at"),
        ).where(m.store_id == mine.store_id, m.inventory_item_id == mine.inventory_item_id)
        order = list(MovementKind)
        return sorted(db.session.execute(query.group_by(m.kind)), key=lambda row: order.index(row.kind))

    @property
    def explanation(self) -> Explanation:
        """Σ of the movements by their kinds; each leads to the rows that make it."""
        symbol, parts = self.item.symbol, [each for each in self._sums if each.quantity]
        formula = " ".join(_signed(each.quantity, is_first=place == 0) for place, each in enumerate(parts)) or "0"
        inputs = [
            Input(
                _("%(kind)s (%(count)s)", kind=each.kind.label, count=each.count),
                told(each.quantity, symbol, signed=True),
                self.journal_url(kind=each.kind.value),
            )
            for each in self._sums
        ]
        latest = max((each.at for each in self._sums), default=None)
        note = _("Below zero, more went out than was ever entered as come in.") if self.total < 0 else None
        return Explanation(_("What there is"), f"{formula} = {self.total_text}", inputs, latest, note=note)

    def journal_url(self, kind: str | None = None) -> str:
        """The movements behind the number, of one kind or of all."""
        mine = self.balance
        return url_for("account.movements.index", store_id=mine.store_id, item_id=mine.inventory_item_id, kind=kind)

    @cached_property
    def latest(self) -> list[Any]:
        """The latest movements, each with what there was after it; the newest first."""
        m, mine = StockMovement, self.balance
        of_item = (m.store_id == mine.store_id, m.inventory_item_id == mine.inventory_item_id)
        query = select(m.id, m.kind, m.quantity, m.happened_at, m.reason, m.lot_number).where(*of_item)
        latest = query.order_by(m.happened_at.desc(), m.created_at.desc(), m.id.desc()).limit(LATEST)
        rows = db.session.execute(latest).all()
        # From what there is now back: the movements before the latest ones need not be read.
        afters = accumulate((row.quantity for row in rows), sub, initial=self.total)
        symbol, crossing = self.item.symbol, self.crossing_ids
        return [
            {
                "id": row.id,
                "kind": row.kind,
                "tone": KIND_TONES.get(row.kind, "neutral"),
                "at": row.happened_at,
                "lot": row.lot_number,
                "reason": row.reason.label if row.reason else "",
                "quantity": told(row.quantity, symbol, signed=True),
                "after": told(after, symbol),
                "is_below": after < 0,
                "crossed": row.id in crossing,
            }
            for row, after in zip(rows, afters, strict=False)
        ]

    @property
    def crossing_ids(self) -> set[UUID]:
        """The movements by which lots went below zero."""
        return {each.balance.crossed_by_id for each in self.lots if each.balance.crossed_by_id}


def expiry_tone(expiry: date | None, today: date) -> str | None:
    """``bad`` for what is expired, ``warn`` for what expires within days."""
    if expiry is None:
        return None
    days = (expiry - today).days
    return "bad" if days < 0 else "warn" if days <= SOON_DAYS else None


class MovementPage:
    """One movement with what was entered together with it."""

    def __init__(self, movement: StockMovement) -> None:
        self.movement = movement
        self.rows = movements_of(movement.group_id)

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """Each movement of the group, with the page of its item in its store."""
        return [
            {
                "name": row.name,
                "url": url_for("account.stock.show", inventory_stock_id=row.at),
                "store": row.store,
                "lot": row.lot_number,
                "expiry": day_text(row.expiry_date) if row.expiry_date else "",
                "quantity": told(row.quantity, row.symbol, signed=True),
                "is_this": row.id == self.movement.id,
            }
            for row in group_lines(self.movement.group_id)
        ]

    @cached_property
    def store(self) -> Store:
        """Where it was."""
        return db.session.get_one(Store, self.movement.store_id)

    @cached_property
    def by(self) -> str | None:
        """Who entered it; nobody where that was support."""
        person = db.session.get(User, self.movement.entered_by_id) if self.movement.entered_by_id else None
        return person.display_name if person is not None else None

    @cached_property
    def reason_to_stay(self) -> str | None:
        """Why it is not taken back here and now by this person, in words; ``None`` where it may be."""
        zone = self.store.restaurant.timezone
        return reason_to_stay(self.rows) or reason_by_day(self.movement.created_at, zone)

    @cached_property
    def doubt(self) -> str | None:
        """What whoever takes it back should know: what was counted since then was counted with it, or without."""
        if self.movement.kind is MovementKind.COUNT:
            return None
        stores, items = {row.store_id for row in self.rows}, {row.inventory_item_id for row in self.rows}
        counted = counted_since(stores, items, min(row.happened_at for row in self.rows))
        if counted is None:
            return None
        day = day_text(in_zone(counted, self.store.restaurant.timezone).date())
        return _(
            "It was counted after that, on %(day)s. If it is taken back, the books differ from that count.", day=day
        )

    @cached_property
    def undone_by(self) -> UUID | None:
        """The movement that has undone it."""
        return db.session.scalar(select(StockMovement.id).where(StockMovement.undoes_id == self.movement.id))

    @cached_property
    def origin(self) -> tuple[str, str] | None:
        """What it came by, and where that is: a delivery, a count, or the movement that it undoes."""
        if self.movement.undoes_id is not None:
            return _("What it undoes"), url_for("account.movements.show", stock_movement_id=self.movement.undoes_id)
        if self.movement.delivery_item_id is not None:
            delivery_id = db.session.get_one(DeliveryItem, self.movement.delivery_item_id).delivery_id
            return _("The delivery"), url_for("account.deliveries.show", delivery_id=delivery_id)
        if self.movement.stocktake_item_id is not None:
            line = db.session.get_one(StocktakeItem, self.movement.stocktake_item_id)
            return _("The count"), url_for("account.stocktakes.show", stocktake_id=line.stocktake_id)
        return None


def reason_by_day(entered_at: Any, zone: str | None) -> str | None:
    """An owner takes anything back, others what was entered on the same day at the restaurant; else why not."""
    is_own_day = in_zone(entered_at, zone).date() == in_zone(utc_now(), zone).date()
    # What owners alone may do: the roles are told apart by nothing else.
    if is_own_day or may(Permission.ACCOUNT_EDIT):
        return None
    return _("It was entered on another day. An owner of your chain can take it back.")


def _signed(quantity: Decimal, *, is_first: bool) -> str:
    number = format_quantity(abs(quantity))
    if is_first:
        return f"\u2212{number}" if quantity < 0 else number
    return f"\u2212 {number}" if quantity < 0 else f"+ {number}"
