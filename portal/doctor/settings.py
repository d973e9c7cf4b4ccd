"""What the settings alone tell, without a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal
from urllib.parse import urlsplit

from config import Config

Severity = Literal["refuse", "fault", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and what to do about it.

    ``refuse``: the portal does not start. ``fault``: it starts, and a part of it does not work. ``warning``: it runs,
    and something is worse than it could be.
    ``information``: a choice worth knowing about.
    """

    severity: Severity
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0")  # noqa: S104


def settings_findings(config: Config) -> Iterator[Finding]:
    """Findings about secrets, cookies, host names, proxies, poolers, packages and mail."""
    for problem in config.secret_problems:
        yield Finding("refuse", problem, "docs/deploy.md, First installation, shows how to make one.")
    yield from _cookies(config)
    yield from _publicity(config)
    if config.environment == "production":
        yield from _addresses(config)
    yield from _proxy(config)
    yield from _pooler(config)
    if config.secret_key_fallbacks:
        yield Finding(
            "information",
            f"{len(config.secret_key_fallbacks)} former keys in SECRET_KEY_FALLBACKS: what they signed still counts.",
            "Remove them once every webhook was set under the present key; a day will do.",
        )
    if config.media_bucket is not None and find_spec("botocore") is None:
        yield Finding(
            "refuse",
            "MEDIA_BUCKET_URL is set, but the package that speaks with buckets is not installed.",
            "Install it: pip install -r requirements-bucket.txt",
        )
    if config.mail is None:
        yield Finding(
            "information",
            "SMTP_URL is not set: no e-mail is sent.",
            "Invitation and reset links are shown to the person who may hand them over.",
        )


def _public_hosts(config: Config) -> list[str]:
    """The names under which others than this machine reach the portal, as far as the settings tell."""
    names = list(config.trusted_hosts)
    if config.public_url:
        names.append(urlsplit(config.public_url).hostname or "")
    return [name for name in names if name.lower() not in LOOPBACK_NAMES]


def _cookies(config: Config) -> Iterator[Finding]:
    nothing_says_local = config.environment == "production" and not (config.trusted_hosts or config.public_url)
    if not config.secure_cookies and (_public_hosts(config) or nothing_says_local):
        yield Finding(
            "refuse",
            "SECURE_COOKIES is off: sessions could be read on the way.",
            "Leave it on; off is for plain HTTP on localhost alone.",
        )


def _publicity(config: Config) -> Iterator[Finding]:
    if config.environment != "production" and (_public_hosts(config) or config.proxy_hops):
        yield Finding(
            "warning",
            f"ENVIRONMENT is {config.environment}, but the portal looks reachable from outside.",
            "Set ENVIRONMENT=production.",
        )
    if config.environment == "production" and config.allow_loopback_addresses:
        yield Finding(
            "warning",
            "ALLOW_LOOPBACK_ADDRESSES is on: an account's owner can make the portal call this machine.",
            "Turn it off.",
        )


def _addresses(config: Config) -> Iterator[Finding]:
    """What links, webhooks and messages depend on where real people use the portal."""
    if not config.trusted_hosts:
        yield Finding(
            "refuse",
            "TRUSTED_HOSTS is not set: a forged host name would get into links.",
            "List the names under which the portal is reached.",
        )
    if not config.public_url:
        yield Finding(
            "refuse",
            "PUBLIC_URL is not set: links in mails would lead nowhere, and no messenger could deliver.",
            "Set it to the portal's own address, such as https://portal.example.com.",
        )
    elif config.trusted_hosts and not _is_trusted(config, host_of(config.public_url)):
        yield Finding(
            "refuse",
            f"TRUSTED_HOSTS does not hold PUBLIC_URL's host {host_of(config.public_url)}: links would be refused.",
            "Add it to TRUSTED_HOSTS.",
        )
    for messenger, base in config.api_bases.items():
        if host_of(base) in LOOPBACK_NAMES or host_of(base).startswith("127."):
            yield Finding(
                "refuse",
                f"{messenger.upper()}_API_BASE points to this machine: messages would go to a stand-in.",
                "Remove the variable; a Bot API server of one's own needs a name of the network.",
            )


def host_of(url: str) -> str:
    """The host of an address, in lower case."""
    return (urlsplit(url).hostname or "").lower()


def _is_trusted(config: Config, host: str) -> bool:
    return any(
        host == name.lower().lstrip(".") or (name.startswith(".") and host.endswith(name.lower()))
        for name in config.trusted_hosts
    )


def _pooler(config: Config) -> Iterator[Finding]:
    if config.pooler == "none":
        return
    if config.process == "worker":
        yield Finding(
            "refuse",
            f"DATABASE_POOLER is {config.pooler}, but a worker holds locks and listens.",
            "Give the workers a DATABASE_URL that leads to PostgreSQL itself, without DATABASE_POOLER.",
        )
    if "options=" in urlsplit(config.database_url).query:
        yield Finding(
            "warning",
            "DATABASE_URL has options, which a pooler does not take: they are left out.",
            "Set them for the role: ALTER ROLE ... SET ...",
        )


def _proxy(config: Config) -> Iterator[Finding]:
    if config.environment != "production" or not config.public_url:
        return
    if config.public_url.startswith("http://") and _public_hosts(config):
        yield Finding("warning", "PUBLIC_URL is not https.", "Put TLS in front and use the https address.")
    if config.public_url.startswith("https://") and config.proxy_hops == 0:
        yield Finding(
            "warning",
            "PROXY_HOPS is 0 although TLS ends in front of the portal: all visitors share one address there.",
            "Set it to the exact number of proxies in front.",
        )
