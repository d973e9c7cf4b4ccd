"""What a demo chain orders, receives and keeps, over the last weeks and just now."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from portal.db.base import db
from portal.deliveries.models import Delivery
from portal.deliveries.notices import DELIVERY_SHORT
from portal.development.demo.chain import DemoChain
from portal.development.demo.deliveries import Deliveries
from portal.development.demo.files import plan_of
from portal.development.demo.goods import Goods, Shelf
from portal.development.demo.moments import Clock
from portal.development.demo.orders import Orders
from portal.development.demo.stock import Stock
from portal.development.demo.weeks import Weeks
from portal.notices.models import Notice
from portal.restaurants.models import Restaurant
from portal.stores.models import Store


def add_receiving(chain: DemoChain, shelf: Shelf, bought: Mapping[str, list[Store]]) -> None:
    """In the order in which it happened. ``bought``: the stores for which each supplier's goods are bought."""
    plan = plan_of("stock.json")
    places = _places(plan["places"])
    with Clock(chain) as clock:
        stock = Stock(clock, shelf, places)
        Weeks(clock, *plan["weeks"]).fill()
        stock.give_up(plan["given_up"])
        for store, goods in _kept(shelf, bought):
            stock.count(store, goods, plan["counted"], plan["left"])
        _live(Orders(clock, shelf, places), plan, stock)
        stock.begin_counting(plan["counting"])
    _date_notices()


def _live(orders: Orders, plan: dict[str, Any], stock: Stock) -> None:
    """The stories: what was ordered, what came of it, what became of that."""
    deliveries = Deliveries(orders.clock, orders.shelf, orders.places, orders.by_key)
    for each in plan["orders"]:
        orders.add(each)
    for each in plan["deliveries"]:
        deliveries.take_in(each)
    deliveries.bill(plan["deliveries"])
    came = {each["order"]: each["ago"] for each in plan["deliveries"] if "order" in each}
    for each in plan["orders"]:
        orders.follow(each, came.get(each["key"], each["made"] - 3))
    for each in plan["taken"]:
        stock.take(each)


def _date_notices() -> None:
    """People were told when it came, not while the demo was loaded."""
    told = update(Notice).where(Notice.kind == DELIVERY_SHORT.key, Notice.entity_id == Delivery.id)
    db.session.execute(
        told.values(opened_at=Delivery.received_at, at=Delivery.received_at),
        execution_options={"synchronize_session": False},
    )


def _places(plan: Mapping[str, list[str]]) -> dict[str, Store]:
    query = select(Restaurant.name.label("restaurant"), Store).join(Restaurant, Restaurant.id == Store.restaurant_id)
    by_name = {(row.restaurant, row.Store.name): row.Store for row in db.session.execute(query)}
    return {key: by_name[restaurant, store] for key, (restaurant, store) in plan.items()}


def _kept(shelf: Shelf, bought: Mapping[str, list[Store]]) -> Iterator[tuple[Store, list[Goods]]]:
    """Each store that something is bought for, and what it keeps."""
    stores: dict[UUID, Store] = {store.id: store for found in bought.values() for store in found}
    goods: dict[UUID, list[Goods]] = {}
    for supplier, found in bought.items():
        for store in found:
            goods.setdefault(store.id, []).extend(shelf.goods[supplier])
    for store_id, own in goods.items():
        yield stores[store_id], own
