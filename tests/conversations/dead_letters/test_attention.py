"""What needs attention: dead letters, tried again or dismissed."""

import re

import pytest

KINDS = {
    "": ("bot_message", "failed_message_id", "queued", "cancelled"),
    "/updates": ("bot_inbound_update", "update_id", "pending", "ignored"),
}


@pytest.fixture
def manager(world, browse):
    return browse(world.pelmenya.manager)


@pytest.fixture
def base(world, manager):
    return manager.account(f"bots/{world.pelmenya.bot_id}/attention")


@pytest.fixture
def row_of(world, superuser_sql):
    def read(table, row_id):
        (row,) = superuser_sql(f"SELECT * FROM getinn_ops.{table} WHERE id = %s", [row_id])
        return row

    return read


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_shows_chat_reason_and_tries(world, manager, base, kind):
    page = manager.get(base + kind).text
    assert f"{world.pelmenya.marker} guest name" in page
    assert page.count('id="a-') == 1
    if kind:
        assert "The portal failed while it worked on this." in page
        assert f"{world.pelmenya.marker} error" in page
    else:
        assert f"{world.pelmenya.marker} hello" in page


@pytest.mark.parametrize("kind", KINDS)
def test_another_try_starts_from_the_beginning_and_is_recorded(world, manager, base, kind, row_of, superuser_sql):
    table, attribute, state, _ = KINDS[kind]
    row_id = getattr(world.pelmenya, attribute)
    superuser_sql(
        f"UPDATE getinn_ops.{table} SET attempts = 5, due_at = now() + interval '9 h' WHERE id = %s", [row_id]
    )
    assert manager.post(f"{base}{kind}/replay", {"ids": row_id}).status_code == 303
    row = row_of(table, row_id)
    assert (row.state, row.attempts, row.error) == (state, 0, None)
    (due,) = superuser_sql(
        f"SELECT due_at <= timezone('utc', now()) AS now FROM getinn_ops.{table} WHERE id = %s", [row_id]
    )
    assert due.now
    (event,) = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'replayed'")
    assert (event.entity, event.entity_id, event.actor_email) == (table, row_id, world.pelmenya.manager.email)
    assert "All is well" in manager.get(base + kind).text


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_dismissed_is_left_as_it_is_and_off_the_list(world, manager, base, kind, row_of, superuser_sql):
    table, attribute, _, state = KINDS[kind]
    row_id = getattr(world.pelmenya, attribute)
    assert manager.post(f"{base}{kind}/dismissal", {"ids": row_id}).status_code == 303
    assert row_of(table, row_id).state == state
    assert "All is well" in manager.get(base + kind).text
    assert len(superuser_sql("SELECT 1 FROM getinn_ops.audit_event WHERE action = 'dismissed'")) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["replay", "dismissal"])
def test_what_somebody_else_has_dealt_with_stays_as_it_is(world, manager, base, kind, verb, row_of, superuser_sql):
    table, attribute, _, _ = KINDS[kind]
    row_id = getattr(world.pelmenya, attribute)
    dealt_with = {"bot_message": "sent", "bot_inbound_update": "done"}[table]
    superuser_sql(f"UPDATE getinn_ops.{table} SET state = %s WHERE id = %s", [dealt_with, row_id])
    assert manager.post(f"{base}{kind}/{verb}", {"ids": row_id}).status_code == 303
    assert row_of(table, row_id).state == dealt_with
    assert superuser_sql("SELECT 1 FROM getinn_ops.audit_event WHERE action IN ('replayed', 'dismissed')") == []


def test_a_conversation_that_a_lost_message_halted_goes_on(world, manager, base, superuser_sql, row_of):
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.bot_dialog_state SET state = 'failed', failure = 'message_failed' WHERE id = %s",
        [chain.dialog_id],
    )
    url = manager.account(f"bots/{chain.bot_id}/dialogs/{chain.dialog_id}")
    assert "A message could not be delivered" in manager.get(url).text
    manager.post(f"{base}/replay", {"ids": chain.failed_message_id})
    row = row_of("bot_dialog_state", chain.dialog_id)
    assert (row.state, row.failure) == ("running", None)


@pytest.mark.parametrize("kind", KINDS)
def test_chosen_rows_are_tried_again_together_and_none_is_a_hint(world, manager, base, kind, superuser_sql):
    table, attribute, state, _ = KINDS[kind]
    assert (
        "Choose at least one row first."
        in manager.get(manager.post(f"{base}{kind}/replay", {}).headers["Location"]).text
    )
    row_id = getattr(world.pelmenya, attribute)
    other = superuser_sql(
        f"SELECT id FROM getinn_ops.{table} WHERE bot_id = %s AND id <> %s LIMIT 1", [world.pelmenya.bot_id, row_id]
    )[0].id
    dead = {"bot_message": "failed", "bot_inbound_update": "dead"}[table]
    superuser_sql(f"UPDATE getinn_ops.{table} SET state = %s WHERE id = %s", [dead, other])
    manager.post(f"{base}{kind}/replay", {"ids": [str(row_id), str(other)]})
    assert len(superuser_sql(f"SELECT 1 FROM getinn_ops.{table} WHERE state = %s", [state])) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["replay", "dismissal"])
def test_rows_of_another_bot_or_chain_are_not_there(world, manager, base, kind, verb, row_of):
    table, attribute, _, _ = KINDS[kind]
    own, foreign = getattr(world.pelmenya, attribute), getattr(world.vareniki, attribute)
    before = row_of(table, foreign).state
    assert manager.post(f"{base}{kind}/{verb}", {"ids": foreign}).status_code == 404
    other_bot = manager.account(f"bots/{world.pelmenya.archived_bot_id}/attention")
    assert manager.post(f"{other_bot}{kind}/{verb}", {"ids": own}).status_code == 404
    assert manager.get(manager.account(f"bots/{world.vareniki.bot_id}/attention{kind}")).status_code == 404
    assert row_of(table, foreign).state == before
    assert row_of(table, own).state in ("failed", "dead")


@pytest.mark.parametrize("kind", KINDS)
def test_only_owners_and_managers_see_it(world, browse, base, kind):
    for person, status in (("owner", 200), ("manager", 200), ("viewer", 403), ("chef", 403)):
        browser = browse(getattr(world.pelmenya, person))
        assert browser.get(base + kind).status_code == status
        assert browser.get(f"{base}{kind}/export").status_code == status
    assert "/attention" not in browse(world.pelmenya.viewer).get(base.removesuffix("/attention")).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_costs_few_statements(manager, base, kind, statements):
    for query in ("", "?q=zq", "?q=nobody"):
        with statements() as counted:
            assert manager.get(base + kind + query).status_code == 200
        assert counted.total <= 3, counted.statements


def test_both_lists_say_how_much_waits_in_either(manager, base):
    for kind in KINDS:
        assert re.findall(r'class="tabs__count">(\d+)<', manager.get(base + kind).text) == ["1", "1"]
