"""The proof that goes with every form, and whose it is; requests without one that may only look (decision 026)."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from portal.access.viewer import current_viewer
from portal.db.base import db

FIELD = "csrf_token"
# Beside each field for a password, a code: its name. None of them is kept, whatever becomes of the form.
SECRETS = "_secret"
READ_ONLY = text("SET TRANSACTION READ ONLY")
View = TypeVar("View", bound=Callable[..., Any])


def proof() -> str:
    """The proof for the forms of this page, good as long as the signed cookie of forms."""
    if FIELD in g:
        return str(g.get(FIELD))
    viewer = current_viewer()
    if viewer is not None and FIELD not in session:
        begin_proofs(viewer.id)
    return str(generate_csrf())


def begin_proofs(person_id: UUID) -> None:
    """From here on proofs are this person's; those of before are out of date."""
    nonce = secrets.token_hex(20)
    session[FIELD] = f"{nonce}.{_mark(nonce, person_id)}"
    g.pop(FIELD, None)


def sent_value() -> str | None:
    """What the proof that was sent was made for, whichever key has signed it; ``None`` where that cannot be read."""
    sent = request.form.get(FIELD) or request.headers.get("X-CSRFToken", "")
    keys = current_app.config["WTF_CSRF_SECRET_KEY"]
    _is_signed, value = URLSafeTimedSerializer(keys, salt="wtf-csrf-token").loads_unsafe(sent)
    return value if isinstance(value, str) else None


def has_owner(value: str | None) -> bool:
    """Whether it was made for somebody who was signed in."""
    return value is not None and "." in value


def is_of(value: str | None, person_id: UUID) -> bool:
    """Whether it was made for this person."""
    nonce, _dot, mark = (value or "").partition(".")
    return hmac.compare_digest(mark.encode(), _mark(nonce, person_id).encode())


def _mark(nonce: str, person_id: UUID) -> str:
    # Without a key, so that it outlives a change of SECRET_KEY. Colleagues know the id and could make one: it decides
    # only to whom a form that waits is shown again, never whether something is done.
    return hashlib.sha256(f"{nonce}:{person_id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_from_own_page() -> bool:
    """Whether the browser says that a page of the portal sent this, and no other site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    try:
        return urlsplit(request.headers.get("Origin", "")).netloc == request.host
    except ValueError:
        return False


def has_lost_secrets() -> bool:
    """Whether passwords or files were sent, which do not come back."""
    return any(request.form.get(name) for name in request.form.getlist(SECRETS)) or any(
        file.filename for file in request.files.values()
    )


def shows_form(view: View) -> View:
    """A view that answers POST alone and, where it does not accept a form, shows it with all that was typed."""
    view.shows_form = True  # type: ignore[attr-defined]
    return view


def begin_review(reason: str) -> None:
    """From here on the request can only look: PostgreSQL itself refuses to write for it. ``reason`` is told."""
    g.review = reason
    db.session.execute(READ_ONLY)


def is_review() -> bool:
    """Whether a form was sent that is only to be shown again."""
    return "review" in g


def review_reason() -> str | None:
    """Why the form is shown again, in words; ``None`` where it is not."""
    return g.get("review")


def install() -> None:
    """Hold every transaction of a request that can only look to it."""
    if not event.contains(Session, "after_begin", _stay_read_only):
        event.listen(Session, "after_begin", _stay_read_only)


def _stay_read_only(session: Session, transaction: Any, connection: Connection) -> None:
    if g and is_review():
        connection.execute(READ_ONLY)
