"""A person with a browser, as tests see one."""

import hashlib
import secrets
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from portal.auth.cookie import PLAIN_NAME
from portal.db.base import SCHEMA
from portal.web.cookies import HOST_BOUND
from tests.database import Database
from tests.world import Chain, Person

SESSION_COOKIE = f"{HOST_BOUND}{PLAIN_NAME}"
BASE_URL = "https://localhost"
NOW = "timezone('utc', now())"
HTMX = {"HX-Request": "true"}


class Browser:
    """One browser: anonymous, or signed in by a row in ``user_session``."""

    def __init__(self, app: Flask, database: Database, person: Person | None, visiting: Chain | None = None) -> None:
        self.app, self.database, self.person = app, database, person
        self.chain = visiting or (person.chain if person else None)
        self.client: FlaskClient = app.test_client()
        self._csrf = secrets.token_hex(20)
        self.csrf_token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(self._csrf)
        if person is not None:
            self.sign_in(person)
        if visiting is not None:
            self.visit(visiting)

    def sign_in(self, person: Person) -> None:
        """Be signed in, without the log-in page."""
        self._token = secrets.token_urlsafe(32)
        self.token_hash = hashlib.sha256(self._token.encode()).digest()
        self.database.sql(
            f"INSERT INTO {SCHEMA}.user_session"
            " (account_id, user_id, token_hash, expires_at, last_seen_at, confirmed_at)"
            f" VALUES (%s, %s, %s, {NOW} + interval '1 day', {NOW}, {NOW})",
            [person.account_id, person.id, self.token_hash],
        )
        self._hold_session()

    def forget_all_but_the_session(self) -> None:
        """Lose every other cookie; whoever was signed out in between holds the former one again."""
        self.client = self.app.test_client()
        self._hold_session()

    def _hold_session(self) -> None:
        name = SESSION_COOKIE if self.app.config["SESSION_COOKIE_SECURE"] else PLAIN_NAME
        self.client.set_cookie(name, self._token, domain="localhost", secure=True, httponly=True)

    def visit(self, chain: Chain) -> None:
        """Open a superuser's visit."""
        assert self.person is not None
        self.database.sql(
            f"INSERT INTO {SCHEMA}.superuser_visit (account_id, user_id, session_id, reason, started_at, last_seen_at)"
            f" SELECT %s, user_id, id, 'a test', {NOW}, {NOW} FROM {SCHEMA}.user_session WHERE token_hash = %s",
            [chain.account_id, self.token_hash],
        )

    def account(self, path: str = "") -> str:
        """An address within the person's chain, or the visited one."""
        assert self.chain is not None
        return f"/accounts/{self.chain.slug}/{path}"

    def get(self, url: str, *, htmx: bool = False, **options: Any) -> TestResponse:
        """Follow a link."""
        return self.open(url, "GET", htmx=htmx, **options)

    def post(
        self, url: str, data: Any = None, *, htmx: bool = False, csrf: bool = True, **options: Any
    ) -> TestResponse:
        """Send a form, with its proof unless ``csrf=False``."""
        return self.open(url, "POST", data=data, htmx=htmx, csrf=csrf, **options)

    def delete(
        self, url: str, data: Any = None, *, htmx: bool = False, csrf: bool = True, **options: Any
    ) -> TestResponse:
        """The same with the verb DELETE."""
        return self.open(url, "DELETE", data=data, htmx=htmx, csrf=csrf, **options)

    def open(
        self, url: str, method: str = "GET", *, data: Any = None, htmx: bool = False, csrf: bool = False, **options: Any
    ) -> TestResponse:
        """Any request; ``data`` is a form's mapping or raw bytes, ``headers`` a mapping."""
        headers = {**(HTMX if htmx else {}), **options.pop("headers", {})}
        if csrf:
            self.prove()
            if data is None or isinstance(data, dict):
                data = {"csrf_token": self.csrf_token, **(data or {})}
            else:
                headers["X-CSRFToken"] = self.csrf_token
        options.setdefault("base_url", BASE_URL)
        # Buffered, as a server does: read to the end and closed.
        answer = self.client.open(url, method=method, data=data, headers=headers, buffered=True, **options)
        answer.request.environ["wsgi.input"].close()  # a large upload is a file that Werkzeug leaves open
        return answer

    def prove(self) -> None:
        """Hold the cookie that the token of a form is checked against."""
        name = self.app.config["SESSION_COOKIE_NAME"]
        if self.client.get_cookie(name, domain="localhost") is None:
            self.client.set_cookie(name, self._proof, domain="localhost", secure=True, httponly=True)
            return
        with self.client.session_transaction(base_url=BASE_URL) as session:
            session["csrf_token"] = self._csrf

    @cached_property
    def _proof(self) -> str:
        """The cookie of a form, with nothing else in it."""
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return str(serializer.dumps({"csrf_token": self._csrf}))

    def forget_toasts(self) -> None:
        """Lose what an earlier answer left for the next page to say."""
        self.client.delete_cookie(self.app.config["SESSION_COOKIE_NAME"], domain="localhost")
