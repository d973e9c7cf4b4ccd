"""Messages of a deployment that rests wait in their rows, and leave when it is released."""

import pytest

from portal.http import gate
from tests.messaging.test_sending import CHAT


@pytest.fixture
def resting():
    """``resting(True)`` closes the gate."""
    yield lambda is_closed: gate.govern(lambda: is_closed)
    gate.govern(None)


def test_nothing_is_claimed_while_the_deployment_rests_and_all_of_it_afterwards(traffic, messenger, queued, resting):
    queued(3)
    resting(True)
    assert traffic.dispatcher.claim().messages == ()
    traffic.send()
    assert messenger.sent == []
    assert traffic.states(CHAT) == ["queued"] * 3
    assert {message.attempts for message in traffic.messages(CHAT)} == {0}
    resting(False)
    traffic.send()
    assert messenger.said_to(CHAT) == ["1", "2", "3"]
