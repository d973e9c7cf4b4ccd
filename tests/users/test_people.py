"""Owners and their people: the list, roles, restaurants, deactivation."""

import threading
from typing import Any

import pytest

from tests.world import World

USER = 'SELECT * FROM getinn_ops."user" WHERE id = %s'
ASSIGNED = "SELECT restaurant_id FROM getinn_ops.user_restaurant WHERE user_id = %s"
MAKE_OWNER = "UPDATE getinn_ops.\"user\" SET role = 'owner' WHERE id = %s"


def is_signed_in(browser: Any) -> bool:
    return bool(browser.get("/profile").status_code == 200)


def read(answer: Any) -> str:
    """The page, its addresses without the places where they may be parted."""
    return str(answer.text.replace("<wbr>", ""))


def test_the_list_shows_members_of_this_chain_alone(browse: Any, world: World) -> None:
    owner = browse(world.pelmenya.owner)
    page = read(owner.get(owner.account("users?state=all")))
    assert all(person.email in page for person in world.pelmenya.people)
    assert world.vareniki.marker not in page


def test_deactivated_people_leave_the_list_until_asked_for(browse: Any, world: World) -> None:
    owner, gone = browse(world.pelmenya.owner), world.pelmenya.deactivated.email
    assert gone not in read(owner.get(owner.account("users")))
    assert gone in read(owner.get(owner.account("users?state=deactivated")))


def test_role_search_and_order_narrow_the_list(browse: Any, world: World, superuser_sql: Any) -> None:
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    chefs = read(owner.get(owner.account("users?role=chef"), htmx=True))
    assert chain.chef.email in chefs
    assert chain.viewer.email not in chefs
    found = read(owner.get(owner.account("users?q=VIEWER+zqpel"), htmx=True))
    assert chain.viewer.email in found
    assert chain.chef.email not in found
    superuser_sql(
        "UPDATE getinn_ops.\"user\" SET last_signed_in_at = timezone('utc', now()) WHERE id = %s", [chain.viewer.id]
    )
    latest = read(owner.get(owner.account("users?sort=-seen"), htmx=True))
    assert latest.index(chain.viewer.email) < latest.index(chain.chef.email)


def test_superusers_are_nobodys_people(browse: Any, world: World, superuser_sql: Any) -> None:
    chef = world.pelmenya.chef
    superuser_sql('UPDATE getinn_ops."user" SET is_superuser = true WHERE id = %s', [chef.id])
    owner = browse(world.pelmenya.owner)
    here = owner.account(f"users/{chef.id}")
    assert chef.email not in read(owner.get(owner.account("users?state=all")))
    assert chef.email not in owner.get(owner.account("users/export?state=all")).text
    statuses = [owner.get(here).status_code, owner.get(f"{here}/edit").status_code]
    statuses += [owner.post(f"{here}/{noun}").status_code for noun in ("activation", "password-reset")]
    assert [*statuses, owner.delete(f"{here}/activation").status_code] == [404] * 5


def test_the_export_holds_what_the_filter_shows(browse: Any, world: World) -> None:
    owner = browse(world.pelmenya.owner)
    text = owner.get(owner.account("users/export?role=manager")).get_data(as_text=True)
    assert world.pelmenya.assigned_manager.email in text
    assert world.pelmenya.chef.email not in text


@pytest.mark.parametrize(
    ("path", "most"),
    [("users", 3), ("users?q=chef", 4), ("users/{id}", 4), ("users/{id}/edit", 4), ("users/invitations/new", 4),
     ("users/invitations/{invitation}", 4)],
)  # fmt: skip
def test_a_page_takes_few_statements(browse: Any, world: World, statements: Any, path: str, most: int) -> None:
    owner = browse(world.pelmenya.owner)
    chain = world.pelmenya
    url = owner.account(path.format(id=chain.assigned_manager.id, invitation=chain.invitation_id))
    assert owner.get(url).status_code == 200
    with statements() as counted:
        owner.get(url)
    assert counted.total <= most, counted.statements


@pytest.mark.parametrize("role", ["manager", "assigned_manager", "chef", "viewer"])
def test_only_owners_see_people(browse: Any, world: World, role: str) -> None:
    browser = browse(getattr(world.pelmenya, role))
    person = world.pelmenya.chef.id
    for path in ("users", "users/export", f"users/{person}", f"users/{person}/edit", "users/invitations/new"):
        assert browser.get(browser.account(path)).status_code == 403
    assert browser.delete(browser.account(f"users/{person}/activation")).status_code == 403


