"""What is wrong with this installation, in plain words: for ``flask doctor`` and for the refusal to start."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection

from config import Config, ConfigurationError
from portal.db.revisions import MIGRATIONS
from portal.doctor.database import StoredKeys, database_findings, stored_secret_findings
from portal.doctor.settings import Finding, Severity, settings_findings

__all__ = ["Finding", "Severity", "UnsafeConfigurationError", "diagnose", "refuse_if_unsafe", "worst_first"]


class UnsafeConfigurationError(ConfigurationError):
    """The portal must not start like this; ``findings`` holds the reasons."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def diagnose(
    config: Config,
    connection: Connection,
    *,
    unprotected_tables: Iterable[str] = (),
    stored_keys: StoredKeys | None = None,
    migrations: Path = MIGRATIONS,
) -> list[Finding]:
    """All findings, the worst first.

    ``unprotected_tables`` names the tables that have an ``account_id`` and knowingly no row security.
    ``stored_keys`` counts the stored secrets by the id of their key, ``None`` standing for clear text.
    """
    findings = [
        *settings_findings(config),
        *database_findings(config, connection, frozenset(unprotected_tables), migrations),
    ]
    if stored_keys is not None:
        findings += stored_secret_findings(config, stored_keys(connection))
    return worst_first(findings)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in the order of their severity."""
    order: tuple[Severity, ...] = ("refuse", "fault", "warning", "information")
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def refuse_if_unsafe(
    config: Config,
    connection: Connection,
    *,
    unprotected_tables: Iterable[str] = (),
    migrations: Path = MIGRATIONS,
) -> None:
    """Raise :class:`UnsafeConfigurationError` where :func:`diagnose` finds a reason not to start."""
    findings = diagnose(config, connection, unprotected_tables=unprotected_tables, migrations=migrations)
    reasons = [finding for finding in findings if finding.severity == "refuse"]
    if reasons:
        raise UnsafeConfigurationError(reasons)
