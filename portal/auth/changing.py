"""Changing one's own password, while the current one is known."""

from flask import request

from portal.access.viewer import Viewer
from portal.auth.passwords import hash_password, verify_password
from portal.auth.throttle import LoginAttempt
from portal.db.base import db
from portal.users.models import User
from portal.users.sessions import PasswordReset, UserSession


def change_password(viewer: Viewer, current: str, new: str) -> bool:
    """Set a new password and end the other sessions; false where the current one is wrong.

    Raises ``TooManyRequests``: somebody at an unlocked screen must not be able to guess on.
    """
    guess = LoginAttempt(viewer.email, request.remote_addr)
    guess.count()
    stored = db.session.get_one(User, viewer.id).hashed_password
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    if not verify_password(stored, current):
        return False
    hashed = hash_password(new)
    user = db.session.get_one(User, viewer.id, with_for_update=True)
    if user.hashed_password != stored:
        return False
    guess.was_right()
    user.set_password(hashed)
    PasswordReset.spend_all(user.id)
    UserSession.end_all(user.id, but=viewer.session_id)
    return True
