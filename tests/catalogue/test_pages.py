"""Pages of items, units, prices and settings."""


import pytest


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.mark.parametrize(
    "path",
    [
        "items", "items/new", "items/export", "items/imports", "items/{item}", "items/{item}/edit",
        "items/{item}/packs", "items/{item}/names/new", "items/{item}/names/{name}/edit", "units", "units/new",
        "units/{unit}", "units/{unit}/edit", "units/conversions", "prices", "prices/export", "prices/{price}",
        "supply/settings",
    ],
)  # fmt: skip
def test_pages_open(owner, world, path):
    tables = {
        "item": "inventory_item",
        "unit": "unit",
        "name": "supplier_item",
        "price": "inventory_item_price_history",
    }
    ids = {key: world.pelmenya.id_of(table) for key, table in tables.items()}
    answer = owner.get(owner.account(path.format(**ids)))
    assert answer.status_code == 200
