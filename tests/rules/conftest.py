"""What several rules ask of the whole site."""

import pytest

from tests.rules.site.pages import read_offers


@pytest.fixture(scope="session")
def read_before():
    """What the pages offer, once it was read: the cast is the same for every test."""
    return {}


@pytest.fixture
def offers(app, browse, world, read_before):
    """Every form with its fields, every address with its query keys, as an owner and a visiting superuser see them."""
    chain = world.pelmenya
    if not read_before:
        read_before["offers"] = read_offers(app, [browse(chain.owner), browse(world.superuser, visiting=chain)], chain)
    return read_before["offers"]
