"""Messages cut to what one call can carry."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.messaging.events import Attachment, ButtonRequest, Choice, FileKind, OutgoingMessage, TextSpan
from portal.messengers.markup import plain, runs_of, signs
from portal.messengers.registry import PLATFORM_KEYS, PLATFORMS, platform
from portal.messengers.splitting import utf16
from portal.messengers.telegram import outbound as telegram_rendering
from portal.messengers.viber import outbound as viber_rendering
from portal.messengers.whatsapp import outbound as whatsapp_rendering
from tests.messengers.conftest import saying

UNSEEN = re.compile("[\\s\u200b-\u200f\u2060-\u2064\ufeff]+")
every_platform = pytest.mark.parametrize("adapter", PLATFORMS.values(), ids=PLATFORM_KEYS)


@every_platform
def test_what_fits_stays_as_it_is(adapter):
    for outgoing in (
        saying("<b>Привет</b>", "Да", "Нет", step_id="start", turn=3),
        saying("", attachment=Attachment(FileKind.IMAGE, "menu")),
        saying("Наше меню", attachment=Attachment(FileKind.IMAGE, "menu")),
        saying("Номер?", button_request=ButtonRequest.PHONE, is_notice=True),
    ):
        assert adapter.outbound.parts(outgoing) == (outgoing,)


@every_platform
@pytest.mark.parametrize("empty", ["", "  \n", "\u200b", "<b> </b>", "\0"])
def test_nothing_is_sent_where_there_is_nothing_to_see(adapter, empty):
    assert adapter.outbound.parts(saying(empty)) == ()


@every_platform
def test_buttons_without_words_get_something_to_stand_below(adapter):
    part = adapter.outbound.parts(saying("", "Да"))[0]
    assert part.text.strip()
    assert [choice.label for choice in part.choices] == ["Да"]


@every_platform
def test_a_cut_prefers_the_end_of_a_paragraph(adapter):
    first, second = "а" * (adapter.limits.text - 300), "б" * 1000
    assert [part.text for part in adapter.outbound.parts(saying(f"{first}\n\n{second}"))] == [first, second]


@every_platform
def test_no_cut_takes_an_emoji_apart(adapter):
    family = "👨\u200d👩\u200d👧"
    parts = adapter.outbound.parts(saying(family * 3000))
    assert len(parts) > 1
    assert all(set(part.text.split(family)) == {""} for part in parts)


@every_platform
def test_a_cut_keeps_the_style_on_both_sides(adapter):
    parts = adapter.outbound.parts(saying("<b>" + "слово " * 2500 + "</b>"))
    assert len(parts) > 1
    assert all({run.tags for run in runs_of(part.spans)} == {("b",)} for part in parts)


@every_platform
def test_the_step_goes_with_every_part_and_the_wish_with_the_last(adapter):
    parts = adapter.outbound.parts(
        saying("слово " * 3000, button_request=ButtonRequest.LOCATION, step_id="start", turn=4, is_notice=True)
    )
    assert {(part.step_id, part.turn, part.is_notice) for part in parts} == {("start", 4, True)}
    assert [part.button_request for part in parts] == [None] * (len(parts) - 1) + [ButtonRequest.LOCATION]


def test_buttons_stand_below_a_file_only_where_they_can():
    outgoing = saying("Выбирайте", "Да", attachment=Attachment(FileKind.IMAGE, "menu"))
    assert platform("telegram").outbound.parts(outgoing) == (outgoing,)
    file, words = platform("whatsapp").outbound.parts(outgoing)
    assert (file.attachment, file.text, file.choices) == (outgoing.attachment, "", ())
    assert (words.attachment, words.text, words.choices) == (None, "Выбирайте", outgoing.choices)


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


@pytest.mark.parametrize("rendering", [telegram_rendering, whatsapp_rendering, viber_rendering])
def test_a_button_is_never_without_anything_to_see(rendering):
    for label in ("\u200b", " \x07 ", "", "\ufeff\n"):
        assert rendering.label_of(Choice(label, "1.0")) == "•"


@pytest.mark.parametrize(("rendering", "most"), [(telegram_rendering, 256), (viber_rendering, 200)])
def test_a_label_is_cut_in_the_unit_that_messengers_count_and_between_signs(rendering, most):
    family = "👨\u200d👩\u200d👧"
    shown = rendering.label_of(Choice(family * 100, "1.0"))
    assert most - 2 * utf16(family) < utf16(shown) <= most
    assert set(shown.split(family)) == {""}


def test_short_buttons_share_a_row_and_long_ones_do_not():
    rows = telegram_rendering.rows(saying("", *"12345", "Расписание смен на неделю", "Да", "Нет").choices)
    assert [[choice.label for choice in row] for row in rows] == [
        ["1", "2", "3", "4", "5"], ["Расписание смен на неделю"], ["Да", "Нет"],
    ]  # fmt: skip
    assert all(len(row) <= 8 for row in telegram_rendering.rows(saying("", *"123456789012345").choices))


spans = st.lists(
    st.builds(
        TextSpan,
        st.text(max_size=300) | st.sampled_from(["<b>", "</b>", "*", "👍" * 2000, "ж" * 5000, "\n"]),
        st.booleans(),
    ),
    max_size=5,
)
choices = st.lists(st.text(max_size=120), max_size=60).map(
    lambda labels: tuple(Choice(label, f"7.{number}") for number, label in enumerate(labels))
)
attachments = st.none() | st.sampled_from(FileKind).map(lambda kind: Attachment(kind, "menu"))
outgoing_messages = st.builds(
    OutgoingMessage, spans.map(tuple), choices, attachments, st.none() | st.sampled_from(ButtonRequest)
)


# So many buttons Viber's keyboard shows at least, however long their labels are.
KEYBOARD = 12


@every_platform
@example(saying("Choose", *[""] * 25))
@example(saying("Choose", *(f"Расписание смен на неделю {number}" * 4 for number in range(60))))
@example(saying("<b>Choose</b>" * 800, *(f"& {number}" for number in range(60))))
@given(outgoing_messages)
def test_no_part_breaks_a_limit_and_no_choice_is_lost(adapter, outgoing):
    parts = adapter.outbound.parts(outgoing)
    shown = [choice.marker for part in parts for choice in part.choices]
    assert shown == [choice.marker for choice in outgoing.choices[: len(shown)]]
    rest = outgoing.choices[len(shown) :]
    if rest:
        assert adapter.key == "viber"
        assert len(shown) >= KEYBOARD
        listed = "\n".join(f"• {viber_rendering.label_of(choice)}" for choice in rest)
        said = [span for part in parts for span in part.spans]
        assert seen(said).endswith(seen([TextSpan(listed, typed=True)]))
    assert sum(part.attachment is not None for part in parts) == (outgoing.attachment is not None)
    for part in parts:
        fits(adapter.key, part)
        assert adapter.outbound.parts(part) == (part,)
        assert all(isinstance(line, str) for line in adapter.outbound.shown(part))


def seen(spans):
    """What leaves a mark on paper: parts begin and end without space."""
    return UNSEEN.sub("", "".join(plain(runs_of((span,))) for span in spans))


def fits(key, part):
    runs = runs_of(part.spans)
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
        buttons = (board or {"Buttons": []})["Buttons"]
        assert len(buttons) <= 24
        assert sum(button["Columns"] for button in buttons) <= 12 * 6
        assert all(len(button["Text"]) <= 250 for button in buttons)
    if not part.attachment:
        assert plain(runs).strip()


@every_platform
def test_the_terminal_shows_words_file_and_buttons(adapter):
    lines = adapter.outbound.shown(saying("<b>Привет</b>\nвсем", "Да", "Нет"))
    assert lines[:2] == ["Привет", "всем"]
    assert "[Да]" in " ".join(lines)
    assert "[Нет]" in " ".join(lines)
    file = adapter.outbound.shown(saying("Меню", attachment=Attachment(FileKind.IMAGE, "menu", "наше меню")))
    assert file == ["<image menu: наше меню>", "Меню"]
    assert len(adapter.outbound.shown(saying("Где вы?", button_request=ButtonRequest.LOCATION))) == (
        1 if adapter.key == "whatsapp" else 2
    )


def test_a_long_menu_is_a_list_in_the_terminal_too():
    lines = platform("whatsapp").outbound.shown(saying("Выберите", *(f"Блюдо {number}" for number in range(5))))
    assert lines[2:] == [f"  {number + 1}. Блюдо {number}" for number in range(5)]


def test_telegram_gets_no_more_bytes_in_a_call_than_its_server_takes():
    links = [f'<a href="https://menu.example/{"x" * 600}{number}">Блюдо {number}</a>' for number in range(60)]
    parts = platform("telegram").outbound.parts(saying(", ".join(links), "Да"))
    assert len(parts) == 2
    assert all(len(telegram_rendering.text_of(part).encode()) <= 32_768 for part in parts)
    assert [run.link[-2:] for part in parts for run in runs_of(part.spans) if run.link] == [
        f"{number:02}" if number > 9 else f"x{number}" for number in range(60)
    ]
    assert parts[-1].choices
