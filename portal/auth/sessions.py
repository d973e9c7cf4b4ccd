"""Starting and ending sessions: rows at the server, a random reference in the cookie."""

import hashlib
import secrets
from uuid import UUID

from flask import request
from sqlalchemy import delete

from portal.auth import cookie
from portal.auth.models import SESSION_ABSOLUTE_LIMIT, UserSession
from portal.db.base import db
from portal.db.types import utc_now
from portal.users.models import User
from portal.web.text import storable

LONGEST_USER_AGENT = 300


def start_session(user: User) -> UserSession:
    """Sign a person in on this browser; the account of the person must be in scope."""
    token = secrets.token_urlsafe(32)
    session = UserSession(
        user_id=user.id,
        token_hash=hashlib.sha256(token.encode()).digest(),
        expires_at=utc_now() + SESSION_ABSOLUTE_LIMIT,
        ip_address=request.remote_addr,
        user_agent=storable(request.user_agent.string)[:LONGEST_USER_AGENT],
    )
    db.session.add(session)
    user.last_signed_in_at = utc_now()
    cookie.hand_over(token)
    return session


def end_sessions(user_id: UUID, *, but: UUID | None = None) -> int:
    """End all sessions of a person (but one): their cookies are dead at the next request."""
    query = delete(UserSession).where(UserSession.user_id == user_id)
    if but is not None:
        query = query.where(UserSession.id != but)
    return int(db.session.execute(query).rowcount)  # type: ignore[attr-defined]


def end_session(session_id: UUID) -> bool:
    """End one session; whether there was one."""
    result = db.session.execute(delete(UserSession).where(UserSession.id == session_id))
    return bool(result.rowcount)  # type: ignore[attr-defined]
