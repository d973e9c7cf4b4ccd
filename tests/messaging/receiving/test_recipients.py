"""One callback of an owner's app serves several numbers: each gets what is its own, proved by its own secret."""

import json

import pytest

from bench.deliveries import whatsapp_entry
from tests.messaging.receiving.conftest import whatsapp_values

SAME_SECRET, OTHER_SECRET = "ab"


@pytest.fixture
def addressed(hook_of, world):
    return hook_of(world.pelmenya, "whatsapp")


@pytest.fixture
def another(connect_platform, world):
    def connect(chain, number, secret, live=True):
        row_id = chain.id_of("bot_platform_credential", 8)
        values = whatsapp_values(number, secret)
        return connect_platform(chain, row_id, "whatsapp", values, bot_id=chain.archived_bot_id, live=live)

    return connect


def batch(*parts):
    entries = [whatsapp_entry(number, text, chat, values) for number, text, chat, values in parts]
    return json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()


def stored(inbox):
    return {(row.credential_id, row.chat_id) for row in inbox()}


def test_each_number_of_the_account_gets_its_own_part(addressed, another, deliver, inbox, world, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_instance SET is_active = true")
    other = another(world.pelmenya, "555555555555", SAME_SECRET)
    body = batch((1, "a", 71, addressed.values), (2, "b", 72, other.values), (3, "c", 73, addressed.values))
    assert deliver(addressed, body).status_code == 200
    assert stored(inbox) == {
        (addressed.credential_id, "71"),
        (other.credential_id, "72"),
        (addressed.credential_id, "73"),
    }
    assert {row.state for row in inbox()} == {"pending"}
    assert {row.bot_id for row in inbox()} == {world.pelmenya.bot_id, world.pelmenya.archived_bot_id}
    deliver(other, body)
    assert len(inbox()) == 3


def test_a_number_that_is_off_gets_its_part_as_ignored(addressed, another, deliver, inbox, world):
    other = another(world.pelmenya, "555555555555", SAME_SECRET, live=False)
    assert deliver(addressed, batch((2, "b", 72, other.values))).status_code == 200
    assert [(row.credential_id, row.state) for row in inbox()] == [(other.credential_id, "ignored")]


def test_the_part_of_a_number_whose_own_secret_does_not_prove_it_is_dropped(addressed, another, deliver, inbox, world):
    other = another(world.pelmenya, "555555555555", OTHER_SECRET)
    body = batch((1, "a", 71, addressed.values), (2, "b", 72, other.values))
    assert deliver(addressed, body).status_code == 200
    assert stored(inbox) == {(addressed.credential_id, "71")}


def test_nothing_reaches_the_number_of_another_chain(addressed, another, deliver, inbox, world):
    foreign = another(world.vareniki, "555555555555", SAME_SECRET)
    body = batch((1, "a", 71, addressed.values), (2, "b", 72, foreign.values))
    assert deliver(addressed, body).status_code == 200
    assert stored(inbox) == {(addressed.credential_id, "71")}


def test_the_part_of_a_number_that_nobody_has_is_dropped(addressed, deliver, inbox):
    body = batch((1, "a", 71, {"phone_number_id": "999999999999"}))
    assert deliver(addressed, body).status_code == 200
    assert inbox() == []


def test_a_number_is_also_known_by_what_the_platform_said_of_it(
    addressed, another, deliver, inbox, world, superuser_sql
):
    other = another(world.pelmenya, "555555555555", SAME_SECRET)
    superuser_sql(
        "INSERT INTO getinn_ops.bot_connection (account_id, bot_id, credential_id, external_id)"
        " VALUES (%s, %s, %s, %s)",
        [world.pelmenya.account_id, world.pelmenya.archived_bot_id, other.credential_id, "555555555555"],
    )
    assert deliver(addressed, batch((2, "b", 72, other.values))).status_code == 200
    assert stored(inbox) == {(other.credential_id, "72")}


def test_a_delivery_of_thousands_of_messages_is_stored_whole_in_its_order(addressed, deliver, inbox):
    body = batch(*((number, f"n{number}", 71, addressed.values) for number in range(3000)))
    assert deliver(addressed, body).status_code == 200
    keys = [row.dedupe_key for row in inbox()]
    assert len(keys) == 3000
    assert [int(key.rpartition(".")[2]) for key in keys] == list(range(3000))


def test_the_address_is_proved_to_the_platform_that_asks_with_the_owners_word(addressed, app):
    client = app.test_client()
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": addressed.values["verify_token"],
        "hub.challenge": "1158201444",
    }
    answer = client.get(addressed.path, query_string=asked)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "1158201444", "text/plain")
    refused = [
        client.get(addressed.path, query_string=asked | {"hub.verify_token": "wrong"}),
        client.get(addressed.path, query_string=asked | {"hub.mode": "unsubscribe"}),
        client.get(addressed.path),
        client.get(addressed.path.replace("9e1e", "0000"), query_string=asked),
        client.get(addressed.path.replace("whatsapp", "nowhere"), query_string=asked),
    ]
    assert {(each.status_code, each.data) for each in refused} == {(403, b"403\n")}
