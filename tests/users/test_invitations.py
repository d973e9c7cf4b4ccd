"""Inviting, the link behind it, and joining."""

import dataclasses
from typing import Any

import pytest
from flask import Flask

from config import MailServer
from portal.users import invitations
from tests.conftest import SECRET_KEY
from tests.world import Chain, World
from tests.world_rows import link_secret

PASSWORD = "seven lanterns on the quay"
INVITED = "SELECT * FROM getinn_ops.invitation WHERE email = %s ORDER BY created_at DESC"
USER = 'SELECT * FROM getinn_ops."user" WHERE email = %s'
JOINING = {"full_name": "Nina New", "password": PASSWORD}


def link_of(invitation_id: Any) -> str:
    return f"/invitation/{link_secret(SECRET_KEY, 'invitation', invitation_id)}"


def newcomer(chain: Chain) -> str:
    return f"newcomer@{chain.marker}.example"


def invite(browser: Any, email: str = "nina@new.example", **fields: Any) -> Any:
    data = {"email": email, "full_name": "Nina", "role": "manager", **fields}
    return browser.post(browser.account("users/invitations/new"), data)


def test_an_invitation_shows_its_link_to_the_owner_who_hands_it_over(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    owner = browse(world.pelmenya.owner)
    answer = invite(owner, "Nina@New.example", restaurant_ids=[str(world.pelmenya.restaurant_id)])
    [row] = superuser_sql(INVITED, ["nina@new.example"])
    assert answer.location == owner.account(f"users/invitations/{row.id}")
    assert link_of(row.id) in owner.get(answer.location).text
    assert link_of(row.id) in owner.get(owner.account("users")).text
    assert (row.role, row.restaurant_ids, row.invited_by_id) == (
        "manager", [world.pelmenya.restaurant_id], world.pelmenya.owner.id,
    )  # fmt: skip
    [event] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'invited'")
    assert event.actor_email == world.pelmenya.owner.email


def test_an_invitation_lives_at_most_72_hours(browse: Any, world: World, superuser_sql: Any) -> None:
    invite(browse(world.pelmenya.owner))
    [row] = superuser_sql(
        "SELECT extract(epoch FROM expires_at - timezone('utc', now())) / 3600 AS hours FROM getinn_ops.invitation"
        " WHERE email = 'nina@new.example'"
    )
    assert 71 < row.hours <= 72


def test_the_stored_hash_does_not_open_the_link(browse: Any, world: World, superuser_sql: Any) -> None:
    [row] = superuser_sql(INVITED, [newcomer(world.pelmenya)])
    assert browse().get(f"/invitation/{bytes(row.token_hash).hex()}").status_code == 404


def test_where_mail_is_configured_the_invitation_is_mailed(
    app: Flask, browse: Any, world: World, superuser_sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MailServer("mail.example", 25, "none", "portal@example.com")
    monkeypatch.setitem(app.config, "PORTAL", dataclasses.replace(app.config["PORTAL"], mail=server))
    invite(browse(world.pelmenya.owner))
    [row] = superuser_sql(INVITED, ["nina@new.example"])
    [job] = superuser_sql("SELECT task_name, args FROM getinn_ops_jobs.procrastinate_jobs")
    assert job.task_name == "deliver_invitation"
    assert job.args == {"invitation_id": str(row.id), "account_id": str(world.pelmenya.account_id)}


def test_a_second_invitation_takes_the_place_of_the_first(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = browse(world.pelmenya.owner)
    invite(owner, newcomer(world.pelmenya), role="viewer")
    newest, oldest = superuser_sql(INVITED, [newcomer(world.pelmenya)])
    assert (newest.role, newest.revoked_at) == ("viewer", None)
    assert oldest.revoked_at is not None
    assert browse().get(link_of(oldest.id)).status_code == 404
    assert browse().get(link_of(newest.id)).status_code == 200


def test_another_chains_invitation_to_the_same_person_stays(browse: Any, world: World) -> None:
    invite(browse(world.vareniki.owner), newcomer(world.pelmenya))
    assert browse().get(link_of(world.pelmenya.invitation_id)).status_code == 200


def test_inviting_somebody_of_another_chain_tells_nothing(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = browse(world.pelmenya.owner)
    for email in (world.vareniki.chef.email, world.superuser.email, "nobody@nowhere.example"):
        answer = invite(owner, email)
        assert answer.status_code == 303
        assert "already" not in owner.get(answer.location).text


def test_somebody_of_this_chain_is_not_invited_again(browse: Any, world: World) -> None:
    for person in (world.pelmenya.chef, world.pelmenya.deactivated):
        answer = invite(browse(world.pelmenya.owner), person.email.upper())
        assert answer.status_code == 422
        assert "among your people already" in answer.text


@pytest.mark.parametrize(
    "fields",
    [
        {"email": ""},
        {"email": "no address"},
        {"email": "a@b\x00.example"},
        {"email": "n\u0456na@new.example"},
        {"email": "nina@n\u0435w.example"},
        {"role": "boss"},
        {"full_name": "x" * 201},
    ],
)
def test_a_faulty_invitation_is_refused_and_kept_on_the_page(browse: Any, world: World, fields: Any) -> None:
    answer = invite(browse(world.pelmenya.owner), **{"email": "nina@new.example", **fields})
    assert answer.status_code == 422
    assert 'class="form card"' in answer.text


def test_a_foreign_restaurant_cannot_be_given_by_invitation(browse: Any, world: World, superuser_sql: Any) -> None:
    answer = invite(browse(world.pelmenya.owner), restaurant_ids=[str(world.vareniki.restaurant_id)])
    assert answer.status_code == 422
    assert superuser_sql(INVITED, ["nina@new.example"]) == []


def test_a_superuser_invites_on_nobodys_behalf(browse: Any, world: World, superuser_sql: Any) -> None:
    answer = invite(browse(world.superuser, visiting=world.pelmenya))
    assert answer.status_code == 303
    [row] = superuser_sql(INVITED, ["nina@new.example"])
    assert row.invited_by_id is None
    assert "You are invited to work in" in browse().get(link_of(row.id)).text


def test_looking_at_an_invitation_tells_who_invites_and_changes_nothing(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    before = superuser_sql(INVITED, [newcomer(world.pelmenya)])
    answer = browse().get(link_of(world.pelmenya.invitation_id))
    for text in (world.pelmenya.name, world.pelmenya.owner.full_name, "Chef", newcomer(world.pelmenya)):
        assert text in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert superuser_sql(INVITED, [newcomer(world.pelmenya)]) == before


def test_accepting_makes_a_member_once_and_signs_in(browse: Any, world: World, superuser_sql: Any) -> None:
    chain, browser = world.pelmenya, browse()
    link = link_of(chain.invitation_id)
    superuser_sql(
        "UPDATE getinn_ops.invitation SET restaurant_ids = %s WHERE id = %s",
        [[chain.restaurant_id, chain.id_of("restaurant", 99), world.vareniki.restaurant_id], chain.invitation_id],
    )
    assert browser.post(link, JOINING).location == "/"
    assert "Nina New" in browser.get("/profile").text
    [user] = superuser_sql(USER, [newcomer(chain)])
    assert (user.account_id, user.role, user.full_name) == (chain.account_id, "chef", "Nina New")
    assigned = superuser_sql("SELECT * FROM getinn_ops.user_restaurant WHERE user_id = %s", [user.id])
    assert [row.restaurant_id for row in assigned] == [chain.restaurant_id]
    assert browse().get(link).status_code == 404
    assert browse().post(link, JOINING).status_code == 404
    [event] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'joined'")
    assert (event.account_id, event.actor_email) == (chain.account_id, newcomer(chain))


def test_what_the_form_says_of_email_and_role_is_ignored(browse: Any, world: World, superuser_sql: Any) -> None:
    forged = {**JOINING, "email": "x@y.example", "role": "owner", "account_id": str(world.vareniki.account_id)}
    browse().post(link_of(world.pelmenya.invitation_id), forged)
    [user] = superuser_sql(USER, [newcomer(world.pelmenya)])
    assert (user.role, user.account_id) == ("chef", world.pelmenya.account_id)
    assert superuser_sql(USER, ["x@y.example"]) == []


def test_an_invitation_limited_to_places_that_are_gone_gives_no_access_to_all(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.invitation SET restaurant_ids = %s WHERE id = %s",
        [[chain.id_of("restaurant", 99)], chain.invitation_id],
    )
    assert browse().post(link_of(chain.invitation_id), JOINING).status_code == 404
    assert superuser_sql(USER, [newcomer(chain)]) == []


@pytest.mark.parametrize("fields", [{"password": "short"}, {"password": "getinn-demo-password"}, {"full_name": " "}])
def test_a_faulty_acceptance_keeps_the_link_good(browse: Any, world: World, fields: dict[str, str]) -> None:
    browser, link = browse(), link_of(world.pelmenya.invitation_id)
    assert browser.post(link, {**JOINING, **fields}).status_code == 422
    assert browser.post(link, JOINING).status_code == 303


def test_an_address_with_access_anywhere_is_sent_to_sign_in(browse: Any, world: World, superuser_sql: Any) -> None:
    for person in (world.vareniki.chef, world.vareniki.deactivated):
        superuser_sql(
            "UPDATE getinn_ops.invitation SET email = %s WHERE id = %s", [person.email, world.pelmenya.invitation_id]
        )
        link = link_of(world.pelmenya.invitation_id)
        for answer in (browse().get(link), browse().post(link, JOINING)):
            assert answer.status_code == 409
            assert "You already have access" in answer.text
            assert person.full_name not in answer.text
    assert (
        superuser_sql('SELECT count(*) AS n FROM getinn_ops."user" WHERE email = %s', [world.vareniki.chef.email])[0].n
        == 1
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE getinn_ops.invitation SET expires_at = timezone('utc', now()) - interval '1 second'",
        "UPDATE getinn_ops.invitation SET revoked_at = timezone('utc', now())",
        "UPDATE getinn_ops.invitation SET accepted_at = timezone('utc', now())",
        "UPDATE getinn_ops.account SET is_active = false",
    ],
)
def test_an_invitation_old_withdrawn_used_or_of_a_closed_chain_is_dead(
    browse: Any, world: World, superuser_sql: Any, change: str
) -> None:
    superuser_sql(change)
    link = link_of(world.pelmenya.invitation_id)
    for answer in (browse().get(link), browse().post(link, JOINING), browse().get(f"/invitation/{'x' * 43}")):
        assert answer.status_code == 404
        assert "no longer good" in answer.text
        assert world.pelmenya.marker not in answer.text


def test_withdrawing_kills_the_link(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = browse(world.pelmenya.owner)
    here = owner.account(f"users/invitations/{world.pelmenya.invitation_id}")
    assert owner.delete(here).location == owner.account("users")
    assert browse().get(link_of(world.pelmenya.invitation_id)).status_code == 404
    page = owner.get(here).text
    assert "Withdrawn" in page
    assert link_of(world.pelmenya.invitation_id) not in page


def test_sending_again_makes_a_new_link(browse: Any, world: World, superuser_sql: Any) -> None:
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    superuser_sql("UPDATE getinn_ops.invitation SET expires_at = timezone('utc', now()) - interval '1 day'")
    answer = owner.post(owner.account(f"users/invitations/{chain.invitation_id}/renewal"))
    newest = superuser_sql(INVITED, [newcomer(chain)])[0]
    assert answer.location == owner.account(f"users/invitations/{newest.id}")
    assert newest.role == "chef"
    assert browse().post(link_of(newest.id), JOINING).status_code == 303
    again = owner.post(owner.account(f"users/invitations/{newest.id}/renewal"))
    assert again.location == owner.account(f"users/invitations/{newest.id}")
    assert len(superuser_sql(INVITED, [newcomer(chain)])) == 2


def test_a_name_keeps_what_is_seen_of_it_alone(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = browse(world.pelmenya.owner)
    invite(owner, full_name="\u200bNi\u200bna\u202e \ufeff")
    invite(owner, "olga@new.example", full_name="\u2060\u200b\u200d")
    [nina] = superuser_sql(INVITED, ["nina@new.example"])
    [olga] = superuser_sql(INVITED, ["olga@new.example"])
    assert (nina.full_name, olga.full_name) == ("Nina", None)


@pytest.mark.parametrize(("limit", "ago"), [("INVITATIONS_PER_HOUR", "59 min"), ("INVITATIONS_PER_DAY", "23 hours")])
def test_a_chain_sends_no_more_invitations_than_a_ceiling_and_loses_nothing_typed(
    browse: Any, world: World, superuser_sql: Any, monkeypatch: pytest.MonkeyPatch, limit: str, ago: str
) -> None:
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    for number in range(2):
        invite(owner, f"nina{number}@new.example")
    superuser_sql(f"UPDATE getinn_ops.invitation SET created_at = timezone('utc', now()) - interval '{ago}'")
    monkeypatch.setattr(invitations, limit, 3)
    answer = invite(owner)
    assert answer.status_code == 422
    assert "no more are sent for now" in answer.text
    assert 'value="nina@new.example"' in answer.text
    renewal = f"users/invitations/{chain.invitation_id}/renewal"
    assert "no more are sent for now" in owner.get(owner.post(owner.account(renewal)).location).text
    assert invite(browse(world.vareniki.owner)).status_code == 303
    superuser_sql("UPDATE getinn_ops.invitation SET created_at = created_at - interval '2 hours'")
    assert invite(owner).status_code == 303


def test_joining_ends_the_session_of_whoever_sat_there_before(browse: Any, world: World, superuser_sql: Any) -> None:
    browser = browse(world.vareniki.owner)
    browser.post(link_of(world.pelmenya.invitation_id), JOINING)
    assert browser.get("/").location == f"/accounts/{world.pelmenya.slug}/"
    left = superuser_sql("SELECT id FROM getinn_ops.user_session WHERE user_id = %s", [world.vareniki.owner.id])
    assert [row.id for row in left] == [world.vareniki.session_id]
