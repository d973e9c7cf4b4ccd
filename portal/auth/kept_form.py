"""What somebody had typed when their session ended: sealed into the page where they sign in, and shown to them alone.

The seal says whose it is (the person for whom the page was made) and until when. Nothing of it is in clear, nothing is
sent by itself, and the server keeps nothing of it but between the password and the second factor.
"""

import base64
import hashlib
import hmac
import json
import os
import zlib
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.access.signing import signing_keys
from portal.db.types import utc_now
from portal.web import proofs
from portal.web.sent_form import LOST, REVIEW, SentForm

LIFETIME_SECONDS = 3600
# The longest form is a scenario's text: 1 MB.
MAX_TYPED = 1_200_000
# Sealed and written in letters; what is longer was not sealed here.
MAX_SEALED = 2_000_000
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that waits; ``made_for`` is the value of its proof, ``expires_at`` in seconds since 1970."""

    sent: SentForm
    has_lost: bool
    made_for: str
    expires_at: int

    @classmethod
    def now(cls) -> Self | None:
        """The form of the present request; ``None`` where it may not be kept, or holds nothing.

        Nothing that another site sent, nor what no signed-in person's page sent.
        """
        if not proofs.is_from_own_page():
            return None
        try:
            value, sent = proofs.sent_value(), SentForm.now()
            has_lost = proofs.has_lost_secrets() or request.form.get(REVIEW) == LOST
        except RequestEntityTooLarge:
            return None
        size = sum(len(name) + len(text) for name, text in sent.fields)
        if value is None or not proofs.has_owner(value) or not sent.fields or size > MAX_TYPED:
            return None
        return cls(sent, has_lost, value, int(utc_now().timestamp()) + LIFETIME_SECONDS)

    def is_of(self, person_id: UUID) -> bool:
        """Whether this person's page sent it."""
        return proofs.is_of(self.made_for, person_id)

    def seal(self) -> str:
        """As a text that only the portal can read."""
        told = [self.sent.path, self.sent.method, self.sent.fields, self.has_lost, self.made_for, self.expires_at]
        nonce = os.urandom(NONCE_BYTES)
        inside = zlib.compress(json.dumps(told).encode("utf-8", "surrogatepass"), 1)
        return base64.urlsafe_b64encode(nonce + _cipher(signing_keys()[0]).encrypt(nonce, inside, None)).decode()

    @classmethod
    def opened(cls, sealed: str | None) -> Self | None:
        """What was sealed; ``None`` for what was not sealed here, or too long ago."""
        if not sealed or len(sealed) > MAX_SEALED:
            return None
        inside = next(filter(None, (_opened(key, sealed) for key in signing_keys())), None)
        if inside is None:
            return None
        path, method, fields, has_lost, made_for, expires_at = json.loads(zlib.decompress(inside))
        if expires_at < utc_now().timestamp():
            return None
        return cls(SentForm(path, method, [(name, text) for name, text in fields]), has_lost, made_for, expires_at)


def _opened(secret_key: str, sealed: str) -> bytes | None:
    try:
        whole = base64.b64decode(sealed, altchars=b"-_", validate=True)
        return _cipher(secret_key).decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], None)
    except (ValueError, InvalidTag):
        return None


def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(hmac.digest(secret_key.encode(), b"form kept while signing in", hashlib.sha256))
