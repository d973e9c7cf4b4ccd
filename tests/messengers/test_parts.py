"""Messages cut to what one call can carry."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.messaging.events import Attachment, Choice, FileKind, Segment, Utterance, Wish
from portal.messengers.markup import plain, runs_of, signs
from portal.messengers.registry import PLATFORM_KEYS, PLATFORMS, platform
from portal.messengers.splitting import utf16
from portal.messengers.telegram import rendering as telegram_rendering
from portal.messengers.viber import rendering as viber_rendering
from portal.messengers.whatsapp import rendering as whatsapp_rendering
from tests.messengers.conftest import saying

every_platform = pytest.mark.parametrize("adapter", PLATFORMS.values(), ids=PLATFORM_KEYS)


@every_platform
def test_what_fits_stays_as_it_is(adapter):
    for utterance in (
        saying("<b>Привет</b>", "Да", "Нет", step_id="start", turn=3),
        saying("", attachment=Attachment(FileKind.IMAGE, "menu")),
        saying("Наше меню", attachment=Attachment(FileKind.IMAGE, "menu")),
        saying("Номер?", wish=Wish.PHONE, is_notice=True),
    ):
        assert adapter.parts(utterance) == (utterance,)


@every_platform
@pytest.mark.parametrize("empty", ["", "  \n", "\u200b", "<b> </b>", "\0"])
def test_nothing_is_sent_where_there_is_nothing_to_see(adapter, empty):
    assert adapter.parts(saying(empty)) == ()


@every_platform
def test_buttons_without_words_get_something_to_stand_below(adapter):
    part = adapter.parts(saying("", "Да"))[0]
    assert part.text.strip()
    assert [choice.label for choice in part.choices] == ["Да"]


@every_platform
def test_a_cut_prefers_the_end_of_a_paragraph(adapter):
    first, second = "а" * (adapter.text_limit - 300), "б" * 1000
    assert [part.text for part in adapter.parts(saying(f"{first}\n\n{second}"))] == [first, second]


@every_platform
def test_no_cut_takes_an_emoji_apart(adapter):
    family = "👨\u200d👩\u200d👧"
    parts = adapter.parts(saying(family * 3000))
    assert len(parts) > 1
    assert all(set(part.text.split(family)) == {""} for part in parts)


@every_platform
def test_a_cut_keeps_the_style_on_both_sides(adapter):
    parts = adapter.parts(saying("<b>" + "слово " * 2500 + "</b>"))
    assert len(parts) > 1
    assert all({run.tags for run in runs_of(part.segments)} == {("b",)} for part in parts)


@every_platform
def test_the_step_goes_with_every_part_and_the_wish_with_the_last(adapter):
    parts = adapter.parts(saying("слово " * 3000, wish=Wish.LOCATION, step_id="start", turn=4, is_notice=True))
    assert {(part.step_id, part.turn, part.is_notice) for part in parts} == {("start", 4, True)}
    assert [part.wish for part in parts] == [None] * (len(parts) - 1) + [Wish.LOCATION]


def test_buttons_stand_below_a_file_only_where_they_can():
    utterance = saying("Выбирайте", "Да", attachment=Attachment(FileKind.IMAGE, "menu"))
    assert platform("telegram").parts(utterance) == (utterance,)
    file, words = platform("whatsapp").parts(utterance)
    assert (file.attachment, file.text, file.choices) == (utterance.attachment, "", ())
    assert (words.attachment, words.text, words.choices) == (None, "Выбирайте", utterance.choices)


def test_few_short_different_labels_are_buttons_and_others_a_list():
    buttons = whatsapp_rendering.are_buttons
    assert buttons(saying("", "Да", "Нет", "Позже").choices)
    assert not buttons(saying("", *"1234").choices)
    assert not buttons(saying("", "x" * 21).choices)
    assert not buttons(saying("", "Да", "Да").choices)


def test_a_row_too_narrow_for_a_label_says_it_once_more_below():
    assert whatsapp_rendering.row(Choice("Меню", "1.0")) == {"title": "Меню"}
    row = whatsapp_rendering.row(Choice("Расписание смен на следующую неделю", "1.0"))
    assert row == {"title": "Расписание смен на след…", "description": "Расписание смен на следующую неделю"}


def test_short_buttons_share_a_row_and_long_ones_do_not():
    rows = telegram_rendering.rows(saying("", *"12345", "Расписание смен на неделю", "Да", "Нет").choices)
    assert [[choice.label for choice in row] for row in rows] == [
        ["1", "2", "3", "4", "5"], ["Расписание смен на неделю"], ["Да", "Нет"],
    ]  # fmt: skip
    assert all(len(row) <= 8 for row in telegram_rendering.rows(saying("", *"123456789012345").choices))


segments = st.lists(
    st.builds(
        Segment,
        st.text(max_size=300) | st.sampled_from(["<b>", "</b>", "*", "👍" * 2000, "ж" * 5000, "\n"]),
        st.booleans(),
    ),
    max_size=5,
)
choices = st.lists(st.text(max_size=120), max_size=60).map(
    lambda labels: tuple(Choice(label, f"7.{number}") for number, label in enumerate(labels))
)
attachments = st.none() | st.sampled_from(FileKind).map(lambda kind: Attachment(kind, "menu"))
utterances = st.builds(Utterance, segments.map(tuple), choices, attachments, st.none() | st.sampled_from(Wish))


@every_platform
@settings(deadline=None)
@given(utterances)
def test_no_part_breaks_a_limit_and_no_button_is_lost(adapter, utterance):
    parts = adapter.parts(utterance)
    assert [choice.marker for part in parts for choice in part.choices] == [c.marker for c in utterance.choices]
    assert sum(part.attachment is not None for part in parts) == (utterance.attachment is not None)
    for part in parts:
        fits(adapter.key, part)
        assert adapter.parts(part) == (part,)
        assert all(isinstance(line, str) for line in adapter.shown(part))


def fits(key, part):
    runs = runs_of(part.segments)
    if key == "telegram":
        assert utf16(plain(runs)) <= (1024 if part.attachment else 4096)
        assert len(part.choices) <= 100
    elif key == "whatsapp":
        assert utf16(signs(runs)) <= (1024 if part.attachment or part.choices else 4096)
        assert len(part.choices) <= 10
        for choice in part.choices:
            row = whatsapp_rendering.row(choice)
            assert utf16(row["title"]) <= 24
            assert utf16(row.get("description", "")) <= 72
    else:
        import json

        assert utf16(signs(runs)) <= (512 if part.attachment else 7000)
        board = viber_rendering.keyboard(part, "token", "a" * 24)
        message = {"receiver": "a" * 24, "text": signs(runs), "keyboard": board, "sender": {"name": "ж" * 28}}
        assert len(json.dumps(message, ensure_ascii=False).encode()) <= 30_000 - 300
        assert all(len(button["Text"]) <= 250 for button in (board or {"Buttons": []})["Buttons"])
    if not part.attachment:
        assert plain(runs).strip()


@every_platform
def test_the_terminal_shows_words_file_and_buttons(adapter):
    lines = adapter.shown(saying("<b>Привет</b>\nвсем", "Да", "Нет"))
    assert lines[:2] == ["Привет", "всем"]
    assert "[Да]" in " ".join(lines)
    assert "[Нет]" in " ".join(lines)
    file = adapter.shown(saying("Меню", attachment=Attachment(FileKind.IMAGE, "menu", "наше меню")))
    assert file == ["<image menu: наше меню>", "Меню"]
    assert len(adapter.shown(saying("Где вы?", wish=Wish.LOCATION))) == (1 if adapter.key == "whatsapp" else 2)


def test_a_long_menu_is_a_list_in_the_terminal_too():
    lines = platform("whatsapp").shown(saying("Выберите", *(f"Блюдо {number}" for number in range(5))))
    assert lines[2:] == [f"  {number + 1}. Блюдо {number}" for number in range(5)]
