"""What the doctor finds, on a throw-away database of a plain shape."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from config import Config, MediaBucket
from portal.development.embedded import EmbeddedServer, throwaway_server
from portal.doctor import Finding, UnsafeConfigurationError, diagnose, refuse_if_unsafe

KEY = base64.urlsafe_b64encode(hashlib.sha256(b"doctor").digest()).decode()
TABLES = """
    CREATE SCHEMA getinn_ops;
    CREATE TABLE getinn_ops.alembic_version (version_num varchar PRIMARY KEY);
    INSERT INTO getinn_ops.alembic_version VALUES ('0002');
    CREATE TABLE getinn_ops.restaurant (id int, account_id uuid);
    CREATE TABLE getinn_ops.note (id int);
    ALTER TABLE getinn_ops.restaurant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY account_rows ON getinn_ops.restaurant USING (false);
"""
MIGRATION = """
revision = {revision!r}
down_revision = {before!r}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with throwaway_server() as server:
        server.create_role("loose", bypass_row_security=True)
        with create_engine(server.url()).begin() as connection:
            connection.execute(text(TABLES))
            connection.execute(text("GRANT USAGE ON SCHEMA getinn_ops TO loose"))
            connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA getinn_ops TO loose"))
        yield server


@pytest.fixture
def connection(server: EmbeddedServer) -> Iterator[Connection]:
    """A transaction of the portal's role that is rolled back afterwards."""
    engine = create_engine(server.url())
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def migrations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrations")
    (folder / "versions").mkdir()
    for revision, before in (("0001", None), ("0002", "0001")):
        (folder / "versions" / f"{revision}.py").write_text(MIGRATION.format(revision=revision, before=before))
    return folder


@pytest.fixture
def config() -> Config:
    return Config.from_environment(
        {
            "DATABASE_URL": "postgresql://portal@db.example/getinn",
            "SECRET_KEY": "dM2VqEwcYt0hSxpB7uKjRnZf4aLg9oQe",
            "CREDENTIAL_KEYS": KEY,
            "TRUSTED_HOSTS": "portal.example",
            "PUBLIC_URL": "https://portal.example",
            "PROXY_HOPS": "1",
            "SMTP_URL": "smtp://mail.example",
            "MAIL_FROM": "portal@portal.example",
        }
    )


def grave(findings: list[Finding]) -> list[str]:
    return [finding.message for finding in findings if finding.severity == "refuse"]


def test_a_sound_installation_may_start_and_only_misses_what_makes_search_fast(
    config: Config, connection: Connection, migrations: Path
) -> None:
    refuse_if_unsafe(config, connection, migrations=migrations)
    findings = diagnose(config, connection, migrations=migrations)
    assert [(finding.severity, "pg_trgm" in finding.message) for finding in findings] == [("warning", True)]


@pytest.mark.parametrize(("role", "word"), [("postgres", "superuser"), ("loose", "bypasses row security")])
def test_a_role_that_row_security_does_not_bind_may_not_serve(
    config: Config, server: EmbeddedServer, migrations: Path, role: str, word: str
) -> None:
    with (
        create_engine(server.url(role=role)).connect() as connection,
        pytest.raises(UnsafeConfigurationError, match=word) as caught,
    ):
        refuse_if_unsafe(config, connection, migrations=migrations)
    assert "CREATE ROLE" in caught.value.findings[0].remedy


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE getinn_ops.alembic_version SET version_num = '0001'", "behind the migrations"),
        ("DROP TABLE getinn_ops.alembic_version", "behind the migrations"),
        ("UPDATE getinn_ops.alembic_version SET version_num = '0003'", "ahead of this version"),
        ("SET timezone = 'Europe/Moscow'", "Europe/Moscow, not on UTC"),
        ("ALTER TABLE getinn_ops.restaurant DISABLE ROW LEVEL SECURITY", "getinn_ops.restaurant is off"),
        ("ALTER TABLE getinn_ops.restaurant NO FORCE ROW LEVEL SECURITY", "FORCE is off"),
        ("DROP POLICY account_rows ON getinn_ops.restaurant", "restaurant has no policy"),
        ("CREATE TABLE getinn_ops.account (id uuid)", "getinn_ops.account is off"),
    ],
)
def test_a_database_in_a_dangerous_state_keeps_the_portal_from_starting(
    config: Config, connection: Connection, migrations: Path, change: str, words: str
) -> None:
    connection.execute(text(change))
    reasons = grave(diagnose(config, connection, migrations=migrations))
    assert len(reasons) == 1
    assert words in reasons[0]


