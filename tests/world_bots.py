"""The bots of the cast of ``tests/world.py``: platforms, scenarios, conversations."""

import hashlib
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
    telegram, viber, *_ = chain.secrets
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
                "webhook_url": f"https://{chain.marker}.example/hooks/{platform}/{row_id}",
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
            "scenario_id": chain.scenario_id,
            "person": {"name": f"{chain.marker} guest name"},
            "last_inbound_at": now - timedelta(hours=1),
        },
    )


def traffic_rows(chain: "Chain", now: datetime) -> Iterator[Row]:
    """What the workers read and write, a row in each table."""
    own = {"account_id": chain.account_id, "bot_id": chain.bot_id, "credential_id": chain.telegram_id}
    picture = f"{chain.marker} picture".encode()
    yield (
        "bot_file",
        {
            "id": chain.file_id,
            "account_id": chain.account_id,
            "sha256": hashlib.sha256(picture).digest(),
            "size": len(picture),
            "content_type": "image/png",
            "storage": "database",
            "data": picture,
        },
    )
    yield (
        "bot_connection",
        {
            "id": chain.id_of("bot_connection"),
            **own,
            "external_id": f"{chain.marker}-external",
            "profile": {"name": f"{chain.marker} profile"},
            "picture_id": chain.file_id,
            "state": "live",
            "detail": f"{chain.marker} detail",
        },
    )
    yield from _updates(chain, own, now)
    yield (
        "bot_media",
        {
            "id": chain.media_id,
            "account_id": chain.account_id,
            "bot_id": chain.bot_id,
            "key": f"{chain.marker}-menu",
            "name": f"{chain.marker} menu.png",
            "kind": "image",
            "file_id": chain.file_id,
        },
    )
    yield (
        "bot_media_upload",
        {
            "id": chain.id_of("bot_media_upload"),
            "account_id": chain.account_id,
            "media_id": chain.media_id,
            "credential_id": chain.telegram_id,
            "file_id": chain.file_id,
            "external_id": f"{chain.marker}-external",
            "platform_file_id": f"{chain.marker}-platform-file",
        },
    )
    yield from _messages(chain, own, now)
    yield (
        "bot_platform_event",
        {
            "id": chain.id_of("bot_platform_event"),
            **own,
            "at": now,
            "occasion": "check",
            "result": "healthy",
            "detail": f"{chain.marker} event",
            "actor_name": f"{chain.marker} actor",
        },
    )


def _updates(chain: "Chain", own: dict[str, Any], now: datetime) -> Iterator[Row]:
    for number, state in ((1, "dead"), (2, "done")):
        yield (
            "bot_inbound_update",
            {
                "id": chain.id_of("bot_inbound_update", number),
                **own,
                "dedupe_key": f"{chain.marker}-{number}",
                "kind": "message",
                "chat_id": f"{chain.marker}-chat",
                "payload": json.dumps({"update_id": number, "marker": chain.marker}),
                "state": state,
                "attempts": 5,
                "error": f"{chain.marker} error" if state == "dead" else None,
                "processed_at": now,
            },
        )


def _messages(chain: "Chain", own: dict[str, Any], now: datetime) -> Iterator[Row]:
    said = {"in": f"{chain.marker} guest", "out": f"{chain.marker} hello"}
    told = (
        (1, "out", "bot", "sent", "text"),
        (2, "in", "guest", "received", "image"),
        (3, "out", "person", "failed", "text"),
    )
    for number, direction, author, state, kind in told:
        yield (
            "bot_message",
            {
                "id": chain.id_of("bot_message", number),
                **own,
                "dialog_id": chain.dialog_id,
                "direction": direction,
                "author": author,
                "author_id": chain.manager.id if author == "person" else None,
                "kind": kind,
                "text": said[direction],
                "content": {"segments": [[said[direction], False]]},
                "step_id": f"{chain.marker}_name",
                "variable": "full_name" if direction == "in" else None,
                "value": f"{chain.marker} guest" if direction == "in" else None,
                "file_id": chain.file_id if kind == "image" else None,
                "file_state": "stored" if kind == "image" else None,
                "state": state,
                "platform_message_id": f"{chain.marker}-{number}",
                "error": "unavailable" if state == "failed" else None,
                "created_at": now,
            },
        )
