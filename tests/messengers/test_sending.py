import dataclasses

import pytest
from werkzeug.wrappers import Response

from portal.messaging.events import (
    Attachment,
    ButtonRequest,
    FileKind,
    MessageState,
    OutgoingMessage,
    TextSpan,
    Typed,
    UpdateKind,
)
from portal.messengers.calls import Calls
from portal.messengers.errors import (
    CredentialsRefused,
    OutsideWindow,
    PersonBlocked,
    Rejected,
    Throttled,
    Unavailable,
    Unclear,
)
from portal.messengers.results import OutgoingFile
from tests.fakes.serving import Server
from tests.messengers.conftest import saying

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20
PDF = b"%PDF-1.7 " + b"x" * 100
LOOKS = {
    "telegram": "Добро <b>пожаловать</b>, &lt;i&gt;Анна&lt;/i&gt; &amp; Ко",
    "whatsapp": "Добро *пожаловать*, <i>Анна</i> & Ко",
    "viber": "Добро *пожаловать*, <i>Анна</i> & Ко",
}


def file(data=PNG, content_type="image/png", name="menu.png", **more):
    reads = []

    def read():
        reads.append(name)
        return data

    ending = content_type.partition("/")[2]
    more.setdefault("public_url", f"https://portal.example/media/signed.{ending}")
    found = OutgoingFile(read, name, content_type, len(data), **more)
    return found, reads


def attached(kind, text=""):
    return saying(text, attachment=Attachment(kind, "menu"))


def test_an_authors_markup_counts_and_a_persons_does_not(stage):
    said = OutgoingMessage((TextSpan("Добро <b>пожаловать</b>, "), TextSpan("<i>Анна</i> & Ко", typed=True)))
    sent = stage.send(said)
    call = stage.fake.calls_of("send")[-1]
    text = call.values["text"]
    assert (text["body"] if isinstance(text, dict) else text) == LOOKS[stage.key]
    assert sent.message_ref == stage.guest.last.id


def test_a_pressed_button_comes_back_with_its_marker(stage):
    stage.listen()
    sent = stage.send(saying("Готовы?", "Да", "Нет"))
    assert stage.guest.buttons == ["Да", "Нет"]
    update, inbound = stage.hear(stage.guest.presses("Нет"))
    assert update.kind is UpdateKind.PRESS
    assert update.chat_id == stage.chat_id
    assert inbound.event.marker == "1.1"
    if stage.key != "viber":
        assert inbound.event.label == "Нет"
        assert inbound.event.message_ref == sent.message_ref


def test_what_a_button_carries_cannot_be_typed(stage):
    stage.listen()
    stage.send(saying("Готовы?", "Да"))
    carried = stage.guest.last.buttons[0].value
    other = stage.fake.user(stage.chat_id.replace("42", "43"), name="Boris")
    for text in ("1.0", carried) if stage.key != "viber" else ("1.0", "1.0~" + "0" * 20, carried.replace("1.0", "1.1")):
        update, inbound = stage.hear(stage.guest.says(text))
        assert (update.kind, inbound.event) == (UpdateKind.MESSAGE, Typed(text))
    update, inbound = stage.hear(other.says(carried))
    assert (update.kind, inbound.event) == (UpdateKind.MESSAGE, Typed(carried))


def test_a_press_is_acknowledged_once_and_a_second_time_does_no_harm(telegram):
    telegram.listen()
    telegram.send(saying("Готовы?", "Да"))
    _, inbound = telegram.hear(telegram.guest.presses("Да"))
    for _ in range(2):
        telegram.adapter.outbound.acknowledge(telegram.call, inbound.event.callback, "Это меню устарело")
    assert [ack.text for ack in telegram.fake.acks] == ["Это меню устарело"]


def test_platforms_without_acknowledgements_are_asked_for_none(whatsapp):
    whatsapp.adapter.outbound.acknowledge(whatsapp.call, None, "text")
    assert whatsapp.fake.calls_of("acknowledge") == []


@pytest.mark.parametrize("count", [1, 3, 4, 10, 11, 25, 30])
def test_every_button_of_a_long_menu_arrives(stage, count):
    labels = [f"Блюдо номер {number}" for number in range(count)]
    stage.send(saying("Выберите", *labels))
    said = [button.label for message in stage.guest.messages for button in message.buttons]
    if stage.key == "viber":
        # Of several keyboards only the last one would be shown.
        assert len(stage.guest.messages) == 1
        said += [line.removeprefix("• ") for line in stage.guest.last.text.splitlines() if line.startswith("• ")]
    assert said == labels


