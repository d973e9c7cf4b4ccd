"""What people decide of single rows of a plan, and of linked rows on their own pages."""

import re

import pytest

from tests.iiko.pages.conftest import S


@pytest.fixture
def decide(world, browse, put_run, superuser_sql, run_url):
    """A plan with one row that needs a person, and an owner who looks at it."""

    class Deciding:
        owner = browse(world.pelmenya.owner)

        def __init__(self):
            self.run_id = None

        def plan(self, **action):
            row = {"kind": "departments", "iiko_id": "a1", "name": "Кафе", "iiko_values": {"name": "Кафе", "code": "1"}}
            counts = {"conflicts": 1} if action["word"] == "conflict" else {"skips": 1}
            kinds = {action.get("kind", "departments"): {"state": "planned", **counts}}
            self.run_id = put_run(kinds=kinds, actions=[row | action])
            return self

        @property
        def page(self):
            return self.owner.get(run_url(self.run_id)).text

        @property
        def action(self):
            return superuser_sql(f"SELECT * FROM {S}.iiko_action WHERE run_id = %s", [self.run_id])[0]

        @property
        def links(self):
            return superuser_sql(f"SELECT * FROM {S}.iiko_link WHERE account_id = %s", [world.pelmenya.account_id])

        def url(self, verb):
            return self.owner.account(f"integrations/changes/{self.action.id}/{verb}")

    return Deciding()


@pytest.fixture
def free(world, superuser_sql):
    """Pelmenya's restaurants are linked with nothing."""
    superuser_sql(f"UPDATE {S}.restaurant SET iiko_id = NULL, iiko_sync_status = NULL, iiko_sync_error = NULL")


@pytest.fixture
def alike(world, decide, free):
    """A row of iiko's that looks like one of ours."""
    candidate = {"id": str(world.pelmenya.restaurant_id), "name": "zqpelmenya on Main street", "by": ["name"]}
    return decide.plan(word="conflict", reason="alike", details={"candidates": [candidate]})


def test_all_that_look_like_one_of_ours_alone_are_linked_by_one_button(
    world, browse, put_run, run_url, superuser_sql, free
):
    chain, other = world.pelmenya, ("restaurant_id", "assigned_restaurant_id")
    actions = [
        {
            "kind": "departments",
            "iiko_id": f"a{number}",
            "name": f"Кафе {number}",
            "iiko_values": {"name": f"Кафе {number}", "code": "1"},
            "word": "conflict",
            "reason": "alike",
            "details": {"candidates": [{"id": str(getattr(chain, name)), "name": "ours", "by": ["name"]}]},
        }
        for number, name in enumerate(other)
    ]
    run_id = put_run(kinds={"departments": {"state": "planned", "conflicts": 2}}, actions=actions)
    owner = browse(chain.owner)
    assert "Link 2 rows" in owner.get(run_url(run_id)).text
    answer = owner.post(owner.account(f"integrations/runs/{run_id}/links"))
    assert answer.status_code == 303
    page = owner.get(run_url(run_id)).text
    assert "2 rows were linked." in page
    assert "Link 2 rows" not in page
    found = superuser_sql(f"SELECT entity_id FROM {S}.iiko_link WHERE iiko_id IN ('a0', 'a1')")
    assert {row.entity_id for row in found} == {getattr(chain, name) for name in other}


def test_a_proposal_is_accepted_and_the_plan_follows(world, alike):
    assert "It is this one" in alike.page
    assert "alike: Name" in alike.page
    answer = alike.owner.post(alike.url("link"), {"entity": str(world.pelmenya.restaurant_id)})
    assert answer.status_code == 303
    (link,) = alike.links
    assert (link.iiko_id, link.entity_id) == ("a1", world.pelmenya.restaurant_id)
    assert alike.action.word == "update"
    assert "It is this one" not in alike.page


def test_a_refused_proposal_is_remembered(world, alike, superuser_sql):
    alike.owner.delete(alike.url("link"))
    (refusal,) = superuser_sql(f"SELECT * FROM {S}.iiko_refusal WHERE account_id = %s", [world.pelmenya.account_id])
    assert (refusal.iiko_id, refusal.entity_id) == ("a1", world.pelmenya.restaurant_id)
    assert alike.action.word != "conflict"
    assert alike.links == []


def test_a_row_that_only_looks_alike_is_made_new(alike):
    alike.owner.post(alike.url("record"))
    assert alike.action.word == "create"
    assert alike.links == []
    assert "1 to add, 0 to change." in alike.page


