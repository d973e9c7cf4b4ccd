"""Every environment variable of the portal: read and validated here, and nowhere else.

``docs/deploy.md`` explains each one; a test keeps that table and ``VARIABLES`` alike.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

VARIABLES = (
    "ALLOW_LOOPBACK_ADDRESSES",
    "CREDENTIAL_KEYS",
    "DATABASE_SCHEMA",
    "DATABASE_URL",
    "ENVIRONMENT",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MAIL_FROM",
    "MEDIA_BUCKET_KEY",
    "MEDIA_BUCKET_REGION",
    "MEDIA_BUCKET_SECRET",
    "MEDIA_BUCKET_URL",
    "METRICS_HOST",
    "METRICS_PORT",
    "PORT",
    "PORTAL_DATA",
    "PROXY_HOPS",
    "PUBLIC_URL",
    "SECRET_KEY",
    "SECURE_COOKIES",
    "SENTRY_DSN",
    "SMTP_URL",
    "TELEGRAM_API_BASE",
    "TRUSTED_HOSTS",
    "VIBER_API_BASE",
    "WEB_PROCESSES",
    "WHATSAPP_API_BASE",
)

MINIMUM_SECRET_LENGTH = 32
CREDENTIAL_KEY_BYTES = 32
SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,40}")
HOST_NAME = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
POSTGRES_SCHEMES = ("postgresql+psycopg", "postgresql", "postgres")
SMTP_SECURITY: Mapping[str, tuple["MailSecurity", int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("none", 25),
}
API_BASES = {
    "telegram": "https://api.telegram.org",
    "whatsapp": "https://graph.facebook.com",
    "viber": "https://chatapi.viber.com",
}
NO_DATABASE = "DATABASE_URL is not set: it takes an address like postgresql://portal:password@host/getinn."
SWITCHED_ON = ("on", "true", "yes", "1")
SWITCHED_OFF = ("off", "false", "no", "0")

Environment = Literal["production", "development", "test"]
MailSecurity = Literal["starttls", "tls", "none"]
LogFormat = Literal["json", "text"]


class ConfigurationError(Exception):
    """A setting is missing or wrong. The message is one plain sentence that names the variable."""


@dataclass(frozen=True, slots=True)
class CredentialKey:
    """One key for secrets at rest; ``id`` is stored beside every value it encrypted."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and who it comes from."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MediaBucket:
    """Where stored files are kept instead of in the database: a bucket that speaks S3's protocol."""

    endpoint: str
    name: str
    region: str
    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """The validated settings of one process.

    Secrets may be absent (``flask db`` runs without them); whoever needs them calls
    :meth:`require_secrets` first.
    """

    database_url: str = field(repr=False)
    database_schema: str = "getinn_ops"
    environment: Environment = "production"
    secret_key: str | None = field(default=None, repr=False)
    credential_keys: tuple[CredentialKey, ...] = ()
    secret_problems: tuple[str, ...] = ()
    port: int = 5000
    web_processes: int = 2
    portal_data: Path = Path("instance")
    trusted_hosts: tuple[str, ...] = ()
    proxy_hops: int = 0
    public_url: str | None = None
    mail: MailServer | None = None
    media_bucket: MediaBucket | None = None
    secure_cookies: bool = True
    allow_loopback_addresses: bool = False
    log_level: str = "INFO"
    log_format: LogFormat = "json"
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    sentry_dsn: str | None = field(default=None, repr=False)
    api_bases: Mapping[str, str] = field(default_factory=lambda: dict(API_BASES))

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ, *, database: bool = True) -> "Config":
        """Read the environment; raises :class:`ConfigurationError` at the first wrong variable.

        Without ``database`` its address may be absent, and then its first use raises the same error.
        """
        source = _Environment(env)
        environment = _environment_name(source)
        secret_key, credential_keys, problems = _secrets(source, environment)
        return cls(
            database_url=_database_url(source) if database or source.text("DATABASE_URL") else "",
            database_schema=_database_schema(source),
            environment=environment,
            secret_key=secret_key,
            credential_keys=credential_keys,
            secret_problems=problems,
            port=source.whole_number("PORT", default=5000, low=1, high=65535),
            web_processes=source.whole_number("WEB_PROCESSES", default=2, low=1, high=256),
            portal_data=portal_data(env),
            trusted_hosts=_trusted_hosts(source),
            proxy_hops=source.whole_number("PROXY_HOPS", default=0, low=0, high=10),
            public_url=_public_url(source),
            mail=_mail_server(source),
            media_bucket=_media_bucket(source),
            secure_cookies=source.switch("SECURE_COOKIES", default=True),
            allow_loopback_addresses=source.switch("ALLOW_LOOPBACK_ADDRESSES", default=False),
            log_level=_log_level(source),
            log_format=_log_format(source, environment),
            metrics_host=_metrics_host(source),
            metrics_port=source.whole_number("METRICS_PORT", default=0, low=1, high=65535) or None,
            sentry_dsn=_sentry_dsn(source),
            api_bases={key: _api_base(source, key) for key in API_BASES},
        )

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def libpq_url(self) -> str:
        """The database's address as libpq and psycopg read it (without SQLAlchemy's driver suffix)."""
        return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)

    def require_secrets(self) -> None:
        """Refuse to go on without usable SECRET_KEY and CREDENTIAL_KEYS; for the web app and the worker."""
        if self.secret_problems:
            raise ConfigurationError(" ".join(self.secret_problems))


