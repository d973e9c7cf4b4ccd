import pytest

from portal.db.base import SCHEMA


def url_of(chain, rest=""):
    return f"/accounts/{chain.slug}/staff/days-off{rest}"


def test_an_owner_adds_and_removes_a_day(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    assert owner.post(url_of(world.pelmenya, "/new"), {"day": "12.06.2026", "name": "Holiday"}).status_code == 303
    assert "Holiday" in owner.get(url_of(world.pelmenya)).text
    [row] = superuser_sql(f"SELECT id FROM {SCHEMA}.day_off WHERE name = 'Holiday'")
    assert owner.delete(url_of(world.pelmenya, f"/{row.id}")).status_code == 303
    assert superuser_sql(f"SELECT id FROM {SCHEMA}.day_off WHERE name = 'Holiday'") == []


@pytest.mark.parametrize(
    ("day", "told"),
    [("", "Fill this in."), ("31.02.2026", "Write a day"), ("9.5.2026", "there already"), ("1.1.1926", "year")],
)
def test_a_day_that_cannot_be_meant_is_refused(browse, world, day, told):
    answer = browse(world.pelmenya.owner).post(url_of(world.pelmenya, "/new"), {"day": day, "name": "kept"})
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="kept"' in answer.text


def test_another_chains_day_is_not_there(browse, world):
    day = world.vareniki.id_of("day_off")
    assert browse(world.pelmenya.owner).delete(url_of(world.pelmenya, f"/{day}")).status_code == 404
