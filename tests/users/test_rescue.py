"""People who cannot get in: links to a new password, and factors that are lost."""

import pytest

from tests.factors import give_password, is_signed_in, set_up_app
from tests.world import Person

SINCE = 'SELECT second_factor_since FROM getinn_ops."user" WHERE id = %s'
NOTICES = "SELECT kind, parameters FROM getinn_ops.notice WHERE account_id = %s AND entity_id = %s"
LINK = "Copy the link"


@pytest.fixture
def second_owner(world, superuser_sql) -> Person:
    """The manager, who owns the chain as well."""
    superuser_sql("UPDATE getinn_ops.\"user\" SET role = 'owner' WHERE id = %s", [world.pelmenya.manager.id])
    return world.pelmenya.manager


def test_without_mail_no_owner_sees_the_link_of_another(browse, world, second_owner, superuser_sql):
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account(f"users/{second_owner.id}/password-reset"))
    assert answer.status_code == 303
    assert "No owner sees the link of another owner" in owner.get(answer.location).text
    assert superuser_sql("SELECT 1 FROM getinn_ops.password_reset WHERE user_id = %s", [second_owner.id]) == []


def test_a_link_that_was_shown_is_told_so_in_the_log(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    assert LINK in owner.post(owner.account(f"users/{world.pelmenya.chef.id}/password-reset")).text
    [event] = superuser_sql(
        "SELECT id, after FROM getinn_ops.audit_event WHERE action = 'password_reset_offered' AND entity_id = %s",
        [world.pelmenya.chef.id],
    )
    assert event.after == {"handed_over": "shown"}
    assert "Shown to whoever made it" in owner.get(owner.account(f"audit/{event.id}")).text


def test_an_owner_resets_the_factors_of_a_colleague_and_every_owner_is_told(browse, world, second_owner, superuser_sql):
    owner, other = browse(world.pelmenya.owner), browse(second_owner)
    set_up_app(other)
    url = owner.account(f"users/{second_owner.id}/second-factor")
    assert owner.delete(url).status_code == 303
    assert not is_signed_in(other)
    assert superuser_sql(SINCE, [second_owner.id])[0].second_factor_since is None
    assert give_password(browse(), second_owner).location == "/"
    [notice] = superuser_sql(NOTICES, [world.pelmenya.account_id, second_owner.id])
    assert (notice.kind, notice.parameters["by"]) == ("factor_reset", world.pelmenya.owner.full_name)
    assert owner.delete(url).status_code == 403


def test_nobody_resets_their_own_factors_there(browse, world):
    owner = browse(world.pelmenya.owner)
    set_up_app(owner)
    assert owner.delete(owner.account(f"users/{world.pelmenya.owner.id}/second-factor")).status_code == 403


def test_support_resets_the_factors_of_the_only_owner_alone(browse, world, superuser_sql):
    chain = world.pelmenya
    for person in (chain.owner, chain.chef):
        set_up_app(browse(person))
    root = browse(world.superuser, visiting=chain)
    assert root.delete(root.account(f"users/{chain.chef.id}/second-factor")).status_code == 403
    superuser_sql("UPDATE getinn_ops.\"user\" SET role = 'owner' WHERE id = %s", [chain.manager.id])
    assert root.delete(root.account(f"users/{chain.owner.id}/second-factor")).status_code == 403
    superuser_sql("UPDATE getinn_ops.\"user\" SET role = 'manager' WHERE id = %s", [chain.manager.id])
    assert root.delete(root.account(f"users/{chain.owner.id}/second-factor")).status_code == 303


def test_the_command_resets_the_factors_of_whoever_lost_them(app, browse, world, superuser_sql):
    set_up_app(browse(world.pelmenya.owner))
    run = app.test_cli_runner().invoke
    told = run(args=["reset-factor", world.pelmenya.owner.email])
    assert told.exit_code == 0, told.output
    assert superuser_sql(SINCE, [world.pelmenya.owner.id])[0].second_factor_since is None
    assert "has no second factor" in run(args=["reset-factor", world.pelmenya.owner.email]).output
    assert run(args=["reset-factor", "nobody@nowhere.example"]).exit_code == 1
