"""What is known of a number, and its callback."""

from typing import TYPE_CHECKING, Any

from tests.fakes.bots import Bot, Webhook
from tests.fakes.whatsapp.errors import refusal

if TYPE_CHECKING:
    from tests.fakes.whatsapp.server import FakeWhatsApp

USUAL = "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,webhook_configuration"


def action_of(fields: str) -> str:
    """What a GET of the number is for."""
    return "inspect" if fields.strip() == "webhook_configuration" else "profile"


def phone_number(bot: Bot, fields: str) -> dict[str, Any]:
    """GET of a number: the fields that were asked for."""
    server: Any = bot.fake
    callbacks = {"application": server.app_callback, "phone_number": bot.webhook.url}
    known = {
        "verified_name": bot.name,
        "display_phone_number": bot.username,
        "code_verification_status": "VERIFIED",
        "quality_rating": "GREEN",
        "name_status": "APPROVED",
        "platform_type": "CLOUD_API",
        "status": "CONNECTED",
        "throughput": {"level": "STANDARD"},
        "webhook_configuration": {kind: url for kind, url in callbacks.items() if url},
        "id": bot.public_id,
    }
    asked = [field.strip() for field in (fields or USUAL).split(",")]
    unknown = [field for field in asked if field not in known]
    if unknown:
        raise refusal(100, f"Tried accessing nonexisting field ({unknown[0]})")
    return {field: known[field] for field in [*asked, "id"]}


def business(server: "FakeWhatsApp", bot: Bot, values: dict[str, Any]) -> dict[str, Any]:
    """GET whatsapp_business_profile."""
    known = {
        "about": "A fake restaurant",
        "description": "Answers only in tests",
        "profile_picture_url": f"{server.base_url}/pictures/{bot.public_id}.png",
        "messaging_product": "whatsapp",
    }
    asked = str(values.get("fields") or "about,profile_picture_url").split(",")
    return {"data": [{field: known[field] for field in [*asked, "messaging_product"] if field in known}]}


def set_callback(server: "FakeWhatsApp", bot: Bot, values: dict[str, Any]) -> dict[str, Any]:
    """POST of a number with ``webhook_configuration``: its own callback, verified meanwhile; empty removes it."""
    wanted = values.get("webhook_configuration")
    if not isinstance(wanted, dict) or not isinstance(wanted.get("override_callback_uri"), str):
        raise refusal(100, "webhook_configuration needs override_callback_uri")
    url = wanted["override_callback_uri"]
    if url:
        server.verify_callback(url, str(wanted.get("verify_token") or ""))
    with server.changed:
        bot.webhook = Webhook(url, str(wanted.get("verify_token") or ""))
        server.changed.notify_all()
    server.deliveries.kick(bot)
    return {"success": True}
