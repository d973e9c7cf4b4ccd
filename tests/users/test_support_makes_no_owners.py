"""A support visit makes nobody a holder of the chain's secrets, unless nobody is left to; owners hear of each owner."""

import pytest

from portal.notices.queries import recipients_of
from tests.conftest import SECRET_KEY
from tests.world_rows import link_secret

INVITED = "SELECT id FROM getinn_ops.invitation WHERE email = 'new@somewhere.example' AND account_id = %s"
ROLE = 'SELECT role, is_active FROM getinn_ops."user" WHERE id = %s'
NOTICES = "SELECT kind, parameters FROM getinn_ops.notice WHERE kind = 'owner_added' AND account_id = %s"


@pytest.fixture
def root(browse, world):
    """A superuser who visits the chain."""
    return browse(world.superuser, visiting=world.pelmenya)


@pytest.fixture
def without_owner(world, superuser_sql):
    """The chain's owner is gone."""
    superuser_sql('UPDATE getinn_ops."user" SET is_active = false WHERE id = %s', [world.pelmenya.owner.id])


def invite(browser, role="owner"):
    return browser.post(browser.account("users/invitations/new"), {"email": "new@somewhere.example", "role": role})


def make_owners_invitation(world, superuser_sql):
    superuser_sql("UPDATE getinn_ops.invitation SET role = 'owner' WHERE id = %s", [world.pelmenya.invitation_id])


def test_support_invites_no_owner_but_other_people(root, world, superuser_sql):
    answer = invite(root)
    assert answer.status_code == 422
    assert "Only an owner gives this role" in answer.text
    assert superuser_sql(INVITED, [world.pelmenya.account_id]) == []
    assert invite(root, "chef").status_code == 303


def test_support_promotes_nobody_and_lets_no_owner_in_again(root, world, superuser_sql):
    chain = world.pelmenya
    assert root.post(root.account(f"users/{chain.chef.id}/edit"), {"role": "owner"}).status_code == 422
    superuser_sql("UPDATE getinn_ops.\"user\" SET role = 'owner' WHERE id = %s", [chain.deactivated.id])
    root.post(root.account(f"users/{chain.deactivated.id}/activation"))
    assert superuser_sql(ROLE, [chain.chef.id])[0].role == "chef"
    assert not superuser_sql(ROLE, [chain.deactivated.id])[0].is_active
    superuser_sql("UPDATE getinn_ops.\"user\" SET role = 'manager' WHERE id = %s", [chain.deactivated.id])
    root.post(root.account(f"users/{chain.deactivated.id}/activation"))
    assert superuser_sql(ROLE, [chain.deactivated.id])[0].is_active


def test_support_neither_sees_nor_renews_the_link_that_makes_an_owner(root, browse, world, superuser_sql):
    make_owners_invitation(world, superuser_sql)
    here = root.account(f"users/invitations/{world.pelmenya.invitation_id}")
    secret = link_secret(SECRET_KEY, "invitation", world.pelmenya.invitation_id)
    owner = browse(world.pelmenya.owner)
    assert secret in owner.get(here).text
    assert secret not in root.get(here).text
    assert secret not in root.get("/accounts/pelmenya/edit").text
    answer = root.post(f"{here}/renewal")
    assert answer.status_code == 303
    assert "Only an owner gives this role" in root.get(answer.location).text
    count = "SELECT count(*) AS n FROM getinn_ops.invitation WHERE account_id = %s"
    assert superuser_sql(count, [world.pelmenya.account_id])[0].n == 1


@pytest.mark.usefixtures("without_owner")
def test_where_nobody_owns_the_chain_support_invites_an_owner(root, world, superuser_sql):
    assert invite(root).status_code == 303
    assert len(superuser_sql(INVITED, [world.pelmenya.account_id])) == 1


def test_what_support_offered_is_no_longer_good_once_somebody_owns_the_chain(
    root, browse, world, superuser_sql, without_owner
):
    invite(root)
    [invitation] = superuser_sql(INVITED, [world.pelmenya.account_id])
    link = f"/invitation/{link_secret(SECRET_KEY, 'invitation', invitation.id)}"
    assert browse().get(link).status_code == 200
    superuser_sql('UPDATE getinn_ops."user" SET is_active = true WHERE id = %s', [world.pelmenya.owner.id])
    assert browse().get(link).status_code == 404
    joined = browse().post(link, {"full_name": "Root", "password": "seven lanterns on the quay"})
    assert joined.status_code == 404


def test_owners_are_told_of_whoever_becomes_one(browse, world, superuser_sql):
    chain = world.pelmenya
    owner = browse(chain.owner)
    owner.post(owner.account(f"users/{chain.chef.id}/edit"), {"role": "owner"})
    [notice] = superuser_sql(NOTICES, [chain.account_id])
    assert notice.parameters == {"by": chain.owner.full_name}
    assert f"{chain.chef.full_name} is an owner of your chain now" in owner.get(owner.account("notices")).text
    assert superuser_sql(NOTICES, [world.vareniki.account_id]) == []


def test_owners_are_told_of_whoever_joins_as_one(browse, world, superuser_sql):
    make_owners_invitation(world, superuser_sql)
    secret = link_secret(SECRET_KEY, "invitation", world.pelmenya.invitation_id)
    browse().post(f"/invitation/{secret}", {"full_name": "New", "password": "seven lanterns on the quay"})
    [notice] = superuser_sql(NOTICES, [world.pelmenya.account_id])
    assert notice.parameters == {"by": world.pelmenya.owner.full_name}


def test_every_owner_gets_it_by_mail_whatever_they_chose_and_nobody_else(browse, world, scoped, superuser_sql):
    chain = world.pelmenya
    owner = browse(chain.owner)
    superuser_sql("DELETE FROM getinn_ops.notice_reader")
    superuser_sql("UPDATE getinn_ops.\"user\" SET role = 'owner' WHERE id = %s", [chain.manager.id])
    owner.post(owner.account(f"users/{chain.chef.id}/edit"), {"role": "owner"})
    [notice] = superuser_sql(f"SELECT id FROM ({NOTICES.replace('kind, parameters', '*')}) n", [chain.account_id])
    with scoped(chain.account_id):
        told = {row.email for row in recipients_of(notice.id)}
    assert told == {chain.owner.email, chain.manager.email}
    assert "Somebody became an owner" not in owner.get("/profile/notices").text


def test_the_link_that_makes_an_owner_is_shown_to_whoever_proved_themselves_lately(browse, world, superuser_sql):
    make_owners_invitation(world, superuser_sql)
    owner = browse(world.pelmenya.owner)
    here = owner.account(f"users/invitations/{world.pelmenya.invitation_id}")
    secret = link_secret(SECRET_KEY, "invitation", world.pelmenya.invitation_id)
    assert secret in owner.get(here).text
    superuser_sql("UPDATE getinn_ops.user_session SET confirmed_at = NULL")
    page = owner.get(here).text
    assert secret not in page
    assert f"/profile/confirmation?next={here}" in page
