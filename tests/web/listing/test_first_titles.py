"""The first page of what many rows hold is in the order of the list, wherever titles hold it; little is read for it."""

import json

import pytest

from portal.db.base import SCHEMA, db
from portal.restaurants.listing import RESTAURANTS
from portal.tenancy.scope import enter_account
from portal.web.listing import read_page
from portal.web.listing.declaration import COUNT_CAP, PAGE_SIZE
from portal.web.listing.request import read_request
from portal.web.listing.statement import ListStatement
from portal.web.searching import fold

# More of each than are counted, after others in the order of names.
GATHERED = ("Тыква", "«Ёлка»", "зонт")
AMID = (
    "А тыква",
    "Б тЫКВа ёлка",
    "«Аз» зонт елка",
    "тыква тыква",
    "Ялта «тыква»",
    "ЕЛКА",
    "Тык",
    "тылко",
    "Зона",
    "2 зонта",
)
ENOUGH = 3 * COUNT_CAP // 2


@pytest.fixture
def named(world, superuser_sql):
    """The names of the restaurants of Pelmenya, thousands of them."""
    names = [f"{begin} {n}" for begin in GATHERED for n in range(COUNT_CAP + 1)]
    names += [f"А {n}" for n in range(ENOUGH)] + list(AMID)
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, unnest(%s::text[])",
        [world.pelmenya.account_id, names],
    )
    superuser_sql("ANALYZE getinn_ops.search_entry")
    found = superuser_sql(
        "SELECT name FROM getinn_ops.restaurant WHERE account_id = %s AND is_active ORDER BY name, id",
        [world.pelmenya.account_id],
    )
    return [row.name for row in found]


def holds(name, word):
    """Words of one or two letters are found where words begin."""
    told = f" {fold(name)}"
    sought = fold(word).strip()
    return (f" {sought}" if len(sought) < 3 else sought) in told


def test_the_first_page_of_a_common_word_is_the_first_by_name(app, world, named):
    with app.test_request_context():
        enter_account(world.pelmenya.account_id)
        for word in ("тыква", "ТЫК", "т", "ты", "ыкв", "ёлка", "е", "ЕЛ", "зонт", "зон", "«Ёл", "«", "»"):
            shown = [row.name for row in read_page(RESTAURANTS, {"q": word}, "/").rows]
            assert shown == [name for name in named if holds(name, word)][:PAGE_SIZE], word


MANY = 30_000
# Pages of 8 kB: thousands where all entries are read.
MAX_PAGES = 250


@pytest.fixture
def entries(world, superuser_sql):
    """Entries of a large chain without a certain sign, and of another one that has it everywhere."""
    statement = (
        "INSERT INTO getinn_ops.search_entry (row_id, account_id, entity, title, content)"
        " SELECT gen_random_uuid(), %s, 'restaurant', name, getinn_ops.searched_text(name) || repeat(' улица роз', 20)"
        " FROM (SELECT format(%s, n) AS name"
        " FROM generate_series(1, %s) n) names"
    )
    superuser_sql(statement, [world.pelmenya.account_id, "слово %s", MANY])
    superuser_sql(statement, [world.vareniki.account_id, "100%% %s", MANY])
    superuser_sql("VACUUM ANALYZE getinn_ops.search_entry")
    yield
    superuser_sql("DELETE FROM getinn_ops.search_entry WHERE content LIKE '%%роз'")


def pages_read(pattern):
    """How many pages a search by name looks at, from the second time on."""
    connection = db.session.connection().connection.driver_connection
    statement = f"SELECT {SCHEMA}.search_ids('restaurant', %s, {COUNT_CAP}, true)"
    connection.execute(statement, [[pattern]])
    told = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", [[pattern]]).fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def test_a_sign_that_no_row_of_the_chain_holds_reads_none_of_its_rows(world, scoped, entries):
    with scoped(world.pelmenya.account_id):
        assert pages_read("%\\%%") < MAX_PAGES


def test_a_sign_with_a_meaning_of_its_own_is_found_where_few_of_many_rows_hold_it(
    world, scoped, entries, superuser_sql
):
    superuser_sql(
        "UPDATE getinn_ops.search_entry SET content = ' %% свежо роз' WHERE row_id = (SELECT row_id FROM"
        " getinn_ops.search_entry WHERE account_id = %s AND content LIKE '%%роз' ORDER BY title DESC LIMIT 1)",
        [world.pelmenya.account_id],
    )
    with scoped(world.pelmenya.account_id):
        connection = db.session.connection().connection.driver_connection
        statement = f"SELECT {SCHEMA}.search_ids('restaurant', %s, {COUNT_CAP}, false)"
        (found,) = connection.execute(statement, [["% \\%%"]]).fetchone()
    assert len(found) == 1


UNKNOWN = {"name": {"sync": "other"}, "updated": {"sync": "other", "sort": "-updated"}}


@pytest.mark.parametrize("order", UNKNOWN)
def test_states_that_the_portal_does_not_know_have_an_index_in_each_order(app, world, named, superuser_sql, order):
    superuser_sql("ANALYZE getinn_ops.restaurant")
    with app.test_request_context():
        enter_account(world.pelmenya.account_id)
        statement = ListStatement(RESTAURANTS, read_request(RESTAURANTS, UNKNOWN[order]))
        text = statement.text()
        connection = db.session.connection().connection.driver_connection
        plan = "\n".join(row[0] for row in connection.execute(b"EXPLAIN " + text, statement.parameters).fetchall())
    assert plan.count("ix_restaurant_unknown_status") == 2, plan
    assert "Seq Scan" not in plan
