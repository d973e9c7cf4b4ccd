"""Restaurants, stores and the connection to iiko of a demo chain."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from flask import current_app

from portal.audit.models import Action
from portal.db.base import db
from portal.db.sealing import place_of
from portal.development.demo.chain import FOUNDED, DemoChain
from portal.equipment.models import StoreEquipment
from portal.integrations.models import AccountIntegrationCredentials
from portal.restaurants.models import Restaurant
from portal.stores.models import Store

# By the kind of the store: name, quantity, unit, price each, comment.
EQUIPMENT: dict[str, list[tuple[str, str, str, str | None, str | None]]] = {
    "kitchen": [
        ("Плита индукционная", "2", "piece", "184500.00", None),
        ("Пароконвектомат", "1", "piece", "412900.00", "На гарантии до марта"),
        ("Стол разделочный", "3", "piece", "21350.50", None),
        ("Гастроёмкости GN 1/1", "2", "set", "9480.00", "По шесть штук"),
    ],
    "bar": [
        ("Кофемашина", "1", "piece", "356000.00", "Аренда, цена выкупа"),
        ("Бокал винный", "48", "piece", None, None),
    ],
    "cold": [("Стеллаж", "4", "piece", "14700.00", None), ("Завеса ПВХ", "3.5", "m2", "1890.00", None)],
}


def add_restaurants(chain: DemoChain) -> dict[str, UUID]:
    """The restaurants with their stores; their ids by name."""
    ids = {}
    for number, plan in enumerate(chain.plan["restaurants"]):
        opened = chain.ago(days=FOUNDED - 2 - number * 9, spread=1)
        changed = chain.ago(days=19 - number * 2, spread=1)
        restaurant = chain.add(
            Restaurant,
            plan["name"],
            opened,
            name=plan["name"],
            address=plan["address"],
            phone=plan["phone"],
            email=plan["email"],
            timezone=plan["timezone"],
            is_active=not plan["archived"],
            updated_at=changed,
        )
        ids[plan["name"]] = restaurant.id
        _add_stores(chain, restaurant, plan["stores"], opened)
    db.session.flush()
    return ids


def _add_stores(chain: DemoChain, restaurant: Restaurant, stores: list[list[str]], opened: datetime) -> None:
    for number, (name, kind) in enumerate(stores, start=1):
        store = chain.add(
            Store,
            f"{restaurant.name}/{name}",
            opened + timedelta(minutes=6 * number),
            restaurant_id=restaurant.id,
            name=name,
            kind=kind,
        )
        _add_equipment(chain, store, opened + timedelta(hours=2))


def _add_equipment(chain: DemoChain, store: Store, at: datetime) -> None:
    """What stands in a store of its kind."""
    db.session.flush()
    for position, (name, quantity, unit, price, comment) in enumerate(EQUIPMENT.get(store.kind, ()), start=1):
        chain.add(
            StoreEquipment,
            f"{store.id}/{name}",
            at,
            store_id=store.id,
            position=position,
            name=name,
            quantity=Decimal(quantity),
            unit=unit,
            price=Decimal(price) if price else None,
            currency="RUB",
            comment=comment,
        )


def add_integration(chain: DemoChain) -> None:
    """The connection to iiko, which nobody has checked yet."""
    plan = chain.plan["iiko"]
    integration = AccountIntegrationCredentials.connect()
    integration.id = chain.id_of("iiko")
    integration.base_url = plan["base_url"]
    secret = {"login": plan["login"], "password": plan["password"]}
    integration.created_at = integration.updated_at = chain.ago(days=88)
    integration.credentials = current_app.config["KEYRING"].seal(
        secret, place_of(integration), hinted=("password",), set_at=integration.created_at
    )
    db.session.add(integration)
    told = {"base_url": integration.base_url}
    chain.tell(integration.created_at, Action.CREDENTIALS_SET, integration, "iiko", after=told)
