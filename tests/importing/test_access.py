"""Who may import, whose rows they touch, and both walls around it."""

import pytest
from sqlalchemy import select

from portal.db.base import db
from portal.importing.models import ImportBatch, ImportRow
from tests.importing.spreadsheets import HEADINGS, csv_file, restaurants, uploaded
from tests.rules.sweeping.answers import SIGNED

ABSENT = "00000000-0000-4000-8000-000000000000"


def row_of(chain, street, address="Elsewhere, 7"):
    return (f"{chain.marker} on {street}", address, "", "", "")


@pytest.mark.parametrize("noun", ["restaurant", "store"])
@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_those_who_only_see_are_let_in_nowhere(browse, world, role, noun):
    chain = world.pelmenya
    browser = browse(getattr(chain, role))
    batch = chain.import_id if noun == "restaurant" else chain.store_import_id
    here = browser.account(f"{noun}s/imports")
    assert f"{noun}s/imports" not in browser.get(browser.account(f"{noun}s")).text
    for path in ("", "/template", f"/{batch}", f"/{batch}/columns", f"/{batch}/export"):
        assert browser.get(here + path).status_code == 403, path
    assert browser.post(here, uploaded(csv_file([HEADINGS, *restaurants(1)]))).status_code == 403
    assert browser.post(f"{here}/{batch}/application").status_code == 403
    assert browser.delete(f"{here}/{batch}/application").status_code == 403
    assert browser.delete(f"{here}/{batch}").status_code == 403


@pytest.mark.parametrize("role", ["owner", "manager", "assigned_manager"])
def test_those_who_may_edit_find_the_way(browse, world, role):
    browser = browse(getattr(world.pelmenya, role))
    for noun in ("restaurants", "stores"):
        assert f"{noun}/imports" in browser.get(browser.account(noun)).text
        assert browser.get(browser.account(f"{noun}/imports")).status_code == 200


def test_an_empty_list_offers_the_import(browse, world, superuser_sql):
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false; UPDATE getinn_ops.store SET is_active = false")
    browser = browse(world.pelmenya.owner)
    for noun in ("restaurants", "stores"):
        page = browser.get(browser.account(noun)).text
        empty = page[page.index('class="empty"') :]
        assert f"{noun}/imports" in empty
        assert "Import them" in empty


def test_an_assigned_manager_changes_theirs_and_learns_nothing_of_the_others(importing, world, superuser_sql):
    chain = world.pelmenya
    manager = importing(chain.assigned_manager)
    manager.send_rows([row_of(chain, "River street"), row_of(chain, "Main street"), restaurants(1)[0]])
    told = manager.details()
    assert manager.results() == {
        f"{chain.marker} on Main street": "Error",
        "Blini 1": "Error",
        f"{chain.marker} on River street": "Changes",
    }
    # One that others work in is told of in the same words as one that nobody has.
    assert told[f"{chain.marker} on Main street"] == told["Blini 1"]
    assert "Main street 1" not in manager.page()
    manager.apply(leave_out="y")
    changed = superuser_sql("SELECT id FROM getinn_ops.restaurant WHERE address = 'Elsewhere, 7'")
    assert [row.id for row in changed] == [chain.assigned_restaurant_id]


def test_a_manager_assigned_elsewhere_since_the_preview_changes_nothing(importing, world, superuser_sql):
    chain = world.pelmenya
    manager = importing(chain.assigned_manager).send_rows([row_of(chain, "River street")])
    superuser_sql(
        "UPDATE getinn_ops.user_restaurant SET restaurant_id = %s WHERE user_id = %s",
        [chain.restaurant_id, chain.assigned_manager.id],
    )
    assert manager.browser.get(manager.here).status_code == 404
    assert manager.apply().status_code == 404
    assert superuser_sql("SELECT id FROM getinn_ops.restaurant WHERE address = 'Elsewhere, 7'") == []