def test_role_and_restaurants_are_changed_and_told_in_the_log(browse: Any, world: World, superuser_sql: Any) -> None:
    chain, owner = world.pelmenya, browse(world.pelmenya.owner)
    fields = {"role": "manager", "restaurant_ids": [str(chain.restaurant_id), str(chain.assigned_restaurant_id)]}
    answer = owner.post(owner.account(f"users/{chain.chef.id}/edit"), fields)
    assert answer.status_code == 303
    assert superuser_sql(USER, [chain.chef.id])[0].role == "manager"
    assigned = {row.restaurant_id for row in superuser_sql(ASSIGNED, [chain.chef.id])}
    assert assigned == {chain.restaurant_id, chain.assigned_restaurant_id}
    [event] = superuser_sql(
        "SELECT * FROM getinn_ops.audit_event WHERE entity_id = %s AND action = 'edited'", [chain.chef.id]
    )
    assert event.before == {"role": "chef", "restaurants": []}
    assert event.after["role"] == "manager"
    assert len(event.after["restaurants"]) == 2


def test_another_role_ends_the_sessions_and_other_restaurants_do_not(browse: Any, world: World) -> None:
    chain, owner = world.pelmenya, browse(world.pelmenya.owner)
    chef = browse(chain.chef)
    url = owner.account(f"users/{chain.chef.id}/edit")
    owner.post(url, {"role": "chef", "restaurant_ids": [str(chain.restaurant_id)]})
    assert is_signed_in(chef)
    owner.post(url, {"role": "viewer", "restaurant_ids": [str(chain.restaurant_id)]})
    assert not is_signed_in(chef)


def test_restaurants_are_taken_away_again_and_owners_have_none(browse: Any, world: World, superuser_sql: Any) -> None:
    chain, owner = world.pelmenya, browse(world.pelmenya.owner)
    url = owner.account(f"users/{chain.assigned_manager.id}/edit")
    owner.post(url, {"role": "manager"})
    assert superuser_sql(ASSIGNED, [chain.assigned_manager.id]) == []
    owner.post(url, {"role": "owner", "restaurant_ids": [str(chain.restaurant_id)]})
    assert superuser_sql(USER, [chain.assigned_manager.id])[0].role == "owner"
    assert superuser_sql(ASSIGNED, [chain.assigned_manager.id]) == []


@pytest.mark.parametrize("foreign", ["foreign", "absent", "malformed"])
def test_a_foreign_restaurant_is_no_choice(browse: Any, world: World, superuser_sql: Any, foreign: str) -> None:
    chain, owner = world.pelmenya, browse(world.pelmenya.owner)
    chosen = {"foreign": str(world.vareniki.restaurant_id), "absent": str(chain.id_of("restaurant", 99))}
    fields = {"role": "chef", "restaurant_ids": [chosen.get(foreign, "\x00not-an-id")]}
    answer = owner.post(owner.account(f"users/{chain.chef.id}/edit"), fields)
    assert answer.status_code == 422
    assert world.vareniki.marker not in answer.text
    assert superuser_sql(ASSIGNED, [chain.chef.id]) == []


@pytest.mark.parametrize("role", ["", "superuser", "OWNER", "\x00"])
def test_only_the_four_roles_can_be_given(browse: Any, world: World, superuser_sql: Any, role: str) -> None:
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account(f"users/{world.pelmenya.chef.id}/edit"), {"role": role})
    assert answer.status_code == 422
    assert superuser_sql(USER, [world.pelmenya.chef.id])[0].role == "chef"


def test_deactivation_ends_every_session_at_once(browse: Any, world: World, superuser_sql: Any) -> None:
    chain, owner, chef = world.pelmenya, browse(world.pelmenya.owner), browse(world.pelmenya.chef)
    here = owner.account(f"users/{chain.chef.id}")
    assert owner.delete(f"{here}/activation").location == here
    assert not is_signed_in(chef)
    login = {"email": chain.chef.email, "password": chain.chef.password}
    assert browse().post("/login", login).status_code == 422
    owner.post(f"{here}/activation")
    assert not is_signed_in(chef), "the old cookie must stay dead"
    assert browse().post("/login", login).status_code == 303
    actions = superuser_sql(
        "SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at", [chain.chef.id]
    )
    assert [row.action for row in actions] == ["deactivated", "activated", "signed_in"]


