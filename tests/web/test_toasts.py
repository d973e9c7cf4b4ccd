"""Toasts wait in the signed cookie until a page shows them."""

import pytest


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


def test_a_toast_joins_one_that_nobody_has_seen_yet(world, owner):
    url, ids = owner.account("stores/archival"), {"ids": str(world.pelmenya.store_id)}
    assert owner.post(url, ids).status_code == 303
    shown = owner.get(owner.delete(url, ids).location).text
    assert "Moved to the archive: 1 store." in shown
    assert "Back from the archive: 1 store." in shown
    assert "Moved to the archive" not in owner.get(owner.account("stores")).text
