"""What each kind of question takes, keeps and refuses."""

import time

import pytest

from portal.messaging.events import ButtonRequest, FileKind, SentFile, SharedContact, SharedLocation, Typed, Unsupported
from tests.scenarios.engine.driving import Talk, asking, message, question

RUSSIAN = "Напишите номер телефона для связи"


def kept(kind, answer, **validation):
    """What is stored for an answer, or the words it is refused with."""
    talk = question(kind, **validation)
    event = Typed(answer) if isinstance(answer, str) else answer
    said = talk.hear(event)
    return talk.variables["x"] if said == ["Done"] else said[0]


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("text", "  Anna \x00\ud800", "Anna"),
        ("text", "5", "5"),
        ("mood", "fine", "fine"),
        ("number", "12", 12),
        ("number", "-3,5", -3.5),
        ("number", "4.0", 4),
        ("number", "1 500", 1500),
        ("number", "1\u00a0500\u202f000", 1500000),
        ("number", "+7", 7),
        ("date", "2026-02-28", "2026-02-28"),
        ("phone", "+7 900 123-45-67", "+79001234567"),
        ("phone", "0049 30 901820", "+4930901820"),
        ("phone", "7 (900) 123-45-67", "+79001234567"),
        ("email", "Anna.B+x@Example.COM", "Anna.B+x@example.com"),
        ("email", "анна@почта.рф", "анна@почта.рф"),
        ("location", "55.75, 37.61", {"latitude": 55.75, "longitude": 37.61}),
    ],
)
def test_an_answer_that_does_is_kept_in_its_own_form(kind, typed, value):
    found = kept(kind, typed)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", text)
        for text in ("", "twelve", "1e5", "NaN", "inf", "1,5,5", "٥", "0x1", "9" * 16, "1.500,25", "1 50", "--1")
    ]
    + [("date", text) for text in ("2026-02-30", "tomorrow", "28.02.2026", "2026-02-28 10:00", "9" * 500, "")]
    + [("phone", text) for text in ("12345", "+0 900 123 45 67", "9001234567", "phone", "+7900123456789012", "")]
    + [
        ("email", text)
        for text in ("anna", "a@b", "a@@b.ru", ".a@b.ru", "a..b@b.ru", "a b@c.ru", "a@-b.ru", "a@b..ru", "a" * 300)
    ]
    + [("location", text) for text in ("here", "91, 0", "0, 181", "1,2,3", "nan, 1")]
    + [("file", "photo.jpg"), ("text", "  ")],
)
def test_an_answer_that_does_not_is_asked_for_again(kind, typed):
    talk = question(kind)
    assert talk.say(typed)
    assert (talk.standing.step, talk.variables) == ("ask", {})


def test_a_russian_number_needs_no_country_code_where_russian_is_spoken():
    steps = {"ask": asking(RUSSIAN, "phone"), "end": message("Готово")}
    for typed in ("8 (900) 123-45-67", "900 123 45 67", "+7 900 123 45 67"):
        talk = Talk({"steps": steps})
        talk.say("привет")
        talk.say(typed)
        assert talk.variables == {"x": "+79001234567"}


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("+7 999 123 45 6", 10), ("+7 999 123 45 678", 10), ("007 999 123 45 6", 10), ("799912345678", 10),
        ("+375 29 123 45 6", 9), ("+998 90 123 45 678", 9), ("+374 10 12 34 5", 8), ("+995 555 12 34 5", 9),
    ],
)  # fmt: skip
def test_a_number_of_another_length_than_its_countrys_is_asked_for_again(typed, digits):
    talk = question("phone")
    country = f"+{typed.lstrip('+0').replace(' ', '')[: 1 if '7 9' in typed or typed.startswith('7') else 3]}"
    assert talk.say(typed) == [
        f"After {country} a phone number has {digits} digits. Check it and write it again, such as +7 900 123-45-67."
    ]
    assert talk.variables == {}


@pytest.mark.parametrize(
    "number",
    ["+79991234567", "+77012345678", "+375291234567", "+998901234567", "+37410123456", "+995555123456", "+442079460",
     "+49309018201234"],
)  # fmt: skip
def test_a_number_of_its_countrys_length_or_of_a_country_without_one_is_kept(number):
    assert kept("phone", number) == number


def test_a_shared_contact_is_the_messengers_word_whatever_its_length():
    assert kept("phone", SharedContact("+7999123456", is_own=True)) == "+7999123456"


@pytest.mark.parametrize("shared", ["79001234567", "+79001234567", "8 900 123-45-67"])
def test_a_shared_contact_is_a_phone_number(shared):
    steps = {"ask": asking(RUSSIAN, "phone"), "end": message("Готово")}
    talk = Talk({"steps": steps})
    talk.say("привет")
    assert talk.outcome.outgoing_messages[-1].button_request is ButtonRequest.PHONE
    talk.hear(SharedContact(shared, is_own=True))
    assert talk.variables == {"x": "+79001234567"}


def test_a_shared_place_is_kept_and_one_off_the_earth_is_not():
    assert kept("location", SharedLocation(1e-7, -0.5)) == {"latitude": 1e-7, "longitude": -0.5}
    for place in (SharedLocation(float("nan"), 0.0), SharedLocation(0.0, float("inf"))):
        assert kept("location", place) == "Send a location."


