"""The overview: what each role sees of the chain, what it counts, and what it costs."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.overview.overview import Conversations
from portal.tenancy.scope import enter_account
from tests.world_supply import FORGET_STOCK, IN_PLACES

CARDS = {"conversations", "dialogs", "bots", "integrations", "changes"}
SEEN = {
    "owner": CARDS,
    "manager": CARDS - {"changes"},
    "assigned_manager": CARDS - {"changes"},
    "viewer": CARDS - {"changes", "integrations"},
    "chef": set(),
}
HOME = {
    "owner": set(),
    "manager": set(),
    "assigned_manager": {"restaurants"},
    "viewer": {"role"},
    "chef": {"role", "restaurants"},
}
COST = {"owner": 6, "manager": 5, "assigned_manager": 5, "viewer": 5, "chef": 2}


def overview(browser):
    answer = browser.get(browser.account())
    assert answer.status_code == 200
    return answer.text


def figures(page):
    """The tiles by their label."""
    tiles = re.findall(r'<a class="stat__link"[^>]*>([^<]+)</a></p>\s*<p class="stat__value">([^<]+)</p>', page)
    return dict(tiles)


@pytest.fixture
def bare(world, superuser_sql):
    """The chain as its first owner finds it: nothing in it but that owner."""
    owner = world.pelmenya.owner
    superuser_sql(FORGET_STOCK)
    for table in (*IN_PLACES,
                  "staff_message", "staff_question", "staff_intake", "staff_chat", "staff_document", "staff_field",
                  "staff_onboarding", "staff_member", "onboarding_template", "restaurant_code", "bot_intake_rule",
                  "bot_chat_alias", "bot_connection", "bot_media", "bot_dialog_state", "bot_file", "bot_scenario",
                  "bot_platform_credential", "bot_instance", "store", "user_restaurant", "restaurant", "invitation",
                  "account_integration_credentials", "iiko_pin"):  # fmt: skip
        superuser_sql(f"DELETE FROM getinn_ops.{table} WHERE account_id = %s", [owner.account_id])
    superuser_sql('DELETE FROM getinn_ops."user" WHERE account_id = %s AND id <> %s', [owner.account_id, owner.id])
    return owner


@pytest.mark.parametrize("role", SEEN)
def test_each_role_sees_the_cards_that_are_its_own_and_nothing_of_a_neighbour(world, browse, role):
    page = overview(browse(getattr(world.pelmenya, role)))
    assert {card for card in CARDS if f'<section class="card" id="{card}">' in page} == SEEN[role]
    assert "zqvareniki" not in page


def test_the_owners_figures_count_what_is_active(world, browse):
    page = overview(browse(world.pelmenya.owner))
    assert figures(page) == {"Restaurants": "2", "Stores": "2", "Bots": "1", "People": "5"}
    assert "1 archived" in page
    assert "1 invited" in page


def test_an_assigned_managers_figures_are_of_the_assigned_restaurants(world, browse):
    page = overview(browse(world.pelmenya.assigned_manager))
    assert figures(page) == {"Restaurants": "1", "Stores": "1", "Bots": "1"}
    assert "archived" not in page
    assert "of 2, assigned to you" in page
    assert "assigned to you" not in overview(browse(world.pelmenya.manager))


@pytest.mark.parametrize("role", HOME)
def test_who_changes_little_is_shown_what_there_is_to_see_and_whom_to_ask(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    page = overview(browser)
    assert {card for card in ("role", "restaurants") if f'<section class="card" id="{card}">' in page} == HOME[role]
    if "role" in HOME[role]:
        card = page.split('id="role"')[1].split("</section>")[0]
        assert "ask an owner: Owner Zqpelmenya." in card
        links = re.findall(r'href="([^"]+)"', card)
        assert browser.account("restaurants") in links
        assert all(browser.get(link).status_code == 200 for link in links)
    if "restaurants" in HOME[role]:
        card = page.split('id="restaurants"')[1].split("</section>")[0]
        assert ("zqpelmenya on Main street" in card) is (role == "chef")
        assert "zqpelmenya on River street" in card


def test_a_visitor_sees_what_the_owner_sees(world, browse):
    visitor = browse(world.superuser, visiting=world.pelmenya)
    assert figures(overview(visitor)) == figures(overview(browse(world.pelmenya.owner)))


def test_bots_and_connections_show_their_state(world, browse):
    page = overview(browse(world.pelmenya.owner))
    bots = page.split('id="bots"')[1].split("</section>")[0]
    assert re.findall(r"(Telegram|Viber|Live|Off)\b", bots) == ["Telegram", "Live", "Viber", "Off"]
    assert "Error" in page.split('id="integrations"')[1].split("</section>")[0]


def test_the_latest_conversations_lead_to_their_pages(world, browse):
    viewer = browse(world.pelmenya.viewer)
    path = f"bots/{world.pelmenya.bot_id}/dialogs/{world.pelmenya.dialog_id}"
    assert viewer.account(path) in overview(viewer)
    assert viewer.get(viewer.account(path)).status_code == 200


def test_the_latest_changes_leave_out_who_came_and_went(world, browse, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event (account_id, at, action, entity, entity_label, as_superuser)"
        " VALUES (%s, timezone('utc', now()), 'signed_in', 'user', 'zqcame', false)",
        [world.pelmenya.account_id],
    )
    page = overview(browse(world.pelmenya.owner))
    assert "zqpelmenya on Main street" in page.split('id="changes"')[1]
    assert "zqcame" not in page


def test_a_new_chain_is_shown_the_first_steps_and_which_are_done(world, browse, bare):
    owner = browse(bare)
    page = overview(owner)
    assert "0 of 5 done" in page
    owner.post(owner.account("restaurants/new"), {"name": "The first one"})
    page = overview(owner)
    assert "1 of 5 done" in page
    assert re.findall(r'<li class="lines__item steps__item" data-done>', page) != []
    for path in ("bots/new", "bots", "users"):
        assert f'href="{owner.account(path)}"' in page.split('id="first-steps"')[1].split("</section>")[0]
        assert owner.get(owner.account(path)).status_code == 200


def test_inviting_is_done_when_the_chain_has_invited_and_stays_done_when_that_person_joins(
    world, browse, bare, superuser_sql
):
    def is_done(title="Invite people"):
        steps = overview(browse(bare)).split('id="first-steps"')[1].split("</ol>")[0]
        [step] = [each for each in steps.split("<li")[1:] if title in each]
        return "data-done" in step

    invite = (
        "INSERT INTO getinn_ops.invitation"
        " (account_id, email, role, token_hash, expires_at, invited_by_id, accepted_at)"
        " VALUES (%s, %s, %s, decode(md5(%s), 'hex'), now() + interval '1 day', %s, %s)"
    )
    mail = f"first@{bare.account_id}.example"
    superuser_sql(invite, [bare.account_id, mail, "owner", mail, None, None])
    assert not is_done()
    superuser_sql("UPDATE getinn_ops.invitation SET accepted_at = now() WHERE email = %s", [mail])
    assert not is_done()
    superuser_sql(invite, [bare.account_id, "chef@x.example", "chef", "chef@x.example", bare.id, None])
    assert is_done()
    superuser_sql("UPDATE getinn_ops.invitation SET accepted_at = now(), expires_at = now()")
    assert is_done()


def test_publishing_a_scenario_is_a_step(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = false")
    owner = browse(world.pelmenya.owner)
    steps = overview(owner).split('id="first-steps"')[1].split("</ol>")[0]
    assert f'<a\n        href="{owner.account(f"bots/{world.pelmenya.bot_id}/scenarios")}">Publish a scenario' in steps
    assert steps.count("data-done") == 4


def test_conversations_are_called_by_the_guests_name(world, browse):
    cards = overview(browse(world.pelmenya.viewer)).split('id="dialogs"')[1].split("</section>")[0]
    assert "zqpelmenya guest name" in cards
    assert "zqpelmenya-chat" not in cards
    assert "zqpelmenya_name" not in cards


def test_a_chain_at_work_is_not_shown_the_first_steps(world, browse):
    assert "first-steps" not in overview(browse(world.pelmenya.owner))


def test_only_who_can_take_the_first_steps_is_shown_them(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET is_active = false")
    assert "first-steps" in overview(browse(world.pelmenya.owner))
    assert "first-steps" not in overview(browse(world.pelmenya.manager))


def test_the_chart_counts_each_conversation_on_its_day_in_the_readers_zone(world, app, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.bot_dialog_state")
    moments = [
        "2026-03-01 20:59",  # 23:59 in Moscow, the first day of the chart
        "2026-03-01 21:00",  # midnight in Moscow: the second of March
        "2026-03-30 12:00",  # today
        "2026-02-15 12:00",  # in the thirty days before
        "2026-01-15 12:00",  # before those
        "2026-04-02 12:00",  # a clock that runs ahead
    ]
    for number, moment in enumerate(moments):
        superuser_sql(
            "INSERT INTO getinn_ops.bot_dialog_state"
            " (bot_id, platform, platform_chat_id, current_step, last_interaction_at)"
            " VALUES (%s, 'telegram', %s, 'a', %s)",
            [world.pelmenya.bot_id, str(number), moment],
        )
    with app.test_request_context(headers={"Cookie": "__Host-tz=Europe/Moscow"}):
        enter_account(world.pelmenya.account_id)
        read = Conversations.read(datetime(2026, 3, 30, 15, tzinfo=UTC))
    counted = {day.isoformat(): count for day, count in read.days if count}
    assert counted == {"2026-03-01": 1, "2026-03-02": 1, "2026-03-30": 1}
    assert (len(read.days), read.total, read.before, read.change) == (30, 3, 1, 200)


def test_days_have_their_own_length_where_clocks_change(world, app, superuser_sql):
    """Berlin, 29 March 2026: the day has 23 hours."""
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET last_interaction_at = '2026-03-29 22:30'")
    with app.test_request_context(headers={"Cookie": "__Host-tz=Europe/Berlin"}):
        enter_account(world.pelmenya.account_id)
        read = Conversations.read(datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert [day.isoformat() for day, count in read.days if count] == ["2026-03-30"]


def test_older_copies_of_a_chat_are_not_counted_twice(world, browse, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.bot_dialog_state (bot_id, platform, platform_chat_id, current_step,"
        " last_interaction_at, superseded_at) SELECT bot_id, platform, platform_chat_id, 'zqolder',"
        " last_interaction_at, now() FROM getinn_ops.bot_dialog_state"
    )
    page = overview(browse(world.pelmenya.viewer))
    assert "zqolder" not in page
    assert '<strong class="lead tabular">1</strong>' in page


@pytest.mark.parametrize("role", COST)
def test_the_page_costs_no_more_statements_than_it_shows_things(world, browse, statements, role):
    browser = browse(getattr(world.pelmenya, role))
    with statements() as counted:
        overview(browser)
    assert counted.total == COST[role]


def test_its_cost_does_not_grow_with_the_chain(world, browse, statements, superuser_sql):
    account = [world.pelmenya.account_id]
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'Spot ' || n FROM generate_series(1, 1500) n",
        account,
    )
    superuser_sql(
        "INSERT INTO getinn_ops.bot_instance (account_id, name) SELECT %s, 'Bot ' || n FROM generate_series(1, 40) n",
        account,
    )
    superuser_sql(
        "INSERT INTO getinn_ops.bot_dialog_state"
        " (bot_id, platform, platform_chat_id, current_step, last_interaction_at)"
        " SELECT id, 'telegram', 'chat', 'start', %s FROM getinn_ops.bot_instance WHERE account_id = %s",
        [(datetime.now(UTC) - timedelta(days=1)).replace(tzinfo=None), *account],
    )
    with statements() as counted:
        page = overview(browse(world.pelmenya.owner))
    assert counted.total == COST["owner"]
    assert figures(page)["Restaurants"] == "1\u202f000+"
    assert page.count("/dialogs/") == 5
