"""Where things are: the database, the portal itself, the messengers, the mail server, the bucket."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from config.environment import ConfigurationError, EnvironmentReader

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

MailSecurity = Literal["starttls", "tls", "none"]


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


def read_database_url(source: EnvironmentReader) -> str:
    """The database's address with SQLAlchemy's driver named."""
    value = source.text("DATABASE_URL")
    if value is None:
        raise ConfigurationError(NO_DATABASE)
    # The value itself stays out of the messages: it usually carries a password.
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in POSTGRES_SCHEMES:
        raise ConfigurationError("DATABASE_URL must start with postgresql:// (or postgres://).")
    try:
        path = urlsplit(f"postgresql://{rest}").path
    except ValueError:
        raise ConfigurationError(
            "DATABASE_URL cannot be read: write brackets and signs of the password as %XX."
        ) from None
    if not path.strip("/"):
        raise ConfigurationError("DATABASE_URL does not name a database after the host.")
    return f"postgresql+psycopg://{rest}"


def read_trusted_hosts(source: EnvironmentReader) -> tuple[str, ...]:
    """The names under which the portal is reached."""
    hosts = source.listed("TRUSTED_HOSTS")
    for host in hosts:
        if not HOST_NAME.fullmatch(host):
            raise ConfigurationError(f"TRUSTED_HOSTS must list host names without scheme, port or path, not {host!r}.")
    return hosts


def read_public_url(source: EnvironmentReader) -> str | None:
    """The start of the portal's own links, without a slash at the end."""
    value = source.text("PUBLIC_URL")
    if value is None:
        return None
    if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+/?", value):
        raise ConfigurationError(f"PUBLIC_URL must be like https://portal.example, not {value!r}.")
    return value.rstrip("/")


def read_api_base(source: EnvironmentReader, platform: str) -> str:
    """Where a platform's API answers; another address than its own is for servers that stand in for it."""
    name = f"{platform.upper()}_API_BASE"
    value = source.text(name) or API_BASES[platform]
    if not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?", value):
        raise ConfigurationError(f"{name} must be like {API_BASES[platform]}, not {value!r}.")
    return value.rstrip("/")


def read_mail_server(source: EnvironmentReader) -> MailServer | None:
    """The server that mail is handed to, if there is one."""
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


def read_media_bucket(source: EnvironmentReader) -> MediaBucket | None:
    """The bucket that files go to, if there is one."""
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