@pytest.mark.parametrize(("label", "shown"), [("Длинное название блюда номер", 12), ("Блюдо", 24)])
def test_no_keyboard_has_more_rows_than_are_shown_and_the_rest_can_be_typed(viber, label, shown):
    labels = [f"{label} {number}" for number in range(30)]
    viber.send(saying("Выберите", *labels))
    assert [button.label for button in viber.guest.last.buttons] == labels[:shown]
    assert "Или напишите" in viber.guest.last.text
    assert all(each in viber.guest.last.text for each in labels[shown:])
    assert sum(each["Columns"] for each in viber.fake.calls_of("send")[-1].values["keyboard"]["Buttons"]) <= 12 * 6


def test_long_labels_are_read_in_full(stage):
    labels = [f"{number}: " + "очень длинное название блюда, " * 3 for number in range(4)]
    stage.send(saying("Выберите", *labels))
    said = "\n".join(
        f"{message.text}\n" + "\n".join(button.label + button.description for button in message.buttons)
        for message in stage.guest.messages
    )
    assert all(label.strip() in said for label in labels)


def test_a_text_longer_than_a_message_arrives_whole_and_its_buttons_last(stage):
    words = " ".join(f"слово{number}" for number in range(3000))
    stage.send(saying(words, "Дальше"))
    assert " ".join(stage.guest.texts).split() == words.split()
    assert [len(message.buttons) for message in stage.guest.messages][-1] == 1
    assert sum(len(message.buttons) for message in stage.guest.messages) == 1


@pytest.mark.parametrize("button_request", list(ButtonRequest))
def test_a_platforms_own_button_shares_phone_or_place(stage, button_request):
    stage.listen()
    stage.send(saying("Где вы? Ваш номер?", button_request=button_request))
    shares = [button.kind for button in stage.guest.last.buttons]
    wanted = {ButtonRequest.PHONE: "contact", ButtonRequest.LOCATION: "location"}[button_request]
    assert shares == ([] if stage.key == "whatsapp" and button_request is ButtonRequest.PHONE else [wanted])


def test_an_answer_to_a_message_is_shown_below_it(stage):
    asked = next(message for message in stage.guest.transcript if not message.is_from_bot)
    stage.send(saying("ответ"), reply_to=asked.id)
    assert stage.guest.last.reply_to == (None if stage.key == "viber" else asked.id)


def test_a_file_is_uploaded_once_and_then_named(stage):
    first, reads = file()
    sent = stage.send(attached(FileKind.IMAGE, "Наше меню"), first)
    assert stage.guest.last.file.kind == "image"
    assert stage.guest.last.text == "Наше меню"
    if stage.key == "viber":
        assert (sent.file_ref, reads) == (None, [])
        assert stage.guest.last.file.url == first.public_url
        return
    assert stage.guest.last.file.data == PNG
    again, reads = file(platform_file_id=sent.file_ref)
    assert stage.send(attached(FileKind.IMAGE), again).file_ref == sent.file_ref
    assert (reads, stage.guest.last.file.data) == ([], PNG)


def test_an_upload_that_the_platform_forgot_is_made_again(stage):
    gone, reads = file(platform_file_id="AgAC-long-gone")
    sent = stage.send(attached(FileKind.IMAGE), gone)
    assert len(stage.guest.messages) == 1
    assert reads == ([] if stage.key == "viber" else ["menu.png"])
    assert sent.file_ref != "AgAC-long-gone"


GOES_AS = [
    (FileKind.IMAGE, "image/png", {"telegram": "image", "whatsapp": "image", "viber": "image"}),
    (FileKind.IMAGE, "image/svg+xml", {"telegram": "document", "whatsapp": None, "viber": "document"}),
    (FileKind.VIDEO, "video/mp4", {"telegram": "video", "whatsapp": "video", "viber": "video"}),
    (FileKind.ANIMATION, "image/gif", {"telegram": "animation", "whatsapp": None, "viber": "document"}),
    (FileKind.AUDIO, "audio/mpeg", {"telegram": "audio", "whatsapp": "audio", "viber": "document"}),
    (FileKind.VOICE, "audio/ogg", {"telegram": "voice", "whatsapp": "audio", "viber": "document"}),
    (FileKind.DOCUMENT, "application/pdf", {"telegram": "document", "whatsapp": "document", "viber": "document"}),
]


@pytest.mark.parametrize(("kind", "content_type", "expected"), GOES_AS, ids=[each[1] for each in GOES_AS])
def test_a_file_goes_as_the_platform_can_and_its_words_are_not_lost(stage, kind, content_type, expected):
    sent_file, _ = file(content_type=content_type, name="file.bin")
    stage.send(attached(kind, "Слова к файлу"), sent_file)
    kinds = [message.file.kind for message in stage.guest.messages if message.file]
    assert kinds == ([expected[stage.key]] if expected[stage.key] else [])
    link = "" if expected[stage.key] else f"\n\n{sent_file.public_url}"
    assert [text for text in stage.guest.texts if text] == ["Слова к файлу" + link]


