"""What protects a person's signing in beside the password, and switching it on and off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from portal.access.viewer import Viewer, current_viewer
from portal.audit.models import Action
from portal.audit.recording import record
from portal.auth.factors import app_codes, recovery_codes
from portal.auth.factors.models import Passkey, RecoveryCode, SecondFactor
from portal.auth.factors.passkeys import (
    MAX_PASSKEYS,
    AnswerRefused,
    MadePasskey,
    keep_passkey,
    passkeys_of,
)
from portal.auth.mailing import send_protection_note
from portal.db.base import db
from portal.db.types import utc_now
from portal.notices.raising import Subject, raise_notice
from portal.tenancy.scope import require_scope
from portal.users.models import User
from portal.users.notices import FACTOR_RESET
from portal.users.sessions import UserSession


@dataclass(frozen=True, slots=True)
class Protection:
    """What is on for one person."""

    app_since: datetime | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @classmethod
    def of(cls, user_id: UUID) -> "Protection":
        """As it stands now, in the account in scope."""
        account_id = require_scope().account_id
        app = select(SecondFactor.app_since).where(
            SecondFactor.account_id == account_id, SecondFactor.user_id == user_id
        )
        codes = recovery_codes.unused(user_id).where(RecoveryCode.account_id == account_id)
        row = db.session.execute(select(app.scalar_subquery(), codes.scalar_subquery())).one()
        return cls(row[0], passkeys_of(user_id), row[1])

    @property
    def is_on(self) -> bool:
        """Whether the password alone lets nobody in."""
        return self.app_since is not None or bool(self.passkeys)

    @property
    def has_few_codes(self) -> bool:
        """Whether it is time to make new recovery codes."""
        return self.is_on and self.codes_left < recovery_codes.FEW


def propose_app(viewer: Viewer) -> None:
    """A new secret for the person's app, in use once a code confirms it."""
    factor = SecondFactor.keep_for(db.session.get_one(User, viewer.id))
    kept = {name: text for name, text in factor.opened().items() if name == "secret" and factor.app_since}
    factor.seal(**kept, proposed=app_codes.new_secret())


def proposed_secret(viewer: Viewer) -> str | None:
    """The secret that waits for its first code, if one does."""
    factor = SecondFactor.find(viewer.id)
    return factor.opened().get("proposed") if factor else None


def confirm_app(viewer: Viewer, code: str) -> list[str] | None:
    """Switch the proposed app on, in place of a former one; ``None`` where the code is not the app's.

    Gives the recovery codes that come with the first factor.
    """
    if _confirmed_step(SecondFactor.find(viewer.id), code) is None:
        return None
    codes = _codes_of_first(viewer)
    factor = SecondFactor.find(viewer.id, lock=True)
    step = _confirmed_step(factor, code)
    if factor is None or step is None:
        return None
    factor.seal(secret=factor.opened()["proposed"])
    factor.app_since, factor.last_step = utc_now(), step
    return _switched_on(viewer, "app", codes)


def _confirmed_step(factor: SecondFactor | None, code: str) -> int | None:
    secret = factor.opened().get("proposed") if factor else None
    return app_codes.accepted_step(secret, "".join(code.split()), 0) if secret else None


def add_passkey(viewer: Viewer, name: str, answer: str, purpose: str) -> list[str]:
    """Switch a passkey on; gives the recovery codes that come with the first factor.

    Raises ``AnswerRefused``, also for one passkey too many.
    """
    # Verified before anything is hashed for it: whoever sends nonsense costs little.
    made = MadePasskey.read(answer, purpose)
    codes = _codes_of_first(viewer)
    user = db.session.get_one(User, viewer.id, with_for_update=True)
    if len(passkeys_of(user.id)) >= MAX_PASSKEYS:
        raise AnswerRefused
    keep_passkey(user, name, made)
    db.session.flush()
    return _switched_on(viewer, "passkey", codes)


def switch_app_off(viewer: Viewer) -> None:
    """Forget the app; a second time changes nothing."""
    factor = SecondFactor.find(viewer.id, lock=True)
    if factor is not None and factor.app_since is not None:
        factor.seal()
        factor.app_since = None
        _switched_off(viewer, "app")


def remove_passkey(viewer: Viewer, passkey: Passkey) -> None:
    """Forget a passkey."""
    db.session.delete(passkey)
    _switched_off(viewer, "passkey")


def make_codes(viewer: Viewer) -> list[str]:
    """New recovery codes as they are shown, once; the former ones are useless."""
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    codes = recovery_codes.new_codes()
    return _keep_codes(db.session.get_one(User, viewer.id, with_for_update=True), codes)


def _codes_of_first(viewer: Viewer) -> dict[str, str]:
    """The codes that come with a first factor, made before anything is locked; none where one is on already."""
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    return {} if viewer.has_factor else recovery_codes.new_codes()


def _keep_codes(user: User, codes: dict[str, str]) -> list[str]:
    recovery_codes.keep_codes(user, codes)
    record(Action.RECOVERY_CODES_MADE, user)
    return [recovery_codes.written(code) for code in codes]


def reset_factors(user: User) -> None:
    """Forget every factor of somebody who lost them, and sign them out everywhere; every owner is told."""
    db.session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    recovery_codes.forget_codes(user.id)
    user.second_factor_since = None
    UserSession.end_all(user.id)
    record(Action.FACTOR_RESET, user)
    send_protection_note(user, "reset")
    if not user.is_superuser:
        viewer = current_viewer()
        raise_notice(FACTOR_RESET, Subject.of(user), by=viewer.display_name if viewer else "GET INN")


def _switched_on(viewer: Viewer, factor: str, codes: dict[str, str]) -> list[str]:
    """The first factor signs the other devices out: they came in by the password alone."""
    user = db.session.get_one(User, viewer.id, with_for_update=True)
    is_first = user.second_factor_since is None
    if is_first:
        user.second_factor_since = utc_now()
        UserSession.end_all(user.id, but=viewer.session_id)
    passed = update(UserSession).where(UserSession.id == viewer.session_id).values(factor_at=utc_now())
    db.session.execute(passed)
    record(Action.FACTOR_ON, user, after={"factor": factor})
    return _keep_codes(user, codes) if is_first else []


def _switched_off(viewer: Viewer, factor: str) -> None:
    """Without the last factor the recovery codes are of no use either."""
    user = db.session.get_one(User, viewer.id, with_for_update=True)
    db.session.flush()
    if not Protection.of(user.id).is_on:
        user.second_factor_since = None
        recovery_codes.forget_codes(user.id)
    record(Action.FACTOR_OFF, user, after={"factor": factor})
    send_protection_note(user, "off")