def test_deactivation_makes_links_for_a_new_password_useless(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = browse(world.pelmenya.owner)
    url = owner.account(f"users/{world.pelmenya.viewer.id}/activation")
    owner.delete(url)
    owner.post(url)
    [reset] = superuser_sql("SELECT used_at FROM getinn_ops.password_reset WHERE id = %s", [world.pelmenya.reset_id])
    assert reset.used_at is not None


def test_nobody_deactivates_or_demotes_themselves(browse: Any, world: World, superuser_sql: Any) -> None:
    chain = world.pelmenya
    superuser_sql(MAKE_OWNER, [chain.manager.id])
    owner = browse(chain.owner)
    here = owner.account(f"users/{chain.owner.id}")
    owner.delete(f"{here}/activation")
    assert "Nobody deactivates themselves." in owner.get(here).text
    answer = owner.post(f"{here}/edit", {"role": "viewer"})
    assert answer.status_code == 422
    assert "Nobody changes their own role." in answer.text
    row = superuser_sql(USER, [chain.owner.id])[0]
    assert (row.is_active, row.role) == (True, "owner")


def test_the_last_owner_stays_even_when_a_superuser_asks(browse: Any, world: World, superuser_sql: Any) -> None:
    chain, root = world.pelmenya, browse(world.superuser, visiting=world.pelmenya)
    here = root.account(f"users/{chain.owner.id}")
    root.delete(f"{here}/activation")
    answer = root.post(f"{here}/edit", {"role": "manager"})
    assert answer.status_code == 422
    assert "at least one active owner" in answer.text
    row = superuser_sql(USER, [chain.owner.id])[0]
    assert (row.is_active, row.role) == (True, "owner")


def test_a_deactivated_owner_does_not_count(browse: Any, world: World, superuser_sql: Any) -> None:
    chain, root = world.pelmenya, browse(world.superuser, visiting=world.pelmenya)
    superuser_sql(MAKE_OWNER, [chain.deactivated.id])
    root.delete(root.account(f"users/{chain.owner.id}/activation"))
    assert superuser_sql(USER, [chain.owner.id])[0].is_active


def test_two_owners_who_remove_each_other_leave_one(
    browse: Any, world: World, superuser_sql: Any, connect: Any
) -> None:
    chain, root = world.pelmenya, browse(world.superuser, visiting=world.pelmenya)
    superuser_sql(MAKE_OWNER, [chain.manager.id])
    with connect() as other, other.transaction():
        other.execute("SELECT set_config('getinn.account_id', %s, true)", [str(chain.account_id)])
        other.execute("UPDATE getinn_ops.\"user\" SET role = 'chef' WHERE id = %s", [chain.manager.id])
        request = threading.Thread(target=root.delete, args=[root.account(f"users/{chain.owner.id}/activation")])
        request.start()
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while request.is_alive() and not superuser_sql(waiting):
            request.join(0.01)
    request.join()
    assert superuser_sql(USER, [chain.owner.id])[0].is_active


def test_the_search_among_restaurants_keeps_what_is_ticked(browse: Any, world: World) -> None:
    chain, owner = world.pelmenya, browse(world.pelmenya.owner)
    query = {"restaurant_q": "river", "restaurant_ids": [str(chain.restaurant_id), str(world.vareniki.restaurant_id)]}
    page = owner.get(owner.account("users/restaurants"), query_string=query, htmx=True).text
    assert "on River street" in page
    assert "on Main street" in page
    assert page.count("checked") == 1
    assert world.vareniki.marker not in page


def test_searching_without_javascript_keeps_the_form_and_saves_nothing(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    owner = browse(world.pelmenya.owner)
    fields = {"email": "half@typed.example", "role": "chef", "restaurant_q": "river", "_find": "1"}
    answer = owner.post(owner.account("users/invitations/new"), fields)
    assert answer.status_code == 200
    assert 'value="half@typed.example"' in answer.text
    assert "on Main street" not in answer.text
    invited = superuser_sql("SELECT id FROM getinn_ops.invitation WHERE email = 'half@typed.example'")
    assert invited == []


def test_a_long_choice_is_cut_and_searched(browse: Any, world: World, superuser_sql: Any) -> None:
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name)"
        " SELECT %s, 'Numbered ' || n FROM generate_series(1, 250) n",
        [world.pelmenya.account_id],
    )
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account("users/invitations/new")).text
    assert page.count('name="restaurant_ids"') == 200
    assert "There are more." in page
    found = owner.get(owner.account("users/restaurants?restaurant_q=numbered+25"), htmx=True).text
    assert found.count('name="restaurant_ids"') == 4


def test_a_support_visit_makes_no_link_that_would_open_an_owners_account(world, browse):
    support = browse(world.superuser, visiting=world.pelmenya)
    here = support.account(f"users/{world.pelmenya.owner.id}")
    assert "/password-reset" not in support.get(here).text
    assert support.post(f"{here}/password-reset").status_code == 403
