"""Passwords: hashing and verifying in bounded parallel, and which new passwords are accepted.

Length rules follow OWASP ASVS 5.0, 6.2; the parameters (Argon2id, 19 MiB, 2 passes, 1 lane) its password
storage cheat sheet.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from threading import BoundedSemaphore

import bcrypt
from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 128
MAXIMUM_BYTES = 4 * MAXIMUM_LENGTH
WAIT_SECONDS = 5.0
DEMO_PASSWORD = "getinn-demo-password"  # noqa: S105 (it is public: the demo data's log-ins print it)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# Each hash holds 19 MiB and a core: unbounded, a burst of log-ins would starve the process.
_slots = BoundedSemaphore(2 * (os.cpu_count() or 1))

_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
# A row written by somebody else must not be able to order hours of work or gigabytes of memory.
_MOST_BCRYPT_ROUNDS = 15
_MOST_ARGON2_MEMORY = 256 * 1024
_MOST_ARGON2_PASSES = 10
# bcrypt reads no further; the library refuses longer input, where the writers of old hashes had it cut.
_BCRYPT_BYTES = 72

_SHORTEST_PERSONAL_WORD = 4
_SHORTEST_REST = 8
_MOST_COMMON_WORDS = 3
_LONGEST_PADDING = 12
_LEET = str.maketrans("@431!05$7", "aaeiiosst")
_ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "01234567890"),
    *("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)


class HashingBusy(Exception):  # noqa: N818
    """All hashing slots stayed taken for 5 seconds; the request should be answered 503 with Retry-After."""


def hash_password(password: str) -> str:
    """The Argon2id hash (PHC text, 97 characters). Raises ValueError for NUL, surrogates, over-length."""
    data = _encode(password)
    if data is None:
        raise ValueError("This text cannot be a password.")
    with _slot():
        return _hasher.hash(data)


def verify_password(stored: str, password: str) -> bool:
    """Whether the password matches an Argon2 or bcrypt hash. Anything else is false, after the same work."""
    data = _encode(password)
    if data is None:
        return verify_absent("")
    if _is_bcrypt(stored):
        with _slot():
            return _verify_bcrypt(stored, password)
    return _verify_argon2(stored, data) if _is_argon2(stored) else verify_absent(password)


def verify_absent(password: str) -> bool:
    """False, after the work of a real verification: for log-ins of unknown users."""
    _verify_argon2(_absent_hash(), _encode(password) or b"-")
    return False


def needs_rehash(stored: str) -> bool:
    """True where a verified password should be hashed anew: bcrypt, or Argon2 with other parameters."""
    return not _is_argon2(stored) or _hasher.check_needs_rehash(stored)


def password_problem(password: str, *, email: str = "", name: str = "") -> LazyString | None:
    """Why a new password is refused, as a lazy text for its owner, or None. No composition rules."""
    if not isinstance(password, str) or _encode(password, limit=None) is None:
        return _l("The password holds characters that cannot be typed again. Choose another one.")
    if len(password) < MINIMUM_LENGTH:
        return _l("Use at least %(count)s characters. A few words in a row work well.", count=MINIMUM_LENGTH)
    if len(password) > MAXIMUM_LENGTH:
        return _l("Use at most %(count)s characters.", count=MAXIMUM_LENGTH)
    if is_common(password):
        return _l("This password is among the first that anyone would try. Choose a less common one.")
    if _is_personal(password, email, name):
        return _l("This password is too close to your name, your e-mail address or the name of this portal.")
    return None


def is_common(password: str) -> bool:
    """Whether a guesser tries it first: the demo password, a sequence, a repetition, or up to 3 common words.

    A few digits and signs around and between the words do not help, nor do those that replace letters.
    """
    text = unicodedata.normalize("NFKC", password).casefold()
    if text == DEMO_PASSWORD or _is_repetition(text) or _is_sequence(text):
        return True
    padding = "".join(sign for sign in text if not sign.isalpha())
    if len(padding) > _LONGEST_PADDING and not _is_sequence(padding) and len(set(padding)) > 6:
        return False
    return any(_is_made_of_common_words(spelling) for spelling in (text, re.sub(r"[\W_]+", "", text)))


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise HashingBusy
    try:
        yield
    finally:
        _slots.release()


def _encode(password: str, limit: int | None = MAXIMUM_BYTES) -> bytes | None:
    """UTF-8 of the composed form, so that two keyboards give the same bytes; None if unfit."""
    if "\0" in password or (limit is not None and len(password) > limit):
        return None
    try:
        data = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return data if limit is None or len(data) <= limit else None


def _verify_argon2(stored: str, data: bytes) -> bool:
    with _slot():
        try:
            return _hasher.verify(stored, data)
        except (Argon2Error, InvalidHashError):
            return False


def _verify_bcrypt(stored: str, password: str) -> bool:
    try:
        return bcrypt.checkpw(password.encode()[:_BCRYPT_BYTES], stored.encode())
    except ValueError:
        return False


@cache
def _absent_hash() -> str:
    return _hasher.hash(os.urandom(16))


def _is_bcrypt(stored: str) -> bool:
    match = _BCRYPT.fullmatch(stored)
    return match is not None and 4 <= int(match[1]) <= _MOST_BCRYPT_ROUNDS


def _is_argon2(stored: str) -> bool:
    try:
        found = extract_parameters(stored)
    except (InvalidHashError, ValueError):
        return False
    return stored.isascii() and found.memory_cost <= _MOST_ARGON2_MEMORY and found.time_cost <= _MOST_ARGON2_PASSES


@cache
def _common_words() -> frozenset[str]:
    lines = resources.files("portal.auth").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _is_repetition(text: str) -> bool:
    """One to four characters over and over, or hardly any different ones."""
    return len(set(text)) <= 3 or any(text == (text[:size] * len(text))[: len(text)] for size in (1, 2, 3, 4))


def _is_sequence(text: str) -> bool:
    """At most three runs along the alphabet, the digits or a row of keys, in either direction, make it up."""
    runs = 1 + sum(not _are_neighbours(text[at], text[at + 1]) for at in range(len(text) - 1))
    return runs <= 3


@cache
def _are_neighbours(one: str, two: str) -> bool:
    return one == two or any(one + two in row or two + one in row for row in _ROWS)


def _is_made_of_common_words(text: str) -> bool:
    """Whether at most 3 common words, with digits and signs anywhere between, spell the whole text."""
    longest = max(map(len, _common_words()))
    fewest: dict[int, int] = {0: 0}
    for start in range(len(text)):
        if start not in fewest:
            continue
        for end in range(start + 1, min(len(text), start + longest) + 1):
            cost = _words_in(text[start:end])
            if cost is not None:
                fewest[end] = min(fewest.get(end, len(text)), fewest[start] + cost)
    return fewest.get(len(text), len(text)) <= _MOST_COMMON_WORDS


def _words_in(piece: str) -> int | None:
    """1 for a common word, 0 for a digit or sign, None for anything else."""
    if len(piece) == 1:
        return None if piece.isalpha() else 0
    words = _common_words()
    return 1 if piece in words or piece.translate(_LEET) in words else None


def _is_personal(password: str, email: str, name: str) -> bool:
    """Whether little is left of the password without the parts of e-mail address, name and product."""
    rest = password.casefold()
    local, _, domain = email.casefold().partition("@")
    parts = {local, *re.split(r"[\W_]+", local), *domain.split(".")[:1], *name.casefold().split(), "getinn"}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_PERSONAL_WORD:
            rest = rest.replace(part, "")
    return len(rest) < len(password.casefold()) and len(re.sub(r"[\W_\d]+", "", rest)) < _SHORTEST_REST
