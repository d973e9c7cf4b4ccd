import pytest
from flask_babel.speaklater import LazyString
from hypothesis import given
from hypothesis import strategies as st

from portal.auth.breached_passwords import breached_passwords
from portal.auth.passwords import MINIMUM_LENGTH, is_common, password_problem

GOOD = "kettle bridge 42 moss"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "Tr0ub4dor&3xyz",
        "correct horse battery staple",
        "мой старый зонт намок",
        "x7Kp-93qT-mmW2",
        "8392017465091",
        "pa" + "ssword " + "8392-0174-6509-1155",
        "ключ 🗝️ под ковриком",
        "password is no word here",
        "z" * 3 + "Yq8#" * 31 + "a",
    ],
)
def test_an_uncommon_password_is_accepted(password):
    assert password_problem(password, email="ivan.petrov@pelmenya.example", name="Ivan Petrov") is None


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "012345678901",
        "987654321098",
        "qwertyuiop12",
        "qwertyuiop[]",
        "йцукенгшщзхъ",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "zaq12wsxcde3",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "20252025202520",
        "12-12-12-12-12",
        "abcdefghijkl",
        "password1234",
        "Password123!",
        "P@ssw0rd1234",
        "passwordpassword",
        "iloveyou1234",
        "administrator",
        "unbelievable",
        "trustno1trustno1",
        "liverpool2024",
        "liverpoolfc1892",
        "Telegram2026!",
        "dragonmaster99",
        "Пароль123456",
        "parol12345678",
        "ghbdtn123456",
        "getinn-demo-password",
        "GETINN-Demo-Password",
        "GetInn2025!!!",
        "pelmenya-2025",
        "vareniki12345",
        "password123456789012",
        "1234-5678-9012",
        "dragon!dragon!",
        "ｐａｓｓｗｏｒｄ１２３４",
    ],
)
def test_a_common_password_is_refused(password):
    assert is_common(password)
    assert "first that anyone would try" in str(password_problem(password))


def test_no_password_that_was_stolen_often_elsewhere_is_accepted():
    listed = breached_passwords()
    assert len(listed) == 30_000
    long_enough = [password for password in listed if len(password) >= MINIMUM_LENGTH]
    assert len(long_enough) > 200
    assert [password for password in long_enough if password_problem(password) is None] == []


@pytest.mark.parametrize("password", ["SonyEricsson", "stratocaster1965!", "Need-for-$peed.2", "vladimirovna.77"])
def test_digits_signs_and_capitals_around_such_a_password_do_not_help(password):
    assert password_problem(password) is not None


@pytest.mark.parametrize(
    "password",
    [
        "ivan.petrov2025",
        "PetrovDostoevskaya1",
        "petrov-pelmenya",
        "Ivan-Petrov-ok!",
        "getinn-zqvbk-7",
        "dostoevskaya",
    ],
)
def test_a_password_made_of_the_persons_own_names_is_refused(password):
    problem = password_problem(password, email="ivan.petrov@pelmenya.example", name="Ivan Dostoevskaya")
    assert "too close" in str(problem)


def test_a_name_inside_a_longer_phrase_is_no_reason_to_refuse():
    assert password_problem("petrov boils a kettle at dusk", email="petrov@x.example") is None


def test_a_very_short_name_does_not_count():
    assert password_problem("li climbs thorny ivy", email="li@x.example", name="Li") is None


@pytest.mark.parametrize("length", [0, 1, 11])
def test_fewer_than_12_characters_are_refused(length):
    assert "at least 12" in str(password_problem("kXq7-pZw9mT2"[:length]))


def test_12_and_128_characters_are_accepted_and_129_refused():
    long = "kXq7-pZw9mT2 щ🗝" * 10
    assert password_problem("kXq7-pZw9mT2") is None
    assert password_problem(long[:128]) is None
    assert "at most 128" in str(password_problem(long[:129]))


@pytest.mark.parametrize("unfit", ["kettle\0bridge moss", "kettle bridge \ud800", None, 123456789012, ["a"] * 12])
def test_what_cannot_be_typed_again_is_refused(unfit):
    assert "cannot be typed again" in str(password_problem(unfit))


def test_messages_are_translated_late():
    assert isinstance(password_problem("short"), LazyString)


@given(st.text(max_size=140), st.text(max_size=40), st.text(max_size=40))
def test_no_input_breaks_the_check(password, email, name):
    password_problem(password, email=email, name=name)
