"""The demo data, loaded by the command into an empty database and looked at by each of its people."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from flask_migrate import upgrade
from psycopg.rows import namedtuple_row

from portal import create_app
from portal.auth.passwords import DEMO_PASSWORD
from portal.channels.models import BotPlatformCredential
from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.development.demo.command import demo as load
from portal.development.demo.conversations import Conversations
from portal.development.demo.files import plan_of, text_of
from portal.inventory.words import StocktakeStatus
from portal.onboarding.standing import Standing
from portal.purchase_orders.words import OrderStatus
from portal.scenarios.checks.linter import lint
from portal.scenarios.document.document import ScenarioDocument
from portal.tenancy.scope import enter_account
from tests.conftest import config_for

BASE_URL = "https://localhost"
CHAINS = ("pelmenya", "vareniki")
ROLES = ("owner", "manager", "chef", "viewer")
PEOPLE = [f"{role}@{chain}.example" for chain in CHAINS for role in ROLES]


@pytest.fixture(scope="module")
def empty(server):
    """An app on a migrated database without a row."""
    server.create_database("demo")
    app = create_app(config_for(server.url("demo")))
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()
    server.drop_database("demo")


@pytest.fixture(scope="module")
def demo(empty):
    """The app on the demo data."""
    result = empty.test_cli_runner().invoke(load)
    assert result.exit_code == 0, result.output
    return empty


@pytest.fixture(scope="module")
def sql(demo, server):
    """Rows past row security."""
    with psycopg.connect(server.superuser_url("demo").replace("+psycopg", ""), row_factory=namedtuple_row) as found:
        yield lambda statement, *parameters: found.execute(statement, parameters).fetchall()


def sign_in(app, email):
    """A browser that went through the log-in page, and where it was led."""
    client = app.test_client()
    page = client.get("/login", base_url=BASE_URL).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    fields = {"email": email, "password": DEMO_PASSWORD, "csrf_token": token}
    answer = client.post("/login", data=fields, base_url=BASE_URL)
    assert answer.status_code == 303, (email, answer.status_code)
    return client, answer.location


@pytest.mark.parametrize("email", PEOPLE)
def test_everybody_signs_in_and_sees_their_chain(demo, email):
    client, _where = sign_in(demo, email)
    role, slug = email.partition("@")[0], email.partition("@")[2].partition(".")[0]
    home = f"/accounts/{slug}/"
    assert client.get(home, base_url=BASE_URL).status_code == 200
    assert client.get(f"{home}restaurants", base_url=BASE_URL).status_code == 200
    expected = 403 if role == "chef" else 200
    assert client.get(f"{home}bots", base_url=BASE_URL).status_code == expected
    other = "vareniki" if slug == "pelmenya" else "pelmenya"
    assert client.get(f"/accounts/{other}/", base_url=BASE_URL).status_code == 404


def test_the_superuser_signs_in_and_sees_both_chains(demo):
    client, _where = sign_in(demo, "root@getinn.example")
    page = client.get("/accounts", base_url=BASE_URL)
    assert page.status_code == 200
    assert "Pelmenya" in page.text
    assert "Vareniki" in page.text


@pytest.mark.parametrize("slug", CHAINS)
def test_every_page_of_the_owner_works_on_them(demo, sql, slug):
    client, _where = sign_in(demo, f"owner@{slug}.example")
    base = f"/accounts/{slug}"
    pages = ["restaurants", "stores", "users", "bots", "integrations", "audit", "staff", "staff/today", "questions"]
    pages += ["staff/positions", "staff/codes", "staff/checklists", "staff/paper-kinds"]
    of_chain = "WHERE account_id = (SELECT id FROM getinn_ops.account WHERE slug = %s)"
    pages += [f"staff/{row.id}" for row in sql(f"SELECT id FROM getinn_ops.staff_member {of_chain}", slug)]
    pages += [f"restaurants/{row.id}" for row in sql(f"SELECT id FROM getinn_ops.restaurant {of_chain}", slug)]
    for row in sql(f"SELECT id, bot_id FROM getinn_ops.bot_scenario {of_chain}", slug):
        pages += [f"bots/{row.bot_id}", f"bots/{row.bot_id}/scenarios", f"bots/{row.bot_id}/scenarios/{row.id}"]
    for row in sql(f"SELECT id, bot_id FROM getinn_ops.bot_dialog_state {of_chain}", slug):
        pages.append(f"bots/{row.bot_id}/dialogs/{row.id}")
    wrong = {page: client.get(f"{base}/{page}", base_url=BASE_URL).status_code for page in pages}
    assert {page: status for page, status in wrong.items() if status != 200} == {}


def test_a_manager_is_assigned_to_two_restaurants_in_one_chain_and_to_none_in_the_other(sql):
    found = sql(
        'SELECT u.email, count(r.id) AS assigned FROM getinn_ops."user" u LEFT JOIN getinn_ops.user_restaurant r'
        " ON r.user_id = u.id WHERE u.role = 'manager' GROUP BY 1 ORDER BY 1"
    )
    assert [(row.email, row.assigned) for row in found] == [
        ("manager@pelmenya.example", 2),
        ("manager@vareniki.example", 0),
    ]


def test_each_chain_has_something_of_everything(sql):
    counts = {
        "restaurant": "is_active",
        "restaurant ": "NOT is_active",
        "store": "kind = 'kitchen'",
        "bot_instance": "is_active",
        "bot_platform_credential": "is_active",
        "bot_platform_credential ": "NOT is_active",
        "bot_scenario": "is_live",
        "invitation": "accepted_at IS NULL AND expires_at > timezone('utc', now())",
        "superuser_visit": "ended_at IS NOT NULL",
        "account_integration_credentials": "true",
        "audit_event": "at < timezone('utc', now()) - interval '7 days'",
    }
    for table, condition in counts.items():
        found = sql(f"SELECT account_id FROM getinn_ops.{table} WHERE {condition} GROUP BY 1")
        assert len(found) == 2, table
    assert len(sql("SELECT DISTINCT kind FROM getinn_ops.store")) == 6
    # Nobody has asked the demo's servers yet: what stands there is what the stand-in says.
    states = {row.connection_status for row in sql("SELECT * FROM getinn_ops.account_integration_credentials")}
    assert states == {None}


@pytest.mark.parametrize("slug", CHAINS)
def test_people_of_every_standing_work_in_each_chain(demo, sql, slug):
    client, _where = sign_in(demo, f"owner@{slug}.example")
    for standing in Standing.words():
        page = client.get(f"/accounts/{slug}/staff?standing={standing}", base_url=BASE_URL).text
        assert '<tr id="row-' in page, standing
    today = client.get(f"/accounts/{slug}/staff/today", base_url=BASE_URL).text
    assert all(f'id="{part}"' in today for part in ("starting", "late", "papers", "places"))
    (found,) = sql(
        "SELECT count(*) AS people FROM getinn_ops.staff_member m JOIN getinn_ops.account a ON a.id = m.account_id"
        " WHERE slug = %s",
        slug,
    )
    assert found.people >= 12


def test_the_bot_that_asks_new_people_fills_the_record_by_the_intake(sql):
    intakes = sql("SELECT DISTINCT outcome FROM getinn_ops.staff_intake")
    assert "created" in {row.outcome for row in intakes}
    people = sql("SELECT count(DISTINCT staff_member_id) AS told FROM getinn_ops.staff_field WHERE source = 'chat'")
    assert people[0].told >= 5
    unproved = "SELECT id FROM getinn_ops.staff_field WHERE source = 'chat' AND message_id IS NULL"
    assert sql(unproved) == []
    waiting = sql("SELECT kind FROM getinn_ops.staff_question WHERE answered_at IS NULL")
    assert {"restaurant", "date"} <= {row.kind for row in waiting}
    assert sql("SELECT id FROM getinn_ops.staff_question WHERE answered_at IS NOT NULL")


def test_conversations_stand_at_steps_of_the_live_scenario_over_the_last_thirty_days(sql):
    rows = sql(
        "SELECT d.account_id, d.current_step, d.last_interaction_at, d.created_at, d.collected_data, s.source"
        " FROM getinn_ops.bot_dialog_state d JOIN getinn_ops.bot_scenario s ON s.bot_id = d.bot_id AND s.is_live"
    )
    by_chain = {account: [row for row in rows if row.account_id == account] for account in {r.account_id for r in rows}}
    now = datetime.now(UTC).replace(tzinfo=None)
    for row in rows:
        document = ScenarioDocument.from_text(row.source)
        assert row.current_step in document.steps_by_id
        assert row.collected_data.keys() <= document.asked_variables
        assert row.created_at <= row.last_interaction_at <= now
    of_late = now - timedelta(days=30)
    for found in by_chain.values():
        assert 50 <= sum(row.last_interaction_at > of_late for row in found) <= 70
    assert all(len({row.current_step for row in found}) > 5 for found in by_chain.values())


def test_nothing_in_them_lies_in_the_future(sql):
    now = datetime.now(UTC).replace(tzinfo=None)
    columns = sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'getinn_ops'"
        " AND data_type LIKE 'timestamp%%'"
        " AND column_name NOT IN ('expires_at', 'hand_back_at', 'first_shift_at', 'due_at')"
    )
    for row in columns:
        (found,) = sql(f'SELECT max("{row.column_name}") AS latest FROM getinn_ops."{row.table_name}"')
        assert found.latest is None or found.latest <= now, (row.table_name, row.column_name)


def test_the_credentials_open_and_fit_their_platforms(demo, sql):
    for account in sql("SELECT id FROM getinn_ops.account WHERE NOT is_operator"):
        with demo.app_context():
            enter_account(account.id)
            for row in db.session.scalars(db.select(BotPlatformCredential)):
                assert row.stored.is_readable
                assert row.adapter.check(row.stored.open()) == {}


@pytest.mark.parametrize(
    "name", ["staff_onboarding.json", "staff_onboarding_v2.json", "guest_feedback.json", "booking.json"]
)
def test_the_scenarios_are_without_fault(name):
    assert lint(ScenarioDocument.from_text(text_of(name))) == []


def test_a_second_time_the_command_refuses_and_changes_nothing(demo, sql):
    before = sql("SELECT count(*) FROM getinn_ops.audit_event")
    result = demo.test_cli_runner().invoke(load)
    assert result.exit_code != 0
    assert "This database holds data" in result.output
    assert demo.test_cli_runner().invoke(load, ["--if-empty"]).exit_code == 0
    assert sql("SELECT count(*) FROM getinn_ops.audit_event") == before


def test_ids_and_conversations_are_the_same_at_every_loading():
    def loading(slug):
        chain = DemoChain(plan_of(f"{slug}.json"), None, datetime(2026, 5, 1, 12, tzinfo=UTC))
        document = ScenarioDocument.from_text(text_of("guest_feedback.json"))
        return chain.id_of("account"), list(Conversations(document, chain.random, chain.now).some(20, ["telegram"]))

    assert loading("pelmenya") == loading("pelmenya")
    assert loading("pelmenya") != loading("vareniki")


def test_the_papers_of_a_year_tell_of_every_sort_of_finding(sql):
    kinds = {row.kind: row.count for row in sql(
        "SELECT kind, count(*) FROM getinn_ops.invoice_exception WHERE state = 'open' GROUP BY kind"
    )}  # fmt: skip
    assert kinds.keys() == {
        *("above_agreed", "duplicate", "pack_shrunk", "price_drift", "price_shock"),
        *("not_ordered", "not_received", "over_billed", "over_delivered", "price_above_order"),
    }
    # One paper twice, one pack that holds less than before; of what came short iiko knew once, the door twice.
    assert [kinds[each] for each in ("duplicate", "over_billed", "pack_shrunk")] == [1, 3, 1]
    assert [kinds[each] for each in ("not_ordered", "not_received", "over_delivered", "price_above_order")] == [1] * 4


def test_the_statement_of_the_demo_has_something_in_each_tab(sql):
    found = {row.status for row in sql("SELECT DISTINCT status FROM getinn_ops.reconciliation_item")}
    tabs = {"matched", "suggested", "amount_mismatch", "missing_in_restaurant", "missing_in_supplier"}
    assert tabs <= found


def test_the_lines_of_every_paper_make_its_total(sql):
    assert sql("""
        SELECT i.id FROM getinn_ops.invoice i JOIN getinn_ops.invoice_item l ON l.invoice_id = i.id
        GROUP BY i.id HAVING sum(l.line_total) <> i.total_amount
    """) == []  # fmt: skip


ROOMS = {
    "orders": [f"status={each}" for each in OrderStatus.words()] + ["when=today", "when=late", "when=undated"],
    "deliveries": [f"status={each}" for each in ("received", "reversed")],
    "stock": ["level=low", "level=below", "expires=over", "expires=soon"],
    "stock/movements": [f"kind={each}" for each in ("receipt", "write_off", "transfer", "count", "undo")],
    "counts": [f"status={each}" for each in StocktakeStatus.words()],
}


@pytest.mark.parametrize("room", ROOMS)
def test_each_page_of_receiving_and_stock_has_rows_for_whatever_is_asked(demo, room):
    client, _where = sign_in(demo, "owner@pelmenya.example")
    for asked in ["", *ROOMS[room]]:
        page = client.get(f"/accounts/pelmenya/{room}?{asked}", base_url=BASE_URL)
        assert page.status_code == 200, asked
        assert '<tr id="row-' in page.text, asked


def test_what_stores_hold_is_the_sum_of_what_was_booked(sql):
    place = "store_id, inventory_item_id, lot_number, expiry_date"
    booked = f"SELECT {place}, sum(quantity) AS quantity FROM getinn_ops.stock_movement GROUP BY {place}"
    held = f"SELECT {place}, quantity FROM getinn_ops.inventory_stock"
    assert sql(f"({booked} EXCEPT {held}) UNION ALL ({held} EXCEPT {booked})") == []
    (below,) = sql("""
        SELECT b.quantity, m.kind, m.quantity AS taken FROM getinn_ops.inventory_stock b
        JOIN getinn_ops.stock_movement m ON m.id = b.crossed_by_id WHERE b.quantity < 0
    """)  # fmt: skip
    assert (below.kind, below.quantity) == ("write_off", Decimal("-0.5"))
    undone = sql("SELECT group_id, sum(quantity) FROM getinn_ops.stock_movement WHERE kind = 'undo' GROUP BY 1")
    # A delivery that was reversed, and what was written off twice.
    assert len(undone) == 2


def test_what_was_accepted_stands_in_the_store_and_on_the_order(sql):
    assert sql("""
        SELECT l.id FROM getinn_ops.delivery_item l JOIN getinn_ops.delivery d ON d.id = l.delivery_id
        LEFT JOIN getinn_ops.stock_movement m ON m.delivery_item_id = l.id AND m.kind = 'receipt'
        WHERE l.base_quantity <> coalesce(m.quantity, 0) OR m.happened_at <> d.received_at
    """) == []  # fmt: skip
    assert sql("""
        SELECT o.id FROM getinn_ops.purchase_order_item o
        LEFT JOIN getinn_ops.delivery_item l ON l.purchase_order_item_id = o.id
        GROUP BY o.id HAVING coalesce(sum(l.ordered_quantity), 0) <> o.received_quantity
    """) == []  # fmt: skip
    (back,) = sql("SELECT quantity, rejected_quantity FROM getinn_ops.delivery_item WHERE rejection_reason = 'warm'")
    assert (back.quantity, back.rejected_quantity) == (10, 4)
    (given,) = sql("""
        SELECT n.kind, n.status, n.total_amount FROM getinn_ops.delivery d
        JOIN getinn_ops.invoice n ON n.id = d.credit_note_id
    """)  # fmt: skip
    assert (given.kind, given.status, given.total_amount) == ("credit_note", "active", Decimal("-585.90"))


def test_a_late_order_and_what_is_expected_today_are_told_on_the_day_that_it_is_at_the_restaurant(sql):
    awaited = sql("""
        SELECT o.expected_delivery_date - (now() AT TIME ZONE r.timezone)::date AS days, r.name
        FROM getinn_ops.purchase_order o JOIN getinn_ops.restaurant r ON r.id = o.restaurant_id
        WHERE o.status IN ('sent', 'partially_received')
    """)  # fmt: skip
    days = sorted(row.days for row in awaited if row.days is not None)
    assert days == [-2, -1, 0, 0, 0, 1, 2, 3]
    assert [row.days for row in awaited].count(None) == 1
