"""From a platform's delivery to the message at the platform, over real HTTP on both sides."""

import pytest

from tests.jobs.conftest import eventually
from tests.messaging.test_conversations import BUTTONS

GUESTS = {"telegram": "42", "whatsapp": "79001112233", "viber": "viberguest=="}


@pytest.mark.parametrize("key", GUESTS)
def test_a_person_is_taken_through_the_scenario(traffic, workers, connect_bot, request, key):
    fake = request.getfixturevalue(key)
    traffic.publish(BUTTONS)
    guest = connect_bot(fake).user(GUESTS[key], "Anna")
    workers.start()
    guest.says("hello")
    fake.wait_for(guest, 1)
    assert guest.buttons == ["Tea", "Coffee"]
    guest.presses("Coffee")
    fake.wait_for(guest, 2)
    assert guest.texts == ["Choose", "Enjoy"]
    eventually(lambda: set(traffic.states(GUESTS[key])) <= {"sent", "delivered"})
    dialog = traffic.dialog(GUESTS[key])
    assert (dialog.state, dialog.collected_data["drink"]) == ("finished", "coffee")
    if key != "viber":
        # Viber's receipts are events of another kind than these two have.
        eventually(lambda: key == "telegram" or traffic.states(GUESTS[key]) == ["delivered", "delivered"])
