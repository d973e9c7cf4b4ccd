"""Starting and ending sessions: rows at the server, a random reference in the cookie."""

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

from flask import request
from flask import session as form_session
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import delete, select

from portal.access.viewer import Viewer
from portal.accounts.models import SuperuserVisit
from portal.audit.models import Action
from portal.audit.recording import record
from portal.auth import cookie
from portal.auth.devices import remember_device
from portal.db.base import db
from portal.db.types import utc_now
from portal.tenancy.scope import account_scope, system_scope
from portal.users.models import User
from portal.users.sessions import SessionLimits, UserSession
from portal.web.proofs import begin_proofs
from portal.web.values import storable

MAX_USER_AGENT = 300
MAX_SHOWN = 50


def start_session(user: User, *, has_passed_factor: bool = False) -> UserSession:
    """Sign a person in on this browser; the account of the person must be in scope.

    Whoever was signed in here before is signed out, and forms opened before are out of date.
    """
    if current_user.is_authenticated:
        end_visits(current_user)
        with account_scope(current_user.home_id):
            end_session(current_user.session_id)
    form_session.clear()
    begin_proofs(user.id)
    token, now = secrets.token_urlsafe(32), utc_now()
    session = UserSession(
        user_id=user.id,
        token_hash=hashlib.sha256(token.encode()).digest(),
        expires_at=now + SessionLimits.of(user.is_superuser).absolute,
        factor_at=now if has_passed_factor else None,
        confirmed_at=now,
        ip_address=request.remote_addr,
        user_agent=storable(request.user_agent.string)[:MAX_USER_AGENT],
    )
    db.session.add(session)
    user.last_signed_in_at = now
    cookie.hand_over(token)
    remember_device(user.email)
    return session


def sign_out(viewer: Viewer) -> None:
    """End the session of this browser with its visits, and put forms opened in it out of date."""
    end_visits(viewer)
    if (session := db.session.get(UserSession, viewer.session_id)) is not None:
        record(Action.SIGNED_OUT, session, label=viewer.display_name)
    end_session(viewer.session_id)
    cookie.hand_over(None)
    form_session.clear()


def end_visits(viewer: Viewer) -> None:
    """Leave every chain that is visited in this session; each is told in its log."""
    if not viewer.is_superuser:
        return
    with system_scope("session"):
        mine = SuperuserVisit.session_id == viewer.session_id
        query = select(SuperuserVisit.account_id).where(mine, SuperuserVisit.ended_at.is_(None))
        account_ids = set(db.session.scalars(query))
    for account_id in account_ids:
        with account_scope(account_id):
            for visit in SuperuserVisit.open_ones(viewer):
                visit.end(viewer)


def end_session(session_id: UUID) -> bool:
    """End one session; whether there was one."""
    result = db.session.execute(delete(UserSession).where(UserSession.id == session_id))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def end_other_sessions(viewer: Viewer) -> int:
    """End all sessions of the signed-in person but the present one; how many that were."""
    count = UserSession.end_all(viewer.id, but=viewer.session_id)
    if count:
        record(Action.SESSION_ENDED, db.session.get_one(User, viewer.id), after={"sessions": count})
    return count


def sessions_of(viewer: Viewer) -> Sequence[UserSession]:
    """The live sessions of a person, the last used first."""
    now = utc_now()
    query = select(UserSession).where(
        UserSession.user_id == viewer.id,
        UserSession.expires_at > now,
        UserSession.last_seen_at > now - SessionLimits.of(viewer.is_superuser).idle,
    )
    return db.session.scalars(query.order_by(UserSession.last_seen_at.desc()).limit(MAX_SHOWN)).all()


# Many claim to be others as well: the first that is found is meant.
BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("OPR/", "Opera"),
    ("Edg", "Edge"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str | None) -> str:
    """Such as "Chrome on Windows"."""
    told = user_agent or ""
    browser = next((name for mark, name in BROWSERS if mark in told), None)
    system = next((name for mark, name in SYSTEMS if mark in told), None)
    if browser and system:
        return str(_("%(browser)s on %(system)s", browser=browser, system=system))
    return browser or system or str(_("Unknown browser"))
