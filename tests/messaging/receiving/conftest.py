"""What tests of deliveries share: the cast's platforms as platforms see them, and a platform that delivers."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bench.deliveries import Hook
from portal.db.base import SCHEMA
from portal.db.secrets import Place
from portal.messaging.receiving import inbox as inbox_module
from tests.browsing import BASE_URL
from tests.conftest import SECRET_KEY
from tests.world import Chain, World

NUMBER = "100000000000001"
OTHER_NUMBER = "100000000000009"


def whatsapp_values(number: str, secret: str) -> dict[str, str]:
    """Credentials of one phone number."""
    return {
        "phone_number_id": number,
        "access_token": f"EAAplanted-{number}-access-token",
        "app_secret": secret * 32,
        "verify_token": f"verify-{number}",
    }


@pytest.fixture(autouse=True)
def nothing_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process remembers of connections was of rows that are put back."""
    monkeypatch.setattr(inbox_module, "_noted", {})


@pytest.fixture
def connect_platform(app: Flask, world: World, superuser_sql: Callable[..., list[Any]]) -> Callable[..., Hook]:
    """``connect_platform(chain, id, platform, values)`` gives a row those credentials, or makes the row."""

    def connect(
        chain: Chain, row_id: UUID, platform: str, values: dict[str, str], bot_id: UUID | None = None, live: bool = True
    ) -> Hook:
        place = Place("bot_platform_credential", "credentials", row_id, chain.account_id)
        sealed = json.dumps(app.config["KEYRING"].seal(values, place))
        superuser_sql(
            f"INSERT INTO {SCHEMA}.bot_platform_credential (id, account_id, bot_id, platform, credentials, is_active)"
            " VALUES (%s, %s, %s, %s, %s::jsonb, %s)"
            " ON CONFLICT (id) DO UPDATE SET credentials = EXCLUDED.credentials, is_active = EXCLUDED.is_active",
            [row_id, chain.account_id, bot_id or chain.bot_id, platform, sealed, live],
        )
        return Hook(platform, row_id, values, SECRET_KEY)

    return connect


@pytest.fixture
def hook_of(connect_platform: Callable[..., Hook]) -> Callable[..., Hook]:
    """``hook_of(chain, platform)`` gives the chain's bot well-formed credentials there."""

    def prepare(chain: Chain, platform: str = "telegram", live: bool = True) -> Hook:
        place = ("telegram", "viber", "whatsapp").index(platform) + 1
        number = 1 + ("pelmenya", "vareniki").index(chain.slug)
        values = {
            "telegram": {"token": f"12345678{number}:{chain.marker}-planted-telegram-token-0{number}"},
            "viber": {"auth_token": f"{number}planted0viber-token0token-sealed0token", "sender_name": "Bot"},
            "whatsapp": whatsapp_values(f"{NUMBER}{number}", "ab"[number - 1]),
        }[platform]
        return connect_platform(chain, chain.id_of("bot_platform_credential", place), platform, values, live=live)

    return prepare


@pytest.fixture
def deliver(app: Flask, world: World) -> Callable[..., TestResponse]:
    """``deliver(hook, body)`` posts as the platform does; ``headers`` and ``path`` may be others."""
    client = app.test_client()

    def post(hook: Hook, body: bytes, headers: dict[str, str] | None = None, path: str | None = None) -> TestResponse:
        told = hook.headers(body) if headers is None else headers
        return client.post(path or hook.path, data=body, headers=told, base_url=BASE_URL)

    return post


@pytest.fixture
def inbox(superuser_sql: Callable[..., list[Any]], world: World) -> Callable[[], list[Any]]:
    """Reads what was delivered since the world was made."""
    own = [chain.id_of("bot_inbound_update", number) for chain in world.chains for number in (1, 2)]
    query = f"SELECT * FROM {SCHEMA}.bot_inbound_update WHERE NOT id = ANY(%s) ORDER BY seq"
    return lambda: superuser_sql(query, [own])
