"""Passkeys (WebAuthn, level 2): what the browser is asked, and whether its answer is right.

The browser proves possession of the key and that its owner was there: a finger, a face or a PIN (user verification).
"""

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from flask import current_app, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.auth.factors.challenges import made_at, new_challenge
from portal.auth.factors.models import Passkey
from portal.db.base import db
from portal.db.types import utc_now
from portal.tenancy.scope import system_scope
from portal.users.models import User

PORTAL_NAME = "GET INN"
# An answer with an attestation of several certificates takes a few thousand characters.
MAX_ANSWER = 20_000
MAX_PASSKEYS = 20
SIGN_IN = "sign in"
TRANSPORTS = {each.value for each in AuthenticatorTransport}


class AnswerRefused(Exception):
    """What the browser sent is no right answer: another site's, too old, used already, or no answer at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent, read but not yet verified. Raises ``AnswerRefused``."""

    content: dict[str, Any]
    challenge: bytes
    made_at: datetime

    @classmethod
    def read(cls, text: str, purpose: str) -> "Answer":
        """An answer to one of the portal's own challenges for this purpose."""
        try:
            content = json.loads(text[: MAX_ANSWER + 1])
            told = json.loads(base64url_to_bytes(content["response"]["clientDataJSON"]))
            challenge = base64url_to_bytes(told["challenge"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise AnswerRefused from error
        moment = made_at(challenge, purpose)
        if moment is None:
            raise AnswerRefused
        return cls(content, challenge, moment)

    @property
    def credential_id(self) -> bytes:
        """Which passkey claims to answer."""
        try:
            return base64url_to_bytes(self.content["rawId"])
        except (ValueError, TypeError, KeyError) as error:
            raise AnswerRefused from error

    def verify(self, check: Any, **known: Any) -> Any:
        """What the library makes of it. It reads what a stranger wrote, down to certificates: any fault refuses."""
        try:
            return check(
                credential=self.content,
                expected_challenge=self.challenge,
                expected_rp_id=relying_party(),
                expected_origin=origin(),
                require_user_verification=True,
                **known,
            )
        except Exception as error:
            raise AnswerRefused from error


def origin() -> str:
    """Scheme, host and port that people see: passkeys are bound to it."""
    return (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")


def relying_party() -> str:
    """The host that passkeys are made for."""
    return urlsplit(origin()).hostname or ""


def are_possible() -> bool:
    """Whether browsers make passkeys for this address: for a name, not for a bare IP address."""
    try:
        ipaddress.ip_address(relying_party())
    except ValueError:
        return True
    return False


def passkeys_of(user_id: UUID) -> Sequence[Passkey]:
    """The passkeys of a person in the account in scope, the oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id)
    return db.session.scalars(query.order_by(Passkey.created_at, Passkey.id)).all()


def creation_options(user: User, purpose: str) -> str:
    """What the browser needs to make a passkey, as JSON; those that exist are not made twice."""
    options = generate_registration_options(
        rp_id=relying_party(),
        rp_name=PORTAL_NAME,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.display_name,
        challenge=new_challenge(purpose),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(passkeys_of(user.id)),
    )
    return options_to_json(options)


def request_options(purpose: str, passkeys: Sequence[Passkey] = ()) -> str:
    """What the browser needs to use one of these passkeys, or without any whichever it knows for this portal."""
    options = generate_authentication_options(
        rp_id=relying_party(),
        challenge=new_challenge(purpose),
        allow_credentials=_descriptors(passkeys),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """What a browser has made, and proved."""

    answer: Answer
    verified: Any

    @classmethod
    def read(cls, text: str, purpose: str) -> "MadePasskey":
        """Without the database. Raises ``AnswerRefused``."""
        answer = Answer.read(text, purpose)
        return cls(answer, answer.verify(verify_registration_response))


def keep_passkey(user: User, name: str, new: MadePasskey) -> None:
    """Let it be one of the person's. Raises ``AnswerRefused`` for one that is somebody's already."""
    made, answer = new.verified, new.answer
    with system_scope("sign_in"):
        is_known = db.session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id))
    if is_known:
        raise AnswerRefused
    told = answer.content["response"].get("transports")
    passkey = Passkey(
        id=uuid4(),
        account_id=user.account_id,
        user_id=user.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=[each for each in told if isinstance(each, str) and each in TRANSPORTS]
        if isinstance(told, list)
        else [],
        last_challenge_at=answer.made_at,
    )
    db.session.add(passkey)


def use_passkey(user_id: UUID, text: str, purpose: str) -> None:
    """Accept the answer of one of the person's passkeys, once. Raises ``AnswerRefused``."""
    answer = Answer.read(text, purpose)
    mine = select(Passkey).where(Passkey.user_id == user_id, Passkey.credential_id == answer.credential_id)
    _accept(db.session.scalars(mine.with_for_update()).first(), answer)


def owner_of(text: str) -> User:
    """Whose passkey claims to answer a sign-in without a password: known, not proved. Raises ``AnswerRefused``."""
    answer = Answer.read(text, SIGN_IN)
    with system_scope("sign_in"):
        query = select(Passkey).options(joinedload(Passkey.user).joinedload(User.account))
        passkey = db.session.scalars(query.where(Passkey.credential_id == answer.credential_id)).first()
        is_open = passkey is not None and passkey.user.may_sign_in
    if passkey is None or not is_open:
        raise AnswerRefused
    user: User = passkey.user
    return user


def _accept(passkey: Passkey | None, answer: Answer) -> None:
    if passkey is None or (passkey.last_challenge_at and answer.made_at <= passkey.last_challenge_at):
        raise AnswerRefused
    verified = answer.verify(
        verify_authentication_response,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=passkey.sign_count,
    )
    passkey.sign_count = verified.new_sign_count
    passkey.last_challenge_at, passkey.last_used_at = answer.made_at, utc_now()


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id, transports=[AuthenticatorTransport(one) for one in each.transports]
        )
        for each in passkeys
    ]
