"""Columns of a few words: read as members with labels, tolerant of what another writer left."""

import pytest

from portal.db.base import db
from portal.restaurants.models import Restaurant, SyncStatus
from portal.stores.models import Store, StoreKind


def test_a_column_gives_out_members_with_labels(world, scoped):
    with scoped(world.pelmenya.account_id):
        store = db.session.get(Store, world.pelmenya.store_id)
        assert store.kind is StoreKind.KITCHEN
        assert str(store.kind.label) == "Kitchen"


def test_a_word_of_another_writer_is_its_own_label(world, scoped, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET iiko_sync_status = 'odd' WHERE id = %s", [world.pelmenya.restaurant_id]
    )
    with scoped(world.pelmenya.account_id):
        status = db.session.get(Restaurant, world.pelmenya.restaurant_id).iiko_sync_status
        assert status == "odd"
        assert status.label == "odd"


def test_a_list_and_a_page_show_such_a_word(world, browse, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET iiko_sync_status = 'odd' WHERE id = %s", [world.pelmenya.restaurant_id]
    )
    owner = browse(world.pelmenya.owner)
    for path in ("restaurants", f"restaurants/{world.pelmenya.restaurant_id}"):
        assert ">odd</span>" in owner.get(owner.account(path)).text


@pytest.mark.parametrize("word", SyncStatus.words())
def test_a_member_is_its_word(word):
    assert SyncStatus(word) == word
    assert SyncStatus.read(word).label
