"""Who may do what to orders, deliveries, stock and counts; and what is somebody else's is not there at all."""

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests.deliveries.test_delivery_pages import DoorBrowser, id_in

S = "getinn_ops"
OWNER, MANAGER, CHEF, VIEWER = "owner", "manager", "chef", "viewer"
EVERYBODY = {OWNER, MANAGER, CHEF, VIEWER}
# Of each page, by which method it is asked, and who may.
TABLE = [
    ("GET", "orders", EVERYBODY),
    ("GET", "orders/{order}", EVERYBODY),
    ("GET", "orders/{order}/sheet", EVERYBODY),
    ("GET", "orders/new", {OWNER, MANAGER, CHEF}),
    ("GET", "orders/{order}/sending", {OWNER, MANAGER}),
    ("GET", "orders/{order}/expectation", {OWNER, MANAGER}),
    ("GET", "orders/{order}/closing", {OWNER, MANAGER}),
    ("POST", "orders/{order}/reopening", {OWNER, MANAGER}),
    ("GET", "deliveries", EVERYBODY),
    ("GET", "deliveries/{delivery}", EVERYBODY),
    ("GET", "deliveries/expected", {OWNER, MANAGER, CHEF}),
    ("GET", "deliveries/new", {OWNER, MANAGER, CHEF}),
    ("GET", "deliveries/orders/{order}", {OWNER, MANAGER, CHEF}),
    ("POST", "deliveries/{delivery}/rest", {OWNER, MANAGER, CHEF}),
    ("POST", "deliveries/{delivery}/photos", {OWNER, MANAGER, CHEF}),
    ("GET", "deliveries/{delivery}/reversal", {OWNER, MANAGER}),
    ("POST", "deliveries/{delivery}/invoice", {OWNER, MANAGER}),
    ("POST", "deliveries/{delivery}/credit-note", {OWNER, MANAGER}),
    ("GET", "stock", EVERYBODY),
    ("GET", "stock/movements", EVERYBODY),
    ("GET", "stock/movements/{movement}", EVERYBODY),
    ("GET", "stock/write-offs/new", {OWNER, MANAGER}),
    ("GET", "stock/transfers/new", {OWNER, MANAGER}),
    ("POST", "stock/movements/{movement}/undoing", {OWNER, MANAGER}),
    ("GET", "counts", EVERYBODY),
    ("GET", "counts/new", {OWNER, MANAGER, CHEF}),
]


@pytest.fixture
def person(browse, world, superuser_sql):
    return lambda role, number=1: DoorBrowser(
        browse(getattr(world.pelmenya, role)), world.pelmenya, superuser_sql, number
    )


def ids_of(chain, number=1) -> dict[str, UUID]:
    names = {"order": "purchase_order", "delivery": "delivery", "movement": "stock_movement", "count": "stocktake"}
    return {name: chain.id_of(table, number) for name, table in names.items()}


def ask(person: DoorBrowser, method: str, path: str):
    address = person.browser.account(path)
    return person.browser.get(address) if method == "GET" else person.browser.post(address)


@pytest.mark.parametrize("role", [OWNER, MANAGER, CHEF, VIEWER])
def test_each_role_does_what_the_table_says_and_nothing_else(person, world, role):
    who, ids = person(role), ids_of(world.pelmenya)
    refused = {path for method, path, _may in TABLE if ask(who, method, path.format(**ids)).status_code == 403}
    assert refused == {path for _method, path, may in TABLE if role not in may}


def told_by(answer) -> str:
    """The bytes of an answer, without the proof that each page has and the id that was asked for."""
    return re.sub(r'(name="csrf_token" value=)"[^"]*"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}', r"\1", answer.text)


def addresses() -> Iterator[tuple[str, str]]:
    yield from ((method, path) for method, path, _may in TABLE if "{" in path)
    yield "GET", "counts/{count}"
    yield "POST", "counts/{count}/posting"


@pytest.mark.parametrize(("method", "path"), list(addresses()))
def test_what_is_another_chains_or_restaurants_answers_as_what_is_nowhere(person, world, method, path):
    manager = person("assigned_manager")
    nowhere = ask(manager, method, path.format(**dict.fromkeys(ids_of(world.pelmenya), uuid4())))
    assert nowhere.status_code == 404
    for foreign in (ids_of(world.pelmenya), ids_of(world.vareniki)):
        answer = ask(manager, method, path.format(**foreign))
        assert (answer.status_code, told_by(answer)) == (404, told_by(nowhere))


def test_what_names_anothers_item_store_supplier_or_line_is_not_received(person, world):
    chef, other = person(CHEF), world.vareniki
    [item] = chef.sql(f"SELECT name FROM {S}.inventory_item WHERE id = %s", [other.id_of("inventory_item")])
    before = chef.count()
    free = chef.rows("3") | {"supplier_id": str(chef.chain.id_of("supplier")), "store_id": str(chef.chain.store_id)}
    for changed in (
        {"supplier_id": str(other.id_of("supplier"))},
        {"store_id": str(other.store_id)},
        {"lines-o1-inventory_item_id": item.name},
    ):
        answer = chef.post("/new", free | {"lines-o1-order_line_id": "", "request_key": str(uuid4())} | changed)
        assert answer.status_code == 422, changed
    assert chef.count() == before
    # A line of somebody else's order counts for none.
    id_in(chef.receive("1", order_line_id=str(other.id_of("purchase_order_item"))))
    query = f"SELECT received_quantity AS came FROM {S}.purchase_order_item WHERE id = %s"
    [row] = chef.sql(query, [other.id_of("purchase_order_item")])
    assert (row.came, chef.received()) == (4, 5)


def test_an_archived_or_merged_supplier_brings_nothing_and_is_ordered_nothing(person):
    owner = person(OWNER)
    supplier = owner.chain.id_of("supplier")
    owner.sql(f"UPDATE {S}.supplier SET is_active = false WHERE id = %s", [supplier])
    before = owner.count()
    answer = owner.receive("3", lot_number="LOT-77")
    assert (answer.status_code, owner.count()) == (422, before)
    assert "is archived. Restore it first." in answer.text
    assert "LOT-77" in answer.text
    form = owner.rows("3") | {"supplier_id": str(supplier), "store_id": str(owner.chain.store_id)}
    assert owner.post("/new", form).status_code == 422
    order = {"store_id": str(owner.chain.store_id), "supplier_id": str(supplier), "lines-stamp": "none", "lines": "n1"}
    order |= {"lines-n1-inventory_item_id": owner.item, "lines-n1-quantity": "1", "notes": "kept note"}
    answer = owner.browser.post(owner.browser.account("orders/new"), order)
    assert (answer.status_code, "kept note" in answer.text) == (422, True)


@pytest.mark.parametrize("quantity", ["0,00001", "1e400", "NaN", "inf", "three", "-1"])
def test_a_quantity_that_is_none_is_told_beside_its_field_at_the_door(person, quantity):
    chef = person(CHEF)
    answer = chef.receive(quantity, lot_number="LOT-77")
    assert (answer.status_code, chef.received()) == (422, 4)
    assert 'id="lines-o1-quantity-errors"' in answer.text
    assert "LOT-77" in answer.text
