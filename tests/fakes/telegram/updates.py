"""Webhooks and getUpdates: how a bot gets its updates."""

import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.fakes.bots import Bot, Webhook
from tests.fakes.platform import LOOPBACK, is_reachable
from tests.fakes.telegram.errors import OTHER_POLLER, POLL_ENDED, WEBHOOK_IS_SET, bad, refusal, too_many

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeTelegram

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
PORTS = (None, 443, 80, 88, 8443)
MAX_POLL = 50  # seconds
Values = dict[str, Any]


def set_webhook(server: "FakeTelegram", bot: Bot, values: Values, uploads: Any) -> bool:
    """setWebhook; an empty address removes it."""
    url, secret = str(values.get("url") or ""), str(values.get("secret_token") or "")
    if not url:
        return delete_webhook(server, bot, values, uploads)
    _not_too_often(server, bot)
    if not is_reachable(url):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if urlsplit(url).hostname not in LOOPBACK and urlsplit(url).port not in PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if secret and not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    allowed = values.get("allowed_updates", bot.webhook.allowed)
    if allowed is not None and not isinstance(allowed, list):
        raise bad("can't parse allowed updates")
    with server.changed:
        bot.webhook = Webhook(url, secret, allowed or None, int(values.get("max_connections") or 40))
        server.pollers.pop(bot.public_id, None)
        _drop(bot, values)
        server.changed.notify_all()
    server.deliveries.kick(bot)
    return True


def _not_too_often(server: "FakeTelegram", bot: Bot) -> None:
    with server.changed:
        now = time.monotonic()
        wait = server.last_set.get(bot.public_id, -1e9) + server.webhook_interval - now
        if wait > 0:
            raise too_many(wait)
        server.last_set[bot.public_id] = now


def _drop(bot: Bot, values: Values) -> None:
    if str(values.get("drop_pending_updates", "")).lower() in ("true", "1"):
        for event in bot.pending:
            event.settle("dropped")
        bot.pending.clear()


def delete_webhook(server: "FakeTelegram", bot: Bot, values: Values, uploads: Any) -> bool:
    """deleteWebhook."""
    with server.changed:
        bot.webhook = Webhook(allowed=bot.webhook.allowed)
        _drop(bot, values)
        server.changed.notify_all()
    return True


def webhook_info(server: "FakeTelegram", bot: Bot, values: Values, uploads: Any) -> Values:
    """getWebhookInfo."""
    webhook = bot.webhook
    info: Values = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(bot.pending),
    }
    if webhook.url:
        info |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
    if webhook.last_error_at and webhook.url:
        info |= {
            "last_error_date": int(webhook.last_error_at.timestamp()),
            "last_error_message": webhook.last_error,
        }
    return info | ({"allowed_updates": webhook.allowed} if webhook.allowed else {})


def get_updates(server: "FakeTelegram", bot: Bot, values: Values, uploads: Any) -> list[Values]:
    """getUpdates: a newer poller ends this one, an offset forgets what lies before it."""
    offset, limit = int(values.get("offset") or 0), min(100, max(1, int(values.get("limit") or 100)))
    me = object()
    with server.changed:
        if bot.webhook.url:
            raise refusal(409, WEBHOOK_IS_SET)
        if isinstance(values.get("allowed_updates"), list):
            bot.webhook.allowed = values["allowed_updates"] or None
        server.pollers[bot.public_id] = me
        server.changed.notify_all()
        _forget(bot, offset)

        def wake() -> bool:
            ended = server.stopping.is_set() or bot.is_revoked or server.pollers.get(bot.public_id) is not me
            return ended or bool(bot.pending)

        server.changed.wait_for(wake, min(MAX_POLL, float(values.get("timeout") or 0)))
        _still_polling(server, bot, me)
        waiting = sorted(bot.pending, key=lambda event: event.number)
        return [event.payload for event in waiting[:limit]]


def _still_polling(server: "FakeTelegram", bot: Bot, me: object) -> None:
    if bot.is_revoked:
        raise refusal(401, "Unauthorized")
    if server.pollers.get(bot.public_id) is not me:
        raise refusal(409, POLL_ENDED if bot.webhook.url else OTHER_POLLER)
    del server.pollers[bot.public_id]


def _forget(bot: Bot, offset: int) -> None:
    waiting = sorted(bot.pending, key=lambda event: event.number)
    gone = waiting[:offset] if offset < 0 else [event for event in waiting if event.number < offset]
    for event in gone:
        event.settle("polled")
        bot.pending.remove(event)


METHODS = {
    "setwebhook": ("setWebhook", "set_webhook", set_webhook),
    "deletewebhook": ("deleteWebhook", "remove_webhook", delete_webhook),
    "getwebhookinfo": ("getWebhookInfo", "inspect", webhook_info),
    "getupdates": ("getUpdates", "poll", get_updates),
}
