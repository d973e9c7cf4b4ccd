"""Recovery codes: ten on paper, each good once, for the day when the phone is gone."""

import secrets
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update

from portal.auth.factors.models import RecoveryCode
from portal.auth.passwords import hash_password, verify_password
from portal.db.base import TenantEntity, db
from portal.db.types import utc_now

COUNT = 10
# Without letters and digits that look alike on paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PREFIX_LENGTH, LENGTH = 4, 12
# From here on the person is told to make new ones.
FEW = 3


def new_codes() -> dict[str, str]:
    """Ten codes, each with its hash."""
    codes: dict[str, str] = {}
    while len(codes) < COUNT:
        code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
        if code[:PREFIX_LENGTH] not in {each[:PREFIX_LENGTH] for each in codes}:
            codes[code] = hash_password(code[PREFIX_LENGTH:])
    return codes


def keep_codes(user: TenantEntity, codes: dict[str, str]) -> None:
    """Let these be the person's codes, and no others."""
    forget_codes(user.id)
    for code, hashed in codes.items():
        row = RecoveryCode(account_id=user.account_id, user_id=user.id, prefix=code[:PREFIX_LENGTH], code_hash=hashed)
        db.session.add(row)


def forget_codes(user_id: UUID) -> None:
    """Make every code of a person useless."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def unused(user_id: UUID) -> Select[int]:
    """How many codes of a person were not used yet, as a statement."""
    return select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))


def codes_left(user_id: UUID) -> int:
    """How many codes were not used yet."""
    return db.session.scalar(unused(user_id)) or 0


def spend_code(user_id: UUID, typed: str) -> bool:
    """Whether what was typed is an unused code of the person; from then on it is used."""
    code = bare(typed)
    row = db.session.execute(
        select(RecoveryCode.id, RecoveryCode.code_hash).where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.prefix == code[:PREFIX_LENGTH],
            RecoveryCode.used_at.is_(None),
        )
    ).first()
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    if row is None or not verify_password(row.code_hash, code[PREFIX_LENGTH:]):
        return False
    # Of two that use it at the same moment one comes second.
    spent = update(RecoveryCode).where(RecoveryCode.id == row.id, RecoveryCode.used_at.is_(None))
    return bool(db.session.execute(spent.values(used_at=utc_now())).rowcount)  # type: ignore[attr-defined]


def bare(typed: str) -> str:
    """A code without the dashes and blanks that it is written with."""
    return "".join(letter for letter in typed.upper() if letter in ALPHABET)[: LENGTH + 1]


def written(code: str) -> str:
    """A code as it is shown: ABCD-EFGH-JKLM."""
    return "-".join(code[place : place + 4] for place in range(0, LENGTH, 4))
