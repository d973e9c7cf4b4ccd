"""Flask's signed cookie, which holds the proof of forms and the toasts that wait; who is signed in is not in it."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class FormSessions(SecureCookieSessionInterface):
    """Makes no signer where there is nothing to verify: most requests of machines bring no cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty one without a cookie."""
        if "Cookie" not in request.headers:
            return self.session_class()
        return super().open_session(app, request)
