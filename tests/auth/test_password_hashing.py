import threading

import bcrypt
import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.auth import passwords
from portal.auth.passwords import (
    HashingBusy,
    hash_password,
    needs_rehash,
    verify_password,
)
from tests.conftest import FULL_STRENGTH

PASSWORD = "kettle bridge 42 moss"


@pytest.fixture(scope="module", autouse=True)
def full_strength():
    """As in production; other tests have passwords that cost nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", FULL_STRENGTH)
        passwords.absent_hash.cache_clear()
        yield
    passwords.absent_hash.cache_clear()


@pytest.fixture(scope="module")
def stored():
    return hash_password(PASSWORD)


@pytest.fixture
def work(monkeypatch):
    """Every Argon2 verification made, as the hash it was made against."""
    made = []

    class Counting(PasswordHasher):
        def verify(self, stored, data):
            made.append(stored)
            return super().verify(stored, data)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    return made


def old_bcrypt(password=PASSWORD, prefix=b"2b"):
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", f"${prefix.decode()}$")


def test_the_right_password_verifies_and_another_does_not(stored):
    assert verify_password(stored, PASSWORD)
    assert not verify_password(stored, PASSWORD + " ")
    assert not needs_rehash(stored)


def test_the_hash_is_argon2id_of_the_strength_asked_for(stored):
    found = extract_parameters(stored)
    assert stored.startswith("$argon2id$")
    assert (found.memory_cost, found.time_cost, found.parallelism) == (19 * 1024, 2, 1)


def test_two_users_with_one_password_have_two_hashes(stored):
    assert hash_password(PASSWORD) != stored


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
def test_an_adopted_bcrypt_hash_verifies_and_asks_to_be_replaced(prefix):
    adopted = old_bcrypt(prefix=prefix)
    assert verify_password(adopted, PASSWORD)
    assert not verify_password(adopted, "something else")
    assert needs_rehash(adopted)


def test_an_adopted_hash_of_a_long_password_verifies_although_bcrypt_cut_it():
    long = "long password " * 8
    assert verify_password(old_bcrypt(long), long)


def test_weaker_argon2_parameters_ask_to_be_replaced():
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    assert verify_password(weak, PASSWORD)
    assert needs_rehash(weak)


def test_a_composed_and_a_decomposed_letter_are_the_same_password():
    assert verify_password(hash_password("зай\u0306ка у ре\u0438\u0306ки"), "зай\u0306ка у ре\u0439ки")


@pytest.mark.parametrize(
    "unknown",
    [
        "",
        "!",
        PASSWORD,
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "pbkdf2:sha256:1$a$b",
        "$2b$31$" + "a" * 53,
        "$2b$04$" + "a" * 52,
        "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$aGFzaA",
        "$argon2id$v=19$m=19456,t=99999,p=1$c29tZXNhbHQ$aGFzaA",
        "$argon2id$v=19$m=x,t=2,p=1$c29tZXNhbHQ$aGFzaA",
        "$argon2id$v=19$m=19456,t=2,p=1$é$ü",
        "\ud800",
    ],
)
def test_an_unknown_format_is_false_after_the_same_work(work, unknown):
    assert verify_password(unknown, PASSWORD) is False
    assert needs_rehash(unknown)
    assert len(work) == 1


def test_a_bcrypt_hash_of_impossible_letters_is_false():
    assert verify_password("$2b$04$" + "/" * 53, PASSWORD) is False


def test_the_hash_of_nobody_costs_one_verification_of_full_strength(work):
    assert verify_password(passwords.absent_hash(), PASSWORD) is False
    assert extract_parameters(work[0]).memory_cost == 19 * 1024
    assert len(work) == 1


def test_unfit_input_costs_an_adopted_hash_what_any_other_costs(monkeypatch):
    checked = []
    monkeypatch.setattr(passwords.bcrypt, "checkpw", lambda *given: checked.append(given) or True)
    assert verify_password("$2b$12$" + "a" * 53, "nul\0inside it") is False
    assert len(checked) == 1


@pytest.mark.parametrize("unfit", ["nul\0inside it", "\ud800 lone surrogate", "x" * 513, "щ" * 257, "x" * 10_000_000])
def test_unfit_input_is_false_after_the_same_work_and_is_never_hashed(stored, work, unfit):
    assert verify_password(stored, unfit) is False
    assert len(work) == 1
    with pytest.raises(ValueError, match="cannot be a password"):
        hash_password(unfit)


def test_one_hash_too_many_is_refused(monkeypatch, stored):
    monkeypatch.setattr(passwords, "_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0)
    with passwords._slot():
        for work in (lambda: hash_password(PASSWORD), lambda: verify_password(stored, PASSWORD)):
            with pytest.raises(HashingBusy):
                work()
    assert verify_password(stored, PASSWORD)


def test_strangers_leave_slots_to_those_who_are_known(monkeypatch, stored):
    monkeypatch.setattr(passwords, "_slots", threading.BoundedSemaphore(2))
    monkeypatch.setattr(passwords, "_stranger_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0)
    with passwords._slot(is_stranger=True):
        with pytest.raises(HashingBusy):
            verify_password(stored, PASSWORD, is_stranger=True)
        assert verify_password(stored, PASSWORD)


def test_a_slot_is_free_again_after_a_wrong_password(monkeypatch, stored):
    monkeypatch.setattr(passwords, "_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0)
    assert [verify_password(stored, "wrong password") for _ in range(3)] == [False] * 3


@settings(max_examples=30)
@given(st.text(alphabet="$argon2idvmtpbxy=,19AZaz./\ud800é\0", max_size=80), st.text(max_size=200))
def test_no_stored_text_and_no_password_raise(stored, password):
    assert verify_password(stored, password) is False
