"""The rows behind the cast of ``tests/world.py``."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import portal.sitemap  # noqa: F401 (whatever is mapped is mapped by it)
from portal.db.records import mapped_entities
from portal.db.secrets import Keyring, Place
from tests.world_bots import Row, bot_rows, conversation_rows, traffic_rows
from tests.world_iiko import iiko_rows, legal_entity_rows
from tests.world_imports import import_rows, invoice_file_rows
from tests.world_staff import staff_rows
from tests.world_stock import stock_rows
from tests.world_supply import supply_rows

if TYPE_CHECKING:
    from tests.world import Chain, Person, World

PASSWORD = "steam-whistle-over-the-river"
# Every table of accounts that the portal maps: a new one is asked for its rows by ``tests/schema/test_catalogue.py``.
TABLE_NUMBERS = {entity.__tablename__: number for number, entity in enumerate(mapped_entities(), start=1)}


def operator_rows(world: "World", hashed_password: str, now: datetime) -> Iterator[Row]:
    """The company that runs the portal, and its superuser."""
    operator, person = world.operator, world.superuser
    yield "account", {"id": operator.account_id, "name": operator.name, "slug": operator.slug, "is_operator": True}
    yield "user", _user(person, hashed_password) | {"is_superuser": True}


def chain_rows(
    chain: "Chain", superuser: "Person", keyring: Keyring, hashed_password: str, secret_key: str, now: datetime
) -> Iterator[Row]:
    """Everything of one chain: at least a row in every table of accounts."""
    yield (
        "account",
        {
            "id": chain.account_id,
            "name": chain.name,
            "slug": chain.slug,
            "description": f"{chain.marker} description",
        },
    )
    for person in chain.people:
        yield "user", _user(person, hashed_password) | {"is_active": person is not chain.deactivated}
    yield from legal_entity_rows(chain)
    yield from _places(chain, now)
    yield from _access(chain, superuser, secret_key, now)
    yield from _factors(chain, keyring, now)
    yield from bot_rows(chain, keyring, now)
    yield from conversation_rows(chain, now)
    yield from traffic_rows(chain, now)
    yield from _integration(chain, keyring, now)
    yield from iiko_rows(chain, keyring, now)
    yield from _log(chain, now)
    yield from _notices(chain, now)
    yield from import_rows(chain)
    yield from staff_rows(chain, now)
    yield from supply_rows(chain, now)
    yield from stock_rows(chain, now)
    yield from invoice_file_rows(chain)
    names = {"platform": "whatsapp", "alias": f"RU.{chain.marker}", "chat_id": f"{chain.marker}-chat"}
    yield (
        "bot_chat_alias",
        {"id": chain.id_of("bot_chat_alias"), "account_id": chain.account_id} | ({"bot_id": chain.bot_id} | names),
    )
    of_chain = {"id": chain.id_of("dialog_activity"), "account_id": chain.account_id}
    yield "dialog_activity", of_chain | {"quarter": now - timedelta(days=100), "change": 0}
    yield "retention_policy", {"id": chain.id_of("retention_policy"), "account_id": chain.account_id, "log_months": 60}


def link_hash(secret_key: str, purpose: str, row_id: Any) -> bytes:
    """What the database keeps of a link (``portal.access.links``)."""
    return hashlib.sha256(link_secret(secret_key, purpose, row_id).encode()).digest()


def link_secret(secret_key: str, purpose: str, row_id: Any) -> str:
    """The secret of a link, as ``portal.access.links`` derives it."""
    digest = hmac.digest(secret_key.encode(), f"link\0{purpose}\0{row_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _user(person: "Person", hashed_password: str) -> dict[str, Any]:
    return {
        "id": person.id,
        "account_id": person.account_id,
        "email": person.email,
        "full_name": person.full_name,
        "hashed_password": hashed_password,
        "role": person.role,
    }


def _places(chain: "Chain", now: datetime) -> Iterator[Row]:
    streets = {1: "Main street", 2: "Old street", 3: "River street"}
    for number, street in streets.items():
        yield (
            "restaurant",
            {
                "id": chain.id_of("restaurant", number),
                "account_id": chain.account_id,
                "name": f"{chain.marker} on {street}",
                "address": f"{chain.marker}, {street} {number}",
                "phone": f"+7 495 123-45-0{number}",
                "email": f"place{number}@{chain.marker}.example",
                "timezone": "Europe/Moscow",
                "is_active": number != 2,
                "code": f"{chain.marker} R{number}",
                "legal_entity_id": chain.id_of("legal_entity"),
                "iiko_id": f"{chain.marker}-iiko-{number}",
                "iiko_sync_status": "failed" if number == 1 else None,
                "iiko_sync_error": f"{chain.marker} sync error",
                "updated_at": now - timedelta(hours=number),
            },
        )
        yield (
            "store",
            {
                "id": chain.id_of("store", number),
                "account_id": chain.account_id,
                "restaurant_id": chain.id_of("restaurant", number if number == 3 else 1),
                "name": f"{chain.marker} store {number}",
                "kind": "kitchen",
                "address": f"{chain.marker} yard {number}",
                "is_active": number != 2,
            },
        )
        yield (
            "store_equipment",
            {
                "id": chain.id_of("store_equipment", number),
                "account_id": chain.account_id,
                "store_id": chain.id_of("store", number),
                "position": 1,
                "name": f"{chain.marker} fridge {number}",
                "quantity": 2,
                "unit": "piece",
                "price": Decimal("1234.50"),
                "currency": "RUB",
                "comment": f"{chain.marker} comment of store {number}",
            },
        )
    yield (
        "user_restaurant",
        {
            "id": chain.id_of("user_restaurant"),
            "account_id": chain.account_id,
            "user_id": chain.assigned_manager.id,
            "restaurant_id": chain.assigned_restaurant_id,
        },
    )


def _access(chain: "Chain", superuser: "Person", secret_key: str, now: datetime) -> Iterator[Row]:
    yield (
        "user_session",
        {
            "id": chain.session_id,
            "account_id": chain.account_id,
            "user_id": chain.owner.id,
            "token_hash": hashlib.sha256(f"{chain.marker}-other-browser".encode()).digest(),
            "expires_at": now + timedelta(days=20),
            "last_seen_at": now,
            "user_agent": f"{chain.marker} browser",
            "ip_address": "192.0.2.1",
        },
    )
    yield (
        "password_reset",
        {
            "id": chain.reset_id,
            "account_id": chain.account_id,
            "user_id": chain.viewer.id,
            "token_hash": link_hash(secret_key, "password_reset", chain.reset_id),
            "expires_at": now + timedelta(minutes=50),
        },
    )
    yield (
        "invitation",
        {
            "id": chain.invitation_id,
            "account_id": chain.account_id,
            "email": f"newcomer@{chain.marker}.example",
            "full_name": f"Newcomer {chain.marker}",
            "role": "chef",
            "token_hash": link_hash(secret_key, "invitation", chain.invitation_id),
            "invited_by_id": chain.owner.id,
            "restaurant_ids": [],
            "expires_at": now + timedelta(hours=60),
        },
    )
    yield (
        "mail_delivery",
        {
            "id": chain.id_of("mail_delivery"),
            "account_id": chain.account_id,
            "kind": "invitation",
            "subject_id": chain.invitation_id,
            "email": f"newcomer@{chain.marker}.example",
        },
    )
    yield (
        "failed_sign_ins",
        {
            "id": chain.id_of("failed_sign_ins"),
            "account_id": chain.account_id,
            "user_id": chain.chef.id,
            "count": 0,
            "told_at": now - timedelta(hours=2),
            "ip_address": "192.0.2.7",
        },
    )
    yield (
        "superuser_visit",
        {
            "id": chain.visit_id,
            "account_id": chain.account_id,
            "user_id": superuser.id,
            "reason": f"{chain.marker} reason",
            "started_at": now - timedelta(days=2),
            "last_seen_at": now - timedelta(days=2),
            "ended_at": now - timedelta(days=2),
        },
    )


def _factors(chain: "Chain", keyring: Keyring, now: datetime) -> Iterator[Row]:
    """Of somebody deactivated, so that everybody else signs in by the password alone."""
    person = {"account_id": chain.account_id, "user_id": chain.deactivated.id}
    factor_id = chain.id_of("second_factor")
    place = Place("second_factor", "credentials", factor_id, chain.account_id)
    sealed = keyring.seal({"secret": chain.secrets[3]}, place, hinted=())
    yield "second_factor", person | {"id": factor_id, "credentials": sealed, "app_since": now}
    yield (
        "passkey",
        person
        | {
            "id": chain.passkey_id,
            "name": f"{chain.marker} passkey",
            "credential_id": f"{chain.marker} credential".encode(),
            "public_key": b"no key",
        },
    )
    code = {"prefix": f"{chain.marker} prefix", "code_hash": f"{chain.marker} hash"}
    yield "recovery_code", person | {"id": chain.id_of("recovery_code")} | code
    yield (
        "pending_sign_in",
        person
        | {
            "id": chain.id_of("pending_sign_in"),
            "token_hash": hashlib.sha256(f"{chain.marker} pending".encode()).digest(),
            "expires_at": now + timedelta(minutes=10),
        },
    )


def _integration(chain: "Chain", keyring: Keyring, now: datetime) -> Iterator[Row]:
    place = Place("account_integration_credentials", "credentials", chain.integration_id, chain.account_id)
    secret = {"login": f"{chain.marker}-login", "password": chain.secrets[2]}
    yield (
        "account_integration_credentials",
        {
            "id": chain.integration_id,
            "account_id": chain.account_id,
            "integration_type": "iiko",
            "credentials": keyring.seal(secret, place, hinted=()),
            "base_url": f"https://{chain.marker}.example",
            "connection_status": "failed",
            "connection_error": f"{chain.marker} connection error",
            "last_connected_at": now - timedelta(days=1),
        },
    )


def _log(chain: "Chain", now: datetime) -> Iterator[Row]:
    yield (
        "audit_event",
        {
            "id": chain.event_id,
            "account_id": chain.account_id,
            "at": now - timedelta(hours=3),
            "action": "edited",
            "entity": "restaurant",
            "entity_id": chain.restaurant_id,
            "entity_label": f"{chain.marker} on Main street",
            "actor_id": chain.owner.id,
            "actor_email": chain.owner.email,
            "actor_name": chain.owner.full_name,
            "as_superuser": False,
            "before": {"name": f"{chain.marker} before"},
            "after": {"name": f"{chain.marker} after"},
            "ip_address": "192.0.2.1",
        },
    )


def _notices(chain: "Chain", now: datetime) -> Iterator[Row]:
    """A problem that the owner has not read, and that one manager has."""
    yield (
        "notice",
        {
            "id": chain.notice_id,
            "account_id": chain.account_id,
            "kind": "connection_failed",
            "permission": "integrations.see",
            "entity": "account_integration_credentials",
            "entity_id": chain.integration_id,
            "entity_label": f"{chain.marker} iiko",
            "parameters": {"reason": f"{chain.marker} connection error"},
            "opened_at": now,
            "at": now,
        },
    )
    yield (
        "notice_reader",
        {
            "id": chain.id_of("notice_reader"),
            "account_id": chain.account_id,
            "user_id": chain.owner.id,
            "seen_until": now - timedelta(days=1),
            "mailed_kinds": ["connection_failed"],
        },
    )
    yield (
        "notice_mark",
        {
            "id": chain.id_of("notice_mark"),
            "account_id": chain.account_id,
            "user_id": chain.manager.id,
            "notice_id": chain.notice_id,
        },
    )
