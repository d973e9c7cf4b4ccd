"""What several rules ask of the whole site."""

import pytest

from tests.rules.site.pages import offers_of


@pytest.fixture
def offers(app, browse, world):
    """Every form with its fields, every address with its query keys, as an owner and a visiting superuser see them."""
    chain = world.pelmenya
    return offers_of(app, lambda: [browse(chain.owner), browse(world.superuser, visiting=chain)], chain)
