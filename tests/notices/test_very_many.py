"""A hundred thousand notices in one chain: count and list look at no more of them than with a few."""

import json

import pytest

from portal.access.permissions import NOTIFIED, ROLE_GRANTS, Role
from portal.auth.queries import UNREAD_CAP
from portal.db.base import SCHEMA, db
from portal.notices import queries
from portal.notices.kinds import KINDS

MANY = 100_000
# Pages of 8 kB that are looked at: a few hundred where the newest by the index are read, thousands where all are.
MAX_PAGES = 400


@pytest.fixture
def many(world, superuser_sql, notices):
    """``many(resolved_at="now()")`` fills Pelmenya with notices of one kind, and lets the planner know of them."""

    def fill(**columns):
        values = {"resolved_at": "NULL", "restaurant_id": "NULL"} | columns
        superuser_sql(
            f"INSERT INTO {SCHEMA}.notice (account_id, kind, permission, entity, entity_id, entity_label,"
            f" opened_at, at, {', '.join(values)}) SELECT %s, 'connection_failed', 'integrations.see', 'x',"
            " gen_random_uuid(), 'zq', timezone('utc', now()) + n * interval '1 ms',"
            f" timezone('utc', now()) + n * interval '1 ms', {', '.join(values.values())}"
            " FROM generate_series(1, %s) n",
            [world.pelmenya.account_id, MANY],
        )
        superuser_sql(f"VACUUM ANALYZE {SCHEMA}.notice")

    yield fill
    superuser_sql(f"TRUNCATE {SCHEMA}.notice CASCADE")
    superuser_sql(f"ANALYZE {SCHEMA}.notice")


def looked_at(statement, values):
    """How many pages a statement looked at, what its functions did included."""
    connection = db.session.connection().connection.driver_connection
    # The first time also reads the catalogue.
    connection.execute(statement, values)
    told = connection.execute(b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement, values).fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def counting_for(person):
    permissions = [each.value for each in ROLE_GRANTS[Role(person.role)] & NOTIFIED]
    text = f"SELECT {SCHEMA}.count_unread_notices(%s, %s, %s::text[], %s, {UNREAD_CAP})".encode()
    return text, (person.account_id, person.id, permissions, person.role != "owner")


def listing_for(person, restaurants):
    values = {"account": person.account_id, "user": person.id, "kinds": list(KINDS), "restaurants": restaurants}
    return values | {"at": "infinity", "id": queries.START.id, "limit": queries.PAGE_SIZE + 1}


@pytest.mark.parametrize("state", ["unread", "read", "resolved", "of another restaurant"])
def test_the_bell_and_the_list_cost_the_same_beside_a_hundred_thousand(
    world, scoped, many, browse, superuser_sql, state
):
    chain = world.pelmenya
    own, other = chain.assigned_restaurant_id, chain.restaurant_id
    many(
        **{"resolved_at": "timezone('utc', now())"} if state == "resolved" else {},
        **{"restaurant_id": f"'{other}'"} if state == "of another restaurant" else {},
    )
    if state == "read":
        superuser_sql(f"UPDATE {SCHEMA}.notice_reader SET seen_until = timezone('utc', now()) + interval '1 day'")
    person = chain.assigned_manager if state == "of another restaurant" else chain.owner
    restaurants = [own] if person is chain.assigned_manager else None
    with scoped(chain.account_id):
        assert looked_at(*counting_for(person)) < MAX_PAGES
        for statement in (queries._ALL, queries._OPEN):
            assert looked_at(statement, listing_for(person, restaurants)) < MAX_PAGES
    page = browse(person).get(f"/accounts/{chain.slug}/notices").text
    assert ('class="bell__count" aria-hidden="true">99+<' in page) == (state == "unread")
