"""The cast: two chains with a row in every table of accounts, and the company that runs the portal.

Every text of a chain carries the chain's marker and every id its prefix, so that a byte which turns up
with the wrong reader is recognised wherever it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from tests.world_rows import PASSWORD, TABLE_NUMBERS, chain_rows, operator_rows

Rows = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Person:
    """Somebody who signs in; ``chain`` is ``None`` for a superuser."""

    id: UUID
    email: str
    full_name: str
    account_id: UUID
    role: str
    chain: "Chain | None" = None
    password: str = PASSWORD

    def __repr__(self) -> str:
        return f"<{self.email}>"


@dataclass(frozen=True)
class Chain:
    """One account and the ids of what it holds."""

    slug: str
    marker: str
    prefix: str

    def id_of(self, table: str, number: int = 1) -> UUID:
        """The id of the chain's row of that number in a table."""
        return UUID(f"{self.prefix}-{TABLE_NUMBERS[table]:04x}-4000-8000-{number:012x}")

    def person(self, role: str, number: int, name: str | None = None) -> Person:
        """One of the chain's people."""
        name = name or role
        return Person(
            id=self.id_of("user", number),
            email=f"{name}@{self.marker}.example",
            full_name=f"{name.replace('_', ' ').capitalize()} {self.marker.capitalize()}",
            account_id=self.account_id,
            role=role,
            chain=self,
        )

    name = property(lambda self: f"{self.marker.capitalize()} {self.slug}")
    account_id = property(lambda self: self.id_of("account"))
    restaurant_id = property(lambda self: self.id_of("restaurant", 1))
    archived_restaurant_id = property(lambda self: self.id_of("restaurant", 2))
    assigned_restaurant_id = property(lambda self: self.id_of("restaurant", 3))
    store_id = property(lambda self: self.id_of("store", 1))
    archived_store_id = property(lambda self: self.id_of("store", 2))
    assigned_store_id = property(lambda self: self.id_of("store", 3))
    bot_id = property(lambda self: self.id_of("bot_instance", 1))
    archived_bot_id = property(lambda self: self.id_of("bot_instance", 2))
    telegram_id = property(lambda self: self.id_of("bot_platform_credential", 1))
    viber_id = property(lambda self: self.id_of("bot_platform_credential", 2))
    scenario_id = property(lambda self: self.id_of("bot_scenario", 1))
    draft_scenario_id = property(lambda self: self.id_of("bot_scenario", 2))
    dialog_id = property(lambda self: self.id_of("bot_dialog_state"))
    file_id = property(lambda self: self.id_of("bot_file"))
    media_id = property(lambda self: self.id_of("bot_media"))
    message_id = property(lambda self: self.id_of("bot_message"))
    image_message_id = property(lambda self: self.id_of("bot_message", 2))
    failed_message_id = property(lambda self: self.id_of("bot_message", 3))
    update_id = property(lambda self: self.id_of("bot_inbound_update"))
    integration_id = property(lambda self: self.id_of("account_integration_credentials"))
    invitation_id = property(lambda self: self.id_of("invitation"))
    session_id = property(lambda self: self.id_of("user_session"))
    reset_id = property(lambda self: self.id_of("password_reset"))
    passkey_id = property(lambda self: self.id_of("passkey"))
    visit_id = property(lambda self: self.id_of("superuser_visit"))
    notice_id = property(lambda self: self.id_of("notice"))
    import_id = property(lambda self: self.id_of("import_batch"))
    store_import_id = property(lambda self: self.id_of("import_batch", 2))
    event_id = property(lambda self: self.id_of("audit_event"))
    owner = cached_property(lambda self: self.person("owner", 1))
    manager = cached_property(lambda self: self.person("manager", 2))
    assigned_manager = cached_property(lambda self: self.person("manager", 3, "assigned_manager"))
    chef = cached_property(lambda self: self.person("chef", 4))
    viewer = cached_property(lambda self: self.person("viewer", 5))
    deactivated = cached_property(lambda self: self.person("manager", 6, "deactivated"))

    @property
    def people(self) -> list[Person]:
        """Everybody, the deactivated one included."""
        return [self.owner, self.manager, self.assigned_manager, self.chef, self.viewer, self.deactivated]

    @property
    def secrets(self) -> list[str]:
        """What was sealed into the chain's rows: no page ever shows it."""
        return [
            f"123456789:{self.marker}-telegram-token-sealed-000",
            f"{self.marker}viber-sealed0token-sealed0token",
            f"{self.marker}-iiko-password-sealed",
            f"{self.marker.upper()}TOTPSECRETSEALED",
        ]


@dataclass(frozen=True)
class World:
    """Everybody there is."""

    pelmenya: Chain
    vareniki: Chain
    operator: Chain
    superuser: Person

    @property
    def chains(self) -> tuple[Chain, Chain]:
        """The two customers."""
        return self.pelmenya, self.vareniki

    def rows(self, keyring: Any, hashed_password: str, secret_key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row as (table, values by column), in an order that foreign keys allow."""
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(minutes=5)
        yield from operator_rows(self, hashed_password, now)
        for chain in self.chains:
            yield from chain_rows(chain, self.superuser, keyring, hashed_password, secret_key, now)


def make_world() -> World:
    """The cast, as ids and names; ``tests/conftest.py`` puts it into the database."""
    operator = Chain("getinn", "zqoperator", "0e0a0c00")
    superuser = Person(
        id=operator.id_of("user"),
        email="root@zqoperator.example",
        full_name="Root Zqoperator",
        account_id=operator.account_id,
        role="viewer",
    )
    return World(
        pelmenya=Chain("pelmenya", "zqpelmenya", "9e1e0a00"),
        vareniki=Chain("vareniki", "zqvareniki", "7a4e0b00"),
        operator=operator,
        superuser=superuser,
    )
