"""Hashes that no password matches, for log-ins of people who do not exist.

Other programs may have left bcrypt hashes, which take several times as long as the portal's own to check. So an unknown
e-mail is given the kind of hash that its share of the real ones makes likely, always the same kind for one e-mail:
how long an answer takes tells nothing about whether somebody is there.
"""

import secrets
import string
import time
from functools import cache

import bcrypt
from flask import current_app
from sqlalchemy import func, select

from portal.access.keyed import keyed_digest
from portal.auth.passwords import absent_hash, bcrypt_rounds
from portal.db.base import db
from portal.tenancy.scope import system_scope
from portal.users.models import User

SHARES_SECONDS = 600.0
_PREFIX = len("$2b$12$")
_BCRYPT_LETTERS = "./" + string.ascii_letters + string.digits


def decoy_hash(email: str) -> str:
    """A hash of the kind that the person would have, were there one of that e-mail."""
    drawn = int.from_bytes(keyed_digest("decoy", email.lower())[:8], "big") / 2**64
    for rounds, share in _bcrypt_shares():
        if drawn < share:
            return _bcrypt_decoy(rounds)
        drawn -= share
    return absent_hash()


def _bcrypt_shares() -> list[tuple[int, float]]:
    """Which part of the active people have a bcrypt hash of so many rounds; asked for every ten minutes."""
    kept: tuple[float, list[tuple[int, float]]] | None = current_app.extensions.get("hash_shares")
    if kept is None or kept[0] < time.monotonic():
        kept = (time.monotonic() + SHARES_SECONDS, _count_shares())
        current_app.extensions["hash_shares"] = kept
    return kept[1]


def _count_shares() -> list[tuple[int, float]]:
    prefix = func.left(User.hashed_password, _PREFIX)
    with system_scope("sign_in"):
        counts = db.session.execute(select(prefix, func.count()).where(User.is_active).group_by(prefix)).all()
    total = sum(count for _prefix, count in counts) or 1
    found: dict[int, int] = {}
    for text, count in counts:
        if (rounds := bcrypt_rounds(text)) is not None:
            found[rounds] = found.get(rounds, 0) + count
    return sorted((rounds, count / total) for rounds, count in found.items())


@cache
def _bcrypt_decoy(rounds: int) -> str:
    """Salt and digest by chance: checking a password against it takes as long as against a real one."""
    return bcrypt.gensalt(rounds).decode() + "".join(secrets.choice(_BCRYPT_LETTERS) for _ in range(31))
