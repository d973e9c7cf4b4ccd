"""Challenges for passkeys, kept nowhere: each carries its time and the proof that the portal made it.

That an answer is good once is held by the passkey, which remembers the time of the last challenge it answered.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from flask import current_app

LIFETIME = timedelta(minutes=10)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT_BYTES, RANDOM_BYTES = 8, 16
MICROSECOND = timedelta(microseconds=1)


def new_challenge(purpose: str) -> bytes:
    """A challenge for one purpose, such as ``register:`` and the id of a session."""
    moment = (datetime.now(UTC) - EPOCH) // MICROSECOND
    body = moment.to_bytes(MOMENT_BYTES, "big") + secrets.token_bytes(RANDOM_BYTES)
    return body + _proof(purpose, body)


def made_at(challenge: bytes, purpose: str) -> datetime | None:
    """When the portal made this challenge for this purpose; ``None`` where it did not, or too long ago."""
    body, proof = challenge[: MOMENT_BYTES + RANDOM_BYTES], challenge[MOMENT_BYTES + RANDOM_BYTES :]
    if len(body) != MOMENT_BYTES + RANDOM_BYTES or not hmac.compare_digest(proof, _proof(purpose, body)):
        return None
    moment = EPOCH + int.from_bytes(body[:MOMENT_BYTES], "big") * MICROSECOND
    return moment if moment > datetime.now(UTC) - LIFETIME else None


def _proof(purpose: str, body: bytes) -> bytes:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, b"passkey\0" + purpose.encode() + b"\0" + body, hashlib.sha256)
