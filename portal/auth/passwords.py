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

from portal.auth.breached_passwords import breached_passwords

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 128
MAXIMUM_BYTES = 4 * MAXIMUM_LENGTH
WAIT_SECONDS = 5.0
DEMO_PASSWORD = "getinn-demo-password"  # noqa: S105 (it is public: the demo data's log-ins print it)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# Each hash holds 19 MiB and a core: unbounded, a burst of log-ins would starve the process.
_slots = BoundedSemaphore(2 * (os.cpu_count() or 1))
# Half of them are not for strangers: who is known on a browser gets in while others try their luck.
_stranger_slots = BoundedSemaphore(os.cpu_count() or 1)

_BCRYPT_PREFIX = re.compile(r"\$2[aby]\$(\d\d)\$")
_BCRYPT = re.compile(_BCRYPT_PREFIX.pattern + r"[./A-Za-z0-9]{53}")
# A row written by somebody else must not be able to order hours of work or gigabytes of memory.
_MAX_BCRYPT_ROUNDS = 15
_MAX_ARGON2_MEMORY = 256 * 1024
_MAX_ARGON2_PASSES = 10
# bcrypt reads no further; the library refuses longer input, where the writers of old hashes had it cut.
_BCRYPT_BYTES = 72

_SHORTEST_PERSONAL_WORD = 4
_SHORTEST_REST = 8
# A word of three letters stands in many a password by chance.
_SHORTEST_BREACHED = 5
_FEWEST_DIFFERENT = 4
_MAX_AROUND = 12
_RUNS = ("0123456789" * 13, "9876543210" * 13)
_LEET = str.maketrans("@0$", "aos")


class HashingBusy(Exception):
    """All hashing slots stayed taken for 5 seconds; the request should be answered 503 with Retry-After."""


def hash_password(password: str) -> str:
    """The Argon2id hash (PHC text, 97 characters). Raises ValueError for NUL, surrogates, over-length."""
    data = _encode(password)
    if data is None:
        raise ValueError("This text cannot be a password.")
    with _slot():
        return _hasher.hash(data)


def verify_password(stored: str, password: str, *, is_stranger: bool = False) -> bool:
    """Whether the password matches an Argon2 or bcrypt hash. Anything else is false, after the same work.

    Strangers share half of the hashing slots. Raises ``HashingBusy``.
    """
    with _slot(is_stranger):
        return _verify(stored, password)


def bcrypt_rounds(stored: str) -> int | None:
    """The cost of a bcrypt hash, or of its beginning; ``None`` for another kind, or a cost that is not borne."""
    match = _BCRYPT_PREFIX.match(stored)
    return int(match[1]) if match is not None and 4 <= int(match[1]) <= _MAX_BCRYPT_ROUNDS else None


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
    """Whether a guesser tries it first: a listed word, or one over and over, with few digits and signs around.

    By lists alone, as ASVS wants it: our own, and the passwords that were stolen most often elsewhere.
    """
    text = unicodedata.normalize("NFKC", password).casefold()
    bare = re.sub(r"[\W_]+", "", text)
    if (
        text == DEMO_PASSWORD
        or text in breached_passwords()
        or len(set(text)) < _FEWEST_DIFFERENT
        or any(bare in run for run in _RUNS)
    ):
        return True
    spellings = [_letters(each) for each in (text, text.translate(_LEET))]
    return any(
        _is_made_of_common_words(_repeated_part(spelling))
        for spelling in (bare, *spellings)
        if len(text) - len(spelling) <= _MAX_AROUND
    )


@contextmanager
def _slot(is_stranger: bool = False) -> Iterator[None]:
    if is_stranger:
        with _held(_stranger_slots), _held(_slots):
            yield
    else:
        with _held(_slots):
            yield


@contextmanager
def _held(slots: BoundedSemaphore) -> Iterator[None]:
    if not slots.acquire(timeout=WAIT_SECONDS):
        raise HashingBusy
    try:
        yield
    finally:
        slots.release()


def _verify(stored: str, password: str) -> bool:
    """The work itself, the same for every text that could not be a password."""
    data = _encode(password)
    if bcrypt_rounds(stored) is not None and _BCRYPT.fullmatch(stored):
        return _verify_bcrypt(stored, password if data is not None else "-") and data is not None
    if data is None or not _is_argon2(stored):
        _verify_argon2(absent_hash(), data or b"-")
        return False
    return _verify_argon2(stored, data)


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
def absent_hash() -> str:
    """A hash of full strength that no password matches."""
    return _hasher.hash(os.urandom(16))


def _is_argon2(stored: str) -> bool:
    try:
        found = extract_parameters(stored)
    except (InvalidHashError, ValueError):
        return False
    return stored.isascii() and found.memory_cost <= _MAX_ARGON2_MEMORY and found.time_cost <= _MAX_ARGON2_PASSES


@cache
def _common_words() -> frozenset[str]:
    lines = resources.files("portal.auth").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _is_made_of_common_words(text: str) -> bool:
    """Whether a text is a listed word, or two of them in a row ("liverpool" and "fc")."""
    words = _common_words()
    if text in words or (len(text) >= _SHORTEST_BREACHED and text in breached_passwords()):
        return True
    return any(text[:cut] in words and text[cut:] in words for cut in range(1, len(text)))


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)


def _repeated_part(text: str) -> str:
    repeated = re.fullmatch(r"(.+?)\1*", text)
    return repeated[1] if repeated else ""


def _is_personal(password: str, email: str, name: str) -> bool:
    """Whether little is left of the password without the parts of e-mail address, name and product."""
    rest = password.casefold()
    local, _, domain = email.casefold().partition("@")
    parts = {local, *re.split(r"[\W_]+", local), *domain.split(".")[:1], *name.casefold().split(), "getinn"}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_PERSONAL_WORD:
            rest = rest.replace(part, "")
    return len(rest) < len(password.casefold()) and len(_letters(rest)) < _SHORTEST_REST
