"""WhatsApp's people are known by their number, by an id, or by both: whichever comes, it is one conversation."""

import json
import threading
from itertools import count

import pytest

from tests.messaging.receiving import samples

USER, PHONE = "RU.77", "79990007777"
numbers = count(1)


@pytest.fixture
def hook(hook_of, world):
    return hook_of(world.pelmenya, "whatsapp")


@pytest.fixture
def says(hook, deliver, traffic):
    """``says("hi", phone, user)``: somebody writes, named by what is given."""

    def say(text, phone=None, user=None, drain=True, to=hook, **message):
        number = next(numbers)
        told = {"id": f"wamid.p{number}", "timestamp": str(samples.DATE + number), "type": "text"} | message
        told |= {"text": {"body": text}} if told["type"] == "text" else {}
        contact = {"profile": {"name": "Анна", "username": "anna"}}
        told |= {key: value for key, value in (("from", phone), ("from_user_id", user)) if value}
        contact |= {key: value for key, value in (("wa_id", phone), ("user_id", user)) if value}
        metadata = {"phone_number_id": to.values["phone_number_id"]}
        value = {"metadata": metadata, "contacts": [contact], "messages": [told]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": [{"value": value}]}]})
        assert deliver(to, body.encode()).status_code == 200
        if drain:
            traffic.drain()

    return say


def said(traffic, chat):
    return [row.text for row in traffic.messages(chat) if row.direction == "in"]


def test_somebody_without_a_number_has_a_conversation_with_their_name(traffic, says):
    says("два", user=USER)
    assert said(traffic, USER) == ["два"]
    assert traffic.dialog(USER).person == {"name": "Анна", "username": "anna"}
    assert traffic.dialog(USER).last_inbound_at is not None


def test_whoever_was_known_by_both_is_found_by_the_id_alone(traffic, says):
    says("раз", PHONE, USER)
    says("два", user=USER)
    says("три", PHONE, USER)
    assert said(traffic, PHONE) == ["раз", "два", "три"]
    assert traffic.dialog(USER) is None


def test_whoever_was_known_by_the_id_stays_in_that_conversation(traffic, says):
    says("раз", user=USER)
    says("два", PHONE, USER)
    assert said(traffic, USER) == ["раз", "два"]
    assert traffic.dialog(PHONE) is None


def test_of_one_delivery_with_both_and_with_the_id_alone_all_is_one_conversation(hook, deliver, traffic):
    told = [
        {"id": "wamid.b1", "from": PHONE, "from_user_id": USER, "timestamp": "1760000001", "type": "text"},
        {"id": "wamid.b2", "from_user_id": USER, "timestamp": "1760000002", "type": "text"},
    ]
    messages = [each | {"text": {"body": f"word {place}"}} for place, each in enumerate(told)]
    value = {"metadata": {"phone_number_id": hook.values["phone_number_id"]}, "messages": messages}
    assert deliver(hook, json.dumps({"entry": [{"changes": [{"value": value}]}]}).encode()).status_code == 200
    traffic.drain()
    assert said(traffic, PHONE) == ["word 0", "word 1"]


def test_two_deliveries_at_the_same_moment_meet_in_one_conversation(traffic, says, inbox):
    for place in range(6):
        user, phone = f"RU.9{place}", f"7999000{place:04}"
        both = [
            threading.Thread(target=says, args=("a", phone, user), kwargs={"drain": False}),
            threading.Thread(target=says, args=("b", None, user), kwargs={"drain": False}),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        chats = {row.chat_id for row in inbox() if user in row.payload}
        assert chats in ({user}, {phone})


def test_an_id_means_nobody_to_another_bot(traffic, says, hook_of, world, superuser_sql):
    says("раз", PHONE, USER)
    says("два", user=USER, to=hook_of(world.vareniki, "whatsapp"))
    others = superuser_sql(
        "SELECT platform_chat_id FROM getinn_ops.bot_inbound_update u JOIN getinn_ops.bot_dialog_state d"
        " ON d.account_id = u.account_id AND d.platform_chat_id = u.chat_id WHERE u.account_id = %s"
        " AND u.payload LIKE %s",
        [world.vareniki.account_id, f"%{USER}%"],
    )
    assert [row.platform_chat_id for row in others] == [USER]
    assert said(traffic, PHONE) == ["раз"]


def test_a_receipt_that_names_the_id_is_applied(traffic, says, hook, deliver):
    says("раз", user=USER)
    traffic.send()
    (sent,) = [row for row in traffic.messages(USER) if row.direction == "out"]
    status = {"id": sent.platform_message_id, "status": "read", "timestamp": "1", "recipient_user_id": USER}
    value = {"metadata": {"phone_number_id": hook.values["phone_number_id"]}, "statuses": [status]}
    deliver(hook, json.dumps({"entry": [{"changes": [{"value": value}]}]}).encode())
    traffic.drain()
    assert traffic.states(USER) == ["read"]


def test_a_new_number_takes_the_conversation_along(traffic, says):
    says("раз", PHONE, USER)
    changed = {"type": "user_changed_number", "wa_id": "79995550000", "user_id": "RU.78", "previous_user_id": USER}
    says("", PHONE, None, type="system", system=changed | {"body": "Анна changed"})
    says("два", "79995550000", "RU.78")
    says("три", user="RU.78")
    assert said(traffic, "79995550000") == ["раз", "Анна changed", "два", "три"]
    assert traffic.dialog(PHONE) is None


def test_a_new_id_of_somebody_without_a_number_takes_it_along(traffic, says):
    says("раз", user=USER)
    changed = {"type": "user_changed_user_id", "user_id": "RU.78", "previous_user_id": USER, "body": "changed"}
    says("", None, USER, type="system", system=changed)
    says("два", user="RU.78")
    assert said(traffic, "RU.78") == ["раз", "changed", "два"]
