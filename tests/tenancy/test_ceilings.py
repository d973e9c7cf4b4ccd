"""A chain has room for so many rows of a kind; what does not fit is refused in words, and nobody else notices."""

import io

import pytest

from portal.db.base import TenantEntity, db
from portal.db.records import Record, mapped_entities
from portal.restaurants.models import Restaurant

COUNT = "SELECT count(*) AS kept FROM getinn_ops.restaurant WHERE account_id = %s"


@pytest.fixture
def kept(superuser_sql):
    """``kept(chain)``: how many restaurants the chain has, the archived included."""
    return lambda chain: superuser_sql(COUNT, [chain.account_id])[0].kept


@pytest.fixture
def room_for(monkeypatch, kept, world):
    """``room_for(2)``: the first chain has room for two restaurants more."""
    return lambda more: monkeypatch.setattr(Restaurant, "__most__", kept(world.pelmenya) + more)


def add(browser, name="Blini"):
    return browser.post(browser.account("restaurants/new"), {"name": name})


def test_the_last_that_fits_is_added_and_the_next_is_refused_in_words(browse, world, kept, room_for):
    room_for(1)
    owner, before = browse(world.pelmenya.owner), kept(world.pelmenya)
    assert add(owner).status_code == 303
    refused = add(owner, "Blini too")
    assert refused.status_code == 303
    told = owner.get(refused.headers["Location"]).text
    assert f"a chain has room for {before + 1} restaurants, the archived included" in told
    assert kept(world.pelmenya) == before + 1


def test_what_was_archived_takes_room(browse, world, room_for, kept):
    room_for(0)
    owner, before = browse(world.pelmenya.owner), kept(world.pelmenya)
    owner.post(owner.account("restaurants/archival"), {"ids": str(world.pelmenya.restaurant_id)})
    add(owner)
    assert kept(world.pelmenya) == before


def test_one_chains_full_room_is_no_others(browse, world, kept, monkeypatch):
    monkeypatch.setattr(Restaurant, "__most__", kept(world.vareniki) + 1)
    assert kept(world.pelmenya) >= kept(world.vareniki)
    before = kept(world.vareniki)
    add(browse(world.vareniki.owner))
    assert kept(world.vareniki) == before + 1


def test_an_import_that_does_not_fit_adds_nothing_of_it(browse, world, kept, room_for):
    room_for(1)
    owner, before = browse(world.pelmenya.owner), kept(world.pelmenya)
    file = (io.BytesIO(b"Name\nBlini\nBlini too\n"), "places.csv")
    preview = owner.post(owner.account("restaurants/imports"), {"file": file}, htmx=False).headers["Location"]
    owner.post(f"{preview}/application")
    assert kept(world.pelmenya) == before
    page = owner.get(preview).text
    assert "has room for" in page
    room_for(2)
    owner.post(f"{preview}/application")
    assert kept(world.pelmenya) == before + 2


def test_counting_costs_one_statement_however_many_are_added(scoped, world, statements, app):
    def cost(count):
        with scoped(world.pelmenya.account_id), statements() as counted:
            db.session.add_all([Restaurant(name=f"Blini {place}") for place in range(count)])
            db.session.flush()
            db.session.rollback()
        return sum("count(*)" in statement for statement in counted.statements)

    assert (cost(1), cost(30)) == (1, 1)


def test_whatever_people_add_has_a_ceiling_that_can_be_told():
    for entity in mapped_entities():
        assert getattr(entity, "__most__", None) or not issubclass(entity, Record), entity
        if issubclass(entity, TenantEntity) and entity.__most__:
            assert entity.words.count is not None, entity
