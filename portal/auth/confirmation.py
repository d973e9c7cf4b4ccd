"""Asking again: before what is grave, the person proves once more that it is them; then the form that was sent goes on.

What was typed comes back as hidden fields of the page that asks, so that nothing is lost and no address carries it.
Whoever has a second factor is asked for it, others for the password (decision 020).
"""

from dataclasses import dataclass

from flask import Flask, Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import update
from werkzeug.wrappers import Response as BaseResponse

from portal.access.guards import asking_of, send_to
from portal.access.redirects import path_at
from portal.access.viewer import Viewer
from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.auth.factors import passkeys
from portal.auth.factors.protection import Protection
from portal.auth.factors.proving import Proof
from portal.auth.password_changes import proved_hash
from portal.db.base import db
from portal.db.types import utc_now
from portal.tenancy.scope import account_scope
from portal.users.models import User
from portal.users.sessions import UserSession
from portal.web.fragments import wants_fragment
from portal.web.proofs import FIELD, is_review
from portal.web.sent_form import ANSWER, CODE, PASSWORD, PROVING

# What the page that asks adds to the fields of the form that waits.
OWN_FIELDS = PROVING | {FIELD, "_method"}


def install(app: Flask) -> None:
    """Hold every request to what its view declares; after the guards, so that nobody is asked in vain."""
    app.before_request(ask)


def ask() -> BaseResponse | tuple[str, int, dict[str, str]] | None:
    """Let a request through that asks for nothing, or whose sender has just proved who they are."""
    asking = asking_of(current_app, request.endpoint) if request.endpoint else None
    if asking is None or not current_user.is_authenticated or not asking.applies() or current_user.is_confirmed:
        return None
    if is_review():
        # Nothing is done; only a page that asks already before it is looked at asks now.
        return send_to(request.path) if asking.on_reading else None
    if wants_fragment() or request.method in ("GET", "HEAD"):
        here = request.full_path.removesuffix("?") if request.method in ("GET", "HEAD") else None
        here = here or path_at(request.host, request.headers.get("HX-Current-URL"))
        return send_to(url_for("confirmation.show", next=here))
    if is_proved(current_user):
        return None
    return make_response(render_template("auth/confirm.html", question=Question.now(current_user)), 403)


def is_proved(viewer: Viewer) -> bool:
    """Whether the form that was sent proves that it is this person; then nothing asks again for ten minutes.

    Raises ``TooManyRequests`` after too many wrong guesses.
    """
    if is_review() or not {PASSWORD, CODE, ANSWER} & set(request.form):
        return False
    with account_scope(viewer.home_id):
        is_right = _prove_factor(viewer) if viewer.has_factor else _prove_password(viewer)
        if is_right:
            mine = update(UserSession).where(UserSession.id == viewer.session_id)
            db.session.execute(mine.values(confirmed_at=utc_now()))
            # For good, whatever becomes of the form that waits: no code is right a second time.
            db.session.commit()
    return is_right


def _prove_factor(viewer: Viewer) -> bool:
    proof = Proof(request.form.get(CODE, ""), request.form.get(ANSWER, ""))
    return proof.prove(db.session.get_one(User, viewer.id), purpose_of(viewer)) is not None


def _prove_password(viewer: Viewer) -> bool:
    if proved_hash(viewer, request.form.get(PASSWORD, "")) is None:
        note_attack(AttackKind.FACTOR_REFUSED, chain_id=viewer.home_id, user_id=viewer.id)
        return False
    return True


def purpose_of(viewer: Viewer) -> str:
    """What a passkey's challenge is for."""
    return f"confirm:{viewer.session_id}"


@dataclass(frozen=True, slots=True)
class Question:
    """What the page that asks shows: by which ways, the form that waits, and whether the last try was wrong."""

    protection: Protection
    passkey_options: str | None
    kept: list[tuple[str, str]]
    method: str | None
    problem: str | None

    @classmethod
    def now(cls, viewer: Viewer) -> "Question":
        """Of the present request."""
        with account_scope(viewer.home_id):
            protection = Protection.of(viewer.id)
        may_use = protection.passkeys and passkeys.are_possible()
        wrong = _("This is not right. Try once more.") if {PASSWORD, CODE, ANSWER} & set(request.form) else None
        return cls(
            protection=protection,
            passkey_options=passkeys.request_options(purpose_of(viewer), protection.passkeys) if may_use else None,
            kept=[each for each in request.form.items(multi=True) if each[0] not in OWN_FIELDS],
            method=request.method if request.method not in ("GET", "POST") else None,
            problem=wrong,
        )


def page(next_path: str) -> Response:
    """The question alone, for those who were sent here from a page (GET) or by htmx."""
    question = Question.now(current_user)
    response = make_response(render_template("auth/confirm.html", question=question, next=next_path))
    response.status_code = 422 if question.problem else 200
    return response
