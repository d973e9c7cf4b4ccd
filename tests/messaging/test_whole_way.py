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


BY_LINK = {"hello": {"message": "Hello, {{start_payload}}", "expected_input": {"type": "text", "variable": "name"}}}


@pytest.fixture
def newcomer(viber, traffic, connect_bot):
    """Somebody who comes to the Viber bot for the first time."""
    traffic.publish(BY_LINK)
    return connect_bot(viber).user("viberguest==", "Anna")


@pytest.mark.parametrize("begins", [lambda guest: guest.presses("Begin"), lambda guest: guest.says("hi there")])
def test_a_viber_guest_who_comes_by_a_link_is_greeted_and_the_link_is_kept_for_their_first_word(
    viber, traffic, workers, newcomer, begins
):
    workers.start()
    newcomer.opens("promo")
    viber.wait_for(newcomer, 1)
    assert newcomer.texts == ["Hello! Press “Begin”."]
    assert newcomer.buttons == ["Begin"]
    eventually(lambda: traffic.states("viberguest==") == ["sent"])
    begins(newcomer)
    viber.wait_for(newcomer, 2)
    assert newcomer.texts[1:] == ["Hello, promo"]
    dialog = traffic.dialog("viberguest==")
    assert dialog.collected_data == {"start_payload": "promo"}
    assert "link" not in dialog.engine_state


def test_nothing_is_sent_to_a_viber_guest_who_has_only_looked(viber, traffic, workers, newcomer):
    workers.start()
    newcomer.opens("promo")
    eventually(lambda: traffic.states("viberguest==") == ["sent"])
    assert viber.calls_of("send") == []


def test_a_viber_bot_without_a_live_scenario_greets_nobody(viber, traffic, workers, newcomer, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = false")
    workers.start()
    newcomer.opens("promo")
    eventually(lambda: superuser_sql("SELECT 1 FROM getinn_ops.bot_message WHERE kind = 'opened'"))
    assert newcomer.texts == []
    assert not superuser_sql("SELECT 1 FROM getinn_ops.bot_message WHERE direction = 'out' AND text LIKE 'Hello!%%'")
