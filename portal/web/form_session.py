"""Flask's signed cookie, which holds the proof of forms and the toasts that wait; who is signed in is not in it."""

from copy import deepcopy
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer


class FormSession(SecureCookieSession):
    """Remembers what the cookie held."""

    def __init__(self, initial: dict[str, Any] | None = None) -> None:
        super().__init__(initial)
        # Deep: Flask adds a toast to the very list that the cookie brought.
        self.held = deepcopy(dict(initial or {}))


class FormSessions(SecureCookieSessionInterface):
    """Makes no signer where there is nothing to verify: most requests of machines bring no cookie."""

    session_class: type[SecureCookieSession] = FormSession
    _signer: tuple[Any, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and proves, made once for the keys."""
        keys = (app.secret_key, app.config["SECRET_KEY_FALLBACKS"])
        known, signer = self._signer
        if known != keys:
            signer = super().get_signing_serializer(app)
            self._signer = keys, signer
        return signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty one without a cookie."""
        if "Cookie" not in request.headers:
            return self.session_class()
        return super().open_session(app, request)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Not where it would hold the same again: a toast that its own answer shows was put there and taken out."""
        is_same = isinstance(session, FormSession) and session == session.held
        return not is_same and super().should_set_cookie(app, session)
