"""Pages of items, units, prices and settings."""

import re

import pytest


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.mark.parametrize(
    "path",
    [
        "items", "items/new", "items/export", "items/{item}", "items/{item}/edit", "items/{item}/packs", "units", "units/new",
        "units/{unit}", "units/{unit}/edit", "units/conversions", "prices", "prices/export", "supply/settings", "items/imports",
    ],
)  # fmt: skip
def test_pages_open(owner, world, path):
    ids = {"item": world.pelmenya.id_of("inventory_item"), "unit": world.pelmenya.id_of("unit")}
    answer = owner.get(owner.account(path.format(**ids)))
    assert answer.status_code == 200
