"""Status machines: declared moves, guarded, recorded, and refused with a sentence."""

import pytest

from portal.accounts.models import Account
from portal.channels.models import BotPlatformCredential
from portal.channels.states import ChannelState
from portal.db.base import db
from portal.db.records import Archival
from portal.db.states import Activation, MoveRefused, Stateful
from portal.stores.models import Store
from portal.users.invitations import Invitation, InvitationState
from portal.users.models import User


def machines(kind=Stateful):
    for each in kind.__subclasses__():
        yield from machines(each)
        if hasattr(each, "__tablename__"):
            yield each


@pytest.fixture
def within(scoped, world):
    with scoped(world.pelmenya.account_id):
        yield world.pelmenya


@pytest.fixture
def lines(superuser_sql):
    """What the log says of a row."""

    def read(row):
        db.session.commit()
        return [
            event.action
            for event in superuser_sql(
                "SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s"
                " AND at > timezone('utc', now()) - interval '1 minute' ORDER BY at",
                [row.id],
            )
        ]

    return read


def test_what_is_archived_connected_invited_and_switched_is_a_machine():
    names = {each.__tablename__ for each in machines()}
    assert names >= {
        "account",
        "account_integration_credentials",
        "bot_instance",
        "bot_media",
        "bot_platform_credential",
        "invitation",
        "restaurant",
        "store",
        "user",
    }


@pytest.mark.parametrize("machine", list(machines()), ids=lambda machine: machine.__tablename__)
def test_every_move_of_a_machine_leads_to_a_declared_state_with_a_label(machine):
    from portal.audit.models import Action

    for former, moves in machine.__moves__.items():
        for target, action in moves.items():
            assert str(former.label)
            assert str(target.label)
            assert action is None or Action(action)


def test_a_move_is_made_and_told_once(within, lines):
    store = db.session.get(Store, within.store_id)
    assert store.state == Archival.ACTIVE
    assert store.transition(Archival.ARCHIVED)
    assert not store.transition(Archival.ARCHIVED)
    assert store.state == Archival.ARCHIVED
    assert not store.is_active
    assert lines(store) == ["archived"]


def test_a_move_that_is_not_declared_is_refused_in_words_and_changes_nothing(within, lines):
    invitation = db.session.get(Invitation, within.invitation_id)
    invitation.withdraw()
    invitation.withdraw()
    with pytest.raises(MoveRefused) as refusal:
        invitation.transition(InvitationState.ACCEPTED)
    assert str(refusal.value.reason) == "newcomer@zqpelmenya.example: from “Withdrawn” no way leads to “Joined”."
    assert invitation.accepted_at is None
    assert lines(invitation) == ["invitation_revoked"]


def test_a_platform_that_was_disconnected_is_never_switched_on_again(within, lines):
    credential = db.session.get(BotPlatformCredential, within.viber_id)
    credential.disconnect()
    credential.disconnect()
    assert credential.state == ChannelState.DISCONNECTED
    assert not credential.is_active
    with pytest.raises(MoveRefused):
        credential.transition(ChannelState.ON)
    assert lines(credential) == ["disconnected"]


def test_a_guard_is_asked_before_anything_changes(within, lines):
    owner = db.session.get(User, within.owner.id)
    with pytest.raises(MoveRefused) as refusal:
        owner.deactivate()
    assert "at least one active owner" in str(refusal.value.reason)
    assert owner.state == Activation.ON
    assert lines(owner) == []


def test_a_chain_is_closed_and_opened_by_the_same_moves(within, lines):
    account = db.session.get(Account, within.account_id)
    assert account.deactivate()
    assert account.activate()
    assert not account.activate()
    assert lines(account) == ["deactivated", "activated"]


def test_a_refused_move_is_told_on_the_page_and_nothing_of_the_request_is_kept(world, browse, superuser_sql):
    owner = browse(world.pelmenya.owner)
    superuser_sql(
        "UPDATE getinn_ops.invitation SET accepted_at = timezone('utc', now()) WHERE id = %s",
        [world.pelmenya.invitation_id],
    )
    answer = owner.delete(owner.account(f"users/invitations/{world.pelmenya.invitation_id}"))
    assert answer.status_code == 303
    page = owner.get(answer.location)
    assert page.status_code == 200
    assert "from “Joined” no way leads to “Withdrawn”" in page.text
    assert (
        superuser_sql("SELECT 1 FROM getinn_ops.invitation WHERE revoked_at IS NOT NULL AND accepted_at IS NOT NULL")
        == []
    )


def test_an_invitation_that_another_takes_the_place_of_is_withdrawn_in_the_log(world, browse, superuser_sql):
    owner = browse(world.pelmenya.owner)
    owner.post(owner.account(f"users/invitations/{world.pelmenya.invitation_id}/renewal"))
    found = superuser_sql(
        "SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at", [world.pelmenya.invitation_id]
    )
    assert [event.action for event in found] == ["invitation_revoked"]