def test_a_new_row_can_be_one_of_ours_under_another_name(world, decide, free):
    decide.plan(word="create", reason=None)
    assert "It is one of ours" in decide.page
    form = decide.owner.get(decide.url("choice")).text
    assert str(world.pelmenya.restaurant_id) in form
    nothing = decide.owner.post(decide.url("choice"), {"entity_id": ""})
    assert nothing.status_code == 422
    assert "Choose which one it is." in nothing.text
    strange = decide.owner.post(decide.url("choice"), {"entity_id": str(world.vareniki.restaurant_id)})
    assert strange.status_code == 422
    decide.owner.post(decide.url("choice"), {"entity_id": str(world.pelmenya.restaurant_id)})
    assert [link.entity_id for link in decide.links] == [world.pelmenya.restaurant_id]


def test_what_was_decided_already_is_told_so(world, alike):
    alike.owner.post(alike.url("record"))
    answer = alike.owner.delete(alike.url("link"))
    assert "This was decided already" in alike.owner.get(answer.location).text
    assert alike.owner.get(alike.url("restaurant")).status_code == 404


@pytest.mark.parametrize(
    ("reason", "accept", "refuse"),
    [
        ("pinned", "Take iiko's", "Keep ours"),
        ("in_use", "Move it as iiko says", "Leave it where it is"),
        ("other_server", "Let this server have it", "Leave it with the other"),
    ],
)
def test_a_conflict_says_what_either_answer_means(decide, reason, accept, refuse):
    page = decide.plan(word="conflict", reason=reason, details={"field": "name"}).page
    assert accept in page
    assert refuse in page
    assert "Add it as new" not in page


def test_only_owners_decide(world, browse, alike):
    manager = browse(world.pelmenya.manager)
    assert "It is this one" not in manager.get(f"/accounts/pelmenya/integrations/runs/{alike.run_id}").text
    for verb in ("link", "record", "choice", "restaurant"):
        assert manager.post(alike.url(verb)).status_code == 403
    other = browse(world.vareniki.owner)
    for verb in ("link", "record", "choice", "restaurant"):
        assert other.post(alike.url(verb).replace("pelmenya", "vareniki")).status_code == 404
    assert alike.links == []


@pytest.fixture
def homeless(decide):
    """A store that no restaurant stands above in iiko."""
    places = [
        {"id": "s1", "type": "STORE", "name": "Склад"},
        {"id": "n1", "type": "CENTRALSTORE", "name": "Фабрика"},
    ]
    details = {"places": places, "nodes": ["s1", "n1"]}
    return decide.plan(
        kind="stores", iiko_id="s1", name="Склад", word="skip", reason="no_department", details=details,
        iiko_values={"name": "Склад", "code": None},
    )  # fmt: skip


def test_a_part_of_the_tree_is_given_a_restaurant_and_taken_back(world, homeless, superuser_sql, server_url):
    assert "Name its restaurant" in homeless.page
    form = homeless.owner.get(homeless.url("restaurant")).text
    assert "All that stands below “Фабрика”" in form
    assert re.search(r'<input checked[^>]*value="n1"', form)
    missing = homeless.owner.post(homeless.url("restaurant"), {"node_id": "n1", "restaurant_id": ""})
    assert missing.status_code == 422
    chosen = {"node_id": "n1", "restaurant_id": str(world.pelmenya.restaurant_id)}
    answer = homeless.owner.post(homeless.url("restaurant"), chosen)
    assert "1 store is in the preview now" in homeless.owner.get(answer.location).text
    assert homeless.action.word == "create"
    server = homeless.owner.get(server_url).text
    assert "Фабрика" in server
    (node,) = superuser_sql(f"SELECT * FROM {S}.iiko_node WHERE account_id = %s", [world.pelmenya.account_id])
    assert (node.node_id, node.restaurant_id) == ("n1", world.pelmenya.restaurant_id)
    homeless.owner.delete(homeless.owner.account(f"integrations/nodes/{node.id}"))
    assert "Фабрика" not in homeless.owner.get(server_url).text.split('id="history"')[0]
    log = superuser_sql("SELECT action FROM getinn_ops.audit_event WHERE entity = 'iiko_node' ORDER BY at")
    assert [line.action for line in log] == ["created", "removed"]


