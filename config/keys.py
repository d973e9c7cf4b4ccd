"""The keys: what signs, and what seals secrets at rest."""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from itertools import pairwise

from config.environment import ConfigurationError, EnvironmentReader

MINIMUM_SECRET_LENGTH = 32
CREDENTIAL_KEY_BYTES = 32
# A random key of 32 characters has more, even one of digits alone.
MINIMUM_DISTINCT = 8


@dataclass(frozen=True, slots=True)
class CredentialKey:
    """One key for secrets at rest; ``id`` is stored beside every value it encrypted."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """What an environment says of keys, and what is wrong with it; commands that need none go on all the same."""

    secret_key: str | None = field(default=None, repr=False)
    fallbacks: tuple[str, ...] = field(default=(), repr=False)
    credential_keys: tuple[CredentialKey, ...] = ()
    problems: tuple[str, ...] = ()


def read_keys(source: EnvironmentReader, *, lenient: bool) -> Keys:
    """The keys; ``lenient`` (on a developer's machine) takes short ones."""
    secret_key, fallbacks = source.text("SECRET_KEY"), source.listed("SECRET_KEY_FALLBACKS")
    problems = ["SECRET_KEY is not set."] if secret_key is None else []
    if not lenient:
        named = [("SECRET_KEY", secret_key)] if secret_key else []
        named += [(f"SECRET_KEY_FALLBACKS: key {place}", key) for place, key in enumerate(fallbacks, 1)]
        problems += [problem for name, key in named if (problem := _weakness(name, key))]
    if secret_key in fallbacks:
        problems.append("SECRET_KEY_FALLBACKS names the present SECRET_KEY: it is for former ones.")
    keys: tuple[CredentialKey, ...] = ()
    try:
        keys = parse_credential_keys(source.text("CREDENTIAL_KEYS"))
    except ConfigurationError as error:
        problems.append(str(error))
    if not lenient:
        problems += [
            f"CREDENTIAL_KEYS: key {place} is no random one."
            for place, key in enumerate(keys, 1)
            if is_guessable(key.secret)
        ]
    return Keys(secret_key, fallbacks, keys, tuple(problems))


def _weakness(name: str, key: str) -> str | None:
    if len(key) < MINIMUM_SECRET_LENGTH:
        return f"{name} is shorter than {MINIMUM_SECRET_LENGTH} characters."
    return f"{name} is no random one: it can be guessed." if is_guessable(key.encode()) else None


def is_guessable(key: bytes) -> bool:
    """Whether a key is a repetition, a sequence, or made of very few characters."""
    steps = {second - first for first, second in pairwise(key)}
    is_repeated = any(key[place:] == key[:-place] for place in range(1, len(key) // 2 + 1))
    return is_repeated or len(set(key)) < MINIMUM_DISTINCT or len(steps) < MINIMUM_DISTINCT


def parse_credential_keys(text: str | None) -> tuple[CredentialKey, ...]:
    """The keys for secrets at rest from their comma-separated form, newest first.

    Raises :class:`ConfigurationError` for anything but distinct 32-byte values in URL-safe base64.
    """
    if text is None:
        raise ConfigurationError("CREDENTIAL_KEYS is not set.")
    keys = tuple(_credential_key(part.strip(), place) for place, part in enumerate(text.split(","), 1))
    if len({key.id for key in keys}) != len(keys):
        raise ConfigurationError("CREDENTIAL_KEYS names the same key twice.")
    return keys


def _credential_key(text: str, place: int) -> CredentialKey:
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != CREDENTIAL_KEY_BYTES:
        raise ConfigurationError(f"CREDENTIAL_KEYS: key {place} is not 32 bytes in URL-safe base64.")
    # The same id as portal.db.secrets.key_id gives: a test holds the two together.
    return CredentialKey(hashlib.sha256(b"credential key id\0" + secret).hexdigest()[:16], secret)
