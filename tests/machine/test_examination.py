"""``flask doctor`` of one wrong installation after another: each in plain words, a line each, no traceback."""

import base64
import contextlib
import http.server
import json
import re
import socketserver
import threading

import psycopg
import pytest

from config import Config, ConfigurationError
from portal import create_app
from portal.auth.passwords import DEMO_PASSWORD, hash_password
from portal.db.base import db
from portal.doctor.reaching import unreachable
from tests.conftest import CREDENTIAL_KEY, SECRET_KEY

KEY = base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode()
FORMER_KEY = "dM2VqEwcYt0hSxpB7uKjRnZf4aLg9oQe"
S = "getinn_ops"
LATE = "timezone('utc', now()) - interval '1 hour'"
JOB = (
    "SET search_path TO getinn_ops_jobs; INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
    " VALUES ('default', 'x', {}); RESET search_path"
)
BACK = f"UPDATE {S}.alembic_version SET version_num = '{{was}}'"
NEWER = f"UPDATE {S}.alembic_version SET version_num = '9999'"


@pytest.fixture
def examine(server, database, world):
    """``examine(SETTING="value")`` gives the exit code and the lines of ``flask doctor`` there."""
    opened = []

    def run(**settings):
        environment = {
            "DATABASE_URL": server.url(),
            "SECRET_KEY": SECRET_KEY,
            "CREDENTIAL_KEYS": KEY,
            "TRUSTED_HOSTS": "portal.example",
            "PUBLIC_URL": "https://portal.example",
            "PROXY_HOPS": "1",
            **settings,
        }
        try:
            app = create_app(Config.from_environment(environment, database=False, process="command"))
        except ConfigurationError as error:
            # As wsgi.py does.
            return 1, str(error).splitlines()
        opened.append(app)
        result = app.test_cli_runner().invoke(args=["doctor"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output.splitlines()

    yield run
    for app in opened:
        with app.app_context():
            db.engine.dispose()


def told_plainly(answer, words, code):
    exit_code, lines = answer
    telling = [line for line in lines if re.search(words, line)]
    assert len(telling) == 1, lines
    assert exit_code == code, lines
    assert re.fullmatch(r"\S.{10,400}[\w./)]", telling[0])
    for line in lines:
        assert "Traceback" not in line
        assert not re.search(r"\b(sqlalchemy|psycopg|Error:|Exception)\b", line), line


def test_a_sound_installation_is_told_no_reason_not_to_start(examine):
    code, lines = examine()
    assert code == 0
    assert [
        line for line in lines if not re.search(r"pg_trgm|No worker is running|SMTP_URL is not set|dead letters", line)
    ] == []


SETTINGS = {
    "no address of a database": ({"DATABASE_URL": ""}, r"DATABASE_URL is not set", 1),
    "a garbled address": ({"DATABASE_URL": "mysql://h/d"}, r"DATABASE_URL must start with postgresql", 1),
    "an address without a database": ({"DATABASE_URL": "postgresql://host"}, r"does not name a database", 1),
    "an unknown host": ({"DATABASE_URL": "postgresql://p@nowhere.invalid/d"}, r"names a host that does not exist", 1),
    "a port where nobody listens": ({"DATABASE_URL": "postgresql://p@127.0.0.1:1/d"}, r"Nothing listens where", 1),
    "no signing key": ({"SECRET_KEY": ""}, r"SECRET_KEY is not set", 1),
    "a short signing key": ({"SECRET_KEY": "short"}, r"SECRET_KEY is shorter than 32", 1),
    "a guessable signing key": ({"SECRET_KEY": "a" * 40}, r"SECRET_KEY is no random one", 1),
    "former keys": ({"SECRET_KEY_FALLBACKS": FORMER_KEY}, r"1 former keys in SECRET_KEY_FALLBACKS", 0),
    "no credential keys": ({"CREDENTIAL_KEYS": ""}, r"CREDENTIAL_KEYS is not set", 1),
    "a garbled credential key": ({"CREDENTIAL_KEYS": "short"}, r"CREDENTIAL_KEYS: key 1 is not 32 bytes", 1),
    "one credential key twice": ({"CREDENTIAL_KEYS": f"{KEY},{KEY}"}, r"names the same key twice", 1),
    "another credential key": (
        {"CREDENTIAL_KEYS": base64.urlsafe_b64encode(bytes.fromhex("9f8b1c27" * 2 + "0a5d3e6172b4c8f9" * 3)).decode()},
        r"stored secrets need the key \w+, which CREDENTIAL_KEYS does not hold", 0,
    ),
    "cookies for plain HTTP": ({"SECURE_COOKIES": "off"}, r"SECURE_COOKIES is off", 1),
    "no host names": ({"TRUSTED_HOSTS": ""}, r"TRUSTED_HOSTS is not set", 1),
    "no public address": ({"PUBLIC_URL": ""}, r"PUBLIC_URL is not set", 1),
    "a public address without TLS": ({"PUBLIC_URL": "http://portal.example"}, r"PUBLIC_URL is not https", 0),
    "a public address of a strange host": ({"PUBLIC_URL": "https://x.example"}, r"does not hold PUBLIC_URL's host", 1),
    "no proxy": ({"PROXY_HOPS": "0"}, r"PROXY_HOPS is 0", 0),
    "a stand-in for a messenger": ({"VIBER_API_BASE": "http://localhost:1"}, r"VIBER_API_BASE points to this", 1),
    "loopback addresses": ({"ALLOW_LOOPBACK_ADDRESSES": "on"}, r"ALLOW_LOOPBACK_ADDRESSES is on", 0),
    "a developer's settings": (
        {"ENVIRONMENT": "development", "DEPLOYMENT": "portal.example"}, r"ENVIRONMENT is development, but", 0
    ),
    "no sender": ({"SMTP_URL": "smtp://mail.example"}, r"MAIL_FROM must be the sender's address", 1),
    "an unknown mail host": (
        {"SMTP_URL": "smtp://nowhere.invalid", "MAIL_FROM": "a@b.example"}, r"SMTP_URL: the host \S+ does not exist", 1
    ),
    "a mail host that refuses": (
        {"SMTP_URL": "smtp+plain://127.0.0.1:1", "MAIL_FROM": "a@b.example"}, r"refuses connections to port 1\.", 1
    ),
    "a bucket without a key": ({"MEDIA_BUCKET_URL": "https://s3.example/files"}, r"MEDIA_BUCKET_KEY is required", 1),
    "a bucket where nobody answers": (
        {"MEDIA_BUCKET_URL": "http://127.0.0.1:1/files", "MEDIA_BUCKET_KEY": "k", "MEDIA_BUCKET_SECRET": "s"},
        r"MEDIA_BUCKET_URL: nothing answers at", 1,
    ),
    "more connections than there are": ({"WEB_MACHINES": "9"}, r"may open \d+ connections, and PostgreSQL has", 0),
    "another deployment's name": ({"DEPLOYMENT": "a-copy"}, r"database is that of portal\.example, and this", 1),
}  # fmt: skip


@pytest.mark.parametrize("what", SETTINGS)
def test_a_wrong_setting_is_told(examine, superuser_sql, what):
    settings, words, code = SETTINGS[what]
    superuser_sql(f"UPDATE {S}.deployment SET name = 'portal.example'")
    told_plainly(examine(**settings), words, code)


@pytest.mark.parametrize(
    ("role", "name", "words"),
    [
        ("postgres", "getinn", r"role postgres is a superuser"),
        ("getinn", "missing", r"names a database that does not exist"),
        ("stranger", "getinn", r"names a role that does not exist"),
    ],
)
def test_a_wrong_role_or_database_is_told(server, examine, role, name, words):
    told_plainly(examine(DATABASE_URL=server.url(name, role)), words, 1)


ROWS = {
    "an empty database": (
        f"ALTER TABLE {S}.alembic_version RENAME TO away",
        f"ALTER TABLE {S}.away RENAME TO alembic_version",
        "was never migrated",
        1,
    ),
    "an older database": (f"UPDATE {S}.alembic_version SET version_num = '0003'", BACK, "is behind the migrations", 1),
    "a newer database": (
        f"{NEWER}; UPDATE {S}.deployment SET least_revision = '9999'",
        BACK,
        "is ahead of this version",
        1,
    ),
    "a newer database that may be served": (NEWER, BACK, "may serve it all the same", 0),
    "a table that is open": (
        f"ALTER TABLE {S}.store DISABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {S}.store ENABLE ROW LEVEL SECURITY",
        r"store is off",
        1,
    ),
    "a table open to its owner": (
        f"ALTER TABLE {S}.store NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {S}.store FORCE ROW LEVEL SECURITY",
        r"FORCE is off",
        1,
    ),
    "a role that row security does not bind": (
        "ALTER ROLE getinn BYPASSRLS",
        "ALTER ROLE getinn NOBYPASSRLS",
        "bypasses row security",
        1,
    ),
    "a person of the demo": (
        f"UPDATE {S}.\"user\" SET email = 'chef@vareniki.example' WHERE email LIKE 'chef@zqv%%'",
        "",
        r"chef@vareniki\.example: people of the demo",
        1,
    ),
    "a resting deployment": (f"UPDATE {S}.deployment SET is_resting = true", "", "This deployment rests", 1),
    "a secret in clear": (
        f'UPDATE {S}.account_integration_credentials SET credentials = \'{{"a": "b"}}\' WHERE true',
        "",
        r"stored secrets are not encrypted",
        0,
    ),
    "old messages received": (
        f"UPDATE {S}.bot_inbound_update SET state = 'pending', due_at = {LATE}",
        "",
        r"received messages wait for more",
        0,
    ),
    "old messages to send": (
        f"UPDATE {S}.bot_message SET state = 'queued', due_at = {LATE}",
        "",
        r"messages to send wait for more",
        0,
    ),
    "dead letters": (f"UPDATE {S}.bot_inbound_update SET state = 'dead'", "", r"dead letters wait for somebody", 0),
    "late jobs": (JOB.format("'todo', now() - interval '1 hour'"), "", r"1 jobs are due for more than", 0),
    "failed jobs": (JOB.format("'failed', NULL"), "", r"1 jobs have failed", 0),
    "stuck jobs": (JOB.format("'doing', NULL"), "", r"1 jobs are in the hands of workers that are gone", 0),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_database_in_a_wrong_state_is_told(examine, superuser_sql, what):
    change, back, words, code = ROWS[what]
    [former] = superuser_sql(f"SELECT version_num FROM {S}.alembic_version")
    superuser_sql(change)
    try:
        told_plainly(examine(), words, code)
    finally:
        superuser_sql(back.format(was=former.version_num) or "SELECT 1")


def test_the_demos_password_under_another_name_is_told(examine, superuser_sql):
    superuser_sql(f'UPDATE {S}."user" SET hashed_password = %s WHERE is_superuser', [hash_password(DEMO_PASSWORD)])
    told_plainly(examine(), r"root@zqoperator\.example: people of the demo", 1)


def test_a_secret_that_was_moved_to_another_row_is_named(examine, superuser_sql, world):
    superuser_sql(
        f"UPDATE {S}.bot_platform_credential SET credentials = (SELECT credentials FROM"
        f" {S}.bot_platform_credential WHERE id = %s) WHERE id = %s",
        [world.vareniki.telegram_id, world.pelmenya.telegram_id],
    )
    told_plainly(
        examine(), rf"bot_platform_credential\.credentials of row {world.pelmenya.telegram_id} does not open", 1
    )


class Refusing(socketserver.StreamRequestHandler):
    """A mail server that knows nobody."""

    def handle(self):
        self.wfile.write(b"220 hello\r\n")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            answers = {b"EHLO": b"250-hello\r\n250 AUTH PLAIN\r\n", b"AUTH": b"535 no\r\n", b"QUIT": b"221 bye\r\n"}
            self.wfile.write(answers.get(verb, b"250 ok\r\n"))


class NoBucket(http.server.BaseHTTPRequestHandler):
    """A store that has no such bucket."""

    def do_HEAD(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(handler):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_mail_server_that_refuses_the_password_is_told(examine):
    with serving(Refusing) as port:
        settings = {"SMTP_URL": f"smtp+plain://user:wrong@127.0.0.1:{port}", "MAIL_FROM": "a@b.example"}
        answer = examine(**settings)
        told_plainly(answer, r"127\.0\.0\.1 does not accept user and password", 1)
        assert "wrong" not in json.dumps(answer)
        secured = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "MAIL_FROM": "a@b.example"}
        told_plainly(examine(**secured), r"does not offer what SMTP_URL asks for", 1)


def test_a_bucket_that_does_not_exist_is_told(examine):
    with serving(NoBucket) as port:
        address = {"MEDIA_BUCKET_URL": f"http://127.0.0.1:{port}/files"}
        told_plainly(examine(**address, MEDIA_BUCKET_KEY="k", MEDIA_BUCKET_SECRET="s"), r"there is no bucket files", 1)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'connection to server failed: FATAL:  password authentication failed for user "portal"',
            "does not accept the role",
        ),
        ("connection failed: fe_sendauth: no password supplied", "does not accept the role"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.5", user "portal"', "does not let this machine"),
        ("FATAL:  sorry, too many clients already", "has no free connection"),
        ("FATAL:  the database system is starting up", "is starting"),
        ("connection timeout expired", "does not answer in time"),
        ("FATAL:  unsupported startup parameter: options", "pooler stands before"),
        ("permission denied for table deployment", "refuses the portal's role"),
        ("something\nthat nobody\nhas foreseen", "cannot be used: something."),
    ],
)
def test_what_the_driver_says_is_told_in_plain_words(said, told):
    assert told in str(unreachable(psycopg.OperationalError(said)))
    assert "\n" not in str(unreachable(psycopg.OperationalError(said)))
