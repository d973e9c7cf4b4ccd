"""A chain that buys, from the server's bytes over a licence seat into the rows, whatever happens on the way."""

from datetime import date, timedelta

import pytest

from portal.db.base import db
from portal.iiko.models import IikoConnection, Purpose
from portal.iiko.sync.running import start_run
from portal.iiko.sync.schedule import day_kinds
from tests.iiko.running.conftest import brought, rows_of

KEY = "incoming_invoices"


def test_what_a_chain_bought_comes_in_one_seat_and_the_second_run_finds_nothing_to_do(blank, buying):
    office, before = blank, len(brought(blank))
    run = office.apply(office.sync().id)
    assert (run.state, buying.seats.log_ins, buying.overlaps, buying.leaks) == ("done", 1, 0, 0)
    kinds = office.kinds(run.id)
    assert {key: kind.state for key, kind in kinds.items()} == dict.fromkeys(kinds, "done")
    # One paper is of two stores, one was moved within the chain.
    assert (kinds[KEY].written, kinds[KEY].skips, len(brought(office)) - before) == (8, 1, 8)
    again = office.kinds(office.sync().id)
    assert [(kind.creates, kind.updates, kind.missing) for kind in again.values()] == [(0, 0, 0)] * len(again)


def test_weeks_are_asked_for_one_after_the_other_and_nothing_is_asked_twice(blank, buying):
    blank.sync()
    asked = [call.name for call in buying.calls]
    assert asked.count("invoices") == 9
    assert {
        name: asked.count(name) for name in ("suppliers", "units", "products", "groups", "stores")
    } == dict.fromkeys(("suppliers", "units", "products", "groups", "stores"), 1)


def test_by_day_suppliers_and_the_invoices_of_three_days_are_read_and_nothing_else(blank, buying):
    office = blank
    office.apply(office.sync().id)
    buying.calls.clear()
    with office.scope():
        connection = db.session.get_one(IikoConnection, office.connection_id)
        run_id = start_run(connection, Purpose.SCHEDULE, None, day_kinds()).id
    run = office.work(run_id)
    assert (run.state, set(office.kinds(run.id))) == ("done", {"suppliers", KEY})
    asked = [call.name for call in buying.calls]
    assert sorted(set(asked)) == ["auth", "info", "invoices", "logout", "stores", "suppliers", "units"]
    assert asked.count("invoices") == 1
    days = office.kinds(run.id)[KEY].details["days"]
    assert date.fromisoformat(days[1]) - date.fromisoformat(days[0]) == timedelta(days=2)


def test_private_fields_of_suppliers_are_kept_nowhere(blank, buying, superuser_sql):
    run = blank.apply(blank.sync().id)
    kept = superuser_sql("SELECT DISTINCT kind FROM getinn_ops.iiko_answer WHERE run_id = %s", [run.id])
    assert "suppliers" not in {row.kind for row in kept}
    assert len([row for row in kept if row.kind.startswith("invoices ")]) == 9
    for table in ("supplier", "iiko_action", "iiko_link", "audit_event"):
        query = f"SELECT t::text AS text FROM getinn_ops.{table} t WHERE account_id = %s"
        told = " ".join(row.text for row in superuser_sql(query, [blank.account_id]))
        assert not [word for word in ("login-of-it", "secret-of-it", "pin-of-it", "000-000-000") if word in told]


@pytest.mark.parametrize("fault", ["cut_short", "server_error", "no_right", "wrong_envelope", "empty_objects"])
def test_a_week_that_does_not_come_fails_the_invoices_alone_and_changes_none(blank, buying, fault):
    before = rows_of(blank)
    buying.faults.plan(fault, on="invoices", times=None)
    run = blank.sync(Purpose.SCHEDULE)
    kinds = blank.kinds(run.id)
    assert (kinds[KEY].state, kinds["suppliers"].state) == ("failed", "done")
    assert rows_of(blank) == before
    assert blank.sql("SELECT id FROM getinn_ops.iiko_action WHERE run_id = %s AND kind = %s", [run.id, KEY]) == []


def test_a_right_that_is_missing_for_products_leaves_invoices_out_and_suppliers_come(blank, buying):
    buying.denied.add("products")
    run = blank.sync(Purpose.SCHEDULE)
    states = {key: kind.state for key, kind in blank.kinds(run.id).items()}
    assert (states["products"], states[KEY], states["suppliers"], states["units"]) == (
        "failed", "left_out", "done", "done",
    )  # fmt: skip
