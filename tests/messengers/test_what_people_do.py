"""What a person does at the platform, as the portal understands it."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.messaging.events import (
    Blocked,
    Edited,
    FileKind,
    MessageState,
    Opened,
    Person,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unblocked,
    Unsupported,
    UpdateKind,
)
from portal.messengers.errors import CredentialsRefused, Rejected
from tests.fakes import NotOffered
from tests.messengers.conftest import saying


@pytest.fixture
def listening(stage):
    stage.listen()
    return stage


def test_a_text_comes_with_the_person_and_the_moment(listening):
    update, inbound = listening.hear(listening.guest.says("Привет"))
    assert (update.kind, update.chat_id) == (UpdateKind.MESSAGE, listening.chat_id)
    assert inbound.event == Typed("Привет")
    assert inbound.person.name == "Anna Petrova"
    assert inbound.message_ref == listening.guest.transcript[-1].id
    assert abs(inbound.sent_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_later_messages_stand_later(listening):
    first, _ = listening.hear(listening.guest.says("раз"))
    listening.fake.pass_time(seconds=2)
    second, _ = listening.hear(listening.guest.says("два"))
    assert 0 < first.position < second.position
    assert first.dedupe_key != second.dedupe_key


def test_a_repeated_delivery_has_the_same_key(listening):
    listening.fake.deliveries.duplicate()
    listening.guest.says("раз").wait()
    with listening.changed:
        assert listening.changed.wait_for(lambda: len(listening.heard) == 2, 10)
        keys = {update.dedupe_key for update in listening.heard}
    assert len(keys) == 1


def test_a_photo_without_words_is_a_file(listening):
    data = b"\xff\xd8\xff" + b"photo" * 50
    _, inbound = listening.hear(listening.guest.sends_file("photo.jpg", data, "image/jpeg"))
    event = inbound.event
    assert isinstance(event, SentFile)
    assert (event.kind, event.caption) == (FileKind.IMAGE, "")
    fetched = listening.adapter.inbound.fetch(listening.call, event.reference, 10_000)
    assert fetched.data == data


def test_a_document_keeps_its_name(listening):
    event = listening.guest.sends_file("Медкнижка.pdf", b"%PDF-1.7", "application/pdf")
    _, inbound = listening.hear(event)
    assert (inbound.event.kind, inbound.event.name) == (FileKind.DOCUMENT, "Медкнижка.pdf")


@pytest.mark.parametrize("kind", [FileKind.VIDEO, FileKind.VOICE, FileKind.AUDIO, FileKind.ANIMATION])
def test_other_files_are_told_apart_where_the_platform_does(telegram, kind):
    telegram.listen()
    _, inbound = telegram.hear(telegram.guest.sends_file("f", b"data", "video/mp4", kind=kind.value, caption="вот"))
    assert (inbound.event.kind, inbound.event.caption) == (kind, "вот")


def test_a_file_beyond_the_cap_is_refused_while_it_is_read(listening):
    _, inbound = listening.hear(listening.guest.sends_file("a.pdf", b"x" * 5000, "application/pdf"))
    with pytest.raises(Rejected) as refused:
        listening.adapter.inbound.fetch(listening.call, inbound.event.reference, 4999)
    assert refused.value.code == "file_too_large"


def test_a_file_that_is_gone_is_no_fault_of_the_credentials(stage):
    address = f"{stage.fake.base_url}/files/gone" if stage.key == "viber" else "123456789012345"
    with pytest.raises(Rejected) as refused:
        stage.adapter.inbound.fetch(stage.call, address, 100)
    assert refused.value.code == "file_unknown"
    assert not isinstance(refused.value, CredentialsRefused)


def test_ones_own_contact_is_vouched_for_where_the_platform_can(listening):
    phone = f"+{listening.chat_id}" if listening.key == "whatsapp" else "+79991112233"
    _, own = listening.hear(listening.guest.shares_contact(phone))
    _, other = listening.hear(listening.guest.shares_contact("+79990001122", "Boris", own=False))
    assert own.event.phone.lstrip("+") == phone.lstrip("+")
    assert own.event.is_own is (listening.key != "viber")
    assert isinstance(other.event, SharedContact)
    assert (other.event.is_own, other.event.name) == (False, "Boris")


def test_a_place_comes_in_degrees(listening):
    _, inbound = listening.hear(listening.guest.shares_location(59.9343, 30.3351))
    assert inbound.event == SharedLocation(59.9343, 30.3351)


def test_a_sticker_is_nothing_that_a_scenario_asks_for(listening):
    _, inbound = listening.hear(listening.guest.sends_sticker())
    assert inbound.event == Unsupported("sticker", "👍" if listening.key == "telegram" else "")


def test_an_edit_names_what_was_edited(telegram):
    telegram.listen()
    said = telegram.guest.says("Ана")
    telegram.hear(said)
    update, inbound = telegram.hear(telegram.guest.edits(said, "Анна"))
    assert update.kind is UpdateKind.EDITED
    assert inbound.event == Edited(telegram.guest.transcript[-1].id, "Анна")


def test_blocking_and_coming_back_are_told_where_the_platform_tells(listening):
    event = listening.guest.blocks()
    if event is None:
        assert listening.key == "whatsapp"
        return
    update, inbound = listening.hear(event)
    assert (update.kind, update.chat_id, inbound.event) == (UpdateKind.BLOCKED, listening.chat_id, Blocked())
    update, inbound = listening.hear(listening.guest.unblocks())
    assert update.chat_id == listening.chat_id
    assert inbound.event in (Unblocked(), Opened())


def test_a_deep_link_brings_its_payload(listening):
    if listening.key == "viber":
        listening.guest.says("hello").wait()
    _, inbound = listening.hear(listening.guest.opens("kitchen-7"))
    assert inbound.event == (Opened("kitchen-7") if listening.key == "viber" else Typed("/start kitchen-7"))


def test_who_only_looked_in_cannot_be_answered_yet_and_brings_what_the_link_said(viber):
    stranger = viber.fake.user("stranger==", name="Boris")
    update, inbound = viber.hear(stranger.opens("kitchen-7"))
    assert (update.kind, update.chat_id) == (UpdateKind.OPENED, "stranger==")
    assert inbound.event == Opened("kitchen-7", can_be_answered=False)
    update, inbound = viber.hear(stranger.subscribes())
    assert (update.kind, inbound.event) == (UpdateKind.OPENED, Opened())


def test_receipts_name_the_message_and_how_far_it_came(listening):
    if listening.key == "telegram":
        with pytest.raises(NotOffered):
            listening.guest.subscribes()
        return
    listening.fake.receipts = ()
    sent = listening.send(saying("привет"), row_id="row-7")
    update, inbound = listening.hear(listening.guest.reads()[0])
    assert (update.kind, update.chat_id) == (UpdateKind.RECEIPT, listening.chat_id)
    assert (inbound.event.message_ref, inbound.event.state) == (sent.message_ref, MessageState.READ)
    assert inbound.event.row_id == ("row-7" if listening.key == "whatsapp" else None)


def test_one_delivery_may_hold_messages_of_several_numbers(whatsapp):
    whatsapp.listen()
    other_number = whatsapp.fake.bot("100000000000777")
    whatsapp.fake.set_app_callback(whatsapp.address, whatsapp.values["verify_token"])
    whatsapp.adapter.webhook.remove_webhook(whatsapp.call)
    other = whatsapp.fake.user("79995556677", bot=other_number)
    with whatsapp.fake.deliveries.held(batch=10):
        events = [whatsapp.guest.says("раз"), other.says("чужое"), whatsapp.guest.says("два")]
    for event in events:
        event.wait()
    with whatsapp.changed:
        assert whatsapp.changed.wait_for(lambda: len(whatsapp.heard) == 3, 10)
        found = {(update.route, update.chat_id) for update in whatsapp.heard}
    assert found == {(None, whatsapp.chat_id), ("100000000000777", "79995556677")}


def test_polling_asks_for_what_came_since(telegram):
    updates, offset = telegram.adapter.poll(telegram.call, None, 0)
    assert [telegram.adapter.inbound.read_event(each.payload, each.kind).event for each in updates] == [Typed("hello")]
    assert offset == updates[0].position + 1
    telegram.guest.says("ещё")
    updates, later = telegram.adapter.poll(telegram.call, offset, 0)
    assert [telegram.adapter.inbound.read_event(each.payload, each.kind).event for each in updates] == [Typed("ещё")]
    assert telegram.adapter.poll(telegram.call, later, 0) == ([], later)


def test_polling_beside_a_webhook_is_a_conflict(telegram):
    telegram.listen()
    with pytest.raises(Rejected) as refused:
        telegram.adapter.poll(telegram.call, None, 0)
    assert refused.value.code == "polling_conflict"


def test_what_happens_in_groups_runs_no_dialog(telegram):
    payload = {
        "update_id": 9,
        "message": {"message_id": 1, "date": 1, "text": "hi", "chat": {"id": -5, "type": "group"}, "from": {"id": 42}},
    }
    update = telegram.adapter.inbound.read_updates(payload, telegram.values)[0]
    assert (update.kind, update.chat_id) == (UpdateKind.UNKNOWN, None)
    assert update.dedupe_key == "100200300:9"


def test_two_bots_with_the_same_numbers_of_updates_are_told_apart(telegram):
    other = telegram.values | {"token": "999888777" + telegram.values["token"][9:]}
    keys = {
        telegram.adapter.inbound.read_updates({"update_id": 9}, values)[0].dedupe_key
        for values in (telegram.values, other)
    }
    assert len(keys) == 2


def test_a_person_is_known_by_name_user_name_and_language(telegram):
    telegram.listen()
    someone = telegram.fake.user("77", name="Boris Orlov", username="boris", language="en")
    _, inbound = telegram.hear(someone.says("hi"))
    assert inbound.person == Person("Boris Orlov", "boris", "en")


def test_more_cards_than_a_line_holds_end_in_a_mark(whatsapp):
    cards = [
        {"name": {"formatted_name": f"Person {number}"}, "phones": [{"phone": "+79990001122"}]} for number in range(900)
    ]
    message = {"id": "wamid.1", "from": "79990001122", "type": "contacts", "contacts": cards}
    delivery = {"entry": [{"changes": [{"value": {"messages": [message]}}]}]}
    (update,) = whatsapp.adapter.inbound.read_updates(delivery, whatsapp.values)
    told = whatsapp.adapter.inbound.read_event(update.payload, update.kind).event.told
    assert told.startswith("Person 0\n+79990001122\nPerson 1\n")
    assert (len(told), told[-1]) == (8000, "…")
