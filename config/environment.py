"""The environment seen through the list of known names."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

Value = TypeVar("Value")

VARIABLES = (
    "ALLOW_LOOPBACK_ADDRESSES",
    "CREDENTIAL_KEYS",
    "DATABASE_IDLE_SECONDS",
    "DATABASE_LOCK_SECONDS",
    "DATABASE_POOLER",
    "DATABASE_SCHEMA",
    "DATABASE_STATEMENT_SECONDS",
    "DATABASE_URL",
    "DATABASE_WAIT_SECONDS",
    "DEPLOYMENT",
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
    "SECRET_KEY_FALLBACKS",
    "SECURE_COOKIES",
    "SENTRY_DSN",
    "SMTP_URL",
    "TELEGRAM_API_BASE",
    "TRUSTED_HOSTS",
    "VIBER_API_BASE",
    "WEB_MACHINES",
    "WEB_POOL",
    "WEB_PROCESSES",
    "WEB_THREADS",
    "WHATSAPP_API_BASE",
    "WORKERS",
    "WORKER_POOL",
)

SWITCHED_ON = ("on", "true", "yes", "1")
SWITCHED_OFF = ("off", "false", "no", "0")


class ConfigurationError(Exception):
    """Settings are missing or wrong. The message is one plain sentence a line; each names its variable."""


class EnvironmentReader:
    """Reads variables one after the other and keeps what is wrong with each, so that all of it is told at once.

    Blank counts as unset.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def text(self, name: str) -> str | None:
        """The value without blanks around it."""
        if name not in VARIABLES:
            raise LookupError(f"{name} is not in VARIABLES")
        return self._env.get(name, "").strip() or None

    def listed(self, name: str) -> tuple[str, ...]:
        """The parts of a value separated by commas, without empty ones."""
        return tuple(part.strip() for part in (self.text(name) or "").split(",") if part.strip())

    def whole_number(self, name: str, *, default: int, low: int, high: int) -> int:
        """A number within its bounds."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,6}", value) or not low <= int(value) <= high:
            self.problems.append(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
            return default
        return int(value)

    def switch(self, name: str, *, default: bool) -> bool:
        """On or off."""
        value = (self.text(name) or ("on" if default else "off")).lower()
        if value not in SWITCHED_ON + SWITCHED_OFF:
            self.problems.append(f"{name} must be on or off, not {value!r}.")
        return value in SWITCHED_ON

    def checked(self, read: Callable[["EnvironmentReader"], Value], default: Value) -> Value:
        """What ``read`` makes of the variables; ``default`` where it raises, and its reason is kept."""
        try:
            return read(self)
        except ConfigurationError as error:
            self.problems.append(str(error))
            return default

    def refuse_problems(self) -> None:
        """Raises ``ConfigurationError`` with all that was wrong, a line each."""
        if self.problems:
            raise ConfigurationError("\n".join(self.problems))