NOT_TAKEN = [
    "image/gif", "image/webp", "image/heic", "video/quicktime", "video/webm", "audio/wav", "audio/flac",
    "application/zip", "application/rtf", "application/vnd.oasis.opendocument.text",
]  # fmt: skip


@pytest.mark.parametrize("content_type", NOT_TAKEN)
def test_what_whatsapp_does_not_take_is_not_uploaded_and_words_and_address_go(whatsapp, content_type):
    sent_file, reads = file(content_type=content_type)
    sent = whatsapp.send(attached(FileKind.DOCUMENT, "Слова"), sent_file)
    assert (reads, sent.file_ref, whatsapp.guest.texts) == ([], None, [f"Слова\n\n{sent_file.public_url}"])
    assert not whatsapp.adapter.takes(content_type, sent_file.size)


@pytest.mark.parametrize(
    ("content_type", "most"), [("image/png", 5), ("video/mp4", 16), ("audio/mpeg", 16), ("application/pdf", 100)]
)
def test_the_size_that_whatsapp_takes_depends_on_the_type(whatsapp, content_type, most):
    assert whatsapp.adapter.takes(content_type, most * 1024 * 1024)
    assert not whatsapp.adapter.takes(content_type, most * 1024 * 1024 + 1)


def test_a_file_that_is_not_taken_and_has_neither_words_nor_address_is_refused(whatsapp):
    hidden, _ = file(content_type="image/gif", public_url=None)
    with pytest.raises(Rejected) as refused:
        whatsapp.send(attached(FileKind.ANIMATION), hidden)
    assert refused.value.code == "file_type_refused"
    whatsapp.send(attached(FileKind.ANIMATION, "Слова"), hidden)
    assert whatsapp.guest.texts == ["Слова"]


@pytest.mark.parametrize(
    ("name", "told"), [("a.doc", "msword"), ("a.xls", "vnd.ms-excel"), ("a.ppt", "vnd.ms-powerpoint")]
)
def test_old_office_files_are_called_by_their_own_types(whatsapp, name, told):
    old, _ = file(content_type="application/x-ole-storage", name=name)
    whatsapp.send(attached(FileKind.DOCUMENT), old)
    assert whatsapp.guest.last.file.content_type == f"application/{told}"


def test_a_file_that_meta_refuses_after_all_goes_as_its_address(whatsapp):
    # Its type is right, what is in it is not.
    empty, _ = file(data=b"")
    whatsapp.send(attached(FileKind.IMAGE, "Слова"), dataclasses.replace(empty, size=10))
    assert whatsapp.guest.texts == [f"Слова\n\n{empty.public_url}"]


def test_a_picture_that_the_platform_cannot_show_goes_as_a_document(telegram):
    broken, _ = file(data=b"no picture at all")
    sent = telegram.send(attached(FileKind.IMAGE), broken)
    assert telegram.guest.last.file.kind == "document"
    again, reads = file(data=b"no picture at all", platform_file_id=sent.file_ref)
    assert telegram.send(attached(FileKind.IMAGE), again).file_ref == sent.file_ref
    assert (reads, telegram.guest.last.file.kind) == ([], "document")


def test_a_long_caption_becomes_a_message_of_its_own(stage):
    words = "слово " * 300
    sent_file, _ = file()
    stage.send(attached(FileKind.IMAGE, words), sent_file)
    assert stage.guest.messages[0].file
    assert stage.guest.messages[0].text == ""
    assert " ".join(stage.guest.texts).split() == words.split()


def test_a_file_that_is_not_there_is_said_so(stage):
    with pytest.raises(Rejected) as refused:
        stage.send(attached(FileKind.IMAGE))
    assert refused.value.code == "file_missing"
    assert stage.guest.messages == []


def test_files_need_a_public_address_where_the_platform_fetches_them(viber):
    hidden, _ = file(public_url=None)
    with pytest.raises(Rejected) as refused:
        viber.send(attached(FileKind.IMAGE), hidden)
    assert refused.value.code == "no_public_address"


def test_a_fault_of_the_platform_means_not_accepted(stage):
    stage.fake.faults.fail(status=503, on="send")
    with pytest.raises(Unavailable) as failed:
        stage.send(saying("привет"))
    assert failed.value.code == "platform_down"
    assert stage.guest.messages == []