def database_schema(env: Mapping[str, str] = os.environ) -> str:
    """The name of the schema that holds the portal's tables."""
    return _database_schema(_Environment(env))


def portal_data(env: Mapping[str, str] = os.environ) -> Path:
    """The folder for everything the portal itself keeps on disk (absolute; not created here)."""
    chosen = _Environment(env).text("PORTAL_DATA")
    return Path(chosen).expanduser().resolve() if chosen else Path(__file__).resolve().parent / "instance"


def share_measurements(folder: Path) -> None:
    """Have the metrics' library keep its figures where all processes of this machine do; before it is loaded."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def parse_credential_keys(text: str) -> tuple[CredentialKey, ...]:
    """The keys for secrets at rest from their comma-separated form, newest first.

    Raises :class:`ConfigurationError` for anything but distinct 32-byte values in URL-safe base64.
    """
    keys = tuple(_credential_key(part.strip(), place) for place, part in enumerate(text.split(","), 1))
    if len({key.id for key in keys}) != len(keys):
        raise ConfigurationError("CREDENTIAL_KEYS names the same key twice.")
    return keys


def _credential_key(text: str, place: int) -> CredentialKey:
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != CREDENTIAL_KEY_BYTES:
        raise ConfigurationError(f"CREDENTIAL_KEYS: key {place} is not 32 bytes in URL-safe base64.")
    # The same id as portal.db.secrets.key_id gives: a test holds the two together.
    return CredentialKey(hashlib.sha256(b"credential key id\0" + secret).hexdigest()[:16], secret)


class _Environment:
    """The environment seen through the list of known names; blank counts as unset."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def text(self, name: str) -> str | None:
        if name not in VARIABLES:
            raise LookupError(f"{name} is not in VARIABLES")
        return self._env.get(name, "").strip() or None

    def whole_number(self, name: str, *, default: int, low: int, high: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,6}", value) or not low <= int(value) <= high:
            raise ConfigurationError(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
        return int(value)

    def switch(self, name: str, *, default: bool) -> bool:
        value = (self.text(name) or ("on" if default else "off")).lower()
        if value not in SWITCHED_ON + SWITCHED_OFF:
            raise ConfigurationError(f"{name} must be on or off, not {value!r}.")
        return value in SWITCHED_ON


def _environment_name(source: _Environment) -> Environment:
    match (source.text("ENVIRONMENT") or "production").lower():
        case "production":
            return "production"
        case "development":
            return "development"
        case "test":
            return "test"
        case other:
            raise ConfigurationError(f"ENVIRONMENT must be production, development or test, not {other!r}.")


def _database_url(source: _Environment) -> str:
    value = source.text("DATABASE_URL")
    if value is None:
        raise ConfigurationError(NO_DATABASE)
    # The value itself stays out of the messages: it usually carries a password.
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in POSTGRES_SCHEMES:
        raise ConfigurationError("DATABASE_URL must start with postgresql:// (or postgres://).")
    if not urlsplit(f"postgresql://{rest}").path.strip("/"):
        raise ConfigurationError("DATABASE_URL does not name a database after the host.")
    return f"postgresql+psycopg://{rest}"


def _database_schema(source: _Environment) -> str:
    value = source.text("DATABASE_SCHEMA") or "getinn_ops"
    if not SCHEMA_NAME.fullmatch(value):
        raise ConfigurationError(f"DATABASE_SCHEMA must be at most 41 lower-case letters, digits and _, not {value!r}.")
    return value


def _secrets(
    source: _Environment, environment: Environment
) -> tuple[str | None, tuple[CredentialKey, ...], tuple[str, ...]]:
    problems = []
    secret_key = source.text("SECRET_KEY")
    if secret_key is None:
        problems.append("SECRET_KEY is not set.")
    elif len(secret_key) < MINIMUM_SECRET_LENGTH and environment != "development":
        problems.append(f"SECRET_KEY is shorter than {MINIMUM_SECRET_LENGTH} characters.")
    keys: tuple[CredentialKey, ...] = ()
    listed = source.text("CREDENTIAL_KEYS")
    try:
        if listed is None:
            raise ConfigurationError("CREDENTIAL_KEYS is not set.")
        keys = parse_credential_keys(listed)
    except ConfigurationError as error:
        problems.append(str(error))
    return secret_key, keys, tuple(problems)


def _trusted_hosts(source: _Environment) -> tuple[str, ...]:
    hosts = tuple(part.strip() for part in (source.text("TRUSTED_HOSTS") or "").split(",") if part.strip())
    for host in hosts:
        if not HOST_NAME.fullmatch(host):
            raise ConfigurationError(f"TRUSTED_HOSTS must list host names without scheme, port or path, not {host!r}.")
    return hosts


def _public_url(source: _Environment) -> str | None:
    value = source.text("PUBLIC_URL")
    if value is None:
        return None
    if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+/?", value):
        raise ConfigurationError(f"PUBLIC_URL must be like https://portal.example, not {value!r}.")
    return value.rstrip("/")


def _api_base(source: _Environment, platform: str) -> str:
    """Where a platform's API answers; another address than its own is for servers that stand in for it."""
    name = f"{platform.upper()}_API_BASE"
    value = source.text(name) or API_BASES[platform]
    if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?", value):
        raise ConfigurationError(f"{name} must be like {API_BASES[platform]}, not {value!r}.")
    return value.rstrip("/")


def _mail_server(source: _Environment) -> MailServer | None:
    value, sender = source.text("SMTP_URL"), source.text("MAIL_FROM")
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        security, usual_port = SMTP_SECURITY[parts.scheme]
        host, port = parts.hostname or "", parts.port or usual_port
    except (ValueError, KeyError):
        host = ""
    if not host:
        raise ConfigurationError("SMTP_URL must be like smtp://user:password@host:587 (or smtps://, smtp+plain://).")
    if sender is None or not re.fullmatch(r"[^\r\n]*[^\s@]+@[^\s@]+", sender):
        raise ConfigurationError("MAIL_FROM must be the sender's address while SMTP_URL is set.")
    username, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return MailServer(host, port, security, sender, username, password)


def _media_bucket(source: _Environment) -> MediaBucket | None:
    address, key, secret = (source.text(f"MEDIA_BUCKET_{part}") for part in ("URL", "KEY", "SECRET"))
    if address is None:
        return None
    found = re.fullmatch(r"(https?://[A-Za-z0-9.\[\]:-]+)/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?", address)
    if found is None:
        raise ConfigurationError(f"MEDIA_BUCKET_URL must be like https://s3.example.com/bucket, not {address!r}.")
    if key is None or secret is None:
        missing = "KEY" if key is None else "SECRET"
        raise ConfigurationError(f"MEDIA_BUCKET_{missing} is required together with MEDIA_BUCKET_URL.")
    region = source.text("MEDIA_BUCKET_REGION") or "us-east-1"
    if not re.fullmatch(r"[a-z0-9-]{1,40}", region):
        raise ConfigurationError(f"MEDIA_BUCKET_REGION must be like eu-central-1, not {region!r}.")
    return MediaBucket(found[1], found[2], region, key, secret)


def _log_level(source: _Environment) -> str:
    value = (source.text("LOG_LEVEL") or "info").upper()
    if value not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigurationError(f"LOG_LEVEL must be debug, info, warning or error, not {value.lower()!r}.")
    return value


def _log_format(source: _Environment, environment: Environment) -> LogFormat:
    """An object of JSON a line; on a developer's machine text."""
    match (source.text("LOG_FORMAT") or ("text" if environment == "development" else "json")).lower():
        case "json":
            return "json"
        case "text":
            return "text"
        case other:
            raise ConfigurationError(f"LOG_FORMAT must be json or text, not {other!r}.")


def _metrics_host(source: _Environment) -> str:
    value = source.text("METRICS_HOST") or "127.0.0.1"
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", value):
        raise ConfigurationError(f"METRICS_HOST must be an address of this machine, not {value!r}.")
    return value


def _sentry_dsn(source: _Environment) -> str | None:
    value = source.text("SENTRY_DSN")
    # The value itself stays out of the message: it carries a key.
    if value is not None and not re.fullmatch(r"https?://[^\s@/]+@[^\s@/]+(/[^\s]*)?/[0-9]+", value):
        raise ConfigurationError("SENTRY_DSN must be like https://key@sentry.example/1.")
    return value