@pytest.mark.parametrize(
    ("kind", "rules", "typed", "rule"),
    [
        ("text", {"min_length": 3}, "ab", "min_length"),
        ("text", {"max_length": 3}, "abcd", "max_length"),
        ("text", {"pattern": "[a-z]+"}, "abc1", "pattern"),
        ("text", {"required": True}, " ", "required"),
        ("number", {"min_value": 1}, "0", "min_value"),
        ("number", {"max_value": 1.5}, "2", "max_value"),
        ("number", {}, "many", "type"),
        ("date", {"format": "%d.%m.%Y"}, "2026-01-01", "format"),
        ("date", {"min_date": "2026-01-01"}, "2025-12-31", "min_date"),
        ("date", {"max_date": "2026-01-01"}, "2026-01-02", "max_date"),
        ("phone", {}, "no", "type"),
        ("phone", {"pattern": r"\+7.*"}, "+4930901820", "pattern"),
        ("email", {}, "no", "type"),
        ("button", {"allowed_values": ["a", "b"]}, "c", "allowed_values"),
        ("file", {"allowed_types": ["image"]}, SentFile(FileKind.DOCUMENT, "r", "a.pdf"), "allowed_types"),
        ("file", {"max_size_kb": 1}, SentFile(FileKind.IMAGE, "r", size=1025), "max_size_kb"),
        ("location", {}, "no", "type"),
    ],
)
def test_each_rule_is_told_in_its_own_words_then_in_general_ones_then_in_ours(kind, rules, typed, rule):
    own = {f"{rule}_error": "Own words", "error_message": "General words"}
    assert kept(kind, typed, **rules, **own) == "Own words"
    assert kept(kind, typed, **rules, error_message="General words") == "General words"
    assert kept(kind, typed, **rules).endswith(".")
    assert kept(kind, typed, **rules, **{f"{rule}_error": 5, "error_message": []}).endswith(".")


def test_limits_include_their_own_value():
    assert kept("text", "abc", min_length=3, max_length=3) == "abc"
    assert kept("number", "3", min_value=3, max_value=3) == 3
    assert kept("date", "2026-01-01", min_date="2026-01-01", max_date="2026-01-01") == "2026-01-01"
    assert kept("file", SentFile(FileKind.IMAGE, "r", size=1024), max_size_kb=1)["file"]["size"] == 1024


def test_a_date_is_stored_as_iso_whatever_its_form():
    assert kept("date", "1.2.2026", format="%d.%m.%Y") == "2026-02-01"
    assert kept("date", "01.02.2026", format="%d.%m.%Y", min_date="01.02.2026") == "2026-02-01"
    assert kept("date", "01.02.2026 18:30", format="%d.%m.%Y %H:%M") == "2026-02-01T18:30"


def test_a_text_may_be_left_empty_where_it_is_not_required():
    assert kept("text", " ", required=False) == ""
    assert kept("number", " ", required=False) == ""


@pytest.mark.parametrize(
    ("allowed", "file"),
    [
        ("photo", SentFile(FileKind.IMAGE, "r")),
        ("image", SentFile(FileKind.DOCUMENT, "r", "a.png", "image/png")),
        ("image/jpeg", SentFile(FileKind.IMAGE, "r")),
        ("image/*", SentFile(FileKind.DOCUMENT, "r", "a.PNG")),
        ("document", SentFile(FileKind.DOCUMENT, "r", "a.pdf", "application/pdf")),
        (".pdf", SentFile(FileKind.DOCUMENT, "r", "A.PDF")),
        ("pdf", SentFile(FileKind.DOCUMENT, "r", "", "application/pdf")),
        ("jpg", SentFile(FileKind.IMAGE, "r")),
        ("voice", SentFile(FileKind.VOICE, "r")),
        ("audio", SentFile(FileKind.VOICE, "r")),
        ("file", SentFile(FileKind.VIDEO, "r")),
    ],
)
def test_a_file_fits_by_kind_type_or_ending(allowed, file):
    assert "file" in kept("file", file, allowed_types=["nonsense", allowed])


@pytest.mark.parametrize(
    ("allowed", "file"),
    [
        ("photo", SentFile(FileKind.DOCUMENT, "r", "a.pdf")),
        ("pdf", SentFile(FileKind.DOCUMENT, "r", "a.exe", "application/x-msdownload")),
        ("image/png", SentFile(FileKind.IMAGE, "r")),
        ("document", SentFile(FileKind.IMAGE, "r")),
    ],
)
def test_another_file_does_not_fit(allowed, file):
    assert isinstance(kept("file", file, allowed_types=[allowed]), str)


def test_a_file_of_unknown_size_is_taken_and_measured_later():
    assert kept("file", SentFile(FileKind.IMAGE, "r"), max_size_kb=1)["file"]["size"] is None


