"""The GET INN portal: a server-rendered portal for restaurant chains."""

from pathlib import Path
from typing import Any, NoReturn

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import NO_DATABASE, Config, ConfigurationError
from portal import attacks, cli, errors, sitemap
from portal.access import guards
from portal.audit import last_change
from portal.auth import confirmation, cookie, failed_sign_ins, request, signed_out_page
from portal.db import joint_updates, joint_writes, unit_of_work
from portal.db.base import db
from portal.db.connecting import engine_options
from portal.db.secrets import Keyring
from portal.deployment import state
from portal.extensions import csrf, htmx, migrate
from portal.iiko.sync import pins
from portal.messaging import line_pool
from portal.telemetry import batches, log_lines, metrics, requests
from portal.tenancy import ceilings, walls
from portal.web import (
    assets,
    attributes,
    compression,
    context,
    converters,
    form_session,
    health_routes,
    language,
    method_override,
    numbers,
    security,
    stale_forms,
    templating,
)

ROOT = Path(__file__).resolve().parent.parent
DRIVER = "postgresql+psycopg://"
COMPRESSION: dict[str, Any] = {"COMPRESS_ALGORITHM": ["br", "gzip"], "COMPRESS_BR_LEVEL": 5, "COMPRESS_LEVEL": 5}
LARGEST_REQUEST = 4 * 1024 * 1024


def create_app(config: Config | None = None) -> Flask:
    """The portal, configured and complete; ``ConfigurationError`` where it cannot be safe."""
    config = config or Config.from_environment()
    app = templating.Portal(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    configure(app, config)
    templating.install(app)
    for extension in (db, csrf, htmx):
        extension.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    for each in (compression, batches, metrics, requests, attacks, failed_sign_ins, converters, method_override):
        each.install(app)
    # In this order: who is there, whether they may, whether the form proves itself, whether they are asked again.
    for each in (request, guards, signed_out_page, stale_forms, confirmation):
        each.install(app)
    for each in (language, context, numbers, assets, security):
        each.install(app)
    app.session_interface = form_session.FormSessions()
    app.after_request(cookie.write)
    for each in (attributes, unit_of_work, line_pool, state):
        each.install(app)
    sitemap.install(app)
    guards.refuse_undeclared(app)
    errors.install(app)
    cli.install(app)
    for each in (last_change, pins, walls, ceilings, joint_updates, joint_writes):
        each.install()
    return app


def configure(app: Flask, config: Config) -> None:
    """Translate the portal's settings into Flask's."""
    log_lines.configure(config)
    prefix = "__Host-" if config.secure_cookies else ""
    app.config.update(
        PORTAL=config,
        KEYRING=Keyring.from_keys([key.secret for key in config.credential_keys]) if config.credential_keys else None,
        **signing_settings(config),
        PUBLIC_URL=config.public_url,
        **database_settings(config),
        SESSION_COOKIE_NAME=f"{prefix}form",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        TRUSTED_HOSTS=list(config.trusted_hosts) or None,
        TEMPLATES_AUTO_RELOAD=config.is_development,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "portal" / "translations"),
        **COMPRESSION,
    )
    health_routes.install(app)
    if config.proxy_hops:
        hops = config.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def signing_settings(config: Config) -> dict[str, Any]:
    """What signs, and what besides proves what was signed before."""
    return {
        "SECRET_KEY": config.secret_key,
        "SECRET_KEY_FALLBACKS": list(config.secret_key_fallbacks),
        # The oldest first, as itsdangerous reads them: the last one signs, each of them proves.
        "WTF_CSRF_SECRET_KEY": [*reversed(config.secret_key_fallbacks), config.secret_key],
    }


def database_settings(config: Config) -> dict[str, Any]:
    """Where the database is; without an address the first use of it is refused."""
    if config.database_url:
        # The driver alone: every connection is made by portal/db/connecting.py.
        return {"SQLALCHEMY_DATABASE_URI": DRIVER, "SQLALCHEMY_ENGINE_OPTIONS": engine_options(config)}
    return {
        "SQLALCHEMY_DATABASE_URI": DRIVER,
        "SQLALCHEMY_ENGINE_OPTIONS": {"creator": refuse_to_connect},
    }


def refuse_to_connect() -> NoReturn:
    """Commands that need no database run without one; all others end here."""
    raise ConfigurationError(NO_DATABASE)
