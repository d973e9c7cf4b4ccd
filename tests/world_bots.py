"""The bots of the cast of ``tests/world.py``: platforms, scenarios, conversations."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from portal.db.secrets import Keyring, Place

if TYPE_CHECKING:
    from tests.world import Chain

Row = tuple[str, dict[str, Any]]


def scenario(chain: "Chain", greeting: str) -> dict[str, Any]:
    """A small scenario without faults."""
    name, thanks = f"{chain.marker}_name", f"{chain.marker}_thanks"
    return {
        "version": "1.0",
        "name": f"{chain.marker} onboarding",
        "description": f"{chain.marker} scenario",
        "start_step": name,
        "steps": {
            name: {
                "id": name,
                "type": "message",
                "message": {"text": f"{chain.marker} {greeting}"},
                "expected_input": {"type": "text", "variable": "full_name", "validation": {"required": True}},
                "next_step": thanks,
            },
            thanks: {"id": thanks, "type": "message", "message": {"text": f"{chain.marker} thanks"}},
        },
    }


def bot_rows(chain: "Chain", keyring: Keyring, now: datetime) -> Iterator[Row]:
    for number in (1, 2):
        yield (
            "bot_instance",
            {
                "id": chain.id_of("bot_instance", number),
                "account_id": chain.account_id,
                "name": f"{chain.marker} bot {number}",
                "description": f"{chain.marker} bot description",
                "is_active": number == 1,
            },
        )
    telegram, viber, _ = chain.secrets
    stored = {
        1: ("telegram", {"token": telegram}, True),
        2: ("viber", {"auth_token": viber, "sender_name": f"{chain.marker} bot"}, False),
    }
    for number, (platform, secret, is_active) in stored.items():
        row_id = chain.id_of("bot_platform_credential", number)
        place = Place("bot_platform_credential", "credentials", row_id, chain.account_id)
        yield (
            "bot_platform_credential",
            {
                "id": row_id,
                "account_id": chain.account_id,
                "bot_id": chain.bot_id,
                "platform": platform,
                "credentials": keyring.seal(secret, place),
                "is_active": is_active,
                "webhook_url": f"https://{chain.marker}.example/webhooks/{platform}/{row_id}",
                "webhook_last_checked": now,
            },
        )
    for number, greeting in ((1, "hello"), (2, "good day")):
        document = scenario(chain, greeting)
        yield (
            "bot_scenario",
            {
                "id": chain.id_of("bot_scenario", number),
                "account_id": chain.account_id,
                "bot_id": chain.bot_id,
                "name": document["name"],
                "description": document["description"],
                "scenario_data": document,
                "source": json.dumps(document),
                "version": f"{chain.marker}.{number}",
                "is_active": number == 1,
                "is_live": number == 1,
                "number": number,
                "author_id": chain.owner.id,
                "published_at": now if number == 1 else None,
            },
        )


def conversation_rows(chain: "Chain", now: datetime) -> Iterator[Row]:
    yield (
        "bot_dialog_state",
        {
            "id": chain.dialog_id,
            "account_id": chain.account_id,
            "bot_id": chain.bot_id,
            "platform": "telegram",
            "platform_chat_id": f"{chain.marker}-chat",
            "current_step": f"{chain.marker}_name",
            "collected_data": {"full_name": f"{chain.marker} guest"},
            "last_interaction_at": now - timedelta(hours=1),
        },
    )
