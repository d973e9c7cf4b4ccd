import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.iiko.client.cleaning import HIDDEN, MAX_TEXT, clean_text

SECRET = 'p&ss "word" люба'


def test_a_text_is_cut_and_keeps_its_line_breaks():
    assert clean_text("Склад закрыт\r\n\r\n\r\nдля изменений  сегодня") == "Склад закрыт\nдля изменений сегодня"
    cut = clean_text("слово " * 100)
    assert len(cut) <= MAX_TEXT
    assert cut.endswith("…")


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x1b", "\x85", "\u202e", "\u200b", "\ufeff", "\ud800", "\uffff"])
def test_no_control_character_or_half_of_a_letter_passes(sign):
    assert clean_text(f"а{sign}б") == "а б"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        SECRET.upper(),
        "p%26ss%20%22word%22%20%D0%BB%D1%8E%D0%B1%D0%B0",
        "p%26ss+%22word%22+%D0%BB%D1%8E%D0%B1%D0%B0",
        "p&amp;ss &quot;word&quot; люба",
    ],
)
def test_a_secret_is_hidden_however_it_is_written(written):
    assert clean_text(f"user {written} is wrong", SECRET) == f"user {HIDDEN} is wrong"


def test_the_longer_of_two_secrets_is_hidden_whole():
    assert clean_text("abcdef", "abc", "abcdef") == HIDDEN


@pytest.mark.parametrize("name", ["key", "pass", "token", "LOGIN", "password"])
def test_what_stands_behind_a_parameter_of_that_name_is_hidden(name):
    assert clean_text(f"GET /resto/api/x?a=1&{name}=0123-abc&b=2") == f"GET /resto/api/x?a=1&{name}={HIDDEN}&b=2"


@pytest.mark.parametrize("offset", range(0, 200, 13))
def test_a_secret_that_the_end_of_what_is_looked_at_cuts_through_does_not_pass(offset):
    secret = "".join(chr(ord("а") + (7 * place) % 31) for place in range(200))
    shown = clean_text("x" * offset + secret * 100, secret)
    assert secret[:8] not in shown


@given(st.text())
def test_nothing_breaks_it_and_the_database_takes_what_comes_out(text):
    cleaned = clean_text(text, "secret")
    assert "\0" not in cleaned
    assert len(cleaned.encode().decode()) <= MAX_TEXT
