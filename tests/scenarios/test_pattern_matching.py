"""Patterns of authors mean what they mean to Python, and end."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scenarios.document.patterns import Unfollowed, fits_pattern, matches, pattern_fault

PATTERNS = [
    r"^(\+7|8)?[0-9 ()-]{10,}$", r"^[\w.+*]+@[\w-]+(\.[a-z]{2,6})?$", r"\(+(ab)+\)+", r"\d{3,5}x?", r"[^]a]+",
    "a{,3}", "(?i)abc", "(?s)a.b", "", "a||b", "(?:ab|c)*d", "[а-яё]+", r"\.", "x{2}", "a{}", "a{b", "a{,}", "^$",
    r"\x41b", r"\u0416+", "(?P<n>a)b", "a+?b*?", "[]-]", r"[\]\\]", "(?m)^a$", "a$b", "(a|b?)+", "", r"\t", "(a{2}){3}",
    r"\w+", r"\W+", r"\d+", r"\D", r"\s", r"\S+", r"[^\W\d_]+", r"[\s\S]*", r"[\w-]+", "(?i)ёж", r"\Ж+", "[a[:]+",
    r"[\[a]+", r"(?i)[\u0416x]+", "(?i:A)b", "[^\\S\n]", "a{2}?", "(?:a|b){,2}",
]  # fmt: skip
TEXTS = [
    "", "a", "aa", "ab", "aab", "b", "8 (900) 123-45", "a@b.ru", "((ab)", "(abab)", "123x", "12", "ABC", "c", "abd",
    "я", "Ёж", ".", "xx", "a{}", "a{b", "]", "-", "Ab", "ЖЖ", "a\nb", "a\n", "a{,}", "\t", "aaaaaa",
    "Ёж-2", "٣", "\u00a0", "_", "ЁЖ", "жЖ", "[", ":a", "\U0001f600",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_means_what_it_means_to_python(pattern):
    assert [matches(pattern, text) for text in TEXTS] == [bool(re.fullmatch(pattern, text)) for text in TEXTS]


SIGNS = ["[ab]", "[^a]", "{2}", "{0,2}", "{,2}", "{", r"\w", r"\S", r"[\W2]", "(?:", "(?i)"]


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from([*"abё|()*+?.^$\\", *SIGNS]), max_size=10).map("".join),
    st.text(st.sampled_from("abЁ2 \n"), max_size=6),
)
def test_any_pattern_is_followed_as_python_does_or_refused(pattern, text):
    try:
        re.compile(pattern)
        expected = bool(re.fullmatch(re.sub(r"(\\.)|\$", lambda end: end[1] or r"\Z", pattern), text))
    except re.error:
        assert pattern_fault(pattern) is not None
        assert fits_pattern(pattern, text)
        return
    try:
        found = matches(pattern, text)
    except Unfollowed:
        return
    assert found == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)b",
        r"(a)\1",
        "(?<!a)b",
        r"a\b",
        "((a{99}){99}){99}",
        "a*+b",
        "a{2}+",
        r"[\b]",
        "a{1001}",
        "(?x)a b",
        "(?(1)a|b)",
        # What can be followed, but not in some milliseconds.
        "(?:a?){800}b",
        "(?:(?:(?:a?){10}){10}){10}",
        r"\w{1,300}",
    ],
)
def test_what_cannot_be_followed_is_an_error_in_words(pattern):
    assert str(pattern_fault(pattern)).endswith(".")
    assert fits_pattern(pattern, "anything")


def test_a_sign_that_cannot_be_written_down_is_no_fault():
    assert pattern_fault("\ud800") is not None
    assert fits_pattern("a.", "a\ud800")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a|aa){1,60}b",
        "(a?){100}a{100}b",
        ".*" * 90 + "x",
        "(a+)+b",
        "((a|b)*c?)*d",
        r"\w{90}.*(a|\w)*b",
    ],
)
def test_no_pattern_takes_longer_than_a_glance(pattern):
    began = time.process_time()
    assert not fits_pattern(pattern, "a" * 4000)
    assert time.process_time() - began < 0.5


def test_a_text_too_long_to_be_followed_in_time_does_not_fit():
    assert fits_pattern("(?:a?){400}b", "a" * 400 + "b")
    assert not fits_pattern("(?:a?){400}[ab]*", "a" * 4000)
    assert fits_pattern(".{10,}", "a" * 4000)