def test_what_is_no_answer_of_the_kind_is_asked_again_and_never_kept():
    for event in (SentFile(FileKind.IMAGE, "r"), SharedContact("+79001234567"), Unsupported("sticker")):
        for kind in ("text", "button", "number", "date", "email", "location"):
            talk = question(kind, buttons=[("Yes", "y")] if kind == "button" else ())
            talk.hear(event)
            assert (talk.standing.step, talk.variables) == ("ask", {})


def test_buttons_beside_a_question_are_answers_in_any_case():
    talk = question("number", buttons=[("Two", "2"), ("I do not know", "unknown")], min_value=1)
    talk.press("Two")
    assert talk.variables == {"x": 2}
    talk = question("number", buttons=[("Two", "2"), ("I do not know", "unknown")], min_value=1)
    talk.say("i do not know")
    assert talk.variables == {"x": "unknown"}


@pytest.mark.parametrize(
    "typed",
    [
        "все верно",
        "Все верно.",
        "ВСЁ ВЕРНО!",
        " «Всё  верно» ",
        "все\u00a0верно…",
        "Все\u0308 верно 👍🏻",
        "— всё верно?!",
    ],
)
def test_what_typing_leaves_out_or_adds_makes_no_other_button(typed):
    talk = question("button", buttons=[("Всё верно", "yes"), ("Нет", "no")])
    talk.say(typed)
    assert talk.variables == {"x": "yes"}
    talk = question("text", buttons=[("✅ Всё верно!", "yes")])
    talk.say(typed)
    assert talk.variables == {"x": "yes"}


def test_two_buttons_that_differ_in_that_alone_are_not_guessed_at():
    buttons = [("Всё верно", "first"), ("Все верно!", "second"), ("👍", "up"), ("👎", "down")]
    for typed in ("все верно", "ВСЁ ВЕРНО.", "все верно…"):
        talk = question("button", buttons=buttons)
        assert talk.say(typed) == ["Choose one of the answers."]
        assert talk.variables == {}
        assert talk.buttons == ["Всё верно", "Все верно!", "👍", "👎"]
    for typed, value in (("Все верно!", "second"), ("Всё верно", "first"), ("👎", "down"), ("👍", "up")):
        talk = question("button", buttons=buttons)
        talk.say(typed)
        assert talk.variables == {"x": value}


def test_marks_that_mean_something_are_not_left_out():
    buttons = [("5", "five"), ("10 %", "tenth")]
    for typed, value in (("-5", -5), ("−5", -5), ("5.", "five"), ("10", 10), ("10%", "tenth"), ("+5", 5)):
        talk = question("number", buttons=buttons)
        talk.say(typed)
        assert talk.variables == {"x": value}


def test_an_allowed_value_is_typed_as_loosely_as_a_button():
    assert kept("button", "ёлка!", allowed_values=["Елка"]) == "Елка"
    assert kept("button", "елка", allowed_values=["Ёлка", "Елка."]) == "Choose one of the answers."


def test_a_button_that_is_not_among_the_allowed_values_is_refused():
    talk = question("button", buttons=[("Yes", "y"), ("No", "n")], allowed_values=["y"], error_message="Say yes.")
    assert talk.press("No") == ["Say yes."]
    assert talk.buttons == ["Yes", "No"]
    talk.press("Yes")
    assert talk.variables == {"x": "y"}


def test_an_answer_without_a_variable_is_checked_and_not_kept():
    steps = {"ask": asking(kind="number", variable=""), "end": message("Done")}
    talk = Talk({"steps": steps})
    talk.say("hi")
    assert talk.say("x") == ["Write a number, such as 12."]
    assert talk.say("1") == ["Done"]
    assert (talk.variables, talk.outcome.stored) == ({}, ())


def test_an_authors_error_may_name_a_variable():
    steps = {
        "a": asking(variable="who", following="b"),
        "b": asking(kind="number", error_message="A number, {{who}}."),
        "end": message("Done"),
    }
    talk = Talk({"steps": steps})
    talk.say("hi")
    talk.say("Anna")
    assert talk.say("x") == ["A number, Anna."]
    assert [(part.text, part.typed) for part in talk.outcome.outgoing_messages[0].spans][1] == ("Anna", True)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|aa){1,60}b", "(a?){40}a{40}b", ".*" * 60 + "x", "(([a-z])+.)+[A-Z]"])
def test_no_pattern_takes_for_ever(pattern):
    began = time.process_time()
    assert kept("text", "a" * 4000, pattern=pattern, error_message="No.") in ("No.", "a" * 4000)
    assert time.process_time() - began < 10


def test_a_broken_pattern_asks_for_nothing():
    for pattern in ("([", "(?=a)b", "x" * 300, 5):
        assert kept("text", "anything", pattern=pattern) == "anything"


@pytest.mark.parametrize("rules", [{"min_length": "3", "max_length": True}, {"format": "%Q"}, {"allowed_types": 5}])
def test_malformed_rules_ask_for_nothing(rules):
    assert kept("text", "ab", **rules) == "ab"
    assert kept("date", "2026-01-01", **rules) == "2026-01-01"
    assert "file" in kept("file", SentFile(FileKind.IMAGE, "r"), **rules)


def test_a_text_longer_than_any_message_is_refused():
    assert "4096" in kept("text", "x" * 5000)
