"""What every test may use: the app on a throw-away database, the cast, browsers and counters."""

import dataclasses
import gc
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings

from config import Config, CredentialKey
from portal import create_app
from portal.auth import passwords
from portal.auth.passwords import hash_password
from portal.db.base import db
from portal.development.embedded import EmbeddedServer, throwaway_server
from portal.tenancy.scope import enter_account
from tests.browsing import Browser
from tests.counting import Counted, counting
from tests.database import Database
from tests.leftovers import die_with_parent
from tests.world import Chain, Person, World, make_world
from tests.world_rows import PASSWORD

SECRET_KEY = "a secret key for tests, of more than 32 letters"
CREDENTIAL_KEY = CredentialKey("test", hashlib.sha256(b"a credential key for tests").digest())

# Tests sign in, and are asked again, so often that the price of a password would be theirs; what it really costs
# ``tests/auth/test_password_hashing.py`` looks at.
FULL_STRENGTH = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

# No landing is refused by a lucky draw: the same examples every time, however slow the machine is.
# ``--hypothesis-profile explore`` draws new ones, many more of them.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", settings.get_profile("repeatable"), derandomize=False, max_examples=2000)
settings.load_profile("repeatable")

if "PYTEST_XDIST_WORKER" in os.environ:
    die_with_parent()

# The files that take longest, begun first: the two processes end at about the same time.
MAX_FILES = (
    "rules/test_tenant_sweep", "rules/test_malformed_input", "browser/test_every_page", "rules/test_headers",
    "machine/test_deploy_docs", "messaging/", "schema/", "records/test_example_entity",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, all others as they are."""
    items.sort(key=lambda item: next((n for n, name in enumerate(MAX_FILES) if name in str(item.path)), 99))


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A PostgreSQL of this process alone, gone afterwards."""
    with throwaway_server() as running:
        yield running


@pytest.fixture(scope="session")
def config(server: EmbeddedServer) -> Config:
    """The settings of the app under test; those of production where they matter."""
    return config_for(server.url())


def config_for(database_url: str) -> Config:
    """Settings for an app on another database."""
    return Config(
        database_url=database_url,
        environment="test",
        secret_key=SECRET_KEY,
        credential_keys=(CREDENTIAL_KEY,),
        log_level="ERROR",
    )


@pytest.fixture(scope="session")
def app(config: Config) -> Flask:
    """The portal."""
    return create_app(config)


@pytest.fixture(scope="session")
def database(app: Flask, server: EmbeddedServer) -> Iterator[Database]:
    """The app's database: migrated by its ordinary role, filled with the cast."""
    with app.app_context():
        upgrade()
    database = Database(server, "getinn")
    database.insert(make_world().rows(app.config["KEYRING"], hash_password(PASSWORD), SECRET_KEY))
    database.take_snapshot()
    yield database
    with app.app_context():
        db.engine.dispose()
    database.close()


@pytest.fixture
def fresh_connections() -> Iterator[None]:
    """For a test that cuts connections: every app of this process gets new ones afterwards."""
    yield
    for app in [each for each in gc.get_objects() if isinstance(each, Flask) and "sqlalchemy" in each.extensions]:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def bypassing_app(config: Config, server: EmbeddedServer, database: Database) -> Iterator[Flask]:
    """The portal on a role that row-level security does not bind."""
    role = "bypassing"
    server.create_role(role, bypass_row_security=True)
    database.sql(f"GRANT getinn TO {role}")
    app = create_app(dataclasses.replace(config, database_url=server.url(role=role)))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def world(database: Database) -> World:
    """The cast, every row as at the beginning."""
    database.restore()
    return make_world()


@pytest.fixture
def browse(app: Flask, database: Database, world: World) -> Callable[..., Browser]:
    """``browse(person)`` is a signed-in browser, ``browse()`` an anonymous one."""

    def open_browser(person: Person | None = None, visiting: Chain | None = None) -> Browser:
        return Browser(app, database, person, visiting)

    return open_browser


@pytest.fixture
def scoped(app: Flask, world: World) -> Callable[[UUID], AbstractContextManager[None]]:
    """``with scoped(account_id):`` an application context that has entered the account."""

    @contextmanager
    def within(account_id: UUID) -> Iterator[None]:
        with app.app_context():
            enter_account(account_id)
            yield

    return within


@pytest.fixture
def inside(scoped: Callable[[UUID], AbstractContextManager[None]], world: World) -> Iterator[None]:
    """An application context within the first chain's account; nothing of it is kept."""
    with scoped(world.pelmenya.account_id):
        yield
        db.session.rollback()


@pytest.fixture
def superuser_sql(database: Database) -> Callable[..., list[Any]]:
    """``superuser_sql(sql, parameters)`` gives rows past row security, by ``row.column``."""
    return database.sql


@pytest.fixture
def statements(database: Database) -> Callable[[], AbstractContextManager[Counted]]:
    """``with statements() as counted:`` counts what the portal sends to PostgreSQL meanwhile."""

    def count() -> AbstractContextManager[Counted]:
        return counting(but=database.connection)

    return count


@pytest.fixture(scope="session")
def connect(server: EmbeddedServer) -> Callable[..., psycopg.Connection[Any]]:
    """``connect(database, role)`` is a plain connection of psycopg's, in autocommit."""

    def open_connection(name: str = "getinn", role: str = "getinn") -> psycopg.Connection[Any]:
        return psycopg.connect(server.url(name, role).replace("+psycopg", ""), autocommit=True)

    return open_connection
