"""The validated settings of one process."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from config.addresses import (
    API_BASES,
    MailServer,
    MediaBucket,
    read_api_base,
    read_database_url,
    read_mail_server,
    read_media_bucket,
    read_public_url,
    read_trusted_hosts,
)
from config.environment import ConfigurationError, EnvironmentReader
from config.keys import CredentialKey, read_keys
from config.limits import Limits, Pooler, read_limits, read_pooler
from config.observation import LogFormat, read_log_format, read_metrics_host, read_sentry_dsn

SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,40}")
DEPLOYMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")

Environment = Literal["production", "development", "test"]
# What the process does: serve pages, run jobs, or one command. Each waits for the database in its own way.
Process = Literal["web", "worker", "command"]


@dataclass(frozen=True, slots=True)
class Config:
    """The validated settings of one process.

    Secrets may be absent (``flask db`` runs without them); whoever needs them calls
    :meth:`require_secrets` first.
    """

    database_url: str = field(repr=False)
    database_schema: str = "getinn_ops"
    pooler: Pooler = "none"
    limits: Limits = field(default_factory=Limits)
    process: Process = "web"
    environment: Environment = "production"
    deployment: str = ""
    secret_key: str | None = field(default=None, repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    credential_keys: tuple[CredentialKey, ...] = ()
    secret_problems: tuple[str, ...] = ()
    port: int = 5000
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
    def from_environment(
        cls, env: Mapping[str, str] = os.environ, *, database: bool = True, process: Process = "web"
    ) -> "Config":
        """Read the environment; raises :class:`ConfigurationError` with a line for each wrong variable.

        Without ``database`` its address may be absent, and then its first use raises the same error.
        """
        source = EnvironmentReader(env)
        usual: Environment = "production"
        environment = source.checked(_environment_name, usual)
        keys = read_keys(source, lenient=environment == "development")
        config = cls(
            database_url=source.checked(read_database_url, "") if database or source.text("DATABASE_URL") else "",
            database_schema=source.checked(_database_schema, ""),
            pooler=source.checked(read_pooler, "none"),
            limits=read_limits(source),
            process=process,
            environment=environment,
            deployment=source.checked(_deployment, ""),
            secret_key=keys.secret_key,
            secret_key_fallbacks=keys.fallbacks,
            credential_keys=keys.credential_keys,
            secret_problems=keys.problems,
            port=source.whole_number("PORT", default=5000, low=1, high=65535),
            portal_data=portal_data(env),
            trusted_hosts=source.checked(read_trusted_hosts, ()),
            proxy_hops=source.whole_number("PROXY_HOPS", default=0, low=0, high=10),
            public_url=source.checked(read_public_url, None),
            mail=source.checked(read_mail_server, None),
            media_bucket=source.checked(read_media_bucket, None),
            secure_cookies=source.switch("SECURE_COOKIES", default=True),
            allow_loopback_addresses=source.switch("ALLOW_LOOPBACK_ADDRESSES", default=False),
            log_level=source.checked(_log_level, "INFO"),
            log_format=read_log_format(source, is_text_usual=environment == "development"),
            metrics_host=source.checked(read_metrics_host, ""),
            metrics_port=source.whole_number("METRICS_PORT", default=0, low=1, high=65535) or None,
            sentry_dsn=source.checked(read_sentry_dsn, None),
            api_bases=source.checked(_api_bases, API_BASES),
        )
        source.refuse_problems()
        return config

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def identity(self) -> str:
        """The name of this deployment, which its database knows it by: its public host where none is chosen."""
        if self.deployment:
            return self.deployment
        host = urlsplit(self.public_url).netloc if self.public_url and self.environment == "production" else ""
        return host.lower() or self.environment

    @property
    def libpq_url(self) -> str:
        """The database's address as libpq and psycopg read it (without SQLAlchemy's driver suffix)."""
        return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)

    @property
    def pool_size(self) -> int:
        """How many connections this process keeps: one for each thread that waits for an answer."""
        return self.limits.web_pool if self.process == "web" else self.limits.worker_pool

    def require_secrets(self) -> None:
        """Refuse to go on without usable SECRET_KEY and CREDENTIAL_KEYS; for the web app and the worker."""
        if self.secret_problems:
            raise ConfigurationError("\n".join(self.secret_problems))


def database_schema(env: Mapping[str, str] = os.environ) -> str:
    """The name of the schema that holds the portal's tables."""
    return _database_schema(EnvironmentReader(env))


def portal_data(env: Mapping[str, str] = os.environ) -> Path:
    """The folder for everything the portal itself keeps on disk (absolute; not created here)."""
    chosen = EnvironmentReader(env).text("PORTAL_DATA")
    return Path(chosen).expanduser().resolve() if chosen else Path(__file__).resolve().parents[1] / "instance"


def _environment_name(source: EnvironmentReader) -> Environment:
    name = (source.text("ENVIRONMENT") or "production").lower()
    if name not in ("production", "development", "test"):
        raise ConfigurationError(f"ENVIRONMENT must be production, development or test, not {name!r}.")
    return cast(Environment, name)


def _database_schema(source: EnvironmentReader) -> str:
    value = source.text("DATABASE_SCHEMA") or "getinn_ops"
    if not SCHEMA_NAME.fullmatch(value):
        raise ConfigurationError(f"DATABASE_SCHEMA must be at most 41 lower-case letters, digits and _, not {value!r}.")
    return value


def _deployment(source: EnvironmentReader) -> str:
    value = source.text("DEPLOYMENT") or ""
    if value and not DEPLOYMENT_NAME.fullmatch(value):
        raise ConfigurationError(f"DEPLOYMENT must be a name of letters, digits and . _ : -, not {value!r}.")
    return value


def _api_bases(source: EnvironmentReader) -> Mapping[str, str]:
    return {key: read_api_base(source, key) for key in API_BASES}


def _log_level(source: EnvironmentReader) -> str:
    value = (source.text("LOG_LEVEL") or "info").upper()
    if value not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigurationError(f"LOG_LEVEL must be debug, info, warning or error, not {value.lower()!r}.")
    return value