def test_an_owner_s_import_is_nothing_to_an_assigned_manager(importing, world):
    chain = world.pelmenya
    owner = importing().send_rows([row_of(chain, "River street"), row_of(chain, "Main street")])
    manager = importing(chain.assigned_manager)
    assert chain.marker + ".csv" not in manager.browser.get(manager.url).text
    for path in ("", "/columns", "/export"):
        answer = manager.browser.get(owner.here + path)
        absent = manager.browser.get(f"{manager.url}/{ABSENT}{path}")
        assert answer.status_code == absent.status_code == 404
        told = [SIGNED.sub("", each.text) for each in (answer, absent)]
        assert told[0] == told[1].replace(ABSENT, owner.here.rpartition("/")[2])
    manager.here = owner.here
    assert manager.apply().status_code == 404
    assert manager.undo().status_code == 404
    assert manager.browser.delete(owner.here).status_code == 404


def test_an_owner_sees_and_undoes_what_a_manager_imported(importing, world, superuser_sql):
    chain = world.pelmenya
    manager = importing(chain.assigned_manager).send_rows([row_of(chain, "River street")])
    manager.apply()
    owner = importing()
    owner.here = manager.here
    assert owner.results() == {f"{chain.marker} on River street": "Changed"}
    owner.undo()
    assert superuser_sql("SELECT id FROM getinn_ops.restaurant WHERE address = 'Elsewhere, 7'") == []


def test_another_chain_finds_nothing_and_matches_nothing(importing, world, superuser_sql):
    stranger = importing(world.vareniki.owner)
    for chain in (world.pelmenya, None):
        import_id = chain.import_id if chain else ABSENT
        for path in ("", "/columns", "/export"):
            assert stranger.browser.get(f"{stranger.url}/{import_id}{path}").status_code == 404
        assert stranger.browser.post(f"{stranger.url}/{import_id}/application").status_code == 404
    stranger.send_rows([row_of(world.pelmenya, "Main street")])
    assert set(stranger.results().values()) == {"New"}
    stranger.apply()
    rows = superuser_sql("SELECT account_id FROM getinn_ops.restaurant WHERE address = 'Elsewhere, 7'")
    assert [row.account_id for row in rows] == [world.vareniki.account_id]


def test_an_import_is_found_among_its_own_entity_s_alone(browse, world):
    browser = browse(world.pelmenya.owner)
    assert browser.get(browser.account(f"stores/imports/{world.pelmenya.store_import_id}")).status_code == 200
    assert browser.get(browser.account(f"stores/imports/{world.pelmenya.import_id}")).status_code == 404
    assert browser.get(browser.account(f"restaurants/imports/{world.pelmenya.store_import_id}")).status_code == 404


def test_a_visiting_superuser_imports_under_their_own_name(browse, world, superuser_sql):
    browser = browse(world.superuser, visiting=world.pelmenya)
    sent = browser.post(browser.account("restaurants/imports"), uploaded(csv_file([HEADINGS, *restaurants(1)])))
    assert browser.post(sent.location + "/application").status_code == 303
    (line,) = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'imported'")
    assert (line.actor_email, line.as_superuser) == (world.superuser.email, True)


@pytest.mark.parametrize("path", ["", "/{id}/application"])
def test_a_form_without_its_proof_is_refused(browse, world, path):
    browser = browse(world.pelmenya.owner)
    url = browser.account("restaurants/imports") + path.format(id=world.pelmenya.import_id)
    assert browser.post(url, uploaded(csv_file([HEADINGS, *restaurants(1)])), csrf=False).status_code == 400


def test_the_orm_s_wall_shows_one_account_s_imports(scoped, world):
    with scoped(world.vareniki.account_id):
        assert {batch.account_id for batch in db.session.scalars(select(ImportBatch))} == {world.vareniki.account_id}
        assert {row.account_id for row in db.session.scalars(select(ImportRow))} == {world.vareniki.account_id}


def test_the_database_s_wall_shows_one_account_s_imports(connect, world):
    with connect() as connection, connection.transaction():
        connection.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.vareniki.account_id)])
        for table in ("import_batch", "import_row"):
            found = connection.execute(f"SELECT DISTINCT account_id FROM getinn_ops.{table}").fetchall()
            assert found == [(world.vareniki.account_id,)]
            moved = connection.execute(
                f"UPDATE getinn_ops.{table} SET created_at = created_at WHERE account_id = %s",
                [world.pelmenya.account_id],
            )
            assert moved.rowcount == 0
