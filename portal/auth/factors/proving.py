"""Proving a second factor, whichever: counted, told in the log, each code and answer good once."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import record
from portal.auth.factors.app_codes import accepted_step
from portal.auth.factors.models import SecondFactor
from portal.auth.factors.passkeys import AnswerRefused, use_passkey
from portal.auth.factors.recovery_codes import spend_code
from portal.db.base import db
from portal.users.models import User

APP_DIGITS = 6
MAX_TYPED = 100


@dataclass(frozen=True, slots=True)
class Proof:
    """What a person gives as their second factor: a code of the app or from paper, or a passkey's answer."""

    code: str
    answer: str = ""

    def prove(self, user: User, purpose: str) -> str | None:
        """By which factor (``app``, ``passkey``, ``recovery``) it is right; ``None`` where it is wrong.

        Raises ``TooManyRequests`` while the person has to wait. Commits: a guess counts, and stays in the log, even
        when the request fails. The person's account must be in scope.
        """
        user_id = user.id
        SecondFactor.keep_for(user).count_guess()
        db.session.commit()
        way = self._judge(user)
        user = db.session.scalars(select(User).where(User.id == user_id)).one()
        if way is None and not self._uses_passkey(user, purpose):
            record(Action.FACTOR_REFUSED, user, by=user)
            db.session.commit()
            return None
        SecondFactor.keep_for(user).was_right()
        return way or "passkey"

    def _judge(self, user: User) -> str | None:
        typed = "".join(self.code[:MAX_TYPED].split())
        if self.answer or not typed:
            return None
        if typed.isascii() and typed.isdigit() and len(typed) == APP_DIGITS:
            return "app" if is_app_code(user, typed) else None
        return "recovery" if spend_code(user.id, typed) else None

    def _uses_passkey(self, user: User, purpose: str) -> bool:
        if not self.answer:
            return False
        try:
            use_passkey(user.id, self.answer, purpose)
        except AnswerRefused:
            return False
        return True


def is_app_code(user: User, code: str) -> bool:
    """Whether the code is one of the person's app, and was not used before."""
    factor = SecondFactor.find(user.id, lock=True)
    if factor is None or factor.app_since is None:
        return False
    step = accepted_step(factor.opened().get("secret", ""), code, factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    return True
