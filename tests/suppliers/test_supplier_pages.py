"""Pages of suppliers: who sees, adds and archives them, and what a card says."""

import pytest

LIST = "/accounts/pelmenya/suppliers"


def page_of(chain, number=1):
    return f"{LIST}/{chain.id_of('supplier', number)}"


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


def test_the_list_tells_what_was_bought_and_what_waits(owner, world):
    page = owner.get(LIST)
    assert page.status_code == 200
    assert f"{world.pelmenya.marker} supplier 1" in page.text


def test_a_card_is_shown(owner, world):
    page = owner.get(page_of(world.pelmenya))
    assert page.status_code == 200, page.text