def test_a_table_that_is_knowingly_open_is_no_reason_to_refuse(
    config: Config, connection: Connection, migrations: Path
) -> None:
    connection.execute(text("ALTER TABLE getinn_ops.restaurant DISABLE ROW LEVEL SECURITY"))
    refuse_if_unsafe(config, connection, migrations=migrations, unprotected_tables=["restaurant"])


def test_a_local_zone_that_the_database_gives_to_other_programs_is_told(
    config: Config, connection: Connection, migrations: Path
) -> None:
    connection.execute(text("ALTER DATABASE getinn SET timezone = 'Asia/Tashkent'"))
    assert any("Asia/Tashkent" in finding.message for finding in diagnose(config, connection, migrations=migrations))


def test_a_clock_that_differs_from_the_databases_is_told(
    config: Config, connection: Connection, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.doctor.database.time.time", lambda: 0.0)
    assert any("clock" in finding.message for finding in diagnose(config, connection, migrations=migrations))


def test_secrets_that_cannot_be_opened_or_lie_open_are_told(
    config: Config, connection: Connection, migrations: Path
) -> None:
    known = config.credential_keys[0].id
    findings = diagnose(config, connection, migrations=migrations, stored_keys=lambda _: {known: 9, "lost": 3, None: 2})
    told = [finding.message for finding in findings if "stored secrets" in finding.message]
    assert len(told) == 2
    assert any("3 stored secrets" in message and "lost" in message for message in told)
    assert any("2 stored secrets are not encrypted" in message for message in told)


def findings_for(config: Config, connection: Connection, migrations: Path) -> list[tuple[str, str]]:
    return [
        (finding.severity, finding.message.split()[0])
        for finding in diagnose(config, connection, migrations=migrations)
        if "pg_trgm" not in finding.message
    ]


def test_settings_that_do_not_fit_the_place_are_told(config: Config, connection: Connection, migrations: Path) -> None:
    def told(**changes: object) -> list[tuple[str, str]]:
        return findings_for(replace(config, **changes), connection, migrations)  # type: ignore[arg-type]

    assert told(secure_cookies=False) == [("refuse", "SECURE_COOKIES")]
    local = {"trusted_hosts": ("localhost",), "public_url": "http://localhost:5000"}
    assert told(secure_cookies=False, **local) == []
    assert told(trusted_hosts=()) == [("refuse", "TRUSTED_HOSTS")]
    assert told(environment="development") == [("warning", "ENVIRONMENT")]
    assert told(environment="development", trusted_hosts=(), public_url=None, proxy_hops=0) == []
    assert told(public_url=None) == [("refuse", "PUBLIC_URL")]
    assert told(trusted_hosts=("other.example",)) == [("refuse", "TRUSTED_HOSTS")]
    assert told(trusted_hosts=(".example",)) == []
    for base in ("http://127.0.0.1:8081", "https://localhost", "http://[::1]:1"):
        assert told(api_bases={"telegram": base}) == [("refuse", "TELEGRAM_API_BASE")]
    assert told(pooler="transaction") == []
    assert told(pooler="transaction", process="worker") == [("refuse", "DATABASE_POOLER")]
    assert told(allow_loopback_addresses=True) == [("warning", "ALLOW_LOOPBACK_ADDRESSES")]
    assert told(public_url="http://portal.example") == [("warning", "PUBLIC_URL")]
    assert told(proxy_hops=0) == [("warning", "PROXY_HOPS")]
    assert told() == []
    assert told(mail=None) == [("information", "SMTP_URL")]


def test_a_bucket_whose_package_is_missing_keeps_the_portal_from_starting(
    config: Config, connection: Connection, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_bucket = replace(config, media_bucket=MediaBucket("https://s3.example", "files", "eu", "key", "secret"))
    assert findings_for(with_bucket, connection, migrations) == []
    monkeypatch.setattr("portal.doctor.settings.find_spec", lambda name: None)
    with pytest.raises(UnsafeConfigurationError, match=r"requirements-bucket\.txt"):
        refuse_if_unsafe(with_bucket, connection, migrations=migrations)


def test_missing_and_malformed_keys_keep_the_portal_from_starting(
    config: Config, connection: Connection, migrations: Path
) -> None:
    bare = Config.from_environment({"DATABASE_URL": "postgresql://h/d", "CREDENTIAL_KEYS": "short"})
    broken = replace(config, secret_problems=bare.secret_problems)
    with pytest.raises(UnsafeConfigurationError, match=r"(?s)SECRET_KEY is not set.*CREDENTIAL_KEYS: key 1"):
        refuse_if_unsafe(broken, connection, migrations=migrations)
