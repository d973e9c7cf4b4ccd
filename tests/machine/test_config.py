"""The environment as the portal reads it."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from config import VARIABLES, Config, ConfigurationError, parse_credential_keys
from config.keys import is_guessable
from portal.db.secrets import key_id

ROOT = Path(__file__).resolve().parents[2]
DATABASE = {"DATABASE_URL": "postgresql://portal:secret-word@db.example/getinn"}
FIRST_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"first").digest()).decode()
SECOND_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"second").digest()).decode()
SIGNING_KEY = "dM2VqEwcYt0hSxpB7uKjRnZf4aLg9oQe"


def read(**variables: str) -> Config:
    return Config.from_environment(DATABASE | variables)


def complaint(**variables: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(**variables)
    return str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_spelling_of_a_postgresql_address_is_taken(scheme: str) -> None:
    config = read(DATABASE_URL=f"{scheme}://portal:pw@db.example:5433/getinn?sslmode=require")
    assert config.database_url == "postgresql+psycopg://portal:pw@db.example:5433/getinn?sslmode=require"
    assert config.libpq_url == "postgresql://portal:pw@db.example:5433/getinn?sslmode=require"


@pytest.mark.parametrize("address", ["", "  ", "mysql://h/d", "postgresql://h", "postgresql://h/", "getinn"])
def test_an_unusable_database_address_is_refused_by_name(address: str) -> None:
    assert "DATABASE_URL" in complaint(DATABASE_URL=address)


def test_neither_a_complaint_nor_the_settings_in_print_give_a_password_away() -> None:
    assert "secret-word" not in complaint(DATABASE_URL="mysql://portal:secret-word@h/d")
    settings = read(SECRET_KEY=SIGNING_KEY, CREDENTIAL_KEYS=SECOND_KEY, SMTP_URL="smtp://u:mailword@h", MAIL_FROM="a@b")
    assert not any(
        word in repr(settings)
        for word in ("secret-word", "mailword", SIGNING_KEY, repr(settings.credential_keys[0].secret)[2:12])
    )


def test_migrations_need_the_address_and_the_schema_alone() -> None:
    config = read(DATABASE_SCHEMA="chain_ops")
    assert config.database_schema == "chain_ops"
    assert config.secret_key is None


@pytest.mark.parametrize("name", ["Getinn", "a-b", "1a", 'a"; DROP', "a" * 42, "é"])
def test_a_schema_name_that_would_need_quoting_is_refused(name: str) -> None:
    assert "DATABASE_SCHEMA" in complaint(DATABASE_SCHEMA=name)


def test_secrets_are_demanded_from_whoever_serves() -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)SECRET_KEY.*CREDENTIAL_KEYS"):
        read().require_secrets()
    with pytest.raises(ConfigurationError, match="SECRET_KEY is shorter than 32"):
        read(SECRET_KEY="short", CREDENTIAL_KEYS=FIRST_KEY).require_secrets()
    read(SECRET_KEY=SIGNING_KEY, CREDENTIAL_KEYS=FIRST_KEY).require_secrets()


def test_credential_keys_keep_their_order_and_bear_the_ids_that_stored_secrets_name() -> None:
    newest, oldest = read(CREDENTIAL_KEYS=f"{SECOND_KEY}, {FIRST_KEY.rstrip('=')}").credential_keys
    assert (newest.secret, oldest.secret) == tuple(hashlib.sha256(each).digest() for each in (b"second", b"first"))
    assert (newest.id, oldest.id) == (key_id(newest.secret), key_id(oldest.secret))


@pytest.mark.parametrize(
    "guessable",
    ["a" * 40, "0123456789" * 4, "abcdefghijklmnopqrstuvwxyz0123456", "changeme-changeme-changeme-changeme", "ab" * 20],
)
def test_a_key_that_can_be_guessed_is_refused_wherever_real_people_work(guessable: str) -> None:
    for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS"):
        keys = {"SECRET_KEY": SIGNING_KEY, "CREDENTIAL_KEYS": FIRST_KEY} | {name: guessable}
        with pytest.raises(ConfigurationError, match=rf"{name}.* no random one"):
            read(**keys).require_secrets()
        read(**keys, ENVIRONMENT="development").require_secrets()
    with pytest.raises(ConfigurationError, match=r"CREDENTIAL_KEYS: key 1 is no random one"):
        read(
            SECRET_KEY=SIGNING_KEY, CREDENTIAL_KEYS=base64.b64encode(guessable.encode()[:32]).decode()
        ).require_secrets()


@pytest.mark.parametrize("seed", range(200))
def test_a_random_key_is_never_taken_for_a_guessable_one(seed: int) -> None:
    digest = hashlib.sha256(str(seed).encode()).digest()
    assert not is_guessable(digest)
    assert not is_guessable(digest.hex()[:32].encode())
    assert not is_guessable(str(int.from_bytes(digest, "big"))[:32].encode())


def test_everything_that_is_wrong_is_told_at_once_a_line_each() -> None:
    told = complaint(PORT="http", SECURE_COOKIES="maybe", DATABASE_URL="mysql://h/d", DATABASE_POOLER="round robin")
    assert [line.split()[0] for line in told.splitlines()] == [
        "DATABASE_URL", "DATABASE_POOLER", "PORT", "SECURE_COOKIES",
    ]  # fmt: skip


def test_a_deployment_is_known_by_its_public_host_unless_it_has_a_name() -> None:
    assert read(PUBLIC_URL="https://Portal.example:8443").identity == "portal.example:8443"
    assert read(PUBLIC_URL="https://portal.example", DEPLOYMENT="moscow-1").identity == "moscow-1"
    assert read(PUBLIC_URL="https://tunnel.example", ENVIRONMENT="development").identity == "development"


@pytest.mark.parametrize("text", ["", "abc", FIRST_KEY + ",", "!" * 43, f"{FIRST_KEY},{FIRST_KEY}", "é" * 44])
def test_malformed_or_repeated_credential_keys_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="CREDENTIAL_KEYS"):
        parse_credential_keys(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"), ("DATABASE_POOLER", "statement"), ("DEPLOYMENT", "a b"), ("WEB_THREADS", "0"),
        ("DATABASE_URL", "postgresql://portal:[pw@h/d"),
        ("PORT", "65536"), ("PORT", "http"), ("PORT", "٥٠٠٠"), ("PROXY_HOPS", "-1"),
        ("PROXY_HOPS", "1.0"), ("WEB_PROCESSES", "0"), ("SECURE_COOKIES", "maybe"), ("ENVIRONMENT", "live"),
        ("ALLOW_LOOPBACK_ADDRESSES", "2"), ("LOG_LEVEL", "loud"), ("TRUSTED_HOSTS", "https://portal.example"),
        ("TRUSTED_HOSTS", "portal.example:5000"), ("PUBLIC_URL", "portal.example"),
        ("PUBLIC_URL", "https://portal.example/path"), ("SMTP_URL", "mail.example"), ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://host:port"), ("MAIL_FROM", "a@b\r\nBcc: c@d"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_a_sentence_that_names_the_variable(name: str, value: str) -> None:
    extra = {"SMTP_URL": "smtp://mail.example"} if name == "MAIL_FROM" else {"MAIL_FROM": "a@b.example"}
    assert complaint(**(extra | {name: value})).startswith(name)


def test_a_blank_variable_counts_as_unset() -> None:
    assert read(PORT=" ", SECURE_COOKIES="", TRUSTED_HOSTS=" , ").port == 5000
    assert read(SECURE_COOKIES="").secure_cookies is True


def test_the_mail_server_is_read_from_its_address() -> None:
    mail = read(SMTP_URL="smtps://post%40x:p%2Fw@mail.example", MAIL_FROM="GET INN <portal@x.example>").mail
    assert mail is None or (mail.host, mail.port, mail.security) == ("mail.example", 465, "tls")
    assert mail is None or (mail.username, mail.password) == ("post@x", "p/w")
    assert mail is not None


def test_every_variable_stands_in_the_table_of_the_deployment_guide_and_no_other() -> None:
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE)
    assert sorted(table) == sorted(VARIABLES)


def test_no_other_module_of_the_portal_reads_the_environment() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "portal").rglob("*.py")
        if re.search(r"os\.environ|getenv", file.read_text())
    }
    # The first hands the environment on to the programs it starts, the second only PATH.
    assert readers <= {"portal/development/local.py", "portal/development/system_account.py"}
