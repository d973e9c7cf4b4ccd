"""What a demo chain orders: one order of every sort, each in the state that its story leads to."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.db.base import db
from portal.development.demo.goods import Goods, Shelf
from portal.development.demo.moments import Clock
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.order_page import OrderPage
from portal.purchase_orders.queries import today_at
from portal.stores.models import Store

MORNING, NOON = 6, 9


class Orders:
    """The orders by their keys in the plan."""

    def __init__(self, clock: Clock, shelf: Shelf, places: Mapping[str, Store]) -> None:
        self.clock, self.shelf, self.places = clock, shelf, places
        self.by_key: dict[str, PurchaseOrder] = {}

    def add(self, plan: dict[str, Any]) -> None:
        """Order it, tell the supplier unless it is a draft, and take it back where nothing came of it."""
        by = plan.get("by") or self.clock.head_of(self.places[plan["place"]].restaurant_id)
        at = self.clock.morning(plan["made"], MORNING)
        with self.clock.done_by(by, at):
            order = self.by_key[plan["key"]] = self._order(plan)
            order.open([(None, self._line(line)) for line in plan["lines"]])
            if not plan.get("draft"):
                order.send(OrderPage(order).text)
                order.sent_at = at + timedelta(minutes=4)
        if "cancelled" in plan:
            with self.clock.done_by(by, at + timedelta(hours=5)):
                order.cancel(plan["cancelled"])

    def follow(self, plan: dict[str, Any], ago: int) -> None:
        """What became of it once something of it came, or nothing did."""
        order = self.by_key[plan["key"]]
        with self.clock.done_by(self.clock.head_of(order.restaurant_id), self.clock.morning(ago, NOON)):
            if "next" in plan:
                order.expect(self._day(order, plan["next"]))
            if "closed" in plan:
                order.close(plan["closed"])

    def _order(self, plan: dict[str, Any]) -> PurchaseOrder:
        store = self.places[plan["place"]]
        order = PurchaseOrder(
            id=self.clock.chain.id_of("purchase_order", plan["key"]),
            supplier_id=self.shelf.suppliers[plan["supplier"]].id,
            restaurant_id=store.restaurant_id,
            store_id=store.id,
            currency="RUB",
            notes=plan.get("notes"),
        )
        order.expected_delivery_date = self._day(order, plan["expected"])
        return order

    def _day(self, order: PurchaseOrder, offset: int | None) -> date | None:
        """So many days from the day that it is at the restaurant."""
        with db.session.no_autoflush:
            return None if offset is None else today_at(order.restaurant_id) + timedelta(days=offset)

    def _line(self, line: list[str]) -> dict[str, Any]:
        key, quantity, *price = line
        goods = self.shelf.known[key]
        return {
            "inventory_item_id": goods.item_id,
            "quantity": Decimal(quantity),
            "unit_id": goods.unit_id,
            "unit_price": Decimal(price[0]) if price else self._price(goods),
        }

    def _price(self, goods: Goods) -> Decimal:
        """As it was on the last paper."""
        return goods.price(0, self.shelf.story)