def test_a_node_that_nobody_offered_is_refused(world, homeless, superuser_sql):
    sent = {"node_id": "another", "restaurant_id": str(world.pelmenya.restaurant_id)}
    assert homeless.owner.post(homeless.url("restaurant"), sent).status_code == 422
    assert superuser_sql(f"SELECT 1 FROM {S}.iiko_node WHERE account_id = %s", [world.pelmenya.account_id]) == []


@pytest.fixture
def linked(world, put, connection_id, superuser_sql):
    """Pelmenya's first restaurant, linked; its name is kept as typed here."""
    superuser_sql(
        f"UPDATE {S}.restaurant SET iiko_id = 'd1', iiko_sync_status = 'synced', iiko_sync_error = NULL,"
        " iiko_last_synced_at = now() WHERE id = %s",
        [world.pelmenya.restaurant_id],
    )
    superuser_sql(f"UPDATE {S}.iiko_connection SET server_name = 'Chain of Pelmenya' WHERE id = %s", [connection_id])
    whose = {"kind": "departments", "entity_id": world.pelmenya.restaurant_id}
    put("iiko_pin", field="name", user_id=world.pelmenya.owner.id, **whose)
    values = {"name": "Название в iiko", "code": "017"}
    return put("iiko_link", connection_id=connection_id, iiko_id="d1", iiko_values=values, **whose)


def test_a_restaurants_page_shows_both_values_of_a_kept_field_and_takes_iikos_again(
    world, browse, linked, superuser_sql
):
    manager = browse(world.pelmenya.manager)
    url = manager.account(f"restaurants/{world.pelmenya.restaurant_id}")
    page = manager.get(url).text
    assert "kept as typed here" in page
    assert "iiko says: Название в iiko" in page
    assert "Chain of Pelmenya" in page
    assert f"Changed here by {world.pelmenya.owner.full_name}" in page
    # Only an owner takes a link back.
    assert "Take the link back" not in page
    assert manager.delete(manager.account(f"integrations/links/{linked}")).status_code == 403
    pin = manager.account(f"integrations/links/{linked}/pin")
    assert manager.delete(pin, {"field": "phone"}).status_code == 422
    assert manager.delete(pin, {"field": "name"}).status_code == 303
    assert "<h1>Название в iiko" in manager.get(url).text
    assert superuser_sql(f"SELECT 1 FROM {S}.iiko_pin WHERE account_id = %s", [world.pelmenya.account_id]) == []


def test_since_when_a_restaurant_is_missing_is_told_and_nothing_is_removed(world, browse, linked, superuser_sql):
    superuser_sql(f"UPDATE {S}.iiko_link SET missing_since = '2026-11-01 10:00' WHERE id = %s", [linked])
    viewer = browse(world.pelmenya.viewer)
    page = viewer.get(viewer.account(f"restaurants/{world.pelmenya.restaurant_id}")).text
    assert "iiko has not named it since" in page
    assert "Nothing is removed here" in page
    assert "Take iiko&#39;s again" not in page


def test_an_owner_takes_a_link_back_and_the_row_stays(world, browse, linked, superuser_sql):
    owner = browse(world.pelmenya.owner)
    url = owner.account(f"restaurants/{world.pelmenya.restaurant_id}")
    assert "Take the link back" in owner.get(url).text
    assert owner.delete(owner.account(f"integrations/links/{linked}")).location == url
    assert "zqpelmenya on Main street" in owner.get(url).text
    assert superuser_sql(f"SELECT 1 FROM {S}.iiko_link WHERE id = %s", [linked]) == []


def test_the_form_of_a_linked_restaurant_says_what_typing_into_it_means(world, browse, linked, superuser_sql):
    owner = browse(world.pelmenya.owner)
    form = owner.get(owner.account(f"restaurants/{world.pelmenya.restaurant_id}/edit")).text
    assert "iiko fills in: Name, Code, Legal entity." in form
    assert "stays as you typed it" in form
    superuser_sql(f"UPDATE {S}.restaurant SET iiko_id = NULL WHERE id = %s", [world.pelmenya.restaurant_id])
    assert "iiko fills in" not in owner.get(owner.account(f"restaurants/{world.pelmenya.restaurant_id}/edit")).text


def test_a_manager_of_other_restaurants_cannot_touch_a_link(world, browse, linked):
    limited = browse(world.pelmenya.assigned_manager)
    assert world.pelmenya.assigned_restaurant_id != world.pelmenya.restaurant_id
    answer = limited.delete(limited.account(f"integrations/links/{linked}/pin"), {"field": "name"})
    assert answer.status_code == 404
