"""Secrets at rest: a JSONB envelope of AES-256-GCM, bound to the row it stands in.

An envelope is ``{"v", "kid", "nonce", "ct", "hints", "set_at"}``. Its associated data name the table, column,
row and account, so that a value copied to another row does not open, and cover hints and date as well.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
KEY_BYTES = 32
# NIST SP 800-38D, 8.2: 96 bits is the nonce length GCM is specified for.
NONCE_BYTES = 12
HINT_LENGTH = 4
SHORTEST_HINTED_SECRET = 12


class SecretUnreadable(Exception):
    """The envelope does not open here: unknown key, another row's value, changed or malformed."""


class Redacted(dict[str, Any]):
    """An opened secret: an ordinary dict whose printed form shows the field names alone."""

    def __repr__(self) -> str:
        return f"<redacted: {', '.join(sorted(self))}>"

    __str__ = __repr__

    def copy(self) -> "Redacted":
        return Redacted(self)

    __copy__ = copy


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope stands: table and column by name, row and account by UUID (its text will do)."""

    table: str
    column: str
    row_id: UUID | str
    account_id: UUID | str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of row {self.row_id}"

    def associated_data(self, kid: str, hints: Mapping[str, str], set_at: str) -> bytes:
        """One JSON array in a canonical spelling: no two places can run together into the same bytes."""
        row, account = str(UUID(str(self.row_id))), str(UUID(str(self.account_id)))
        return _canonical([VERSION, kid, self.table, self.column, row, account, dict(hints), set_at])


@dataclass(frozen=True, slots=True)
class _Envelope:
    kid: str
    nonce: bytes
    ciphertext: bytes
    hints: dict[str, str]
    set_at: str

    @classmethod
    def parse(cls, value: Any) -> "_Envelope":
        if not is_sealed(value):
            raise SecretUnreadable("This value is not an envelope.")
        hints, set_at = value.get("hints", {}), value.get("set_at", "")
        if not isinstance(hints, dict) or not isinstance(set_at, str):
            raise SecretUnreadable("The envelope is malformed.")
        return cls(value["kid"], _decode(value["nonce"]), _decode(value["ct"]), hints, set_at)


class Keyring:
    """The keys that open envelopes; the newest one seals."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._newest = next(iter(self._keys))

    @classmethod
    def from_keys(cls, keys: Sequence[bytes]) -> "Keyring":
        """A keyring of 32-byte keys, newest first. Raises ValueError for none, twins or other lengths."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"At least one credential key is needed, each of {KEY_BYTES} bytes.")
        by_id = {key_id(key): bytes(key) for key in keys}
        if len(by_id) != len(keys):
            raise ValueError("The same credential key is listed twice.")
        return cls(by_id)

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self._keys)}>"

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def seal(
        self,
        plaintext: Mapping[str, Any],
        place: Place,
        *,
        hinted: Collection[str] | None = None,
        set_at: datetime | None = None,
    ) -> dict[str, Any]:
        """An envelope of `plaintext` under the newest key.

        `hinted` names the fields whose last 4 characters may be shown (default: each text of 12 characters or
        more; a shorter one is never hinted). `set_at` is an aware time, by default now.
        """
        moment = (set_at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
        return self._seal(plaintext, place, _hints(plaintext, hinted), moment)

    def open(self, value: Any, place: Place) -> Redacted:
        """What was sealed at `place`. Raises SecretUnreadable for anything else, clear JSON included."""
        envelope = _Envelope.parse(value)
        key = self._keys.get(envelope.kid)
        if key is None:
            raise SecretUnreadable(f"The key that sealed {place} is not among the configured ones.")
        try:
            data = place.associated_data(envelope.kid, envelope.hints, envelope.set_at)
            content = json.loads(AESGCM(key).decrypt(envelope.nonce, envelope.ciphertext, data))
        except (InvalidTag, ValueError):
            raise SecretUnreadable(f"The value of {place} was changed, or sealed for another row.") from None
        return Redacted(content)

    def open_allowing_clear(self, value: Any, place: Place) -> Redacted:
        """Like `open`, but an unsealed object, as older writers leave it, is taken as it is."""
        if isinstance(value, Mapping) and not is_sealed(value):
            return Redacted(value)
        return self.open(value, place)

    def needs_resealing(self, value: Any, hinted: Collection[str] | None = None) -> bool:
        """True for clear JSON, for an envelope of any key but the newest, and for one that hints at too much."""
        if not is_sealed(value) or value["kid"] != self._newest:
            return True
        return hinted is not None and not set(value.get("hints") or ()) <= set(hinted)

    def reseal(self, value: Any, place: Place, hinted: Collection[str] | None = None) -> dict[str, Any]:
        """The same secret under the newest key; date and hints (of `hinted`) stay. Clear JSON is sealed as set now."""
        content = self.open_allowing_clear(value, place)
        if not is_sealed(value):
            return self.seal(content, place, hinted=hinted)
        envelope = _Envelope.parse(value)
        hints = {field: text for field, text in envelope.hints.items() if hinted is None or field in hinted}
        return self._seal(content, place, hints, envelope.set_at)

    def _seal(
        self, plaintext: Mapping[str, Any], place: Place, hints: Mapping[str, str], set_at: str
    ) -> dict[str, Any]:
        nonce = os.urandom(NONCE_BYTES)
        data = place.associated_data(self._newest, hints, set_at)
        ciphertext = AESGCM(self._keys[self._newest]).encrypt(nonce, _canonical(dict(plaintext)), data)
        return {
            "v": VERSION,
            "kid": self._newest,
            "nonce": base64.b64encode(nonce).decode(),
            "ct": base64.b64encode(ciphertext).decode(),
            "hints": dict(hints),
            "set_at": set_at,
        }


def is_sealed(value: Any) -> bool:
    """Whether a JSON value has the form of an envelope; it need not open."""
    if not isinstance(value, Mapping) or type(value.get("v")) is not int or value["v"] != VERSION:
        return False
    return all(isinstance(value.get(part), str) for part in ("kid", "nonce", "ct"))


def hint(value: Any, field: str) -> str | None:
    """The last characters of one secret, as "…1234", readable without a key; None where none was kept."""
    hints = value.get("hints") if is_sealed(value) else None
    found = hints.get(field) if isinstance(hints, Mapping) else None
    return found if isinstance(found, str) else None


def set_at(value: Any) -> datetime | None:
    """When the secret was last set (aware, UTC), readable without a key; None for clear JSON."""
    try:
        return datetime.fromisoformat(value["set_at"]) if is_sealed(value) else None
    except (KeyError, TypeError, ValueError):
        return None


def key_id(key: bytes) -> str:
    """A public name of a key: a hash with a prefix of its own, so that it equals no other use of the key."""
    return hashlib.sha256(b"credential key id\0" + key).hexdigest()[:16]


def _hints(plaintext: Mapping[str, Any], hinted: Collection[str] | None) -> dict[str, str]:
    return {
        field: "…" + value[-HINT_LENGTH:]
        for field, value in plaintext.items()
        if isinstance(value, str) and len(value) >= SHORTEST_HINTED_SECRET and (hinted is None or field in hinted)
    }


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SecretUnreadable("The envelope is malformed.") from None