def test_being_throttled_tells_how_long_to_wait(stage):
    stage.fake.faults.throttle(retry_after=7, on="send")
    with pytest.raises(Throttled) as throttled:
        stage.send(saying("привет"))
    assert throttled.value.retry_after == (7 if stage.key == "telegram" else pytest.approx(1.5, abs=0.5))


def test_too_much_for_one_chat_waits_longer_than_too_much_in_all(whatsapp):
    whatsapp.fake.limits.per_chat, whatsapp.fake.limits.per_chat_burst = 0.1, 1
    whatsapp.send(saying("раз"))
    with pytest.raises(Throttled) as throttled:
        whatsapp.send(saying("два"))
    assert throttled.value.retry_after == 6


@pytest.mark.parametrize("accepted", [True, False])
def test_a_cut_connection_leaves_it_unclear(stage, accepted):
    stage.fake.faults.cut(accepted=accepted, on="send")
    with pytest.raises(Unclear):
        stage.send(saying("привет"))
    assert len(stage.guest.messages) == accepted


def test_a_platform_that_is_not_there_accepted_nothing(stage):
    stage.fake.stop()
    with pytest.raises(Unavailable) as failed:
        stage.send(saying("привет"))
    assert failed.value.code == "unreachable"


def test_a_person_who_blocked_the_bot_is_told_from_other_refusals(stage):
    stage.guest.blocks()
    kind = Rejected if stage.key == "whatsapp" else PersonBlocked
    with pytest.raises(kind) as refused:
        stage.send(saying("привет"))
    assert refused.value.code == ("undeliverable" if stage.key == "whatsapp" else "person_blocked")


def test_a_person_who_left_the_platform_is_unreachable(stage):
    stage.guest.leaves()
    with pytest.raises(Rejected) as refused:
        stage.send(saying("привет"))
    assert refused.value.code == ("undeliverable" if stage.key == "whatsapp" else "person_gone")


def test_a_revoked_token_is_the_owners_matter(stage):
    stage.send(saying("привет"))
    stage.fake.bot().revoke()
    with pytest.raises(CredentialsRefused):
        stage.send(saying("привет"))


def test_after_a_day_of_silence_nothing_may_be_sent(whatsapp):
    whatsapp.fake.pass_time(hours=25)
    with pytest.raises(OutsideWindow):
        whatsapp.send(saying("привет"))


def test_a_late_refusal_comes_as_a_receipt_with_our_rows_id(whatsapp):
    whatsapp.listen()
    whatsapp.fake.answers_late = True
    whatsapp.guest.blocks()
    sent = whatsapp.send(saying("привет"), row_id="5e7f0d0c-0000-0000-0000-000000000001")
    with whatsapp.changed:
        assert whatsapp.changed.wait_for(lambda: whatsapp.heard, 10)
        update = whatsapp.heard[-1]
    receipt = whatsapp.adapter.inbound.read_event(update.payload, update.kind).event
    assert receipt.message_ref == sent.message_ref
    assert (receipt.row_id, receipt.state) == ("5e7f0d0c-0000-0000-0000-000000000001", MessageState.FAILED)
    assert receipt.error == "undeliverable"


@pytest.mark.parametrize("answer", [b"", b"[]", b"null", b"<html>", b'{"ok": 1}', b"[" * 100_000, b'{"status": [0]}'])
def test_an_odd_answer_is_an_ordinary_failure(stage, answer):
    odd = Server(lambda request: Response(answer, 200, mimetype="application/json"))
    odd.start()
    try:
        with Calls({stage.key: odd.url}) as calls:
            call = calls.of(stage.adapter, stage.values)
            part = stage.adapter.outbound.parts(saying("привет"))[0]
            if stage.key == "whatsapp" and answer in (b'{"ok": 1}', b'{"status": [0]}'):
                assert stage.adapter.outbound.send(call, stage.chat_id, part, None, "row").message_ref == ""
            else:
                with pytest.raises(Unclear) as failed:
                    stage.adapter.outbound.send(call, stage.chat_id, part, None, "row")
                assert failed.value.code == "odd_answer"
    finally:
        odd.stop()


def test_somebody_without_a_number_is_written_to_by_their_id(whatsapp):
    whatsapp.listen()
    guest = whatsapp.fake.user("RU.77", name="Anna")
    update, inbound = whatsapp.hear(guest.says("hello"))
    assert (update.chat_id, update.person_id, inbound.person.name) == ("RU.77", "RU.77", "Anna")
    sent = whatsapp.adapter.outbound.send(whatsapp.call, "RU.77", saying("Name?"), None, "row-1")
    assert guest.texts == ["Name?"]
    update, inbound = whatsapp.hear(guest.reads()[0])
    assert (update.chat_id, inbound.event.message_ref) == ("RU.77", sent.message_ref)
